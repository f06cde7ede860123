#include "trace/column_groups.h"

#include <algorithm>
#include <map>
#include <utility>

namespace sidik {
namespace {

constexpr double kHardlyEver = 0.1, kMostly = 0.5;
constexpr double kLeastRows = 5;

/// Agreement of one field in the rows that the best source knows by other fields.
struct FieldShare {
  double rows = 0, own = 0;
  std::vector<double> others;  // by export
};

FieldShare share_of(const RowTerms& terms, std::size_t f, ExportIndex best) {
  FieldShare share;
  share.others.resize(terms.exports().size());
  const FieldMask bit = FieldMask{1} << f;
  std::vector<std::size_t> counted(terms.exports().size());  // up to which class, so that each counts once
  std::size_t number = 0;
  for (const AgreementClass& rows : terms.classes()) {
    const ClassMatch* const own = best_match(terms, rows, best);
    if (own == nullptr || (rows.visible & bit) == 0 || (own->agrees & ~bit) == 0) continue;
    share.rows += rows.rows;
    if ((own->agrees & bit) != 0) share.own += rows.rows;
    ++number;
    for (const ClassMatch& match : rows.matches) {
      if ((match.agrees & bit) == 0) continue;
      for (const ExportIndex e : match.exports)
        if (std::exchange(counted[e], number) != number) share.others[e] += rows.rows;
    }
  }
  return share;
}

std::string column_name(const SampleSurvey& survey, const MappedColumn& mapped) {
  const auto& name = survey.names[mapped.column];
  return name && !name->empty() ? *name : mapped.name;
}

}  // namespace

std::vector<ColumnGroup> column_groups(const RowTerms& terms, const ColumnMap& map, const SampleSurvey& survey,
                                       const Attribution& found) {
  if (found.sources.empty()) return {};
  const ExportIndex best = found.sources.front().e;
  const double mixed = found.hypotheses[static_cast<int>(Hypothesis::kMixture)];
  if (mixed > 0.5) return {};
  std::map<std::string, ColumnGroup> groups;  // by the export's name
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const FieldShare share = share_of(terms, f, best);
    if (share.rows < kLeastRows) continue;
    ExportIndex from = best;
    double agreeing = share.own;
    bool known = true;
    if (share.own <= kHardlyEver * share.rows) {
      from =
          static_cast<ExportIndex>(std::max_element(share.others.begin(), share.others.end()) - share.others.begin());
      agreeing = share.others[from];
      known = agreeing >= kMostly * share.rows;
    }
    const ExportDescription& description = terms.exports()[from].description;
    ColumnGroup& group = groups[known ? description.name : ""];
    group.from = known ? description.name : "";
    group.external = known && description.kind == ExportKind::kExternal;
    group.columns.push_back(column_name(survey, map.mapped[f]));
    group.agreement += known ? agreeing / share.rows : 0;
  }
  const std::string& own = terms.exports()[best].description.name;
  if (groups.count(own) == 0 || groups.size() < 2) return {};
  std::vector<ColumnGroup> listed{groups[own]};
  for (const auto& [name, group] : groups) {
    if (name != own && !name.empty()) listed.push_back(group);
  }
  if (const auto none = groups.find(""); none != groups.end()) listed.push_back(none->second);
  for (ColumnGroup& group : listed) group.agreement /= static_cast<double>(group.columns.size());
  return listed;
}

}  // namespace sidik
