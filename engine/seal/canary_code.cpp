#include "seal/canary_code.h"

#include <algorithm>

#include "base/bytes.h"
#include "fingerprints/key.h"

namespace sidik {
namespace {

constexpr std::size_t kPhonePrefix = 5;   // of the national number with its 0: subscribers' numbers begin with no 0
constexpr std::size_t kKeptDigits = 3;    // of an identifier: beyond the largest or before the smallest none is made
constexpr std::size_t kFewestDigits = 5;  // that agree are worth a mention

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Where a number's keyed digits may begin: those before are the operator's or region's, and say how large it is.
std::size_t first_keyed(FieldType type, std::string_view digits) {
  if (type == FieldType::kPhone) {
    // 0812..., 62812..., 812...: what is behind the operator's prefix and a digit.
    const std::size_t country = digits.starts_with("62") ? 2 : digits.starts_with("0") ? 1 : 0;
    return country + kPhonePrefix - 1;
  }
  const std::size_t first = digits.find_first_not_of('0');
  if (first == std::string_view::npos) return digits.size();
  const std::size_t counting = digits.size() - first;
  return first + std::clamp<std::size_t>(counting, kFewestDigits + 1, kFewestDigits + kKeptDigits) - kFewestDigits;
}

}  // namespace

CanaryCode::CanaryCode(const SealSecrets& secrets) : cmac_(derive(secrets.recipient, "sidik/1/seal/canary", 16)) {}

std::string CanaryCode::digits(std::string_view root, FieldType type, unsigned place, std::size_t count) {
  std::string out;
  for (std::uint8_t block = 0; out.size() < count; ++block) {
    Bytes message(3 + root.size() + kTextSlack);
    message[0] = static_cast<std::uint8_t>(type);
    message[1] = static_cast<std::uint8_t>(place);
    message[2] = block;
    std::copy(root.begin(), root.end(), message.begin() + 3);
    std::uint8_t mac[16];
    cmac_.full(ByteSpan(message).first(3 + root.size()), mac);
    for (std::size_t half = 0; half < 2 && out.size() < count; ++half) {
      std::uint64_t value = load_u64(mac + 8 * half);
      for (int i = 0; i < 16 && out.size() < count; ++i, value /= 10) out += static_cast<char>('0' + value % 10);
    }
  }
  return out;
}

std::string CanaryCode::number(std::string_view root, FieldType type, unsigned place, std::string_view like,
                               const std::vector<bool>& free) {
  std::string plain;
  std::copy_if(like.begin(), like.end(), std::back_inserter(plain), is_digit);
  const std::size_t from = std::min(first_keyed(type, plain), plain.size());
  const std::string drawn = digits(root, type, place, plain.size() - from);
  std::string out(like);
  std::size_t behind = plain.size();
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!is_digit(out[i])) continue;
    --behind;
    if (behind < drawn.size() && free[i]) out[i] = drawn[behind];
  }
  return out;
}

std::size_t CanaryCode::matching(std::string_view root, FieldType type, unsigned place, std::string_view canonical) {
  std::string plain;
  std::copy_if(canonical.begin(), canonical.end(), std::back_inserter(plain), is_digit);
  std::reverse(plain.begin(), plain.end());
  const std::string drawn = digits(root, type, place, plain.size());
  std::size_t longest = 0;
  for (std::size_t end = 0; end < std::min(plain.size(), kEnds); ++end) {
    std::size_t run = 0;
    while (end + run < plain.size() && plain[end + run] == drawn[end + run]) ++run;
    longest = std::max(longest, run);
  }
  return longest < kFewestDigits ? 0 : longest;
}

double check_bits(std::size_t digits) { return static_cast<double>(digits) * 3.321928094887362; }

}  // namespace sidik
