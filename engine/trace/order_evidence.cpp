#include "trace/order_evidence.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <tuple>

#include "trace/order.h"
#include "trace/reading.h"

namespace sidik {
namespace {

constexpr double kOutOfOrder = 0.02;  // of a column's steps may go against its order
constexpr double kOneValue = 0.98;    // of the rows have the value that the sample was filtered by

/// A column of the placed rows as anyone would sort it (canonical forms, numbers by their size): ranks of its values,
/// for they are compared once for each export. 0: no value.
using SortKeys = std::vector<std::uint32_t>;

SortKeys ranks_of(const std::vector<std::string>& texts) {
  std::vector<std::string_view> sorted(texts.begin(), texts.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  SortKeys ranks;
  for (const std::string& text : texts) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), std::string_view(text)) - sorted.begin();
    ranks.push_back(text.empty() ? 0 : static_cast<std::uint32_t>(at) + 1);
  }
  return ranks;
}

SortKeys sort_keys(const SampleSurvey& survey, const ColumnMap& map, std::size_t column,
                   const std::vector<std::size_t>& rows) {
  FieldType type = map.forms[column];
  CanonicalOptions options;
  for (const MappedColumn& mapped : map.mapped) {
    if (mapped.column != column) continue;
    type = mapped.as.front().reading.type;
    options = mapped.as.front().reading.options;
  }
  std::vector<std::string_view> raw;
  for (const std::size_t row : rows) raw.push_back(survey.screened.columns[column][row]);
  CanonicalColumn forms;
  std::vector<std::string_view> readable;
  static constexpr char kNothing[kTextSlack] = {};
  for (const std::string_view value : raw)
    readable.push_back(value.data() == nullptr ? std::string_view(kNothing, 0) : value);
  canonicalise(type, options, readable, forms);
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    if (forms.state[i] == ValueState::kNull) {
      keys.emplace_back();
      continue;
    }
    std::string key(forms.value(i));
    const bool number =
        key.size() < 20 && std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
    keys.push_back(number ? std::string(20 - key.size(), '0') + key : key);
  }
  return ranks_of(keys);
}

/// Whether the keys rise (or fall) along `order`, where `tied` leaves neighbours to compare.
template <typename Tied>
bool sorts(const SortKeys& keys, const std::vector<std::size_t>& order, Tied&& tied) {
  std::size_t up = 0;
  std::size_t down = 0;
  for (std::size_t i = 1; i < order.size(); ++i) {
    const std::uint32_t a = keys[order[i - 1]];
    const std::uint32_t b = keys[order[i]];
    if (a == 0 || b == 0 || !tied(i)) continue;
    up += a < b;
    down += b < a;
  }
  const double against = static_cast<double>(std::min(up, down));
  return up + down > 0 && against <= kOutOfOrder * static_cast<double>(up + down);
}

class VisibleOrder {
 public:
  VisibleOrder(const SampleSurvey& survey, const ColumnMap& map, const std::vector<std::size_t>& rows)
      : order_(rows.size()) {
    for (std::size_t c = 0; c < survey.names.size(); ++c) keys_.push_back(sort_keys(survey, map, c, rows));
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  /// The rows, in the sample's order, parted where the columns that sort it change: by one of them, among its equal
  /// values by another, and so on.
  std::vector<std::vector<std::size_t>> ties() const {
    std::vector<char> tied(order_.size(), 1);  // to the row before
    std::vector<char> used(keys_.size());
    for (bool more = true; more;) {
      more = false;
      for (std::size_t c = 0; c < keys_.size(); ++c) {
        if (used[c] || !sorts(keys_[c], order_, [&](std::size_t i) { return tied[i] != 0; })) continue;
        used[c] = 1;
        more = true;
        for (std::size_t i = 1; i < order_.size(); ++i) tied[i] = tied[i] && keys_[c][i - 1] == keys_[c][i];
      }
    }
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (i == 0 || !tied[i]) groups.emplace_back();
      groups.back().push_back(i);
    }
    return groups;
  }

  /// Whether some column sorts the rows as `by_position` has them.
  bool explains(const std::vector<std::size_t>& by_position) const {
    return std::any_of(keys_.begin(), keys_.end(), [&](const SortKeys& keys) {
      return sorts(keys, by_position, [](std::size_t) { return true; });
    });
  }

 private:
  std::vector<SortKeys> keys_;  // one a column
  std::vector<std::size_t> order_;
};

/// The share of an export's rows that has, column by column, the value that all of the sample's rows have.
double filtered_share(const EpochSecrets& secrets, const SampleSurvey& survey, const ColumnMap& map,
                      const ValueFrequencies& frequencies) {
  ColumnReader reader(secrets);
  ReadValues values;
  double share = 1;
  for (const MappedColumn& mapped : map.mapped) {
    const auto& as = mapped.as.front();
    reader.read(as.reading, survey.screened.columns[mapped.column], values);
    std::vector<Fingerprint> found;
    for (std::size_t r = 0; r < values.states.size(); ++r) {
      if (values.states[r] != ValueState::kNull) found.push_back(values.fingerprints[r]);
    }
    if (found.empty()) continue;
    const auto middle = found.begin() + static_cast<std::ptrdiff_t>(found.size() / 2);
    std::nth_element(found.begin(), middle, found.end());
    const auto same = static_cast<double>(std::count(found.begin(), found.end(), *middle));
    if (same < kOneValue * static_cast<double>(found.size())) continue;
    share *= std::exp(-frequencies.information(as.columns.front(), code_in(as.codes, value_code(*middle))));
  }
  return share;
}

}  // namespace

std::vector<std::optional<double>> order_evidence(const FingerprintStore& store, const EpochSecrets& secrets,
                                                  const SampleSurvey& survey, const ColumnMap& map,
                                                  const ValueFrequencies& frequencies,
                                                  const std::vector<PlacedTag>& placed, std::span<const char> weighed) {
  const auto& exports = store.exports();
  std::vector<std::optional<double>> evidence(exports.size());
  if (placed.size() < 2) return evidence;
  std::vector<std::pair<std::uint64_t, std::size_t>> row_at;
  for (std::size_t r = 0; r < survey.screened.rows; ++r) row_at.emplace_back(survey.screened.place[r], r);
  std::sort(row_at.begin(), row_at.end());
  std::vector<std::size_t> rows;  // of the screened, one for each of `placed`
  std::vector<std::pair<RowTag, std::size_t>> asked;
  for (const PlacedTag& one : placed) {
    rows.push_back(std::lower_bound(row_at.begin(), row_at.end(), std::pair(one.place, std::size_t{0}))->second);
    asked.emplace_back(one.tag, asked.size());
  }
  std::sort(asked.begin(), asked.end());
  std::vector<RowTag> tags;
  std::vector<std::size_t> place_of;  // in `placed`, by the place among the tags asked
  for (const auto& [tag, place] : asked) {
    tags.push_back(tag);
    place_of.push_back(place);
  }
  std::vector<PositionAnswer> answers = store.positions(secrets.epochs().front(), tags);
  if (!weighed.empty()) std::erase_if(answers, [&](const PositionAnswer& a) { return weighed[a.export_index] == 0; });
  std::sort(answers.begin(), answers.end(), [](const PositionAnswer& a, const PositionAnswer& b) {
    return std::tie(a.export_index, a.query, a.position) < std::tie(b.export_index, b.query, b.position);
  });
  if (answers.empty()) return evidence;

  const VisibleOrder visible(survey, map, rows);
  const std::vector<std::vector<std::size_t>> ties = visible.ties();
  const double share = filtered_share(secrets, survey, map, frequencies);
  for (std::size_t from = 0; from < answers.size();) {
    const ExportIndex e = answers[from].export_index;
    std::vector<std::optional<std::uint64_t>> position(placed.size());
    for (; from < answers.size() && answers[from].export_index == e; ++from) {
      auto& first = position[place_of[answers[from].query]];
      if (!first) first = answers[from].position;  // of a tag that stands there several times
    }
    std::vector<std::size_t> by_position;
    for (std::size_t i = 0; i < position.size(); ++i) {
      if (position[i]) by_position.push_back(i);
    }
    if (by_position.size() < 2) continue;
    std::sort(by_position.begin(), by_position.end(),
              [&](std::size_t a, std::size_t b) { return *position[a] < *position[b]; });
    std::vector<std::uint64_t> positions;
    for (const std::size_t i : by_position) positions.push_back(*position[i]);
    std::optional<double> slice;
    if (!visible.explains(by_position)) {
      const double whole = static_cast<double>(exports[e].rows) * share;
      slice = log10_slice_within(positions, static_cast<std::uint64_t>(std::llround(whole)));
    }
    std::vector<std::vector<std::uint64_t>> groups;
    for (const auto& tie : ties) {
      auto& group = groups.emplace_back();
      for (const std::size_t i : tie) {
        if (position[i]) group.push_back(*position[i]);
      }
    }
    const std::optional<double> monotone = log10_monotone(groups);
    if (slice || monotone) evidence[e] = log_order(slice, monotone);
  }
  return evidence;
}

}  // namespace sidik
