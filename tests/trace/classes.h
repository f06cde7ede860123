// Classes of rows put together by hand, for tests of the model's terms.
#pragma once

#include <utility>
#include <vector>

#include "trace/row_terms.h"

namespace sidik::testing {

inline constexpr FieldMask kAccount = 1, kName = 2, kAddress = 4, kTown = 8, kPhone = 16, kAll = 31;

/// Classes put together by hand, of five fields: two dates of one feed, another feed of ours, and foreign data.
struct Classes {
  enum : ExportIndex { kMay, kJune, kOther, kForeign };

  Classes() {
    const FieldType types[] = {FieldType::kIdentifier, FieldType::kPersonName, FieldType::kAddress,
                               FieldType::kCategory, FieldType::kPhone};
    const ForeignAgreement agreements[] = {ForeignAgreement::kOwnNumber, ForeignAgreement::kGranted,
                                           ForeignAgreement::kContact, ForeignAgreement::kGranted,
                                           ForeignAgreement::kContact};
    for (ColumnId f = 0; f < 5; ++f) {
      MappedColumn& column = map.mapped.emplace_back();
      column.column = f;
      column.as.resize(1);
      column.as[0].reading.type = types[f];
      column.as[0].columns = {f};
      roles.push_back({agreements[f], f == 3});
    }
    for (const ExportIndex e : {kMay, kJune, kOther, kForeign}) {
      ExportManifest& manifest = exports.emplace_back();
      manifest.rows = 1000;
      if (e == kForeign) manifest.description.kind = ExportKind::kExternal;
      for (ColumnId f = 0; f < 5; ++f) {
        ExportColumn& column = manifest.columns.emplace_back();
        column.id = f;
        column.schema.indexed = true;
      }
    }
  }
  AgreementClass& add(double rows, std::vector<ClassMatch> matches) {
    agreement.rows += static_cast<std::uint64_t>(rows);
    return agreement.classes.emplace_back(
        AgreementClass{kAll, 0, std::move(matches), rows, {9, 6, 8, 2, 9}, {9, 6, 8, 2, 9}});
  }
  RowTerms terms() const { return RowTerms(agreement, map, roles, exports); }

  Agreement agreement;
  ColumnMap map;
  std::vector<FieldRole> roles;
  std::vector<ExportManifest> exports;
};

}  // namespace sidik::testing
