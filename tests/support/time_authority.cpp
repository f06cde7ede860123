#include "support/time_authority.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace sidik::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

void require(bool done) {
  if (!done) throw std::runtime_error("the crypto library fails a test's authority");
}

Key fresh_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

void extend(X509* certificate, X509* issuer, int extension, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, extension, value);
  require(made != nullptr && X509_add_ext(certificate, made, -1) == 1);
  X509_EXTENSION_free(made);
}

/// Signed by `issuer`, or by itself where there is none.
Certificate certified(const std::string& name, const Key& key, X509* issuer, const Key& issuer_key) {
  Certificate made(X509_new(), &X509_free);
  X509* const x = made.get();
  require(X509_set_version(x, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(x), issuer == nullptr ? 1 : 2) == 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* const by = issuer == nullptr ? x : issuer;
  require(X509_set_issuer_name(x, X509_get_subject_name(by)) == 1 && X509_set_pubkey(x, key.get()) == 1);
  if (issuer == nullptr) {
    extend(x, by, NID_basic_constraints, "critical,CA:TRUE");
    extend(x, by, NID_key_usage, "critical,keyCertSign");
  } else {
    extend(x, by, NID_key_usage, "critical,digitalSignature");
    extend(x, by, NID_ext_key_usage, "critical,timeStamping");
  }
  require(X509_sign(x, issuer_key.get(), EVP_sha256()) > 0);
  return made;
}

ASN1_INTEGER* next_serial(TS_RESP_CTX*, void*) {
  ASN1_INTEGER* const serial = ASN1_INTEGER_new();
  ASN1_INTEGER_set(serial, 42);
  return serial;
}

}  // namespace

struct TimeAuthority::State {
  Key root_key = fresh_key(), key = fresh_key();
  Certificate root{nullptr, &X509_free}, own{nullptr, &X509_free};
};

TimeAuthority::TimeAuthority(const std::string& name) : state_(std::make_unique<State>()) {
  state_->root = certified(name + " root", state_->root_key, nullptr, state_->root_key);
  state_->own = certified(name, state_->key, state_->root.get(), state_->root_key);
}
TimeAuthority::~TimeAuthority() = default;

Bytes TimeAuthority::answer(ByteSpan request, bool knows) const {
  const std::unique_ptr<TS_RESP_CTX, decltype(&TS_RESP_CTX_free)> context(TS_RESP_CTX_new(), &TS_RESP_CTX_free);
  const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> policy(OBJ_txt2obj("1.2.3.4.1", 1),
                                                                         &ASN1_OBJECT_free);
  TS_RESP_CTX* const c = context.get();
  require(TS_RESP_CTX_set_signer_cert(c, state_->own.get()) == 1 &&
          TS_RESP_CTX_set_signer_key(c, state_->key.get()) == 1 &&
          TS_RESP_CTX_set_signer_digest(c, EVP_sha256()) == 1 && TS_RESP_CTX_set_def_policy(c, policy.get()) == 1 &&
          TS_RESP_CTX_add_md(c, knows ? EVP_sha256() : EVP_sha512()) == 1);
  TS_RESP_CTX_set_serial_cb(c, next_serial, nullptr);
  const Memory in(BIO_new_mem_buf(request.data(), static_cast<int>(request.size())), &BIO_free_all);
  const std::unique_ptr<TS_RESP, decltype(&TS_RESP_free)> response(TS_RESP_create_response(c, in.get()), &TS_RESP_free);
  require(response != nullptr);
  Bytes out(static_cast<std::size_t>(i2d_TS_RESP(response.get(), nullptr)));
  unsigned char* at = out.data();
  i2d_TS_RESP(response.get(), &at);
  return out;
}

std::string TimeAuthority::root_certificate() const {
  const Memory out(BIO_new(BIO_s_mem()), &BIO_free_all);
  require(PEM_write_bio_X509(out.get(), state_->root.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace sidik::test
