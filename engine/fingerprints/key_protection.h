// A key file under a passphrase: its text, encrypted under a key that Argon2id makes of the passphrase.
//
//     sidik-key 1
//     # ...
//     passphrase argon2id 3 268435456 32 hex digits      (passes, bytes of memory, salt)
//     sealed hex of a nonce (24 bytes) and the ciphertext with its tag (XChaCha20-Poly1305)
//     checksum ...
//
// What is encrypted is the whole text of the key file in clear; the `passphrase` line's value is authenticated with it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "fingerprints/key.h"
#include "fingerprints/secret_text.h"

namespace sidik {

/// What a guess costs: a quarter of a gibibyte and most of a second where nothing else is said.
struct PassphraseCost {
  unsigned long long passes = 3;
  std::size_t memory = std::size_t{256} << 20;
};

/// The protected text of the key file `plain`. Throws Error(kUsage) for an empty passphrase, Error(kFailed) where there
/// is not enough memory.
std::string protect_key(std::string_view plain, const Secret& passphrase, const PassphraseCost& cost = {});

/// Whether a key file's text is under a passphrase.
bool is_protected_key(std::string_view text);

/// The text in clear. Error(kKey, place) where no passphrase is to be had or it is not this key's, or the text is
/// damaged, each in its own words.
WipedText open_protected_key(std::string_view text, const std::string& place, const PassphraseSource& passphrase);

}  // namespace sidik
