#include "trace/shuffled_export.h"

#include <algorithm>

#include "trace/outside.h"

namespace sidik {

double log_shuffled_export(const RowTerms& terms, ExportIndex e) {
  double sum = 0;
  for (const AgreementClass& rows : terms.classes()) {
    for (const ClassMatch& match : rows.matches) {
      if (!std::binary_search(match.exports.begin(), match.exports.end(), e)) continue;
      // The most telling value is drawn from the export; the others met it by frequency or came back to it.
      const FieldMask agrees = match.agrees & terms.fields_of(e);
      double anchor = 0;
      double others = 0;
      for (std::size_t f = 0; f < terms.fields(); ++f) {
        if ((agrees >> f & 1) == 0) continue;
        anchor = std::max(anchor, rows.information[f]);
        others += log_shuffled(rows.information[f], terms.rows());
      }
      sum += rows.rows * std::max(0.0, anchor - terms.log_rows(e) + others - log_shuffled(anchor, terms.rows()));
      break;
    }
  }
  return sum;
}

}  // namespace sidik
