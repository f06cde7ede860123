// What a column means to the rivals: whether other institutions would have it, and whether the NIK already tells it.
#pragma once

#include <string_view>
#include <vector>

#include "registry/manifest.h"
#include "trace/column_map.h"
#include "trace/outside.h"

namespace sidik {

struct FieldRole {
  ForeignAgreement agreement = ForeignAgreement::kGranted;
  bool follows_nik = false;  // birth date, sex, district: they add nothing to a NIK that is there
  bool doubtful = false;     // granted for want of anything that tells; rivals may have gathered it as well
  /// A value in common tells one person or household: contacts, and numbers that hardly two rows of an export share. A
  /// clerk's number is neither.
  bool personal = false;
  double agreed = 0, differed = 0;  // what registered foreign data showed of it, as pseudo-counts (foreign_agreement.h)
};

/// How foreign data agree in such a field: what is believed beforehand, moved by what was seen of registered ones.
/// Nothing for what is granted; of what is in doubt, where it was gathered.
std::optional<BetaPrior> foreign_prior(const FieldRole& role);

/// By type, then by the words of the column's names (Indonesian and English), then by what the values do: dates that
/// repeat the NIK's, a class of two values that the NIK's sex decides. What stays in doubt is the rivals' either way:
/// granted, or gathered by themselves.
std::vector<FieldRole> field_roles(const ColumnMap& map, const SampleSurvey& survey,
                                   const std::vector<ExportManifest>& exports);

/// The role that a name tells by itself, for columns of these types; nothing where it tells none.
std::optional<FieldRole> role_by_name(FieldType type, std::string_view normalised_name);

}  // namespace sidik
