#include "seal/canary_recogniser.h"

#include <algorithm>
#include <cmath>

namespace sidik {
namespace {

constexpr unsigned kPlaces = 8;

}  // namespace

double CanaryRecogniser::check(std::span<const RowField> fields) {
  double best = 0;
  double roots = 0;
  for (const RowField& root : fields)
    roots += root.type == FieldType::kNik || root.type == FieldType::kIdentifier ? 1 : 0;
  for (const RowField& root : fields) {
    if (root.type != FieldType::kNik && root.type != FieldType::kIdentifier) continue;
    double bits = 0;
    for (const RowField& field : fields) {
      if (&field == &root || (field.type != FieldType::kIdentifier && field.type != FieldType::kPhone)) continue;
      std::size_t most = 0;
      for (unsigned place = 0; place < kPlaces; ++place)
        most = std::max(most, code_.matching(root.value, field.type, place, field.value));
      if (most > 0) bits += check_bits(most) - std::log2(kPlaces * CanaryCode::kEnds);
    }
    best = std::max(best, bits - std::log2(roots));
  }
  return best;
}

double CanaryRecogniser::most(std::span<const RowField> fields) {
  constexpr std::size_t kFewestKept = 3;  // digits that are never keyed (canary_family.h)
  double best = 0;
  for (const RowField& root : fields) {
    if (root.type != FieldType::kNik && root.type != FieldType::kIdentifier) continue;
    double bits = 0;
    for (const RowField& field : fields) {
      if (&field == &root || (field.type != FieldType::kIdentifier && field.type != FieldType::kPhone)) continue;
      const auto digits = static_cast<std::size_t>(
          std::count_if(field.value.begin(), field.value.end(), [](char c) { return c >= '0' && c <= '9'; }));
      if (digits > kFewestKept)
        bits += std::max(0.0, check_bits(digits - kFewestKept) - std::log2(kPlaces * CanaryCode::kEnds));
    }
    best = std::max(best, bits);
  }
  return best;
}

}  // namespace sidik
