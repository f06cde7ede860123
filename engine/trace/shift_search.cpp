#include "trace/shift_search.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>

#include "base/bytes.h"

namespace sidik {
namespace {

constexpr double kAgreesAlready = 0.9;
constexpr std::size_t kFewestRows = 10;
constexpr double kLeastGain = 0.25;  // of the rows
constexpr double kLeastAgreement = 0.7;
constexpr double kLeastValid = 0.2;

const MappedColumn* mapped_as(const ColumnMap& map, std::size_t column) {
  for (const MappedColumn& mapped : map.mapped) {
    if (mapped.column == column) return &mapped;
  }
  return nullptr;
}

bool agrees(const MappedColumn* mapped, double share) {
  return mapped != nullptr && !mapped->by_form && mapped->agreement >= share;
}

/// Rows linked by the columns that agree.
class LinkedByRest {
 public:
  LinkedByRest(const SampleSurvey& survey, const ColumnMap& map, const FingerprintStore& store,
               const EpochSecrets& secrets)
      : rows_(map.rows) {
    ColumnReader reader(secrets);
    for (const MappedColumn& mapped : map.mapped) {
      if (!agrees(&mapped, kAgreesAlready)) continue;
      for (const auto& as : mapped.as) {
        readings_.push_back(as.reading);
        values_.push_back(std::make_unique<ReadValues>());
        reader.read(as.reading, std::span(survey.screened.columns[mapped.column]).first(rows_), *values_.back());
        taken_.insert(as.columns.begin(), as.columns.end());
      }
    }
    std::vector<LinkColumn> columns;
    for (std::size_t k = 0; k < readings_.size(); ++k) columns.push_back({&readings_[k], values_[k].get()});
    LinkOptions options;
    options.most_candidates = 64;
    options.surplus = LinkOptions::Surplus::kSome;
    if (!columns.empty()) link_rows(store, secrets.epochs().front(), columns, rows_, options, links_);
  }
  std::size_t linked() const {
    return static_cast<std::size_t>(std::count(links_.states.begin(), links_.states.end(), LinkState::kLinked));
  }
  /// Columns of ours of a type that nothing agrees with so far.
  std::vector<ColumnId> free_columns(FieldType type) const {
    std::set<ColumnId> free;
    for (const RecordShape& shape : links_.pool.shapes()) {
      for (std::size_t c = 0; c < shape.columns.size(); ++c) {
        if (shape.types[c] == type && taken_.count(shape.columns[c]) == 0) free.insert(shape.columns[c]);
      }
    }
    return {free.begin(), free.end()};
  }
  /// How the values stand to a column in each row: the best of its records.
  std::vector<Standing> standings(const ReadValues& values, ColumnId column) const {
    std::vector<Standing> all(rows_, Standing::kSilent);
    for (std::size_t r = 0; r + 1 < links_.begin.size(); ++r) {
      for (std::uint32_t l = links_.begin[r]; l < links_.begin[r + 1]; ++l) {
        const auto& record = links_.pool[links_.records[l]];
        const RecordShape& shape = links_.pool.shape(record);
        const auto at = std::find(shape.columns.begin(), shape.columns.end(), column);
        if (at == shape.columns.end()) continue;
        const ColumnCode code = links_.pool.codes(record)[static_cast<std::size_t>(at - shape.columns.begin())];
        const Standing one = standing(values.states[r], values.fingerprints[r], values.tags[r], code, record.tag);
        if (one == Standing::kAgrees || all[r] == Standing::kSilent) all[r] = one;
      }
    }
    return all;
  }

 private:
  std::size_t rows_;
  std::vector<Reading> readings_;
  std::vector<std::unique_ptr<ReadValues>> values_;
  std::set<ColumnId> taken_;
  Links links_;
};

/// Cells as views with slack behind them.
class Cells {
 public:
  explicit Cells(const std::vector<std::string>& cells) {
    std::size_t size = kTextSlack;
    for (const std::string& cell : cells) size += cell.size();
    text_ = std::make_unique<char[]>(size);
    char* at = text_.get();
    for (const std::string& cell : cells) {
      std::copy(cell.begin(), cell.end(), at);
      views_.emplace_back(at, cell.size());
      at += cell.size();
    }
  }
  std::span<const std::string_view> views() const { return views_; }

 private:
  std::unique_ptr<char[]> text_;
  std::vector<std::string_view> views_;
};

/// Where a shift begins or ends, and how many rows agree once it is undone.
struct ShiftFit {
  std::size_t agreeing = 0;
  std::size_t boundary = 0;  // of the rows in their order
  bool shifted_behind = true;
};

/// The boundary that most rows agree with: shifted from it on, or up to it.
ShiftFit best_boundary(const std::vector<char>& as_shown, const std::vector<char>& as_shifted) {
  ShiftFit best;
  const auto total = [](const std::vector<char>& all) {
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), char{1}));
  };
  std::size_t shown_before = 0;
  std::size_t shifted_before = 0;
  const std::size_t shown = total(as_shown);
  const std::size_t shifted = total(as_shifted);
  for (std::size_t b = 0; b <= as_shown.size(); ++b) {
    const std::size_t behind = shown_before + shifted - shifted_before;
    const std::size_t before = shifted_before + shown - shown_before;
    if (behind > best.agreeing) best = {behind, b, true};
    if (before > best.agreeing) best = {before, b, false};
    if (b == as_shown.size()) break;
    shown_before += as_shown[b] != 0;
    shifted_before += as_shifted[b] != 0;
  }
  return best;
}

}  // namespace

std::vector<ColumnShift> find_shifts(const std::vector<SampleInput>& sample, const SampleSurvey& survey,
                                     const ColumnMap& map, const FingerprintStore& store, const EpochSecrets& secrets,
                                     const TraceOptions& options) {
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < survey.edits.given; ++c) {
    if (!agrees(mapped_as(map, c), kAgreesAlready)) columns.push_back(c);
  }
  if (columns.empty() || map.rows < kFewestRows) return {};
  const LinkedByRest rest(survey, map, store, secrets);
  if (rest.linked() < kFewestRows) return {};
  std::vector<ColumnShift> tried;
  for (const std::size_t column : columns)
    for (const int by : {1, -1}) tried.push_back({column, by});
  const auto cells = shifted_cells(sample, survey, tried, map.rows, options);

  std::vector<std::size_t> order(map.rows);  // the sample's own
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return survey.screened.place[a] < survey.screened.place[b]; });
  ColumnReader reader(secrets);
  std::map<std::size_t, std::pair<std::size_t, ColumnShift>> best;  // by column: rows gained
  for (std::size_t t = 0; t < tried.size(); ++t) {
    const Cells moved(cells[t]);
    for (Reading reading : readings_of(store.exports(), secrets.epochs(), tried[t].column)) {
      const std::vector<ColumnId> free = rest.free_columns(reading.type);
      if (free.empty()) continue;
      ReadValues shown, shifted;
      reader.read(reading, moved.views(), shifted);
      const auto valid = std::count(shifted.states.begin(), shifted.states.end(), ValueState::kValid);
      if (static_cast<double>(valid) < kLeastValid * static_cast<double>(map.rows)) continue;
      reader.read(reading, std::span(survey.screened.columns[tried[t].column]).first(map.rows), shown);
      for (const ColumnId id : free) {
        const auto a = rest.standings(shown, id);
        const auto b = rest.standings(shifted, id);
        std::vector<char> as_shown, as_shifted;
        std::vector<std::size_t> rows;
        for (const std::size_t r : order) {
          if (a[r] == Standing::kSilent && b[r] == Standing::kSilent) continue;
          as_shown.push_back(a[r] == Standing::kAgrees);
          as_shifted.push_back(b[r] == Standing::kAgrees);
          rows.push_back(r);
        }
        const ShiftFit fit = best_boundary(as_shown, as_shifted);
        const auto before = static_cast<std::size_t>(std::count(as_shown.begin(), as_shown.end(), char{1}));
        const auto all = static_cast<double>(rows.size());
        if (rows.size() < kFewestRows || static_cast<double>(fit.agreeing) < kLeastAgreement * all ||
            static_cast<double>(fit.agreeing) < static_cast<double>(before) + kLeastGain * all)
          continue;
        auto& [gained, shift] = best[tried[t].column];
        if (fit.agreeing - before <= gained) continue;
        gained = fit.agreeing - before;
        shift = tried[t];
        const std::uint64_t edge =
            fit.boundary < rows.size() ? survey.screened.place[rows[fit.boundary]] : ~std::uint64_t{0};
        if (!fit.shifted_behind)
          shift.end = edge;
        else if (fit.boundary > 0)
          shift.from = edge;
      }
    }
  }
  std::vector<ColumnShift> found;
  for (const auto& [column, one] : best) found.push_back(one.second);
  return found;
}

}  // namespace sidik
