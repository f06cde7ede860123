// Encodings of text: what is UTF-8, Windows-1252 value by value, UTF-16 as a stream.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/utf8.h"
#include "ingest/batch.h"
#include "ingest/byte_source.h"
#include "ingest/dialect.h"

namespace sidik {

inline constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

/// Whether any byte is over 127. REQUIRES: kTextSlack readable bytes behind `text`.
inline bool has_non_ascii(std::string_view text) {
  constexpr std::uint64_t kTopBits = 0x8080808080808080ULL;
  static_assert(kTextSlack >= 8);
  const char* p = text.data();
  std::size_t left = text.size();
  std::uint64_t word = 0;
  for (; left >= 8; left -= 8, p += 8) {
    std::memcpy(&word, p, 8);
    if ((word & kTopBits) != 0) return true;
  }
  if (left == 0) return false;
  std::memcpy(&word, p, 8);
  const std::uint64_t valid = std::endian::native == std::endian::little ? (std::uint64_t{1} << (8 * left)) - 1
                                                                         : ~std::uint64_t{0} << (64 - 8 * left);
  return (word & kTopBits & valid) != 0;
}

/// Appends `text`, read as Windows-1252, as UTF-8. The five bytes that Windows-1252 leaves open become U+0081 and so
/// on, as in the WHATWG encoding standard.
void append_windows_1252(std::string_view text, Bytes& out);

/// kUtf16Le or kUtf16Be where `head` begins with that byte order mark, or has none but every second byte of it is zero,
/// as in Latin text; nothing for anything else.
std::optional<TextEncoding> utf16_of(std::string_view head);

/// The UTF-8 text of `source`, which is UTF-16 of that byte order; a byte order mark at its start is left out. Lone
/// surrogates and a last odd byte become U+FFFD.
std::unique_ptr<ByteSource> utf16_source(std::unique_ptr<ByteSource> source, TextEncoding encoding);

/// The same for some bytes in memory.
std::string utf16_to_utf8(std::string_view bytes, TextEncoding encoding);

}  // namespace sidik
