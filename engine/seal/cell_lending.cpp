#include "seal/cell_lending.h"

#include <algorithm>
#include <cmath>

namespace sidik {
namespace {

constexpr double kTied = 0.05;       // strength of what is better kept together, or looked at when a lender is chosen
constexpr double kSteps = 20;        // in which strengths and nearness count: they vary a little from month to month
constexpr double kLikeEnough = 0.6;  // of what a lender could fit; else the base lends
constexpr std::size_t kFewestLenders = 200;
constexpr double kUnplaced = -2;    // no value of a scale
constexpr double kNarrowest = 0.7;  // of the budget: each family has its own, so that all do not change at once

double stepped(double value) { return std::floor(std::max(0.0, value) * kSteps + 0.5) / kSteps; }

/// What canaries have made anew.
std::vector<bool> made_anew(const Schema& schema, const TableShape& shape) {
  std::vector<bool> anew(schema.columns.size());
  for (std::size_t c = 0; c < anew.size(); ++c) {
    const ColumnSchema& column = schema.columns[c];
    const FieldType type = column.type;
    anew[c] = type == FieldType::kNik || type == FieldType::kPhone || type == FieldType::kEmail ||
              type == FieldType::kAddress || column.identity || shape.own_number[c] ||
              (type == FieldType::kIdentifier && column.indexed);
  }
  for (const std::size_t c : shape.names.all) anew[c] = true;
  return anew;
}

}  // namespace

/// Columns that are lent by one row, and of those such as are inseparable.
struct CellLending::Group {
  std::vector<std::vector<std::size_t>> blocks;
  double information = 0;  // of a row's cells, in the mean
  template <class Work>
  void for_each_column(Work&& work) const {
    for (const auto& block : blocks)
      for (const std::size_t c : block) work(c);
  }
};

CellLending::CellLending(const Schema& schema, const DonorPool& lenders, std::uint64_t rows, const TableShape& shape)
    : schema_(schema), budget_(std::log(static_cast<double>(std::max<std::uint64_t>(rows, 2)))) {
  lenders.for_each_row([&](const Donor& donor) { lenders_.push_back(&donor); });
  // In whatever order threads found them.
  std::sort(lenders_.begin(), lenders_.end(), [](const Donor* a, const Donor* b) {
    return std::pair(a->number, a->row_order) < std::pair(b->number, b->row_order);
  });
  const std::size_t width = schema.columns.size();
  looked_at_ = made_anew(schema, shape);
  looked_at_.flip();
  lendable_ = looked_at_;
  for (const std::size_t c : shape.told_by_name) lendable_[c] = false;
  for (std::size_t c = 0; c < width; ++c) lendable_[c] = lendable_[c] && !shape.in_order[c];
  if (shape.ties) {
    const std::vector<bool> tellers = shape.ties->tellers();
    for (std::size_t c = 0; c < width; ++c) lendable_[c] = lendable_[c] && !tellers[c];
  }
  if (lenders_.size() < kFewestLenders || std::count(lendable_.begin(), lendable_.end(), true) == 0) return;
  std::vector<std::vector<std::string_view>> columns(width);
  for (std::size_t c = 0; c < width; ++c)
    for (const Donor* const lender : lenders_) columns[c].push_back(lender->cells[c]);
  ties_.emplace(schema, columns, looked_at_);
  scaled_.resize(width * lenders_.size());
  for (std::size_t c = 0; c < width; ++c)
    for (std::size_t l = 0; l < lenders_.size(); ++l)
      if (looked_at_[c]) scaled_[c * lenders_.size() + l] = ties_->scale(c).of(columns[c][l]);
}

/// First all that stays with the base; then, the closest first, what goes together, as far as the budget goes.
std::vector<CellLending::Group> CellLending::grouped(double budget, const std::vector<bool>& stays) const {
  const ColumnTies& ties = *ties_;
  const std::size_t width = schema_.columns.size();
  std::vector<Group> groups(1);
  std::vector<bool> keeps(width);  // by block
  for (std::size_t c = 0; c < width; ++c)
    if (looked_at_[c] && (!lendable_[c] || stays[c])) keeps[ties.block(c)] = true;
  std::vector<std::size_t> group_of(width);
  for (std::size_t c = 0; c < width; ++c) {
    if (!looked_at_[c]) continue;
    const std::size_t block = ties.block(c);
    if (!keeps[block] && block == c) {
      group_of[block] = groups.size();
      groups.emplace_back();
    }
    Group& group = groups[group_of[block]];
    if (block == c || group.blocks.empty()) group.blocks.emplace_back();
    group.blocks.back().push_back(c);
    group.information += ties.scale(c).information();
  }
  const auto strength = [&](const Group& a, const Group& b) {
    double most = 0;
    a.for_each_column([&](std::size_t x) {
      b.for_each_column([&](std::size_t y) { most = std::max({most, ties.strength(x, y), ties.strength(y, x)}); });
    });
    return stepped(most);
  };
  while (true) {
    double most = kTied / 2;
    std::size_t a = 0, b = 0;
    for (std::size_t i = 0; i < groups.size(); ++i)
      for (std::size_t j = i + 1; j < groups.size(); ++j) {
        if (groups[i].information + groups[j].information > budget) continue;
        if (const double its = strength(groups[i], groups[j]); its > most) {
          most = its;
          a = i;
          b = j;
        }
      }
    if (b == 0) break;
    groups[a].blocks.insert(groups[a].blocks.end(), groups[b].blocks.begin(), groups[b].blocks.end());
    groups[a].information += groups[b].information;
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(b));
  }
  return groups;
}

/// Of the cells that are there already: on their scales, and of measures what they say.
struct CellLending::Placed {
  std::vector<double> scaled, measures;
  Placed(std::size_t width) : scaled(width, kUnplaced), measures(width, std::nan("")) {}
  void add(const ColumnTies& ties, std::size_t column, std::string_view cell) {
    const ColumnScale& scale = ties.scale(column);
    scaled[column] = scale.of(cell);
    if (scale.is_measure()) measures[column] = scale.measure(cell);
  }
};

bool CellLending::is_in_order(const Group& group, const Placed& placed, const Donor& lender) const {
  const ColumnTies& ties = *ties_;
  bool in_order = true;
  group.for_each_column([&](std::size_t c) {
    for (const auto& [less, more] : ties.orders()) {
      const bool is_less = less == c;
      const double there = placed.measures[is_less ? more : less];
      if ((!is_less && more != c) || std::isnan(there)) continue;
      const double its = ties.scale(c).measure(lender.cells[c]);
      in_order = in_order && !(is_less ? its > there : its < there);
    }
  });
  return in_order;
}

/// The row that fits best what is placed, and of those that fit alike the one that comes next behind `number`. Null
/// where none fits well enough.
const Donor* CellLending::lender_for(const Group& group, const Placed& placed, std::uint64_t number,
                                     const std::vector<const Donor*>& used) const {
  const ColumnTies& ties = *ties_;
  const std::size_t width = schema_.columns.size();
  std::vector<std::pair<std::size_t, double>> weights;
  double all = 0;
  for (std::size_t p = 0; p < width; ++p) {
    if (placed.scaled[p] == kUnplaced) continue;
    double weight = 0;
    group.for_each_column([&](std::size_t c) {
      weight = std::max({weight, ties.strength(p, c), ties.strength(c, p)});
    });
    weight = stepped(weight);
    if (weight < kTied) continue;
    weights.emplace_back(p, weight);
    all += weight;
  }
  std::vector<double> fit(lenders_.size());
  for (const auto& [p, weight] : weights) {
    const ColumnScale& scale = ties.scale(p);
    const double* const theirs = scaled_.data() + p * lenders_.size();
    for (std::size_t l = 0; l < fit.size(); ++l)
      fit[l] += weight * stepped(scale.nearness(theirs[l], placed.scaled[p]));
  }
  const Donor* best = nullptr;
  double most = 0;
  for (std::size_t l = 0; l < lenders_.size(); ++l) {
    const double fits = fit[l];
    if (best != nullptr && fits < most) continue;
    const Donor* const lender = lenders_[l];
    const auto turn = [number](const Donor& row) { return std::pair(row.number - number, row.row_order); };
    if (best != nullptr && fits == most && turn(*lender) >= turn(*best)) continue;
    if (std::any_of(used.begin(), used.end(),
                    [&](const Donor* each) { return each->row_order == lender->row_order; }) ||
        !is_in_order(group, placed, *lender))
      continue;
    best = lender;
    most = fits;
  }
  return most >= kLikeEnough * all ? best : nullptr;
}

void CellLending::lend(const Household& base, const std::vector<bool>& stays, CanaryCode& code,
                       const std::string& number, std::vector<std::string_view>& cells) const {
  const ColumnTies& ties = *ties_;
  const double narrow = std::stod(code.digits("lent " + number, FieldType::kText, 0, 9)) / 1e9;
  const double budget = budget_ * (kNarrowest + (1 - kNarrowest) * narrow);
  std::vector<Group> groups = grouped(budget, stays);
  Placed placed(cells.size());
  groups[0].for_each_column([&](std::size_t c) { placed.add(ties, c, cells[c]); });
  std::vector<const Donor*> used;
  for (const Donor& each : base.rows) used.push_back(&each);
  for (std::size_t g = 1; g < groups.size(); ++g) {
    const std::string place_on_ring = code.digits("lent " + number, FieldType::kText, static_cast<unsigned>(g), 18);
    const Donor* const lender = lender_for(groups[g], placed, std::stoull(place_on_ring) << 4, used);
    // What is rare in this one's row as well is another's to lend.
    Group left;
    double lent = 0;
    for (const auto& block : groups[g].blocks) {
      double its = 0;
      for (const std::size_t c : block) its += lender == nullptr ? 0 : ties.scale(c).information(lender->cells[c]);
      if (lent > 0 && lent + its > budget) {
        left.blocks.push_back(block);
        continue;
      }
      lent += its;
      for (const std::size_t c : block) {
        if (lender != nullptr) cells[c] = lender->cells[c];
        placed.add(ties, c, cells[c]);
      }
    }
    if (lender != nullptr) used.push_back(lender);
    if (!left.blocks.empty()) groups.push_back(std::move(left));
  }
}

Household CellLending::mixed(const Household& base, CanaryCode& code, std::size_t family) const {
  if (!ties_) return base;
  const std::size_t width = schema_.columns.size();
  std::vector<bool> stays(width);
  for (std::size_t c = 0; c < width && base.rows.size() > 1; ++c)
    stays[c] = std::all_of(base.rows.begin(), base.rows.end(),
                           [&](const Donor& row) { return row.cells[c] == base.rows.front().cells[c]; });
  Household mixed = base;
  for (std::size_t r = 0; r < base.rows.size(); ++r) {
    const Donor& its = base.rows[r];
    // A row that stands twice stands twice.
    const auto twin = std::find_if(base.rows.begin(), base.rows.begin() + static_cast<std::ptrdiff_t>(r),
                                   [&](const Donor& other) { return other.cells.strings() == its.cells.strings(); });
    std::vector<std::string_view> cells;
    for (std::size_t c = 0; c < width; ++c) cells.push_back(its.cells[c]);
    const auto number = std::to_string(family) + "/" + std::to_string(twin - base.rows.begin());
    lend(base, stays, code, number, cells);
    mixed.rows[r].cells.assign(cells);
  }
  return mixed;
}

}  // namespace sidik
