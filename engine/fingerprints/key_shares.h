// A two-person rule: the investigators' key as shares, of which so many make it again and fewer tell nothing (Shamir,
// over GF(256)). A share is text short enough to be printed and typed in again:
//
//     sidik-share 1
//     # ...
//     share 2 of 3, any 2 make the key
//     registry 32 hex digits
//     set 16 hex digits
//     1 K7Q2M 8XW3N ... 4T
//     ...
//     check 8XW3NKT2
//
// Numbered lines hold 25 bytes each in Crockford's base 32 (no I, L, O, U; case and blanks do not count, O is read as
// 0, I and L as 1), two characters of check behind them, so that a typing error is named with its line. `check` stands
// for the whole share, its first lines too. Remarks and empty lines do not count.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "fingerprints/key.h"
#include "fingerprints/secret_text.h"

namespace sidik {

inline constexpr SecretTextKind kShareText{"sidik-share", "share of a key"};

/// `count` shares, any `needed` of which make the key again. They are fresh each time: shares of two calls do not mix.
/// Throws Error(kUsage) unless 2 <= needed <= count <= 16, Error(kKey) for another than the investigators' key.
std::vector<WipedText> split_key(const RegistryKey& key, unsigned needed, unsigned count);

struct GivenShare {
  std::string place;  // for messages
  std::string_view text;
};

/// The key again. The same share given twice counts once. Error(kKey) naming the place and line of a typing error, and
/// where shares are too few, of another registry's key or of another splitting, each in its own words.
RegistryKey join_key(std::span<const GivenShare> shares);

}  // namespace sidik
