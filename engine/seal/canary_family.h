// One family of nobody: the rows of a household with other names, numbers, days of birth and house, as alike among each
// other as theirs are.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fields/canonical.h"
#include "fields/schema.h"
#include "seal/canary_code.h"
#include "seal/donor_ring.h"
#include "seal/sealed_text.h"
#include "seal/table_shape.h"

namespace sidik {

/// The columns that hold the rows' own NIKs, in the schema's order: family cards' numbers look the same and are
/// others'.
std::vector<std::size_t> own_nik_columns(const Schema& schema);

/// The first of `columns` in which a row has a NIK.
template <class Cells>
std::optional<std::size_t> own_nik(const std::vector<std::size_t>& columns, const Cells& cells) {
  for (const std::size_t c : columns)
    if (canonical(FieldType::kNik, cells[c]).state == ValueState::kValid) return c;
  return std::nullopt;
}

/// "01-31" of the raw NIK of somebody born then; empty for what is no NIK.
std::string birthday_of(std::string_view nik);

/// Where traps ring: instead of what the data's own e-mails and phones have. Empty: nowhere.
struct CanaryTraps {
  std::string email_domain;  // "post.example.id": of all canaries' e-mail addresses
  std::string phone_prefix;  // "0811987": what their phones begin with, as the data write phones
};

/// Rows that lend to a family beside its base.
struct FamilyDonors {
  /// For the family's member of that number, whose base row is `row`: who lends first name, day and month of birth. Not
  /// found() where nobody is like it.
  std::function<const Donor&(const Donor& row, std::size_t member)> namesake;
  const Donor& house;
  /// The family has its names from elsewhere: last names are lent as well, one for each that it has.
  bool from_elsewhere = false;
};

/// Makes the families of one export. Not thread-safe.
class CanaryFamily {
 public:
  /// All outlive the object.
  CanaryFamily(const Schema& schema, CanaryCode& code, const CanaryTraps& traps, const TableShape& shape)
      : schema_(schema), code_(code), niks_(own_nik_columns(schema)), traps_(traps), shape_(shape) {}

  /// A row of nobody for each of `base`, in its order; Canary::before is that of the base row. A row without any number
  /// to change would be somebody's and is left out. `number` is the family's own.
  std::vector<Canary> make(const Household& base, const FamilyDonors& donors, const std::string& number);

 private:
  class Member;
  const Schema& schema_;
  CanaryCode& code_;
  std::vector<std::size_t> niks_;
  const CanaryTraps& traps_;
  const TableShape& shape_;
  std::map<std::string, std::string> renamed_;   // numbers and addresses of the base, what they became
  std::map<std::string, std::string> surnames_;  // the same, of families from elsewhere
};

}  // namespace sidik
