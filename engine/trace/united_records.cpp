#include "trace/united_records.h"

#include <algorithm>

namespace sidik {
namespace {

/// Whether anything but foreign data holds a match.
bool is_ours(const RowTerms& terms, const ClassMatch& match) {
  return match.exports.empty() || std::any_of(match.exports.begin(), match.exports.end(), [&](ExportIndex e) {
           return terms.exports()[e].description.kind != ExportKind::kExternal;
         });
}

}  // namespace

UnitedMatch united_match(const RowTerms& terms, const AgreementClass& rows) {
  const FieldMask numbers = terms.numbers_of(rows);
  const auto is_same_person = [&](FieldMask agrees) {
    return numbers != 0 ? (agrees & numbers) != 0 : terms.singles_out(rows, agrees);
  };
  UnitedMatch all;
  for (const ClassMatch& match : rows.matches) {
    if (!is_ours(terms, match)) continue;
    if (all.agrees != 0 && !is_same_person(all.agrees & match.agrees)) continue;
    all.changed = all.changed || (all.agrees & match.differs) != 0;
    all.agrees |= match.agrees;
    for (const FieldSlips& one : match.slips)
      if ((all.differs >> one.field & 1) == 0) all.slips.push_back(one);
    all.differs |= match.differs;
  }
  all.differs &= ~all.agrees;
  return all;
}

FieldMask united_fields(const RowTerms& terms) {
  FieldMask known = 0;
  for (ExportIndex e = 0; e < terms.exports().size(); ++e) {
    if (terms.exports()[e].description.kind != ExportKind::kExternal) known |= terms.fields_of(e);
  }
  return known;
}

}  // namespace sidik
