// HPKE (RFC 9180), base mode, one message: how a run's data key is wrapped to the registry's public key.
// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, and AES-128-GCM or AES-256-GCM.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"

namespace sidik {

/// The AEAD of a suite, by its number in RFC 9180, section 7.3.
enum class HpkeAead : std::uint16_t { kAes128Gcm = 0x0001, kAes256Gcm = 0x0002 };

using X25519Key = std::array<std::uint8_t, 32>;

struct HpkeMessage {
  X25519Key encapsulated{};  // "enc": the ephemeral public key
  Bytes ciphertext;          // as long as the plaintext, and 16 bytes of tag
};

/// SealBase (section 6.1): only the holder of `recipient`'s private half opens it; it says nothing of who sealed it.
HpkeMessage hpke_seal(HpkeAead aead, const X25519Key& recipient, ByteSpan info, ByteSpan associated,
                      ByteSpan plaintext);
/// The same with the ephemeral private key given: for test vectors and golden files, never twice.
HpkeMessage hpke_seal_with(const Secret& ephemeral, HpkeAead aead, const X25519Key& recipient, ByteSpan info,
                           ByteSpan associated, ByteSpan plaintext);

/// OpenBase. `secret` is the recipient's private key. Empty where the message does not authenticate.
Secret hpke_open(HpkeAead aead, const X25519Key& encapsulated, const Secret& secret, ByteSpan info, ByteSpan associated,
                 ByteSpan ciphertext);

/// The key and base nonce of a message (KeySchedule of section 5.1, mode base): for test vectors.
struct HpkeKeySchedule {
  Secret shared_secret;
  Secret key;
  std::array<std::uint8_t, 12> base_nonce{};
};
HpkeKeySchedule hpke_schedule_sender(const Secret& ephemeral, HpkeAead aead, const X25519Key& recipient, ByteSpan info,
                                     X25519Key& encapsulated);

}  // namespace sidik
