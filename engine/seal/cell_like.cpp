#include "seal/cell_like.h"

namespace sidik {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Where an address goes on behind its last number: street, house and neighbourhood before it, village and district
/// behind.
std::size_t behind_numbers(std::string_view raw) {
  const std::size_t last = raw.find_last_of("0123456789");
  return last == std::string_view::npos ? 0 : last + 1;
}

/// Behind the house's number ("No. 5", "NO 12A"); 0 where there is none.
std::size_t behind_house_number(std::string_view raw) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  for (std::size_t i = 0; i + 2 < raw.size(); ++i) {
    if ((raw[i] | 0x20) != 'n' || (raw[i + 1] | 0x20) != 'o' ||
        (i > 0 && (is_letter(raw[i - 1]) || is_digit(raw[i - 1]))))
      continue;
    std::size_t at = i + 2;
    while (at < raw.size() && (raw[at] == '.' || raw[at] == ' ')) ++at;
    if (at == raw.size() || !is_digit(raw[at])) continue;
    while (at < raw.size() && (is_digit(raw[at]) || is_letter(raw[at]))) ++at;
    return at;
  }
  return 0;
}

/// Where a time's minutes and seconds stand, hh:mm:ss: behind the first colon; npos where there are none.
std::size_t minutes_of(std::string_view raw) {
  const std::size_t colon = raw.find(':');
  if (colon == std::string_view::npos || colon + 6 > raw.size() || raw[colon + 3] != ':') return std::string_view::npos;
  for (const std::size_t at : {colon + 1, colon + 2, colon + 4, colon + 5})
    if (!is_digit(raw[at])) return std::string_view::npos;
  return colon + 1;
}

}  // namespace

std::string with_house_of(std::string_view base, std::string_view donor) {
  std::size_t own = behind_house_number(base), lent = behind_house_number(donor);
  if (own == 0 || lent == 0 || own == base.size()) {
    own = behind_numbers(base);
    lent = behind_numbers(donor);
  }
  if (own == 0 || lent == 0) return std::string(base);
  return std::string(donor.substr(0, lent)) + std::string(base.substr(own));
}

std::optional<std::string> other_minutes(std::string_view raw, std::string_view digits) {
  const std::size_t at = minutes_of(raw);
  if (at == std::string_view::npos || raw.substr(at, 5) == "00:00") return std::nullopt;
  std::string out(raw);
  out[at] = static_cast<char>('0' + (digits[0] - '0') % 6);
  out[at + 1] = digits[1];
  out[at + 3] = static_cast<char>('0' + (digits[2] - '0') % 6);
  out[at + 4] = digits[3];
  return out;
}

std::string two_digits(unsigned n) {
  return std::string{static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
}

std::string with_digits(std::string_view like, std::string_view digits) {
  std::string out(like);
  std::size_t at = 0;
  for (char& c : out)
    if (is_digit(c) && at < digits.size()) c = digits[at++];
  return at == digits.size() ? out : std::string(digits);
}

void pad_like(const std::string& like, std::string& cell) {
  if (cell.size() >= like.size() || like.empty()) return;
  const std::size_t missing = like.size() - cell.size();
  if (like.back() == ' ')
    cell.append(missing, ' ');
  else if (like.front() == ' ')
    cell.insert(0, missing, ' ');
}

std::optional<std::string> seconds_later(std::string_view raw, std::uint64_t seconds) {
  const std::size_t at = minutes_of(raw);
  if (at == std::string_view::npos) return std::nullopt;
  const auto two = [&](std::size_t i) { return unsigned(raw[i] - '0') * 10 + unsigned(raw[i + 1] - '0'); };
  const std::uint64_t later = two(at) * 60 + two(at + 3) + seconds;
  if (later >= 3600) return std::nullopt;
  std::string out(raw);
  out.replace(at, 2, two_digits(static_cast<unsigned>(later / 60)));
  out.replace(at + 3, 2, two_digits(static_cast<unsigned>(later % 60)));
  return out;
}

}  // namespace sidik
