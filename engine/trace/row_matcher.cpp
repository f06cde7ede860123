#include "trace/row_matcher.h"

#include <algorithm>
#include <bit>
#include <tuple>

#include "trace/row_finding.h"

namespace sidik {
namespace {

constexpr double kWorthKeeping = 0.5;  // of the best match's information
constexpr std::size_t kMostMatches = 24;
constexpr std::uint32_t kNoNumber = 0xffffffff;

}  // namespace

std::size_t ClassKeyHash::operator()(const ClassKey& key) const {
  std::uint64_t hash = key.size();
  for (const std::uint64_t word : key) hash = mixed(hash ^ word);
  return hash;
}

RowMatcher::KnownPool& RowMatcher::known_of(const RecordPool& pool) {
  if (last_pool_ != &pool) {
    last_pool_ = &pool;
    last_known_ = &pools_[&pool];
  }
  return *last_known_;
}

const RowMatcher::ShapePlan& RowMatcher::plan_of(const RecordPool& pool, KnownPool& known, std::uint32_t shape) const {
  while (known.plans.size() <= shape) {
    const std::vector<ColumnId>& columns = pool.shapes()[known.plans.size()].columns;
    ShapePlan& plan = known.plans.emplace_back();
    for (const FieldPlan::Compared& compared : plan_.compared()) {
      for (std::uint32_t place = 0; place < columns.size(); ++place) {
        if (columns[place] == compared.column)
          (compared.also ? plan.also : plan.cells).push_back({place, compared.field, compared.reading});
      }
    }
  }
  return known.plans[shape];
}

std::uint32_t RowMatcher::own_set(const RecordPool& pool, KnownPool& known, std::uint32_t set) {
  if (known.sets.size() <= set) known.sets.resize(pool.sets().size(), kNoNumber);
  std::uint32_t& own = known.sets[set];
  if (own == kNoNumber) own = sets_.intern(pool.sets().of(set));
  return own;
}

std::uint32_t RowMatcher::united(std::uint32_t a, std::uint32_t b) {
  if (a == b) return a;
  const std::uint64_t pair = (static_cast<std::uint64_t>(std::min(a, b)) << 32) | std::max(a, b);
  if (const auto found = unions_.find(pair); found != unions_.end()) return found->second;
  ExportSet both;
  unite(sets_.of(a), sets_.of(b), both);
  return unions_[pair] = sets_.intern(both);
}

RowMatch RowMatcher::compare(const ReadRows& rows, std::size_t row, const RecordPool& pool,
                             const RecordPool::Record& record, KnownPool& known) {
  const ColumnCode* const codes = pool.codes(record).data();
  const ColumnCode* const shown = rows.codes.data() + row * plan_.readings().size();
  const ShapePlan& plan = plan_of(pool, known, record.shape);
  const auto agrees_with = [&](const PlannedCell& cell, ColumnCode code) {
    if (code != kTagCode) [[likely]]
      return code == shown[cell.reading];
    const RoomyVector<RowTag>& tags = rows.values[cell.reading].tags;
    return row < tags.size() && tags[row] == record.tag;
  };
  FieldMask agrees = 0;
  FieldMask differs = 0;
  for (const PlannedCell& cell : plan.cells) {
    const ColumnCode code = codes[cell.place];
    const FieldMask speaks = code != kAbsentCode && shown[cell.reading] != kNullCode ? 1 : 0;
    const FieldMask same = agrees_with(cell, code) ? 1 : 0;
    agrees |= (speaks & same) << cell.field;
    differs |= (speaks & ~same) << cell.field;
  }
  for (const PlannedCell& cell : plan.also) {
    const ColumnCode code = codes[cell.place];
    const FieldMask bit = FieldMask{1} << cell.field;
    if (code == kAbsentCode || shown[cell.reading] == kNullCode || (differs & bit) == 0) continue;
    if (agrees_with(cell, code)) agrees |= bit;
  }
  differs &= ~agrees;
  std::uint32_t score = 0;
  const std::uint8_t* const information = rows.information.data() + row * plan_.fields();
  for (FieldMask left = agrees; left != 0; left &= left - 1)
    score += information[static_cast<std::size_t>(std::countr_zero(left))];
  return {record.tag, agrees, differs, own_set(pool, known, record.set), record.count, score};
}

std::span<const RowMatch> RowMatcher::match(const ReadRows& rows, std::size_t row, const Links& links,
                                            std::size_t place) {
  matches_.clear();
  const std::uint32_t begin = links.begin[place];
  const std::uint32_t end = links.begin[place + 1];
  if (begin == end) return matches_;
  KnownPool& known = known_of(links.pool);
  for (std::uint32_t l = begin; l < end; ++l) {
    const RowMatch one = compare(rows, row, links.pool, links.pool[links.records[l]], known);
    const auto same = std::find_if(matches_.begin(), matches_.end(), [&](const RowMatch& other) {
      return other.tag == one.tag && other.agrees == one.agrees && other.differs == one.differs;
    });
    if (same == matches_.end()) {
      matches_.push_back(one);
      continue;
    }
    same->set = united(same->set, one.set);
    same->count = std::max(same->count, one.count);
  }
  if (matches_.size() > 1) {
    std::sort(matches_.begin(), matches_.end(), [](const RowMatch& a, const RowMatch& b) {
      return std::tuple(b.score, std::popcount(a.differs), a.tag, a.agrees, a.differs) <
             std::tuple(a.score, std::popcount(b.differs), b.tag, b.agrees, b.differs);
    });
  }
  while (!matches_.empty() &&
         (matches_.back().agrees == 0 || matches_.back().score < kWorthKeeping * matches_.front().score)) {
    matches_.pop_back();
  }
  return matches_;
}

std::uint32_t RowMatcher::number_of(ClassKey&& key) {
  const auto [place, fresh] = numbers_.try_emplace(std::move(key), static_cast<std::uint32_t>(classes_.size()));
  if (fresh) classes_.push_back(place->first);
  return place->second;
}

std::uint32_t RowMatcher::class_of(FieldMask visible, FieldMask repeats) {
  if (matches_.size() == 1) {
    const RowMatch& only = matches_.front();
    const std::uint64_t digest =
        mixed(visible ^ repeats << 1 ^
              mixed(only.agrees ^ mixed(only.differs ^ (std::uint64_t{only.set} << 32 | only.count))));
    Recent& recent = recent_[digest % recent_.size()];
    if (!recent.used || recent.visible != visible || recent.repeats != repeats || recent.agrees != only.agrees ||
        recent.differs != only.differs || recent.set != only.set || recent.records != only.count) {
      const std::uint32_t number = number_of({visible, repeats, only.agrees, only.differs, only.set, only.count});
      recent = {visible, repeats, only.agrees, only.differs, only.set, only.count, number, true};
    }
    return recent.number;
  }
  struct Part {
    FieldMask agrees, differs;
    std::uint32_t set;
    std::uint64_t records;
  };
  std::vector<Part> parts;
  for (const RowMatch& match : matches_) {
    const auto same = std::find_if(parts.begin(), parts.end(), [&](const Part& part) {
      return part.agrees == match.agrees && part.differs == match.differs && part.set == match.set;
    });
    if (same != parts.end()) {
      same->records += match.count;
    } else if (parts.size() < kMostMatches) {
      parts.push_back({match.agrees, match.differs, match.set, match.count});
    }
  }
  ClassKey key{visible, repeats};
  for (const Part& part : parts) key.insert(key.end(), {part.agrees, part.differs, part.set, part.records});
  return number_of(std::move(key));
}

}  // namespace sidik
