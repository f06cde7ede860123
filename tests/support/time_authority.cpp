#include "support/time_authority.h"

#include <openssl/evp.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "support/certificates.h"

namespace sidik::test {
namespace {

using Memory = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

void require(bool done) {
  if (!done) throw std::runtime_error("the crypto library fails a test's authority");
}

ASN1_INTEGER* next_serial(TS_RESP_CTX*, void*) {
  ASN1_INTEGER* const serial = ASN1_INTEGER_new();
  ASN1_INTEGER_set(serial, 42);
  return serial;
}

}  // namespace

struct TimeAuthority::State {
  explicit State(const std::string& name)
      : root(name + " root"),
        own(root.issue(name,
                       {{NID_key_usage, "critical,digitalSignature"}, {NID_ext_key_usage, "critical,timeStamping"}})) {}
  CertificateAuthority root;
  Certified own;
};

TimeAuthority::TimeAuthority(const std::string& name) : state_(std::make_unique<State>(name)) {}
TimeAuthority::~TimeAuthority() = default;

Bytes TimeAuthority::answer(ByteSpan request, bool knows) const {
  const std::unique_ptr<TS_RESP_CTX, decltype(&TS_RESP_CTX_free)> context(TS_RESP_CTX_new(), &TS_RESP_CTX_free);
  const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> policy(OBJ_txt2obj("1.2.3.4.1", 1),
                                                                         &ASN1_OBJECT_free);
  TS_RESP_CTX* const c = context.get();
  require(TS_RESP_CTX_set_signer_cert(c, state_->own.certificate.get()) == 1 &&
          TS_RESP_CTX_set_signer_key(c, state_->own.key.get()) == 1 &&
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

std::string TimeAuthority::root_certificate() const { return state_->root.root_certificate(); }

}  // namespace sidik::test
