#include "trace/related_exports.h"

#include <algorithm>
#include <optional>

#include "trace/row_terms.h"

namespace sidik {
namespace {

constexpr double kSome = 0.1;

}  // namespace

std::vector<double> rows_held(const Agreement& agreement, std::size_t exports, double least) {
  std::vector<double> held(exports);
  std::vector<std::size_t> counted(exports);  // up to which class, so that each counts once
  std::size_t number = 0;
  for (const AgreementClass& rows : agreement.classes) {
    ++number;
    double most = 0;
    for (const ClassMatch& match : rows.matches) most = std::max(most, RowTerms::information(rows, match.agrees));
    for (const ClassMatch& match : rows.matches) {
      if (RowTerms::information(rows, match.agrees) < least * most) continue;
      for (const ExportIndex e : match.exports) {
        if (counted[e] != number) held[e] += rows.rows;
        counted[e] = number;
      }
    }
  }
  return held;
}

ExportIndex largest_related(const std::vector<ExportManifest>& exports, const std::vector<double>& held) {
  const double most = held.empty() ? 0 : *std::max_element(held.begin(), held.end());
  std::optional<ExportIndex> largest;
  for (ExportIndex e = 0; e < exports.size(); ++e)
    if (held[e] >= kSome * most && (!largest || exports[e].rows > exports[*largest].rows)) largest = e;
  return largest.value_or(0);
}

}  // namespace sidik
