#include "registry/time_stamp.h"

#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "base/error.h"
#include "base/secret.h"

namespace sidik {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Request = std::unique_ptr<TS_REQ, Freed<TS_REQ_free>>;
using Response = std::unique_ptr<TS_RESP, Freed<TS_RESP_free>>;
using Verifying = std::unique_ptr<TS_VERIFY_CTX, Freed<TS_VERIFY_CTX_free>>;
using Store = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, Freed<ASN1_INTEGER_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free_all>>;

void require(bool done, const char* what) {
  if (!done) throw Error(ErrorKind::kFailed, "the crypto library", std::string("cannot make ") + what);
}

/// Why the last call failed, in the library's words; its queue is empty then.
std::string last_reason() {
  unsigned long first = ERR_get_error();
  ERR_clear_error();
  const char* const reason = first == 0 ? nullptr : ERR_reason_error_string(first);
  return reason == nullptr ? "no reason given" : reason;
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string name_text(const X509_NAME* name) {
  const Memory out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) return {};
  return text_of(out.get());
}

/// As the token names its maker, else the subject of the certificate that came with it.
std::string authority_of(TS_TST_INFO* info, PKCS7* token) {
  if (const GENERAL_NAME* const name = TS_TST_INFO_get_tsa(info); name != nullptr && name->type == GEN_DIRNAME)
    return name_text(name->d.directoryName);
  STACK_OF(X509)* const signers = PKCS7_get0_signers(token, nullptr, 0);
  std::string text;
  if (signers != nullptr && sk_X509_num(signers) > 0)
    text = name_text(X509_get_subject_name(sk_X509_value(signers, 0)));
  sk_X509_free(signers);
  ERR_clear_error();
  return text;
}

std::string serial_of(TS_TST_INFO* info) {
  const Number number(ASN1_INTEGER_to_BN(TS_TST_INFO_get_serial(info), nullptr));
  char* const hex = number ? BN_bn2hex(number.get()) : nullptr;
  const std::string text = hex == nullptr ? "" : hex;
  OPENSSL_free(hex);
  return text;
}

/// What an authority that did not grant says of it.
std::string refusal_of(TS_STATUS_INFO* status) {
  std::string text =
      "the authority refuses (status " + std::to_string(ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status)));
  const STACK_OF(ASN1_UTF8STRING)* const words = TS_STATUS_INFO_get0_text(status);
  for (int i = 0; i < sk_ASN1_UTF8STRING_num(words); ++i) {
    const ASN1_UTF8STRING* const each = sk_ASN1_UTF8STRING_value(words, i);
    text += ": ";
    text.append(reinterpret_cast<const char*>(ASN1_STRING_get0_data(each)),
                static_cast<std::size_t>(ASN1_STRING_length(each)));
  }
  return text + ")";
}

}  // namespace

struct TimeStampQuery::State {
  Request request{TS_REQ_new()};
  Bytes der;
};

TimeStampQuery::TimeStampQuery(const Digest& digest) : state_(std::make_unique<State>()) {
  constexpr const char* kWhat = "a time stamp's request";
  TS_REQ* const request = state_->request.get();
  const std::unique_ptr<TS_MSG_IMPRINT, Freed<TS_MSG_IMPRINT_free>> imprint(TS_MSG_IMPRINT_new());
  const std::unique_ptr<X509_ALGOR, Freed<X509_ALGOR_free>> algorithm(X509_ALGOR_new());
  require(request && imprint && algorithm, kWhat);
  require(X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr) == 1, kWhat);
  Digest own = digest;  // the library's parameter is not const
  require(TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) == 1 &&
              TS_MSG_IMPRINT_set_msg(imprint.get(), own.data(), static_cast<int>(own.size())) == 1,
          kWhat);
  std::array<std::uint8_t, 16> drawn{};
  random_bytes(drawn);
  drawn[0] = static_cast<std::uint8_t>((drawn[0] & 0x7f) | 0x40);  // never negative, never shorter
  const Number number(BN_bin2bn(drawn.data(), static_cast<int>(drawn.size()), nullptr));
  const Integer nonce(number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr);
  require(nonce && TS_REQ_set_version(request, 1) == 1 && TS_REQ_set_msg_imprint(request, imprint.get()) == 1 &&
              TS_REQ_set_nonce(request, nonce.get()) == 1 && TS_REQ_set_cert_req(request, 1) == 1,
          kWhat);
  const int size = i2d_TS_REQ(request, nullptr);
  require(size > 0, kWhat);
  state_->der.resize(static_cast<std::size_t>(size));
  unsigned char* out = state_->der.data();
  require(i2d_TS_REQ(request, &out) == size, kWhat);
}

TimeStampQuery::~TimeStampQuery() = default;

const Bytes& TimeStampQuery::request() const { return state_->der; }

TimeStamp TimeStampQuery::read(ByteSpan bytes, const std::string& place,
                               const std::optional<std::filesystem::path>& authorities) const {
  const auto fail = [&](const std::string& why) { throw Error(ErrorKind::kFailed, place, why); };
  ERR_clear_error();
  const unsigned char* in = bytes.data();
  const Response response(d2i_TS_RESP(nullptr, &in, static_cast<long>(bytes.size())));
  if (!response || in != bytes.data() + bytes.size()) {
    ERR_clear_error();
    fail("its answer is no time stamp (RFC 3161); is this the address of a time-stamping authority?");
  }
  TS_STATUS_INFO* const status = TS_RESP_get_status_info(response.get());
  const long granted = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status));
  if ((granted != TS_STATUS_GRANTED && granted != TS_STATUS_GRANTED_WITH_MODS) ||
      TS_RESP_get_token(response.get()) == nullptr)
    fail(refusal_of(status));

  const Verifying verifying(TS_REQ_to_TS_VERIFY_CTX(state_->request.get(), nullptr));
  require(verifying != nullptr, "what verifies a time stamp");
  Store store;
  if (authorities) {
    store.reset(X509_STORE_new());
    require(store != nullptr, "a store of certificates");
    if (X509_STORE_load_file(store.get(), authorities->c_str()) != 1) {
      ERR_clear_error();
      throw Error(ErrorKind::kUsage, authorities->string(), "is no PEM file of certificates that can be read");
    }
    TS_VERIFY_CTX_add_flags(verifying.get(), TS_VFY_SIGNATURE);
    TS_VERIFY_CTX_set_store(verifying.get(), store.release());  // which it frees
  }
  if (TS_RESP_verify_response(verifying.get(), response.get()) != 1)
    fail("its answer does not fit what was asked: " + last_reason());

  TS_TST_INFO* const info = TS_RESP_get_tst_info(response.get());
  TimeStamp stamp;
  std::tm time{};
  if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &time) != 1) fail("its answer holds no time");
  stamp.at = static_cast<UtcSeconds>(::timegm(&time));
  stamp.authority = authority_of(info, TS_RESP_get_token(response.get()));
  stamp.serial = serial_of(info);
  stamp.signature_verified = authorities.has_value();
  return stamp;
}

}  // namespace sidik
