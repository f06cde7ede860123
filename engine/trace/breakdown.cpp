#include "trace/breakdown.h"

#include "base/error.h"
#include "fields/schema.h"
#include "trace/support.h"

namespace sidik {

std::map<std::string, double> share_by_value(const Breakdown& breakdown, const SampleSurvey& survey,
                                             const ColumnMap& map) {
  const std::string wanted = normalised_name(breakdown.column);
  std::optional<std::size_t> column;
  FieldType type = FieldType::kText;
  CanonicalOptions options;
  for (std::size_t c = 0; c < survey.names.size() && !column; ++c) {
    if (survey.names[c] && normalised_name(*survey.names[c]) == wanted) column = c;
  }
  for (const MappedColumn& mapped : map.mapped) {
    if (!column && normalised_name(mapped.name) == wanted) column = mapped.column;
    if (column != mapped.column) continue;
    type = mapped.as.front().reading.type;
    options = mapped.as.front().reading.options;
  }
  if (!column) {
    throw Error(ErrorKind::kUsage, "--breakdown",
                "the sample has no column '" + breakdown.column + "', nor one that was matched to it");
  }
  std::map<std::string, double> counts;  // by canonical form
  double all = 0;
  for (const std::string_view raw : survey.screened.columns[*column]) {
    if (raw.data() == nullptr) continue;
    const CanonicalValue value = canonical(type, raw, options);
    if (value.state == ValueState::kNull) continue;
    counts[value.text] += 1;
    all += 1;
  }
  std::map<std::string, double> shares;
  for (const std::string& named : breakdown.values) {
    const auto found = counts.find(canonical(type, named, options).text);
    shares[named] = found == counts.end() || all == 0 ? 0 : rounded(found->second / all, 4);
  }
  return shares;
}

}  // namespace sidik
