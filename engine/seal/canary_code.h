// What ties a canary's fields to each other: its numbers' digits come from its NIK (or first identifier) under the
// recipient's secret, so that a row is recognised by the key alone where it holds enough of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fields/field_type.h"
#include "seal/seal_secrets.h"

namespace sidik {

/// Check bits that a row must show after all trials before it is called a canary without a registry.
inline constexpr double kCanaryCheckBits = 64;

/// One object a thread.
class CanaryCode {
 public:
  explicit CanaryCode(const SealSecrets& secrets);

  /// Digits for a field: keyed by the canonical root value, the field's type and its place among the row's fields of
  /// the type.
  std::string digits(std::string_view root, FieldType type, unsigned place, std::size_t count);

  /// `like` with keyed digits in place of its own, those of its bytes that are `free`: of a phone only behind the first
  /// five, of an identifier only behind the first three that count. The last digit has the first of the digits(), and
  /// so on to the front.
  std::string number(std::string_view root, FieldType type, unsigned place, std::string_view like,
                     const std::vector<bool>& free);

  /// How many digits of `canonical` are as a canary of that root would have them: the longest run of such that ends at
  /// one of the last kEnds digits; 0 where it is short.
  static constexpr std::size_t kEnds = 4;
  std::size_t matching(std::string_view root, FieldType type, unsigned place, std::string_view canonical);

 private:
  Cmac cmac_;
};

/// Digits to bits.
double check_bits(std::size_t digits);

}  // namespace sidik
