#include "support/certificates.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace sidik::test {
namespace {

void require(bool done) {
  if (!done) throw std::runtime_error("the crypto library fails a test's certificates");
}

/// Signed by `issuer`, or by itself where there is none.
Certified certified(const std::string& name, const Certified* issuer,
                    const std::vector<CertificateExtension>& extensions) {
  static long serial = 0;
  Certified made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  X509* const x = made.certificate.get();
  require(made.key && x != nullptr && X509_set_version(x, 2) == 1 &&
          ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial) == 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  const Certified& by = issuer == nullptr ? made : *issuer;
  require(X509_set_issuer_name(x, X509_get_subject_name(by.certificate.get())) == 1 &&
          X509_set_pubkey(x, made.key.get()) == 1);
  for (const auto& [kind, value] : extensions) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, by.certificate.get(), x, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    require(extension != nullptr && X509_add_ext(x, extension, -1) == 1);
    X509_EXTENSION_free(extension);
  }
  require(X509_sign(x, by.key.get(), EVP_sha256()) > 0);
  return made;
}

}  // namespace

std::string Certified::pem() const {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), &BIO_free_all);
  require(PEM_write_bio_X509(out.get(), certificate.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

CertificateAuthority::CertificateAuthority(const std::string& name)
    : root_(certified(name, nullptr,
                      {{NID_basic_constraints, "critical,CA:TRUE"}, {NID_key_usage, "critical,keyCertSign"}})) {}

Certified CertificateAuthority::issue(const std::string& name,
                                      const std::vector<CertificateExtension>& extensions) const {
  return certified(name, &root_, extensions);
}

}  // namespace sidik::test
