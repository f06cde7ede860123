#include "fields/field_type.h"

#include <array>

namespace sidik {

namespace {

constexpr std::array<FieldType, kFieldTypes - 1> kTypes = {
    FieldType::kNik,     FieldType::kIdentifier, FieldType::kPhone,     FieldType::kEmail,   FieldType::kPersonName,
    FieldType::kAddress, FieldType::kDate,       FieldType::kTimestamp, FieldType::kInteger, FieldType::kDecimal,
    FieldType::kBoolean, FieldType::kCategory,   FieldType::kText};

constexpr std::array<std::string_view, kFieldTypes> kNames = {
    "",     "nik",       "identifier", "phone",   "email",   "name",     "address",
    "date", "timestamp", "integer",    "decimal", "boolean", "category", "text"};

}  // namespace

std::span<const FieldType> all_field_types() { return kTypes; }

std::string_view type_name(FieldType type) {
  const auto number = static_cast<std::size_t>(type);
  return number < kNames.size() ? kNames[number] : std::string_view{};
}

std::optional<FieldType> type_from_name(std::string_view name) {
  for (const FieldType type : kTypes)
    if (type_name(type) == name) return type;
  return std::nullopt;
}

std::optional<int> identity_rank(FieldType type) {
  switch (type) {
    case FieldType::kNik:
      return 0;
    case FieldType::kIdentifier:
      return 1;
    case FieldType::kEmail:
      return 2;
    case FieldType::kPhone:
      return 3;
    default:
      return std::nullopt;
  }
}

}  // namespace sidik
