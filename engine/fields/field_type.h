// The types a column can have. Numbers and names are part of the format: fingerprints are keyed by them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sidik {

enum class FieldType : std::uint8_t {
  kNik = 1,         // Indonesian national identity number, 16 digits with region, birth date and sex
  kIdentifier = 2,  // digits and codes: card, policy, account, employee, tax numbers
  kPhone = 3,
  kEmail = 4,
  kPersonName = 5,
  kAddress = 6,
  kDate = 7,
  kTimestamp = 8,
  kInteger = 9,
  kDecimal = 10,
  kBoolean = 11,
  kCategory = 12,  // few distinct values: a class, a status, a district
  kText = 13,      // anything else, and every value that is invalid for its column's type
};
inline constexpr int kFieldTypes = 14;  // one more than the largest number

/// All types, in the order of their numbers.
std::span<const FieldType> all_field_types();
/// "nik", "identifier", "phone", "email", "name", "address", "date", "timestamp", "integer", "decimal", "boolean",
/// "category", "text".
std::string_view type_name(FieldType type);
std::optional<FieldType> type_from_name(std::string_view name);

/// The registry-wide order in which a row looks for its identity: nik, identifier, email, phone; nothing for other
/// types. A smaller number comes first.
std::optional<int> identity_rank(FieldType type);

}  // namespace sidik
