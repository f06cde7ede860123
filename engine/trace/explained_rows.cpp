#include "trace/explained_rows.h"

#include <algorithm>
#include <cmath>

namespace sidik {
namespace {

/// A row is explained where the export holds it as it is and the outside does not make it far likelier; a damaged one
/// where the export makes it likelier than the outside does, its sort counted in.
bool explains(const RowTerm& term, const Elsewhere& elsewhere, std::size_t c) {
  if (term.sort == RowSort::kUnlinked) return false;
  if (term.sort != RowSort::kDamaged) return !is_padding(term.log, elsewhere.outside[c]);
  return term.log + std::log(kDamagedAlpha / (kDamagedAlpha + kDamagedBeta)) > elsewhere.outside[c];
}

bool explained_by_any(const RowTerms& terms, const Elsewhere& elsewhere, std::size_t c) {
  const AgreementClass& rows = terms.classes()[c];
  for (const ClassMatch& match : rows.matches) {
    if (match.exports.empty() && elsewhere.ours[c] > elsewhere.outside[c]) return true;
    for (const ExportIndex e : match.exports) {
      const RowTerm term = terms.term(rows, e, terms.fields_of(e), {});
      if (explains(term, elsewhere, c)) return true;
    }
  }
  return false;
}

}  // namespace

void count_explained_rows(const RowTerms& terms, const Elsewhere& elsewhere, const EarlierExports& earlier,
                          Attribution& result) {
  double unexplained = 0;
  for (std::size_t c = 0; c < terms.classes().size(); ++c) {
    const AgreementClass& rows = terms.classes()[c];
    bool any = false;
    std::vector<SourceFinding*> explaining;
    for (SourceFinding& source : result.sources) {
      const RowTerm term =
          terms.term(rows, source.e, terms.fields_of(source.e) & ~source.likelihood.foreign, earlier(source.e));
      if (!explains(term, elsewhere, c)) continue;
      source.rows_explained += rows.rows;
      if (term.sort != RowSort::kStale) explaining.push_back(&source);
      any = true;
    }
    if (explaining.size() == 1) explaining.front()->rows_only_here += rows.rows;
    any = any || explained_by_any(terms, elsewhere, c);
    result.explained.push_back(any ? 1 : 0);
    if (!any) unexplained += rows.rows;
  }
  const double all = std::max(1.0, terms.rows());
  for (SourceFinding& source : result.sources) source.rows_explained /= all;
  result.unexplained = unexplained / all;
}

}  // namespace sidik
