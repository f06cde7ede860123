#include "seal/column_ties.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <string>

#include "base/spread.h"
#include "fields/canonical.h"
#include "fields/null_token.h"

namespace sidik {
namespace {

constexpr double kFollows = 0.9;     // strength of what is not taken apart
constexpr std::size_t kFewest = 50;  // pairs that show anything
constexpr double kDeviations = 4;    // of a strength that is more than chance
constexpr double kAlways = 0.995;    // rows in which a rule holds that most rows keep
constexpr double kByChance = 0.97;   // of rows put together anew it holds in fewer
constexpr double kSumAlways = 0.95;
constexpr double kSumByChance = 0.2;
constexpr double kMissing = -1;

bool is_measure(FieldType type) {
  return type == FieldType::kDecimal || type == FieldType::kInteger || type == FieldType::kDate ||
         type == FieldType::kTimestamp;
}

bool is_day(FieldType type) { return type == FieldType::kDate || type == FieldType::kTimestamp; }

}  // namespace

ColumnScale::ColumnScale(const ColumnSchema& column, const std::vector<std::string_view>& cells)
    : column_(column), measure_(sidik::is_measure(column.type)) {
  for (const std::string_view cell : cells) {
    if (is_null_token(cell)) continue;
    ++values_.try_emplace(cell, Value{static_cast<double>(values_.size())}).first->second.count;
    all_ += 1;
    if (measure_)
      if (const double value = measure(cell); !std::isnan(value)) sorted_.push_back(value);
  }
  std::sort(sorted_.begin(), sorted_.end());
  double alike = 0;  // the chance that two values are one
  for (const std::string_view cell : cells) {
    if (is_null_token(cell)) continue;
    const double share = static_cast<double>(values_.at(cell).count) / all_;
    information_ -= std::log(share) / all_;
    alike += share / all_;
  }
  unlike_ = -alike / std::max(1e-9, 1 - alike);
}

double ColumnScale::information(std::string_view cell) const {
  if (is_null_token(cell) || all_ == 0) return 0;
  const auto at = values_.find(cell);
  return std::log(all_ / static_cast<double>(at == values_.end() ? 1 : at->second.count));
}

double ColumnScale::measure(std::string_view cell) const {
  const CanonicalValue value = canonical(column_.type, cell, column_.options);
  if (value.state != ValueState::kValid) return std::numeric_limits<double>::quiet_NaN();
  if (!is_day(column_.type)) return std::strtod(value.text.c_str(), nullptr);
  std::string digits;
  for (const char c : value.text)
    if (c >= '0' && c <= '9') digits += c;
  digits.resize(14, '0');  // to the second
  return std::strtod(digits.c_str(), nullptr);
}

double ColumnScale::of(std::string_view cell) const {
  if (is_null_token(cell)) return kMissing;
  if (!measure_) {
    const auto at = values_.find(cell);
    return at == values_.end() ? kMissing : at->second.number;
  }
  const double value = measure(cell);
  if (std::isnan(value) || sorted_.empty()) return kMissing;
  const auto [from, to] = std::equal_range(sorted_.begin(), sorted_.end(), value);
  return static_cast<double>(from - sorted_.begin() + (to - sorted_.begin())) / 2 / static_cast<double>(sorted_.size());
}

struct ColumnTies::Rows {
  std::size_t rows = 0;
  std::vector<std::size_t> looked_at;
  std::vector<std::vector<double>> scaled, measures;  // by column; measures of days and amounts only
  /// Another row, the same one each time.
  std::size_t other(std::size_t r) const { return static_cast<std::size_t>(spread(r + 1) % rows); }
};

ColumnTies::ColumnTies(const Schema& schema, const std::vector<std::vector<std::string_view>>& columns,
                       const std::vector<bool>& looked_at)
    : strength_(columns.size() * columns.size()), block_(columns.size()) {
  Rows rows;
  rows.scaled.resize(columns.size());
  rows.measures.resize(columns.size());
  rows.rows = columns.empty() ? 0 : columns.front().size();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    scales_.emplace_back(schema.columns[c], columns[c]);
    if (!looked_at[c]) continue;
    rows.looked_at.push_back(c);
    for (const std::string_view cell : columns[c]) {
      rows.scaled[c].push_back(scales_[c].of(cell));
      if (scales_[c].is_measure()) rows.measures[c].push_back(scales_[c].measure(cell));
    }
  }
  std::iota(block_.begin(), block_.end(), std::size_t{0});
  if (rows.rows < kFewest) return;
  find_pairs(rows);
  find_sums(rows);
  find_told_by_two(rows);
  find_orders(rows);
}

void ColumnTies::join(std::size_t a, std::size_t b) {
  const std::size_t from = std::max(block_[a], block_[b]), to = std::min(block_[a], block_[b]);
  std::replace(block_.begin(), block_.end(), from, to);
}

/// Rows next to each other by one column: how near they are by the others.
void ColumnTies::find_pairs(const Rows& rows) {
  std::vector<std::uint32_t> order(rows.rows);
  for (const std::size_t a : rows.looked_at) {
    std::iota(order.begin(), order.end(), 0U);
    const std::vector<double>& by = rows.scaled[a];
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) { return by[x] < by[y]; });
    for (const std::size_t b : rows.looked_at) {
      if (a == b) continue;
      double near = 0, pairs = 0;
      for (std::size_t i = 0; i + 1 < order.size(); ++i) {
        const double x = by[order[i]], y = by[order[i + 1]];
        if (x < 0 || y < 0 || (!scales_[a].is_measure() && x != y)) continue;
        near += scales_[b].nearness(rows.scaled[b][order[i]], rows.scaled[b][order[i + 1]]);
        pairs += 1;
      }
      if (pairs < kFewest || near / pairs < kDeviations / std::sqrt(pairs)) continue;
      const double strength = near / pairs;
      strength_[a * scales_.size() + b] = strength;
      if (strength >= kFollows) join(a, b);
    }
  }
}

void ColumnTies::find_orders(const Rows& rows) {
  for (const std::size_t a : rows.looked_at)
    for (const std::size_t b : rows.looked_at) {
      if (a == b || !scales_[a].is_measure() || !scales_[b].is_measure()) continue;
      double all = 0, holds = 0, anyhow = 0;
      for (std::size_t r = 0; r < rows.rows; ++r) {
        const double x = rows.measures[a][r], y = rows.measures[b][r], z = rows.measures[b][rows.other(r)];
        if (std::isnan(x) || std::isnan(y) || std::isnan(z)) continue;
        all += 1;
        holds += x <= y ? 1 : 0;
        anyhow += x <= z ? 1 : 0;
      }
      if (all >= kFewest && holds >= kAlways * all && anyhow < kByChance * all && block_[a] != block_[b])
        orders_.emplace_back(a, b);
    }
}

/// What is the sum or the product of two others.
void ColumnTies::find_sums(const Rows& rows) {
  std::vector<std::size_t> amounts;
  for (const std::size_t c : rows.looked_at)
    if (scales_[c].is_measure() && rows.measures[c].size() == rows.rows && scales_[c].information() > 1)
      amounts.push_back(c);
  const auto share = [&](std::size_t a, std::size_t b, std::size_t c, bool product, std::size_t step, bool shifted) {
    double all = 0, holds = 0;
    for (std::size_t r = 0; r < rows.rows; r += step) {
      const double x = rows.measures[a][r], y = rows.measures[b][r];
      const double z = rows.measures[c][shifted ? rows.other(r) : r];
      if (std::isnan(x) || std::isnan(y) || std::isnan(z) || (x == 0 && y == 0)) continue;
      all += 1;
      const double made = product ? x * y : x + y;
      holds += std::abs(made - z) <= 0.011 + 1e-6 * std::abs(z) ? 1 : 0;
    }
    return all >= kFewest / 2 ? holds / all : 0;
  };
  const std::size_t few = std::max<std::size_t>(1, rows.rows / 128);
  for (const std::size_t a : amounts)
    for (const std::size_t b : amounts)
      for (const std::size_t c : amounts) {
        if (a >= b || c == a || c == b || (block_[a] == block_[b] && block_[b] == block_[c])) continue;
        for (const bool product : {false, true})
          if (share(a, b, c, product, few, false) >= kSumAlways - 0.05 &&
              share(a, b, c, product, 1, false) >= kSumAlways && share(a, b, c, product, 1, true) < kSumByChance) {
            join(a, b);
            join(b, c);
          }
      }
}

/// What two columns tell together: a price by article and size.
void ColumnTies::find_told_by_two(const Rows& rows) {
  std::vector<std::uint32_t> order(rows.rows);
  for (const std::size_t a : rows.looked_at)
    for (const std::size_t b : rows.looked_at) {
      if (a >= b) continue;
      const std::vector<double>&x = rows.scaled[a], &y = rows.scaled[b];
      std::iota(order.begin(), order.end(), 0U);
      std::stable_sort(order.begin(), order.end(),
                       [&](std::uint32_t p, std::uint32_t q) { return x[p] != x[q] ? x[p] < x[q] : y[p] < y[q]; });
      std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
      for (std::size_t i = 0; i + 1 < order.size(); ++i) {
        const std::uint32_t p = order[i], q = order[i + 1];
        if (x[p] >= 0 && y[p] >= 0 && x[p] == x[q] && y[p] == y[q]) pairs.emplace_back(p, q);
      }
      if (pairs.size() < kFewest) continue;
      for (const std::size_t c : rows.looked_at) {
        if (c == a || c == b || block_[c] == block_[a] || block_[c] == block_[b]) continue;
        double near = 0;
        for (const auto& [p, q] : pairs) near += scales_[c].nearness(rows.scaled[c][p], rows.scaled[c][q]);
        near /= static_cast<double>(pairs.size());
        if (near < kFollows || near < std::max(strength(a, c), strength(b, c)) + 0.05) continue;
        join(a, b);
        join(b, c);
      }
    }
}

}  // namespace sidik
