#include "fields/address.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "fields/address_words.h"
#include "fields/characters.h"
#include "fields/token_set.h"

namespace sidik {

namespace {

constexpr std::size_t kLongestAddress = 1000;
constexpr std::size_t kEndlessWord = 64;  // words of this size are no words: they are copied, not understood
constexpr std::size_t kShortWord = 8;     // words of up to eight bytes are one integer

enum class Kind : std::uint8_t { kOther, kRt, kRw };

/// One spelling of an address word, and what a form has for it.
struct WordEntry {
  std::uint64_t written = 0;
  std::uint64_t form = 0;
  std::uint8_t form_size = 0;
  Kind kind = Kind::kOther;
};

template <class Visit>
constexpr void for_each_spelling(const Visit& visit) {
  for (const AddressWord& word : kAddressWords) {
    std::string_view rest = word.written;
    while (!rest.empty()) {
      const std::size_t space = rest.find(' ');
      visit(word.form, rest.substr(0, space));
      rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
    }
  }
}

constexpr std::size_t kShortSpellings = [] {
  std::size_t count = 0;
  for_each_spelling(
      [&count](std::string_view, std::string_view written) { count += written.size() <= kShortWord ? 1U : 0U; });
  return count;
}();

/// Spellings of up to eight bytes without collisions: one multiplication, two loads and one comparison decide a word.
class ShortWords {
 public:
  constexpr ShortWords() {
    std::size_t next = 1;  // entry 0 is nobody's
    for_each_spelling([&](std::string_view form, std::string_view written) {
      if (written.size() > kShortWord) return;
      const Kind kind = form == "rt" ? Kind::kRt : form == "rw" ? Kind::kRw : Kind::kOther;
      entries_[next++] = {pack_literal(written), pack_literal(form), static_cast<std::uint8_t>(form.size()), kind};
    });
    while (!place_all()) multiplier_ = multiplier_ * 6364136223846793005U + 1442695040888963407U;
  }

  const WordEntry& find(std::uint64_t word) const { return entries_[slots_[slot_of(word)]]; }

 private:
  constexpr std::size_t slot_of(std::uint64_t word) const {
    return static_cast<std::size_t>((word * multiplier_) >> 53);
  }
  constexpr bool place_all() {
    slots_ = {};
    for (std::size_t e = 1; e < entries_.size(); ++e) {
      std::uint8_t& slot = slots_[slot_of(entries_[e].written)];
      if (slot != 0) return false;
      slot = static_cast<std::uint8_t>(e);
    }
    return true;
  }

  std::uint64_t multiplier_ = 0x9e3779b97f4a7c15U;
  std::array<std::uint8_t, 2048> slots_{};
  std::array<WordEntry, kShortSpellings + 1> entries_{};
};
static_assert(kShortSpellings < 255);
constexpr ShortWords kShortWords;

/// The first eight bytes of the few spellings that are longer.
constexpr TokenFilter kLongHeads = [] {
  TokenFilter heads;
  for_each_spelling([&heads](std::string_view, std::string_view written) {
    if (written.size() > kShortWord) heads.insert(pack_literal(written));
  });
  return heads;
}();

/// Those spellings themselves, and what a form has for each.
constexpr std::size_t kLongSpellings = [] {
  std::size_t count = 0;
  for_each_spelling(
      [&count](std::string_view, std::string_view written) { count += written.size() > kShortWord ? 1U : 0U; });
  return count;
}();
constexpr auto kLongWords = [] {
  std::array<std::pair<std::string_view, std::string_view>, kLongSpellings> words;
  std::size_t next = 0;
  for_each_spelling([&](std::string_view form, std::string_view written) {
    if (written.size() > kShortWord) words[next++] = {written, form};
  });
  return words;
}();

/// The form of a spelling of more than eight bytes (kelurahan, kabupaten, ...); empty for all other words.
std::string_view long_word_form(std::string_view word) {
  if (!kLongHeads.may_hold(load_word(word.data()))) return {};
  for (const auto& [written, form] : kLongWords)
    if (written == word) return form;
  return {};
}

constexpr std::uint64_t kRt = pack_literal("rt");
constexpr std::uint64_t kRw = pack_literal("rw");
constexpr std::uint64_t kNo = pack_literal("no");
constexpr std::uint64_t kBlok = pack_literal("blok");

/// Writes the words one by one, and remembers of the last ones what RT and RW need.
class AddressWriter {
 public:
  explicit AddressWriter(char* out) : begin_(out), end_(out) {}

  /// A word of up to eight bytes, in lower case.
  void short_word(std::uint64_t word, std::size_t size) {
    const WordEntry& entry = kShortWords.find(word);
    const bool known = entry.written == word;
    const Kind kind = known ? entry.kind : Kind::kOther;
    if (kind == Kind::kRw && last_ == Kind::kRt) {  // RT/RW 003/005: both words, then both numbers
      pair_pending_ = true;
      last_ = Kind::kRw;
      return;
    }
    if (pair_pending_) settle_pair();
    store_word(end_, known ? entry.form : word);
    end_ += known ? entry.form_size : size;
    *end_++ = ' ';
    last_ = kind;
    number_of_rt_ = false;
  }

  void long_word(const char* from, std::size_t size) {
    if (pair_pending_) settle_pair();
    char* word = end_;
    for (std::size_t i = 0; i < size; i += 16) store_16(word + i, lower_16(load_16(from + i)));
    end_ += size;
    if (const std::string_view form = long_word_form({word, size}); !form.empty()) {
      store_word(word, pack_literal(form));
      end_ = word + form.size();
    }
    *end_++ = ' ';
    last_ = Kind::kOther;
    number_of_rt_ = false;
  }

  /// Digits only. `stroke`: a slash or dash stands before them.
  void number(const char* from, std::size_t size, bool stroke) {
    while (size > 1 && *from == '0') {
      ++from;
      --size;
    }
    const bool of_rt = last_ == Kind::kRt || (pair_pending_ && !number_of_rt_);
    if (number_of_rt_ && (pair_pending_ || stroke)) {
      append_rw();
      pair_pending_ = false;
    }
    end_ = copy_loosely(end_, from, size);
    *end_++ = ' ';
    number_of_rt_ = of_rt;
    last_ = Kind::kOther;
  }

  char* finish() {
    if (pair_pending_) settle_pair();
    return end_ == begin_ ? end_ : end_ - 1;
  }

 private:
  void append_rw() {
    store_word(end_, pack_literal("rw "));
    end_ += 3;
  }
  /// "RT/RW" without two numbers behind it: the words as they were written.
  void settle_pair() {
    pair_pending_ = false;
    if (last_ == Kind::kRw) append_rw();
  }

  char* begin_;
  char* end_;  // each word is followed by a space; the last goes at the end
  Kind last_ = Kind::kOther;
  bool number_of_rt_ = false;  // the last word was RT's number
  bool pair_pending_ = false;  // RT and RW were written together and RW's word is not out yet
};

/// Where up to 64 bytes hold what: bit i for byte i.
struct Segment {
  std::uint64_t words = 0;  // letters, digits and everything that is not ASCII
  std::uint64_t digits = 0;
  std::uint64_t strokes = 0;  // slashes and dashes matter between the numbers of RT and RW
};

Segment segment_of(const char* p, std::size_t size) {
  Segment segment;
  for (std::size_t i = 0; i < size; i += 16) {
    const Bytes16 bytes = load_16(p + i);
    const Bytes16 digits = is_digit_16(bytes);
    segment.digits |= std::uint64_t{mask_bits(digits)} << i;
    segment.words |= std::uint64_t{mask_bits(digits | is_letter_16(bytes) | as_mask(bytes >= 0x80))} << i;
    segment.strokes |= std::uint64_t{mask_bits(as_mask(bytes == '/') | as_mask(bytes == '-'))} << i;
  }
  if (size < 64) segment.words &= (std::uint64_t{1} << size) - 1;
  return segment;
}

std::uint64_t low_bits(std::size_t count) { return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1; }

/// RT003, No5, Blok2: the word and its number were written as one. `digits`: which bytes are digits, the first is none.
bool write_glued(AddressWriter& writer, const char* from, std::size_t size, std::uint64_t digits) {
  const auto first = static_cast<std::size_t>(std::countr_zero(digits));
  if (first > 4) return false;
  const std::uint64_t head = lower_word(pack_token(from, first));
  if (head != kRt && head != kRw && head != kNo && head != kBlok) return false;
  writer.short_word(head, first);
  const std::size_t rest = size - first;
  if (digits >> first == low_bits(rest)) {
    writer.number(from + first, rest, false);
  } else if (rest <= kShortWord) {
    writer.short_word(lower_word(pack_token(from + first, rest)), rest);
  } else {
    writer.long_word(from + first, rest);
  }
  return true;
}

void write_word(AddressWriter& writer, const char* from, std::size_t size, std::uint64_t digits, bool stroke) {
  if (digits == low_bits(size)) return writer.number(from, size, stroke);
  if (digits != 0 && (digits & 1) == 0 && size < kEndlessWord && write_glued(writer, from, size, digits)) return;
  if (size <= kShortWord) return writer.short_word(lower_word(pack_token(from, size)), size);
  writer.long_word(from, size);
}

bool is_word_byte(char c) { return is_ascii_letter(c) || is_ascii_digit(c) || byte_of(c) >= 0x80; }

/// A word of kEndlessWord bytes and more.
std::size_t write_endless_word(AddressWriter& writer, std::string_view text, bool stroke) {
  std::size_t size = 0;
  bool only_digits = true;
  for (; size < text.size() && is_word_byte(text[size]); ++size)
    only_digits = only_digits && is_ascii_digit(text[size]);
  if (only_digits) {
    writer.number(text.data(), size, stroke);
  } else {
    writer.long_word(text.data(), size);
  }
  return size;
}

/// Words found by their bits, 64 bytes at a time; a word that a segment cuts begins the next one.
char* write_words(std::string_view text, char* out) {
  AddressWriter writer(out);
  bool any_letter = false;
  bool stroke = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::min<std::size_t>(text.size() - at, 64);
    const char* p = text.data() + at;
    const Segment segment = segment_of(p, size);
    any_letter |= (segment.words & ~segment.digits) != 0;
    std::size_t done = 0;
    std::size_t next = size;  // where the next segment begins
    while (done < size) {
      const std::uint64_t words = segment.words >> done;
      const std::size_t gap = words == 0 ? size - done : static_cast<std::size_t>(std::countr_zero(words));
      stroke |= ((segment.strokes >> done) & low_bits(gap)) != 0;
      const std::size_t from = done + gap;
      if (from >= size) break;
      const auto length = static_cast<std::size_t>(std::countr_one(segment.words >> from));
      const bool cut = from + length == 64 && at + 64 < text.size();
      if (cut) {
        next = from != 0 ? from : write_endless_word(writer, text.substr(at), stroke);
        stroke = from != 0 && stroke;
        break;
      }
      write_word(writer, p + from, length, (segment.digits >> from) & low_bits(length), stroke);
      stroke = false;
      done = from + length;
    }
    at += next;
  }
  return any_letter ? writer.finish() : nullptr;
}

bool has_apostrophe(std::string_view text) {
  Bytes16 seen{};
  for (std::size_t i = 0; i < text.size(); i += 16) {
    const Bytes16 bytes = load_16(text.data() + i);
    seen |= (as_mask(bytes == '\'') | as_mask(bytes == '`')) & first_bytes(std::min<std::size_t>(text.size() - i, 16));
  }
  return any_byte(seen);
}

}  // namespace

char* write_address(std::string_view text, char* out) {
  if (text.size() > kLongestAddress) return nullptr;
  if (!has_apostrophe(text)) return write_words(text, out);
  // Apostrophes join what they stand between.
  std::array<char, kLongestAddress + 64> joined;
  std::size_t size = 0;
  for (const char c : text)
    if (c != '\'' && c != '`') joined[size++] = c;
  std::memset(joined.data() + size, 0, 64);
  return write_words({joined.data(), size}, out);
}

}  // namespace sidik
