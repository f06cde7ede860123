#include "seal/email_like.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "fields/text_folding.h"

namespace sidik {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// How an address is made of a first and a last word.
enum class Part : std::uint8_t { kNone, kFirst, kLast, kFirstInitial, kLastInitial };
struct Manner {
  Part one, other;
  std::string_view joint;
};
constexpr std::array<Part, 6> kOnes{Part::kFirst,        Part::kFirst, Part::kLast,
                                    Part::kFirstInitial, Part::kLast,  Part::kLastInitial};
constexpr std::array<Part, 6> kOthers{Part::kLast, Part::kLastInitial,  Part::kFirst,
                                      Part::kLast, Part::kFirstInitial, Part::kFirst};
constexpr std::array<std::string_view, 4> kJoints{"", ".", "_", "-"};

std::string_view part_of(Part part, const std::string& first, const std::string& last) {
  switch (part) {
    case Part::kFirst:
      return first;
    case Part::kLast:
      return last;
    case Part::kFirstInitial:
      return std::string_view(first).substr(0, 1);
    case Part::kLastInitial:
      return std::string_view(last).substr(0, 1);
    case Part::kNone:
      break;
  }
  return {};
}

std::string written(const Manner& manner, const std::vector<std::string>& words) {
  return std::string(part_of(manner.one, words.front(), words.back())) + std::string(manner.joint) +
         std::string(part_of(manner.other, words.front(), words.back()));
}

std::optional<Manner> manner_of(const std::string& head, const std::vector<std::string>& words) {
  if (words.size() < 2) return std::nullopt;
  for (std::size_t p = 0; p < kOnes.size(); ++p)
    for (const std::string_view joint : kJoints)
      if (const Manner manner{kOnes[p], kOthers[p], joint}; head == written(manner, words)) return manner;
  for (const Part part : {Part::kFirst, Part::kLast})
    if (const Manner manner{part, Part::kNone, {}}; head == written(manner, words)) return manner;
  return std::nullopt;
}

/// A handle that is made of nobody's name: its last letters are others, vowels of vowels.
std::string other_handle(std::string head, const EmailDigits& other) {
  constexpr std::string_view kVowels = "aeiou", kConsonants = "bcdfghjklmnpqrstvwxyz";
  constexpr std::size_t kChanged = 4;
  const std::string drawn = other.drawn(2 * kChanged + 8).substr(8);  // the first are the address's own digits
  for (std::size_t i = 0; i < std::min(kChanged, head.size()); ++i) {
    char& c = head[head.size() - 1 - i];
    if (c < 'a' || c > 'z') continue;
    const std::string_view letters = kVowels.find(c) != std::string_view::npos ? kVowels : kConsonants;
    c = letters[std::stoul(drawn.substr(2 * i, 2)) % letters.size()];
  }
  return head;
}

/// A name's words as addresses have them. `umlauts`: as two letters each.
std::vector<std::string> letters_of(const std::vector<std::string>& names, bool umlauts) {
  std::vector<std::string> words;
  for (const std::string& name : names) {
    std::string word = fold_to_latin(name, umlauts);
    std::erase_if(word, [](char c) { return c < 'a' || c > 'z'; });
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace

std::string email_like(const std::string& like, const std::vector<std::string>& before,
                       const std::vector<std::string>& now, const EmailDigits& other, const std::string& domain) {
  const std::size_t at = like.find('@');
  if (at == std::string::npos) return like;
  std::string head, digits;
  for (const char c : like.substr(0, at))
    (is_digit(c) ? digits : head) += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  std::optional<Manner> manner;
  bool umlauts = false;
  for (const bool two : {false, true})
    if (!manner && (manner = manner_of(head, letters_of(before, two)))) umlauts = two;
  const std::vector<std::string> words = letters_of(now, umlauts), own = letters_of(before, umlauts);
  std::string local;
  const bool of_names = std::any_of(own.begin(), own.end(), [&](const std::string& word) {
    return word.size() > 2 && head.find(word) != std::string::npos;
  });
  if (words.empty() || !of_names) {
    local = other_handle(head, other);
  } else if (manner && words.size() > 1) {
    local = written(*manner, words);
  } else {
    const std::size_t joint = head.find_first_of("._-");
    local = words.front();
    if (joint != std::string::npos && words.size() > 1) local += head.substr(joint, 1) + words.back();
  }
  if (digits.empty() && !domain.empty()) digits = "00";  // who hears a trap is to know whose it is
  if (!digits.empty() && !other.is_a_year(digits)) digits = other.drawn(digits.size());
  return local + digits + (domain.empty() ? like.substr(at) : "@" + domain);
}

}  // namespace sidik
