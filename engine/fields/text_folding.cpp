#include "fields/text_folding.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "base/bytes.h"
#include "base/utf8.h"
#include "fields/characters.h"

namespace sidik {

namespace {

constexpr std::array<char16_t, 32> kWindows1252 = {0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                                   0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
                                                   0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                   0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178};

/// White space and controls, as of Unicode 15.0: listed, for a library's list may change.
bool is_wide_blank(UChar32 c) {
  return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
         c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/// Characters that show nothing: soft hyphens, zero-width spaces and joiners, marks of direction, variation selectors.
bool is_invisible(UChar32 c) {
  return c == 0xad || c == 0x34f || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
         (c >= 0xe0000 && c <= 0xe0fff);
}

/// The two halves of the fold that need Unicode's data, restricted to the code points that may change.
class UnicodeFold {
 public:
  UnicodeFold() {
    UErrorCode status = U_ZERO_ERROR;
    // The subtracted ones expand more than fourfold (tests/fields/text_folding_test.cpp looks for others).
    foldable_.applyPattern(
        icu::UnicodeString(u"[[:age=15.0:]-[\\u00BC-\\u00BE\\uFDFA\\uFDFB\\u3300-\\u3357\\u3316\\u32FF]]"), status);
    foldable_.freeze();
    const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
    if (U_FAILURE(status)) throw std::runtime_error("the Unicode library has no NFKC data");
    nfkc_ = std::make_unique<icu::FilteredNormalizer2>(*nfkc, foldable_);
  }

  /// One round; false when it changed nothing.
  bool round(icu::UnicodeString& text) const {
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString before = text;
    fold_case(text);
    icu::UnicodeString normal = nfkc_->normalize(text, status);
    if (U_FAILURE(status)) throw std::runtime_error("the Unicode library failed to normalise a text");
    text = collapse(normal);
    return text != before;
  }

  /// What `c` becomes in any company; 0 where that depends, or is more or less than one code point of the basic plane.
  char16_t alone(UChar32 c) const {
    if (!foldable_.contains(c) || is_wide_blank(c) || is_invisible(c) || !nfkc_->hasBoundaryBefore(c)) return 0;
    icu::UnicodeString first(c);
    fold_case(first);
    if (!nfkc_->hasBoundaryBefore(first.char32At(0))) return 0;
    // Between letters, for at an end a space that it holds would be trimmed.
    icu::UnicodeString text = icu::UnicodeString(u"x").append(c).append(u'x');
    while (round(text)) {
    }
    const bool one = text.length() == 3 && !U16_IS_SURROGATE(text.charAt(1)) && text.charAt(0) == u'x';
    return one && nfkc_->hasBoundaryBefore(text.char32At(1)) ? text.charAt(1) : u'\0';
  }

 private:
  void fold_case(icu::UnicodeString& text) const {
    if (foldable_.span(text, 0, USET_SPAN_CONTAINED) == text.length()) {
      text.foldCase(U_FOLD_CASE_DEFAULT);
      return;
    }
    icu::UnicodeString folded;
    for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
      icu::UnicodeString one(text.char32At(i));
      if (foldable_.contains(text.char32At(i))) one.foldCase(U_FOLD_CASE_DEFAULT);
      folded.append(one);
    }
    text = std::move(folded);
  }

  static icu::UnicodeString collapse(const icu::UnicodeString& text) {
    icu::UnicodeString collapsed;
    bool space_due = false;
    for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
      const UChar32 c = text.char32At(i);
      if (is_invisible(c)) continue;
      if (is_wide_blank(c)) {
        space_due = !collapsed.isEmpty();
        continue;
      }
      if (space_due) collapsed.append(u' ');
      space_due = false;
      collapsed.append(c);
    }
    return collapsed;
  }

  icu::UnicodeSet foldable_;
  std::unique_ptr<icu::Normalizer2> nfkc_;
};

/// Code points of the basic plane that fold alone, whatever stands beside them, to one code point: letters of most
/// scripts, composed or not, but no combining marks. Asked of the library page by page, once.
class SimpleFolds {
 public:
  explicit SimpleFolds(const UnicodeFold& fold) : fold_(fold) {}

  /// The folded code point; 0 where it takes the whole text to tell.
  char16_t find(UChar32 c) const {
    const auto number = static_cast<std::size_t>(c >> 8);
    const Page* page = pages_[number].load(std::memory_order_acquire);
    return (page != nullptr ? *page : make_page(number))[static_cast<std::size_t>(c & 0xff)];
  }

 private:
  using Page = std::array<char16_t, 256>;

  const Page& make_page(std::size_t number) const {
    const std::lock_guard<std::mutex> lock(making_);
    if (owned_[number] == nullptr) {
      auto page = std::make_unique<Page>();
      for (std::size_t i = 0; i < page->size(); ++i) (*page)[i] = fold_.alone(static_cast<UChar32>(number * 256 + i));
      owned_[number] = std::move(page);
      pages_[number].store(owned_[number].get(), std::memory_order_release);
    }
    return *owned_[number];
  }

  const UnicodeFold& fold_;
  mutable std::array<std::atomic<const Page*>, 256> pages_{};
  mutable std::array<std::unique_ptr<Page>, 256> owned_;
  mutable std::mutex making_;
};

const UnicodeFold& unicode_fold() {
  static const UnicodeFold fold;
  return fold;
}

void append_utf8(char16_t c, std::string& text) {
  if (c < 0x80) {
    text.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    text.push_back(static_cast<char>(0xc0 | (c >> 6)));
    text.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    text.push_back(static_cast<char>(0xe0 | (c >> 12)));
    text.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3f)));
    text.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

/// Folds text whose code points all fold alone (about 5 ns each, against a microsecond and more a text in the library).
/// False, with rubbish in `folded`, for other text and for what is no UTF-8.
bool fold_one_by_one(std::string_view text, std::string& folded) {
  static const SimpleFolds folds(unicode_fold());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int64_t>(text.size());
  bool space_due = false;
  for (std::int64_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(bytes, i, size, c);
    if (c < 0 || c > 0xffff) return false;
    if (is_wide_blank(c)) {
      space_due = !folded.empty();
      continue;
    }
    const char16_t simple = c < 0x80 ? static_cast<char16_t>(kLowerTable[static_cast<std::size_t>(c)]) : folds.find(c);
    if (simple == 0) return false;
    if (space_due) folded.push_back(' ');
    space_due = false;
    append_utf8(simple, folded);
  }
  return true;
}

icu::UnicodeString decode(std::string_view text) {
  if (is_utf8(text))
    return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  icu::UnicodeString decoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    decoded.append(byte >= 0x80 && byte < 0xa0 ? kWindows1252[byte - 0x80] : static_cast<char16_t>(byte));
  }
  return decoded;
}

/// The library counts in 32 bits; a cell of this size is folded as the bytes that it is, ASCII letters only.
constexpr std::size_t kLargestFolded = std::size_t{1} << 28;

}  // namespace

char* fold_tidy_ascii(std::string_view text, char* out) {
  const char* p = text.data();
  const std::size_t size = text.size();
  Bytes16 odd{};
  std::size_t i = 0;
  const auto fold_16 = [&](Bytes16 valid) {
    const Bytes16 bytes = load_16(p + i);
    const Bytes16 next = load_16(p + i + 1);
    store_16(out + i, lower_16(bytes));
    const Bytes16 untidy =
        as_mask(bytes < 0x20) | as_mask(bytes >= 0x7f) | (as_mask(bytes == 0x20) & as_mask(next == 0x20));
    odd |= untidy & valid;
  };
  for (; size - i > 16; i += 16) fold_16(all_16(0xff));
  fold_16(first_bytes(size - i));
  return any_byte(odd) ? nullptr : out + size;
}

char* fold_ascii(std::string_view text, char* out) {
  text = trim_blanks(text);
  if (text.empty()) return out;
  if (char* end = fold_tidy_ascii(text, out); end != nullptr) return end;
  char* end = out;
  bool space_due = false;
  for (const char c : text) {
    if (is_blank(c)) {
      space_due = true;
      continue;
    }
    if (space_due) *end++ = ' ';
    space_due = false;
    *end++ = kLowerTable[byte_of(c)];
  }
  return end;
}

std::string_view fold_unicode(std::string_view text, std::string& buffer) {
  buffer.clear();
  if (text.size() > kLargestFolded) {
    for (const char c : text) buffer.push_back(is_blank(c) ? ' ' : kLowerTable[byte_of(c)]);
  } else if (!fold_one_by_one(text, buffer)) {
    icu::UnicodeString wide = decode(text);
    // Invisible characters go at the end of a round, and what they kept apart may compose in the next. The second round
    // changes nothing as a rule; no text is known to need a fourth.
    for (int rounds = 0; rounds < 16 && unicode_fold().round(wide); ++rounds) {
    }
    buffer.clear();
    wide.toUTF8String(buffer);
  }
  const std::size_t size = buffer.size();
  buffer.append(kTextSlack, '\0');
  return {buffer.data(), size};
}

std::string fold_letters_and_digits(std::string_view text) {
  std::string padded(text);
  padded.append(kTextSlack, '\0');
  std::string buffer;
  const std::string_view folded = fold_unicode({padded.data(), text.size()}, buffer);
  icu::UnicodeString kept;
  const icu::UnicodeString wide =
      icu::UnicodeString::fromUTF8(icu::StringPiece(folded.data(), static_cast<std::int32_t>(folded.size())));
  for (std::int32_t i = 0; i < wide.length(); i = wide.moveIndex32(i, 1))
    if (u_isalnum(wide.char32At(i))) kept.append(wide.char32At(i));
  std::string name;
  kept.toUTF8String(name);
  return name;
}

std::string fold_to_latin(std::string_view text, bool umlauts) {
  struct Letters {
    UChar32 one;
    const char16_t* instead;
  };
  static constexpr std::array<Letters, 10> kStrokes{{{0x142, u"l"},
                                                     {0x111, u"d"},
                                                     {0xf8, u"o"},
                                                     {0xdf, u"ss"},
                                                     {0xe6, u"ae"},
                                                     {0x153, u"oe"},
                                                     {0x131, u"i"},
                                                     {0xfe, u"th"},
                                                     {0xf0, u"d"},
                                                     {0x127, u"h"}}};
  static constexpr std::array<Letters, 3> kUmlauts{{{0xe4, u"ae"}, {0xf6, u"oe"}, {0xfc, u"ue"}}};
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(status);
  const icu::Normalizer2* const nfd = icu::Normalizer2::getNFDInstance(status);
  if (U_FAILURE(status)) throw std::runtime_error("the Unicode library has no normalisation data");
  icu::UnicodeString lower = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
  lower.foldCase();
  lower = nfc->normalize(lower, status);
  icu::UnicodeString spelled;
  for (std::int32_t i = 0; i < lower.length(); i = lower.moveIndex32(i, 1)) {
    const UChar32 c = lower.char32At(i);
    const char16_t* instead = nullptr;
    for (const Letters& each : kStrokes)
      if (each.one == c) instead = each.instead;
    for (const Letters& each : kUmlauts)
      if (umlauts && each.one == c) instead = each.instead;
    if (instead != nullptr)
      spelled.append(instead, -1);
    else
      spelled.append(c);
  }
  spelled = nfd->normalize(spelled, status);
  icu::UnicodeString bare;
  for (std::int32_t i = 0; i < spelled.length(); i = spelled.moveIndex32(i, 1))
    if (u_charType(spelled.char32At(i)) != U_NON_SPACING_MARK) bare.append(spelled.char32At(i));
  std::string out;
  bare.toUTF8String(out);
  return out;
}

}  // namespace sidik
