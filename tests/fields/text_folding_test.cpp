#include "fields/text_folding.h"

#include <string>
#include <vector>

#include "base/bytes.h"
#include "fields/canonical.h"
#include "fields/characters.h"
#include "support/catch.h"

namespace sidik {
namespace {

/// The plain twin of fold_ascii.
std::string folded_plainly(std::string_view text) {
  std::string folded;
  for (const char c : text) {
    if (is_blank(c)) {
      if (!folded.empty() && folded.back() != ' ') folded.push_back(' ');
    } else {
      folded.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    }
  }
  if (!folded.empty() && folded.back() == ' ') folded.pop_back();
  return folded;
}

std::string folded_fast(std::string_view text) {
  std::string padded = std::string(text) + std::string(kTextSlack, '~');
  std::string out(text.size() + kTextSlack, '#');
  const char* end = fold_ascii({padded.data(), text.size()}, out.data());
  return {out.data(), static_cast<std::size_t>(end - out.data())};
}

std::string folded_unicode(std::string_view text) {
  std::string buffer;
  return std::string(fold_unicode(text, buffer));
}

std::string encoded(std::uint32_t c) {
  std::string text;
  if (c < 0x80) {
    text.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    text.push_back(static_cast<char>(0xc0 | (c >> 6)));
    text.push_back(static_cast<char>(0x80 | (c & 63)));
  } else {
    if (c >= 0x10000) text.push_back(static_cast<char>(0xf0 | (c >> 18)));
    text.push_back(static_cast<char>(c >= 0x10000 ? 0x80 | ((c >> 12) & 63) : 0xe0 | (c >> 12)));
    text.push_back(static_cast<char>(0x80 | ((c >> 6) & 63)));
    text.push_back(static_cast<char>(0x80 | (c & 63)));
  }
  return text;
}

TEST_CASE("the fast fold of ASCII is the plain one, for all small inputs at every length", "[fields][text]") {
  static constexpr std::string_view kAlphabet = "aZ @\t\x7f[";
  for (const std::string_view before : {"", "Longer t", "A sentence of words, "}) {
    std::string tail;
    for (std::size_t n = 0; n < 7 * 7 * 7 * 7 * 7; ++n) {
      tail.clear();
      for (std::size_t rest = n, i = 0; i < 5; ++i, rest /= 7) tail.push_back(kAlphabet[rest % 7]);
      for (std::size_t size = 0; size <= 5; ++size) {
        const std::string text = std::string(before) + tail.substr(0, size);
        if (folded_fast(text) != folded_plainly(text)) FAIL("[" << text << "] folds to [" << folded_fast(text) << "]");
      }
    }
  }
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = std::string("x") + static_cast<char>(c) + "Y";
    CHECK(folded_fast(text) == folded_plainly(text));
    CHECK(folded_unicode(text) == folded_plainly(text));
  }
}

TEST_CASE("every code point's fold is a fold of itself and at most four times as long", "[fields][text]") {
  for (std::uint32_t c = 0x80; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    const std::string text = encoded(c);
    const std::string folded = folded_unicode(text);
    // Of Windows-1252, a code point below U+0100 may have been one byte.
    const std::size_t written = c < 0x100 ? 1 : text.size();
    if (folded.size() > 4 * written)
      FAIL("U+" << std::hex << c << " grows to " << std::dec << folded.size() << " bytes");
    if (folded_unicode(folded) != folded) FAIL("U+" << std::hex << c << " does not come to rest");
  }
}

TEST_CASE("characters fold one by one as they do together", "[fields][text][fast]") {
  // A character beyond U+FFFF sends the whole text through the Unicode library.
  const std::string detour = "\U0001f600";
  unsigned random = 5;
  const auto below = [&random](unsigned n) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % n;
  };
  for (int round = 0; round < 60'000; ++round) {
    std::string text;
    for (unsigned size = 1 + below(4); size > 0; --size) {
      const unsigned block = below(6);
      unsigned c = block == 0   ? below(0x80)
                   : block == 1 ? 0x300 + below(0x70)
                   : block < 4  ? below(0x2100)
                                : below(0x10000);
      if (c >= 0xd800 && c < 0xe000) c = 0xe9;
      text += encoded(c);
    }
    std::string folded = folded_unicode(text);
    const std::string whole = folded_unicode(text + detour);
    const bool space = whole.size() > 4 && whole[whole.size() - 5] == ' ';  // a space at the end of `text` stays one
    if (whole != folded + (space ? " " : "") + detour)
      FAIL("[" << text << "] folds to [" << folded << "], not [" << whole << "]");
  }
}

TEST_CASE("newer and overlong characters are left alone", "[fields][text]") {
  CHECK(folded_unicode("\U0001ccd6") == "\U0001ccd6");  // Unicode 16.0: outlined A, would be "a"
  CHECK(folded_unicode("\ufdfa") == "\ufdfa");
  CHECK(folded_unicode("\u3316") == "\u3316");
  CHECK(folded_unicode("\u00bd") == "\u00bd");
}

TEST_CASE("what is no UTF-8 is Windows-1252, and folds as its UTF-8 twin", "[fields][text]") {
  CHECK(folded_unicode("Caf\xc9") == "caf\u00e9");
  CHECK(folded_unicode("\x80 5") == "\u20ac 5");
  CHECK(folded_unicode("A\xa0\xa0"
                       "B") == "a b");
}

TEST_CASE("combining sequences fold alike, whole or taken apart", "[fields][text]") {
  CHECK(folded_unicode("E\u0301") == "\u00e9");
  CHECK(folded_unicode("\u00c9") == "\u00e9");
  CHECK(folded_unicode("e\u0323\u0302") == folded_unicode("\u1ec7"));
  CHECK(folded_unicode("e\u0302\u0323") == folded_unicode("\u1ec7"));
  CHECK(folded_unicode("e\u200b\u0301") == "\u00e9");  // what a zero-width space kept apart
  CHECK(folded_unicode("\u1100\u1161\u11a8") == "\uac01");
  CHECK(folded_unicode("\u0130") == "i\u0307");
  CHECK(folded_unicode("STRA\u1e9eE") == "strasse");
}

TEST_CASE("eight bytes at a time tell digits and ASCII as one at a time does", "[fields][text]") {
  for (std::size_t size = 0; size <= 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(size, '7');
        text[at] = static_cast<char>(c);
        const std::string padded = text + std::string(kTextSlack, static_cast<char>(0xff));
        const std::string_view view(padded.data(), size);
        if (all_digits(view) != (c >= '0' && c <= '9')) FAIL("digit " << c << " of " << size);
        if (is_ascii(view) != (c < 0x80)) FAIL("ASCII " << c << " of " << size);
      }
    }
  }
}

TEST_CASE("null tokens are null in any case, and only they", "[fields][null]") {
  for (const char* token : {"",           " ",
                            "\t",         "NULL",
                            "null",       "\\N",
                            "N/A",        "n/a",
                            "NA",         "NaN",
                            "nil",        "NONE",
                            "-",          "--",
                            "----------", "#N/A",
                            "(null)",     "<null>",
                            " NULL ",     "\u00a0",
                            "\u200b",     "\uff2e\uff35\uff2c\uff2c",
                            "."})
    CHECK(is_null_token(token));
  for (const char* value :
       {"0", "N", "Nana", "null and void", "nullable", "-1", "no", "unknown", "Nile", "N/AB", "(", "#1", "\u00e9"})
    CHECK_FALSE(is_null_token(value));
  for (const FieldType type : all_field_types()) CHECK(canonical(type, "N/A").state == ValueState::kNull);
}

}  // namespace
}  // namespace sidik
