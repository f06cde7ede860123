#include "trace/slip_search.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>

#include "base/parallel.h"
#include "trace/one_slip.h"
#include "trace/row_matcher.h"

namespace sidik {
namespace {

constexpr std::size_t kMostRows = 1000, kMostCells = 500, kMostOfField = 80;
constexpr std::size_t kMostOthers = 64;    // values of other rows that a cell's neighbours are held against
constexpr double kLeastChance = 0.002;     // that another row's value is as near
constexpr double kTellsNothing = 0.5;      // where so many are
constexpr std::size_t kLetterCells = 500;  // of a column

/// A record's value of a field, as one of its readings is compared with it.
struct HeldValue {
  std::uint32_t reading = 0;
  ColumnCode code = 0;
  RowTag tag = 0;
  bool operator==(const HeldValue&) const = default;
};

struct RowValue {
  std::size_t row = 0;
  HeldValue value;
};

/// A record beside a cell.
struct Comparison {
  ClassMatch best, own;  // masks only
  std::vector<HeldValue> held;
  double weight = 1;  // of several that agree and differ alike
  bool near = false;
};

struct Cell {
  std::size_t row = 0;  // of those read
  std::uint32_t field = 0;
  std::vector<Comparison> beside;
  std::vector<HeldValue> others;
  double near_others = 0, variants = 0;
};

ClassMatch masks_of(const RowMatch& match) {
  ClassMatch masks;
  masks.agrees = match.agrees;
  masks.differs = match.differs;
  return masks;
}

class SlipSearch {
 public:
  SlipSearch(const SampleSurvey& survey, const AgreementTask& task)
      : survey_(survey), task_(task), plan_(task.map, task.roles, task.frequencies, task.store), matcher_(plan_) {}

  CountedSlips run(const std::vector<std::size_t>& screened_rows) {
    read(screened_rows);
    find_cells();
    parallel_for(std::max(1U, task_.threads), cells_.size(), [&](std::size_t c) { look_at(cells_[c]); });
    return counted();
  }

 private:
  void read(const std::vector<std::size_t>& screened_rows) {
    std::vector<std::uint64_t> places;
    places.reserve(screened_rows.size());
    for (const std::size_t row : screened_rows) places.push_back(survey_.screened.place[row]);
    for (const auto& column : survey_.screened.columns) {
      auto& some = columns_.emplace_back();
      for (const std::size_t row : screened_rows) some.push_back(column[row]);
      letters_.push_back(letters_of(std::span(column).first(std::min(column.size(), kLetterCells))));
    }
    rows_.resize(plan_, screened_rows.size());
    RowsReader(plan_, task_.secrets, 0, Doubt::kForget).read(columns_, 0, screened_rows.size(), places, rows_, 0);
    LinkOptions options;
    options.seen = task_.seen;
    options.threads = std::max(1U, task_.threads);
    link_rows(task_.store, task_.secrets.epochs().front(), rows_.link_columns(plan_), rows_.rows, options, links_);
  }

  std::vector<HeldValue> held_by(const RecordPool::Record& record, std::size_t field) const {
    std::vector<HeldValue> held;
    const std::vector<ColumnId>& columns = links_.pool.shape(record).columns;
    for (const FieldPlan::Compared& compared : plan_.compared()) {
      if (compared.field != field) continue;
      const auto at = std::find(columns.begin(), columns.end(), compared.column);
      if (at == columns.end()) continue;
      const ColumnCode code = links_.pool.codes(record)[static_cast<std::size_t>(at - columns.begin())];
      if (code != kAbsentCode && code != kNullCode) held.push_back({compared.reading, code, record.tag});
    }
    return held;
  }

  void find_cells() {
    std::vector<std::size_t> of_field(plan_.fields());
    std::vector<std::vector<RowValue>> values(plan_.fields());  // of all rows' best records
    for (std::size_t r = 0; r < rows_.rows; ++r) {
      const auto matches = matcher_.match(rows_, r, links_, r);
      if (matches.empty()) continue;
      const RowMatch best = matches.front();
      const std::vector<RowMatch> kept(matches.begin(), matches.end());
      std::vector<std::optional<std::size_t>> cell_of(plan_.fields());
      bool seen_best = false;
      for (std::uint32_t l = links_.begin[r]; l < links_.begin[r + 1]; ++l) {
        const RowMatch one = matcher_.compare(rows_, r, links_, links_.records[l]);
        const bool counts = std::any_of(kept.begin(), kept.end(), [&](const RowMatch& other) {
          return other.tag == one.tag && other.agrees == one.agrees && other.differs == one.differs;
        });
        if (!counts) continue;
        const RecordPool::Record& record = links_.pool[links_.records[l]];
        const bool is_best =
            !seen_best && one.tag == best.tag && one.agrees == best.agrees && one.differs == best.differs;
        seen_best = seen_best || is_best;
        for (std::size_t f = 0; f < plan_.fields(); ++f) {
          const bool differs = (one.differs >> f & 1) != 0;
          if (!differs && !is_best) continue;
          std::vector<HeldValue> held = held_by(record, f);
          if (held.empty()) continue;
          if (is_best) values[f].push_back({r, held.front()});
          if (!differs) continue;
          if (!cell_of[f] && (of_field[f] >= kMostOfField || cells_.size() >= kMostCells)) continue;
          if (!cell_of[f]) {
            cell_of[f] = cells_.size();
            ++of_field[f];
            cells_.push_back({r, static_cast<std::uint32_t>(f), {}, {}});
          }
          cells_[*cell_of[f]].beside.push_back({masks_of(best), masks_of(one), std::move(held)});
        }
      }
    }
    for (Cell& cell : cells_) {
      share_weights(cell.beside);
      choose_others(values[cell.field], cell);
    }
  }

  /// Records that agree and differ alike are one.
  static void share_weights(std::vector<Comparison>& beside) {
    for (Comparison& one : beside) {
      const auto alike = std::count_if(beside.begin(), beside.end(), [&](const Comparison& other) {
        return other.own.agrees == one.own.agrees && other.own.differs == one.own.differs;
      });
      one.weight = 1 / static_cast<double>(alike);
    }
  }

  /// Values of other rows than the cell's, the same one among them: where three of ten are of one maker, three of ten
  /// slips in makers' names are near it, whoever's they are. None that is what the cell shows.
  void choose_others(const std::vector<RowValue>& values, Cell& cell) const {
    const std::size_t start = cell.row * 7919;
    for (std::size_t i = 0; i < std::min(values.size(), 2 * kMostOthers) && cell.others.size() < kMostOthers; ++i) {
      const auto& [row, value] = values[(start + i) % values.size()];
      const bool shown =
          value.code != kTagCode && value.code == rows_.codes[cell.row * plan_.readings().size() + value.reading];
      if (!shown && row != cell.row) cell.others.push_back(value);
    }
  }

  void look_at(Cell& cell) const {
    ColumnReader reader(task_.secrets);
    Completions texts;
    ReadValues values;
    for (std::uint32_t k = 0; k < plan_.readings().size(); ++k) {
      if (plan_.field_of(k) != cell.field) continue;
      const Reading& reading = plan_.readings()[k];
      one_slip_away(columns_[reading.column][cell.row], letters_[reading.column], texts);
      if (texts.size() == 0) continue;
      reader.read(reading, texts.views(), values);
      std::vector<ColumnCode> codes;
      std::vector<RowTag> tags;
      for (std::size_t t = 0; t < texts.size(); ++t) {
        if (values.states[t] == ValueState::kNull) continue;
        codes.push_back(code_in(plan_.table(k), value_code(values.fingerprints[t])));
        if (!values.tags.empty() && values.tags[t] != 0) tags.push_back(values.tags[t]);
      }
      sort_once(codes);
      sort_once(tags);
      cell.variants = std::max(cell.variants, static_cast<double>(codes.size()));
      const auto is_near = [&](const HeldValue& held) {
        if (held.reading != k) return false;
        return held.code == kTagCode ? std::binary_search(tags.begin(), tags.end(), held.tag)
                                     : std::binary_search(codes.begin(), codes.end(), held.code);
      };
      for (Comparison& one : cell.beside) one.near = one.near || std::any_of(one.held.begin(), one.held.end(), is_near);
      cell.near_others += static_cast<double>(std::count_if(cell.others.begin(), cell.others.end(), is_near));
    }
  }

  template <typename T>
  static void sort_once(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }

  /// How often another row's value is one slip away from a cell of each field: as these rows have it, and by how many
  /// texts of so few codes are tried.
  std::vector<double> chances() const {
    constexpr double kCodes = 65536;
    std::vector<double> near(plan_.fields()), all(near.size()), variants(near.size()), cells(near.size());
    for (const Cell& cell : cells_) {
      near[cell.field] += cell.near_others;
      all[cell.field] += static_cast<double>(cell.others.size());
      variants[cell.field] += cell.variants;
      ++cells[cell.field];
    }
    for (std::size_t f = 0; f < near.size(); ++f)
      near[f] =
          std::max({(near[f] + 0.5) / (all[f] + 1), variants[f] / kCodes / std::max(1.0, cells[f]), kLeastChance});
    return near;
  }

  CountedSlips counted() const {
    const std::vector<double> chance = chances();
    CountedSlips found;
    for (const Cell& cell : cells_) {
      if (chance[cell.field] >= kTellsNothing || cell.variants == 0) continue;
      for (const Comparison& one : cell.beside) {
        Slips slips;
        (one.near ? slips.near : slips.far) = one.weight;
        slips.log_chance = one.weight * std::log(chance[cell.field]);
        found.add(one.best, one.own, cell.field, slips);
      }
    }
    return found;
  }

  const SampleSurvey& survey_;
  const AgreementTask& task_;
  const FieldPlan plan_;
  RowMatcher matcher_;
  std::vector<std::vector<std::string_view>> columns_;
  std::vector<std::vector<std::string>> letters_;  // of the sample's columns
  ReadRows rows_;
  Links links_;
  std::vector<Cell> cells_;
};

/// Rows whose best record differs in one field are of two sorts where some were slips and some were not: a class each,
/// so that the one may be errors and the other changes.
void split_off_far(std::vector<AgreementClass>& classes) {
  const std::size_t given = classes.size();
  for (std::size_t c = 0; c < given; ++c) {
    if (classes[c].matches.empty() || classes[c].matches.front().slips.size() != 1) continue;
    const ClassMatch& best = classes[c].matches.front();
    const Slips slips = best.slips.front().slips;
    if (std::popcount(best.differs) != 1 || slips.near <= 0 || slips.far <= 0) continue;
    const double log_chance = slips.log_chance / (slips.near + slips.far);
    AgreementClass far = classes[c];
    far.rows *= slips.far;
    far.matches.front().slips.front().slips = {0, 1, log_chance};
    AgreementClass& rest = classes[c];
    rest.rows *= 1 - slips.far;
    const double near = slips.near / (1 - slips.far);
    rest.matches.front().slips.front().slips = {near, 0, near * log_chance};
    classes.push_back(std::move(far));
  }
}

}  // namespace

void CountedSlips::add(const ClassMatch& best, const ClassMatch& own, std::uint32_t field, const Slips& slips) {
  std::vector<FieldSlips>& of = counts_[key_of(best, own)];
  auto at = std::find_if(of.begin(), of.end(), [&](const FieldSlips& one) { return one.field == field; });
  if (at == of.end()) at = of.insert(of.end(), {field, {}});
  at->slips.add(slips);
}

void CountedSlips::attach(std::vector<AgreementClass>& classes) const {
  if (counts_.empty()) return;
  std::map<Key, double> rows_of;
  const auto each = [&](auto&& use) {
    for (AgreementClass& rows : classes) {
      for (ClassMatch& match : rows.matches) {
        const auto found = counts_.find(key_of(rows.matches.front(), match));
        if (found != counts_.end()) use(rows, match, *found);
      }
    }
  };
  each(
      [&](const AgreementClass& rows, const ClassMatch&, const auto& counted) { rows_of[counted.first] += rows.rows; });
  each([&](const AgreementClass&, ClassMatch& match, const auto& counted) {
    match.slips = counted.second;
    for (FieldSlips& one : match.slips) one.slips.scale(1 / rows_of[counted.first]);
  });
  split_off_far(classes);
}

CountedSlips find_slips(const SampleSurvey& survey, const Agreement& agreement, const AgreementTask& task) {
  std::vector<std::uint64_t> dirty;
  for (const PlacedClass& row : agreement.rows_by_place) {
    const std::vector<ClassMatch>& matches = agreement.classes[row.row_class].matches;
    if (!matches.empty() && matches.front().differs != 0) dirty.push_back(row.place);
  }
  if (dirty.empty()) return {};
  std::vector<std::size_t> rows;  // rows_by_place is by place, and screened rows stand in no order
  for (std::size_t r = 0; r < survey.screened.rows && rows.size() < kMostRows; ++r)
    if (std::binary_search(dirty.begin(), dirty.end(), survey.screened.place[r])) rows.push_back(r);
  return SlipSearch(survey, task).run(rows);
}

}  // namespace sidik
