#include <algorithm>

#include "registry/hpke.h"
#include "support/catch.h"

using namespace sidik;

namespace {

Secret secret(const char* hex) { return Secret(from_hex(hex, "a test vector")); }
X25519Key key(const char* hex) {
  const Bytes bytes = from_hex(hex, "a test vector");
  X25519Key out{};
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

// RFC 9180, appendix A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode.
constexpr const char* kEphemeral = "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736";
constexpr const char* kEncapsulated = "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431";
constexpr const char* kRecipientSecret = "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
constexpr const char* kRecipient = "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
constexpr const char* kInfo = "4f6465206f6e2061204772656369616e2055726e";
constexpr const char* kPlain = "4265617574792069732074727574682c20747275746820626561757479";
constexpr const char* kAssociated = "436f756e742d30";
constexpr const char* kCiphertext =
    "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a";

}  // namespace

TEST_CASE("HPKE gives the key schedule of RFC 9180, A.1.1", "[registry][hpke]") {
  X25519Key encapsulated{};
  const HpkeKeySchedule schedule = hpke_schedule_sender(secret(kEphemeral), HpkeAead::kAes128Gcm, key(kRecipient),
                                                        from_hex(kInfo, "info"), encapsulated);
  CHECK(to_hex(encapsulated) == kEncapsulated);
  CHECK(to_hex(schedule.shared_secret.bytes()) == "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc");
  CHECK(to_hex(schedule.key.bytes()) == "4531685d41d65f03dc48f6b8302c05b0");
  CHECK(to_hex(schedule.base_nonce) == "56d890e5accaaf011cff4b7d");
}

TEST_CASE("HPKE gives the first ciphertext of RFC 9180, A.1.1, and opens it", "[registry][hpke]") {
  const Bytes info = from_hex(kInfo, "info"), associated = from_hex(kAssociated, "aad"), plain = from_hex(kPlain, "pt");
  const HpkeMessage message =
      hpke_seal_with(secret(kEphemeral), HpkeAead::kAes128Gcm, key(kRecipient), info, associated, plain);
  CHECK(to_hex(message.encapsulated) == kEncapsulated);
  CHECK(to_hex(message.ciphertext) == kCiphertext);
  const Secret opened = hpke_open(HpkeAead::kAes128Gcm, key(kEncapsulated), secret(kRecipientSecret), info, associated,
                                  from_hex(kCiphertext, "ct"));
  CHECK(to_hex(opened.bytes()) == kPlain);
}

TEST_CASE("an HPKE message opens with its own key, info and associated data only", "[registry][hpke]") {
  const Secret data_key = Secret::random(32);
  const Bytes info{1, 2, 3}, associated{4, 5};
  const HpkeMessage message = hpke_seal(HpkeAead::kAes256Gcm, key(kRecipient), info, associated, data_key.bytes());
  const auto open = [&](const Secret& own, const Bytes& said_info, const Bytes& said, Bytes ciphertext) {
    return hpke_open(HpkeAead::kAes256Gcm, message.encapsulated, own, said_info, said, ciphertext);
  };
  CHECK(open(secret(kRecipientSecret), info, associated, message.ciphertext) == data_key);
  CHECK(open(Secret::random(32), info, associated, message.ciphertext).empty());
  CHECK(open(secret(kRecipientSecret), {1, 2, 4}, associated, message.ciphertext).empty());
  CHECK(open(secret(kRecipientSecret), info, {}, message.ciphertext).empty());
  CHECK(
      open(secret(kRecipientSecret), info, associated, Bytes(message.ciphertext.begin(), message.ciphertext.end() - 1))
          .empty());
  for (std::size_t i = 0; i < message.ciphertext.size(); ++i) {
    Bytes damaged = message.ciphertext;
    damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ 1);
    CHECK(open(secret(kRecipientSecret), info, associated, damaged).empty());
  }
  const HpkeMessage again = hpke_seal(HpkeAead::kAes256Gcm, key(kRecipient), info, associated, data_key.bytes());
  CHECK(again.ciphertext != message.ciphertext);
}
