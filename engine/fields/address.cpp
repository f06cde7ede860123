#include "fields/address.h"

#include <array>
#include <cstdint>

#include "fields/address_words.h"
#include "fields/characters.h"

namespace sidik {

namespace {

constexpr std::size_t kLongestAddress = 1000;
constexpr std::size_t kLongestWritten = 12;

// How a byte is read. A slash or a dash is a break that matters between the numbers of RT and RW.
enum : std::uint8_t { kDropped = 0, kDigit = 1, kLetter = 2, kBreak = 4, kStroke = 8 };

constexpr std::array<std::uint8_t, 256> kClass = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
    table[c] = c >= '0' && c <= '9' ? kDigit : letter ? kLetter : kBreak;
  }
  table['\''] = kDropped;
  table['`'] = kDropped;
  table['/'] = kStroke;
  table['-'] = kStroke;
  return table;
}();

/// A written word's first eight bytes and the next four, hashed to its slot.
constexpr std::size_t kSlots = 512;
constexpr std::size_t slot_of(std::uint64_t low, std::uint64_t high) {
  return static_cast<std::size_t>(((low ^ (high * 0xd6e8feb86659fd93U)) * 0x9e3779b97f4a7c15U) >> 55);
}

struct WordSlot {
  std::uint64_t low = 0;
  std::uint32_t high = 0;
  std::uint8_t word = 0;  // index into kAddressWords
};

constexpr std::array<WordSlot, kSlots> kWords = [] {
  std::array<WordSlot, kSlots> slots{};
  for (std::size_t w = 0; w < kAddressWords.size(); ++w) {
    std::string_view rest = kAddressWords[w].written;
    while (!rest.empty()) {
      const std::size_t space = rest.find(' ');
      const std::string_view one = rest.substr(0, space);
      rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
      const std::uint64_t low = pack_literal(one);
      const std::uint64_t high = one.size() > 8 ? pack_literal(one.substr(8)) : 0;
      std::size_t slot = slot_of(low, high);
      while (slots[slot].low != 0) slot = (slot + 1) % kSlots;
      slots[slot] = {low, static_cast<std::uint32_t>(high), static_cast<std::uint8_t>(w)};
    }
  }
  return slots;
}();

struct WordForm {
  std::uint64_t packed;
  std::size_t size;
};
constexpr std::array<WordForm, kAddressWords.size()> kForms = [] {
  std::array<WordForm, kAddressWords.size()> forms{};
  for (std::size_t w = 0; w < kAddressWords.size(); ++w)
    forms[w] = {pack_literal(kAddressWords[w].form), kAddressWords[w].form.size()};
  return forms;
}();

constexpr std::uint64_t kRt = pack_literal("rt");
constexpr std::uint64_t kRw = pack_literal("rw");
constexpr std::uint64_t kNo = pack_literal("no");
constexpr std::uint64_t kBlok = pack_literal("blok");

/// Writes the words one by one, and remembers of the last ones what RT and RW need.
class AddressWriter {
 public:
  explicit AddressWriter(char* out) : begin_(out), end_(out) {}

  /// A word of letters, or of letters and digits that does not begin with one: `from` is lower case, where it may stay
  /// or move down.
  void letters(const char* from, std::size_t size) {
    const std::uint64_t low = pack_token(from, size);
    std::uint64_t packed = 0;
    if (size <= kLongestWritten) {
      const std::uint64_t high = size > 8 ? pack_token(from + 8, size - 8) : 0;
      for (std::size_t slot = slot_of(low, high); kWords[slot].low != 0; slot = (slot + 1) % kSlots) {
        if (kWords[slot].low != low || kWords[slot].high != high) continue;
        const WordForm& form = kForms[kWords[slot].word];
        packed = form.packed;
        const bool pair = packed == kRw && last_ == kRt;  // RT/RW 003/005: both words, then both numbers
        if (pair) {
          pair_pending_ = true;
          last_ = kRw;
          return;
        }
        settle_pair();
        space();
        store_word(end_, packed);
        end_ += form.size;
        last_ = packed;
        number_of_rt_ = false;
        return;
      }
    }
    settle_pair();
    space();
    std::memmove(end_, from, size);
    end_ += size;
    last_ = 0;
    number_of_rt_ = false;
  }

  /// A word of digits only. `stroke`: a slash or dash stands before it.
  void number(const char* from, std::size_t size, bool stroke) {
    while (size > 1 && *from == '0') {
      ++from;
      --size;
    }
    const bool rw_of_pair = number_of_rt_ && (pair_pending_ || stroke);
    if (rw_of_pair) append_rw();
    const bool rt_of_pair = pair_pending_ && !rw_of_pair;
    const bool of_rt = last_ == kRt || rt_of_pair;
    if (rw_of_pair) pair_pending_ = false;
    space();
    std::memmove(end_, from, size);
    end_ += size;
    number_of_rt_ = of_rt;
    last_ = 0;
  }

  char* finish() {
    settle_pair();
    return end_;
  }

 private:
  void space() {
    if (end_ != begin_) *end_++ = ' ';
  }
  void append_rw() {
    space();
    *end_++ = 'r';
    *end_++ = 'w';
  }
  /// "RT/RW" without two numbers behind it: the words as they were written.
  void settle_pair() {
    if (!pair_pending_) return;
    pair_pending_ = false;
    if (last_ == kRw) append_rw();
  }

  char* begin_;
  char* end_;
  std::uint64_t last_ = 0;     // the last word where it was one of kAddressWords
  bool number_of_rt_ = false;  // the last word was RT's number
  bool pair_pending_ = false;  // RT and RW were written together and RW's word is not out yet
};

}  // namespace

char* write_address(std::string_view text, char* out) {
  if (text.size() > kLongestAddress) return nullptr;
  // Words are lower-cased into a buffer first: a form may be longer than what was read so far ("rt 3/5"), and may not
  // overrun it.
  std::array<char, kLongestAddress + 32> word;
  AddressWriter writer(out);
  const char* p = text.data();
  const char* const end = p + text.size();
  bool any_letter = false;
  bool stroke = false;
  while (p != end) {
    std::size_t size = 0;
    unsigned seen = 0;
    std::size_t first_digit = 0;
    for (; p != end; ++p) {
      const unsigned kind = kClass[byte_of(*p)];
      if ((kind & (kBreak | kStroke)) != 0) break;
      if (kind == kDropped) continue;
      if (kind == kDigit && (seen & kDigit) == 0) first_digit = size;
      seen |= kind;
      word[size++] = kLowerTable[byte_of(*p)];
    }
    if (size != 0) {
      any_letter |= (seen & kLetter) != 0;
      if (seen == kDigit) {
        writer.number(word.data(), size, stroke);
      } else if (seen == kLetter || first_digit == 0) {
        writer.letters(word.data(), size);
      } else {
        // RT003, No5, Blok2: the word and its number were written as one.
        const std::uint64_t head = pack_token(word.data(), first_digit);
        const bool glued = first_digit <= 4 && (head == kRt || head == kRw || head == kNo || head == kBlok);
        if (!glued) {
          writer.letters(word.data(), size);
        } else {
          writer.letters(word.data(), first_digit);
          const std::string_view rest(word.data() + first_digit, size - first_digit);
          if (all_digits(rest)) {
            writer.number(rest.data(), rest.size(), false);
          } else {
            writer.letters(rest.data(), rest.size());
          }
        }
      }
      stroke = false;
    }
    for (; p != end && (kClass[byte_of(*p)] & (kBreak | kStroke)) != 0; ++p) stroke |= kClass[byte_of(*p)] == kStroke;
  }
  return any_letter ? writer.finish() : nullptr;
}

}  // namespace sidik
