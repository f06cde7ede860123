#include "trace/one_slip.h"

#include <algorithm>
#include <cstdint>
#include <map>

namespace sidik {
namespace {

constexpr std::size_t kMostLetters = 48;

enum class Kind : std::uint8_t { kDigit, kLetter, kOther };

Kind kind_of(std::string_view character) {
  const auto c = static_cast<unsigned char>(character.front());
  if (c >= '0' && c <= '9') return Kind::kDigit;
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80 ? Kind::kLetter : Kind::kOther;
}

/// Bytes that are no UTF-8 stand for themselves.
std::size_t length_at(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return std::min(length, text.size() - at);
}

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> characters;
  for (std::size_t at = 0; at < text.size(); at += characters.back().size())
    characters.push_back(text.substr(at, length_at(text, at)));
  return characters;
}

const std::vector<std::string>& digits() {
  static const std::vector<std::string> all{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  return all;
}

/// Texts put together of the characters of another.
class Neighbours {
 public:
  Neighbours(std::string_view raw, std::span<const std::string> letters, Completions& out)
      : characters_(characters_of(raw)), letters_(letters), out_(out) {}

  void run() {
    for (std::size_t at = 0; at < characters_.size(); ++at) {
      const std::string_view here = characters_[at];
      add(at, at + 1, {});
      if (at + 1 < characters_.size() && here != characters_[at + 1]) {
        exchanged_.assign(characters_[at + 1]).append(here);
        add(at, at + 2, exchanged_);
      }
      for (const std::string& other : of_kind(kind_of(here)))
        if (other != here) add(at, at + 1, other);
    }
    for (std::size_t at = 0; at <= characters_.size(); ++at) {
      const Kind left = at > 0 ? kind_of(characters_[at - 1]) : Kind::kOther;
      const Kind right = at < characters_.size() ? kind_of(characters_[at]) : Kind::kOther;
      for (const Kind kind : {Kind::kDigit, Kind::kLetter})
        if (left == kind || right == kind)
          for (const std::string& more : of_kind(kind)) add(at, at, more);
    }
  }

 private:
  std::span<const std::string> of_kind(Kind kind) const {
    if (kind == Kind::kOther) return {};
    return kind == Kind::kDigit ? std::span<const std::string>(digits()) : letters_;
  }

  /// The text with `middle` in place of the characters [from, to).
  void add(std::size_t from, std::size_t to, std::string_view middle) {
    text_.clear();
    for (std::size_t i = 0; i < from; ++i) text_.append(characters_[i]);
    text_.append(middle);
    for (std::size_t i = to; i < characters_.size(); ++i) text_.append(characters_[i]);
    out_.add(text_);
  }

  const std::vector<std::string_view> characters_;
  const std::span<const std::string> letters_;
  Completions& out_;
  std::string text_, exchanged_;
};

}  // namespace

std::vector<std::string> letters_of(std::span<const std::string_view> cells) {
  std::map<std::string, std::size_t> counts;
  for (const std::string_view cell : cells) {
    for (const std::string_view character : characters_of(cell)) {
      if (kind_of(character) != Kind::kLetter) continue;
      std::string letter(character);
      if (letter.size() == 1) letter[0] = static_cast<char>(letter[0] | 0x20);
      ++counts[letter];
    }
  }
  std::vector<std::pair<std::size_t, std::string>> all;
  all.reserve(counts.size());
  for (const auto& [letter, count] : counts) all.emplace_back(count, letter);
  std::sort(all.rbegin(), all.rend());
  std::vector<std::string> letters;
  for (std::size_t i = 0; i < std::min(kMostLetters, all.size()); ++i) letters.push_back(all[i].second);
  return letters;
}

void one_slip_away(std::string_view raw, std::span<const std::string> letters, Completions& out) {
  out.clear();
  if (raw.size() <= kLongestSlip) Neighbours(raw, letters, out).run();
}

}  // namespace sidik
