#include "trace/shuffled_export.h"

#include <algorithm>

#include "trace/outside.h"

namespace sidik {
namespace {

constexpr BetaPrior kAnyShare{1, 1};

}  // namespace

double log_shuffled_export(const RowTerms& terms, ExportIndex e) {
  FieldAgreement drawn;
  for (const AgreementClass& rows : terms.classes()) {
    const auto held = std::find_if(rows.matches.begin(), rows.matches.end(),
                                   [&](const ClassMatch& match) { return match.held_by(e); });
    if (held == rows.matches.end()) {
      drawn.differ(rows.rows);
      continue;
    }
    // The most telling value is drawn from the export; the others met it by frequency or came back to it.
    const FieldMask agrees = held->agrees & terms.fields_of(e);
    double anchor = 0;
    double others = 0;
    for (std::size_t f = 0; f < terms.fields(); ++f) {
      if ((agrees >> f & 1) == 0) continue;
      anchor = std::max(anchor, rows.information[f]);
      others += log_shuffled(rows.information[f], terms.rows());
    }
    drawn.agree(std::max(0.0, anchor - terms.log_rows(e) + others - log_shuffled(anchor, terms.rows())), rows.rows);
  }
  return drawn.log_foreign(kAnyShare);
}

}  // namespace sidik
