// Knows a canary by its recipient's secret alone: its numbers' digits must come from its NIK or first identifier.
//
// A run of d keyed digits agrees by chance with 10^-d. Places of a type and ends of the run are tried one by one, and
// each value that may be the root: all are taken off. What is left of a row are its check bits; who looks at many rows
// for many recipients takes off the logarithm of those numbers as well, and calls nothing a canary below
// kCanaryCheckBits.
#pragma once

#include <span>
#include <string>

#include "seal/canary_code.h"

namespace sidik {

/// One value of a row: valid, in canonical form.
struct RowField {
  FieldType type;
  std::string value;
};

/// One object a thread.
class CanaryRecogniser {
 public:
  explicit CanaryRecogniser(const SealSecrets& secrets) : code_(secrets) {}
  /// Whether values of that type are of use to check().
  static bool looks_at(FieldType type) {
    return type == FieldType::kNik || type == FieldType::kIdentifier || type == FieldType::kPhone;
  }
  /// Check bits of a row, after the trials within it; 0 where nothing agrees.
  double check(std::span<const RowField> fields);
  /// No row with such values has more, whoever it was made for.
  static double most(std::span<const RowField> fields);

 private:
  CanaryCode code_;
};

}  // namespace sidik
