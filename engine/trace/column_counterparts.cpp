#include "trace/column_counterparts.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "fields/schema.h"
#include "trace/column_agreement.h"

namespace sidik {
namespace {

constexpr std::size_t kMostRows = 256;    // that are looked at
constexpr std::size_t kMostLayouts = 16;  // of one row
constexpr double kLeastRows = 5;
// Records of one row are mostly of one person, not always: what is the same agrees in a part of them, far more often
// than by chance.
constexpr double kLeastShare = 1.0 / 3, kLeastScore = 6;

using Pair = std::pair<ColumnId, ColumnId>;  // the smaller first

/// One of whose values a person mostly has.
bool one_a_person(FieldType type) {
  return type == FieldType::kNik || type == FieldType::kPersonName || type == FieldType::kPhone ||
         type == FieldType::kEmail || type == FieldType::kAddress;
}

/// The best record of a row in each layout, but for layouts that do not have the row: what agrees in less than half of
/// what another's record does is somebody else, who lives at the same number.
std::vector<std::uint32_t> one_of_each_layout(std::span<const LinkColumn> readings, const Links& links,
                                              std::size_t row) {
  std::vector<std::uint32_t> found;
  const std::vector<std::uint32_t> best = best_records(readings, links, row);
  const auto agreeing = [&](std::uint32_t record) {
    return columns_agreeing(readings, links.pool, links.pool[record], row);
  };
  int most = 0;
  for (const std::uint32_t record : best) most = std::max(most, agreeing(record));
  for (const std::uint32_t record : best) {
    if (2 * agreeing(record) < most) continue;
    const bool known = std::any_of(found.begin(), found.end(), [&](std::uint32_t other) {
      return links.pool[other].shape == links.pool[record].shape;
    });
    if (!known && found.size() < kMostLayouts) found.push_back(record);
  }
  return found;
}

/// How the cells of two records compare; a tag is compared with a tag only.
Standing compared(ColumnCode a, RowTag tag_a, ColumnCode b, RowTag tag_b) {
  if (a == kAbsentCode || b == kAbsentCode || a == kNullCode || b == kNullCode) return Standing::kSilent;
  if ((a == kTagCode) != (b == kTagCode)) return Standing::kSilent;
  const bool same = a == kTagCode ? tag_a == tag_b : a == b;
  return same ? Standing::kAgrees : Standing::kDiffers;
}

class Counts {
 public:
  explicit Counts(const RecordPool& pool) : pool_(pool) {}

  void add(std::uint32_t a, std::uint32_t b, double AgreementCount::*sum) {
    const RecordPool::Record& one = pool_[a];
    const RecordPool::Record& other = pool_[b];
    const auto codes = pool_.codes(one);
    const auto codes_of_other = pool_.codes(other);
    for (const auto& [i, j] : of_one_type(one.shape, other.shape)) {
      const Standing cell = compared(codes[i], one.tag, codes_of_other[j], other.tag);
      if (cell == Standing::kSilent) continue;
      AgreementCount& count = counts_[std::minmax(pool_.shape(one).columns[i], pool_.shape(other).columns[j])];
      if (sum == &AgreementCount::agree) count.both += 1;
      if (cell == Standing::kAgrees) count.*sum += 1;
    }
  }
  const std::map<Pair, AgreementCount>& all() const { return counts_; }

 private:
  /// Places of columns of one type.
  const std::vector<std::pair<std::size_t, std::size_t>>& of_one_type(std::uint32_t one, std::uint32_t other) {
    const auto [found, fresh] = alike_.try_emplace({one, other});
    if (!fresh) return found->second;
    const RecordShape& a = pool_.shapes()[one];
    const RecordShape& b = pool_.shapes()[other];
    for (std::size_t i = 0; i < a.columns.size(); ++i)
      for (std::size_t j = 0; j < b.columns.size(); ++j)
        if (a.types[i] == b.types[j] && a.columns[i] != b.columns[j]) found->second.emplace_back(i, j);
    return found->second;
  }

  const RecordPool& pool_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::pair<std::size_t, std::size_t>>> alike_;
  std::map<Pair, AgreementCount> counts_;
};

/// Columns that are the same, no two of one layout.
class Groups {
 public:
  explicit Groups(const std::vector<Layout>& layouts) {
    for (std::size_t l = 0; l < layouts.size(); ++l) {
      for (const auto& [id, column] : layouts[l]) {
        first_.emplace(id, id);
        layouts_[id].insert(l);
      }
    }
  }
  void join(ColumnId one, ColumnId other) {
    const ColumnId first = first_.at(one);
    const ColumnId also = first_.at(other);
    std::set<std::size_t>& layouts = layouts_[first];
    const std::set<std::size_t>& more = layouts_[also];
    if (first == also || std::any_of(more.begin(), more.end(), [&](std::size_t l) { return layouts.count(l) != 0; }))
      return;
    layouts.insert(more.begin(), more.end());
    for (auto& [column, stands] : first_)
      if (stands == also) stands = first;
  }
  const std::map<ColumnId, ColumnId>& first() const { return first_; }

 private:
  std::map<ColumnId, ColumnId> first_;
  std::map<ColumnId, std::set<std::size_t>> layouts_;  // of those that stand for others
};

}  // namespace

ColumnCounterparts::ColumnCounterparts(std::span<const LinkColumn> readings, const Links& links,
                                       const std::vector<Layout>& layouts) {
  Counts counts(links.pool);
  std::vector<std::uint32_t> before;
  std::size_t rows = 0;
  for (std::size_t r = 0; r + 1 < links.begin.size() && rows < kMostRows; ++r) {
    if (links.begin[r] == links.begin[r + 1]) continue;
    std::vector<std::uint32_t> records = one_of_each_layout(readings, links, r);
    if (records.size() < 2) continue;
    ++rows;
    for (std::size_t i = 0; i < records.size(); ++i) {
      for (std::size_t j = i + 1; j < records.size(); ++j) counts.add(records[i], records[j], &AgreementCount::agree);
      for (const std::uint32_t other : before)
        if (links.pool[records[i]].shape != links.pool[other].shape)
          counts.add(records[i], other, &AgreementCount::by_chance);
    }
    before = std::move(records);
  }

  // What agrees most first.
  std::vector<std::pair<double, Pair>> telling;
  for (const auto& [pair, count] : counts.all())
    if (count.share() >= kLeastShare && count.score() >= kLeastScore) telling.emplace_back(count.share(), pair);
  std::stable_sort(telling.begin(), telling.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  Groups groups(layouts);
  for (const auto& [share, pair] : telling) groups.join(pair.first, pair.second);

  std::map<std::string, ColumnId> by_name;
  std::map<FieldType, ColumnId> by_type;
  const auto join_untold = [&](ColumnId one, ColumnId other) {
    const auto found = counts.all().find(std::minmax(one, other));
    if (found == counts.all().end() || found->second.both < kLeastRows) groups.join(one, other);
  };
  for (const Layout& layout : layouts) {
    for (const auto& [id, column] : layout) {
      const FieldType type = column->schema.type;
      join_untold(id, by_name.emplace(normalised_name(column->schema.name), id).first->second);
      const auto of_type = std::count_if(layout.begin(), layout.end(),
                                         [&](const auto& other) { return other.second->schema.type == type; });
      if (one_a_person(type) && of_type == 1) join_untold(id, by_type.emplace(type, id).first->second);
    }
  }
  first_ = groups.first();
}

}  // namespace sidik
