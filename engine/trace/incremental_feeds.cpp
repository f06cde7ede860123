#include "trace/incremental_feeds.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include "trace/log_math.h"

namespace sidik {
namespace {

constexpr std::size_t kRecords = 2048;     // of each export
constexpr double kRowsInBoth = 0.05;       // at most
constexpr double kIdentitiesInBoth = 0.5;  // of new rows, at most
constexpr double kColumnsThere = 0.9;      // of the sample's, at least
constexpr double kNeverReturns = 0.1;      // at most, even if all dates are counted
constexpr double kCodes = 65536;

/// An export's first records.
struct Head {
  std::multimap<RowTag, std::map<ColumnId, ColumnCode>> records;
  RowTag end = RowTag{1} << kTagBits;
};

Head head_of(const FingerprintStore& store, ExportIndex e) {
  Head head;
  RecordAnswers answers;
  if (const std::optional<RowTag> next = store.scan(e, 0, kRecords, answers)) head.end = *next;
  for (const auto& group : answers.groups) {
    const std::size_t width = group.columns.size();
    for (std::size_t r = 0; r < group.tags.size(); ++r) {
      std::map<ColumnId, ColumnCode> codes;
      for (std::size_t c = 0; c < width; ++c)
        if (group.codes[r * width + c] != kAbsentCode) codes[group.columns[c]] = group.codes[r * width + c];
      head.records.emplace(group.tags[r], std::move(codes));
    }
  }
  return head;
}

/// Shares of the later export's rows, and of its identities, that the earlier one has.
struct InBoth {
  double rows = 1, identities = 1;
  double all = 0;  // identities that were looked at
};
InBoth in_both(const Head& earlier, const Head& later) {
  const RowTag end = std::min(earlier.end, later.end);
  double all = 0, rows = 0, tags = 0, tags_there = 0;
  for (auto one = later.records.begin(); one != later.records.end() && one->first < end; ++one) {
    const auto [from, to] = earlier.records.equal_range(one->first);
    const bool first = one == later.records.begin() || std::prev(one)->first != one->first;
    all += 1;
    rows += std::any_of(from, to, [&](const auto& other) { return other.second == one->second; }) ? 1 : 0;
    tags += first ? 1 : 0;
    tags_there += first && from != to ? 1 : 0;
  }
  return all == 0 ? InBoth{} : InBoth{rows / all, tags_there / tags, tags};
}

/// A share that `hits` of `all` show, of which `by_chance` would have been anyway, and `reach` could have been at most.
Returning bounds(double hits, double all, double by_chance, double reach) {
  if (all == 0 || reach <= 0) return {};
  const double share = hits / all;
  const double spread = 2 * std::sqrt(std::max(share * (1 - share), 1 / all) / all);
  const auto of = [&](double p) { return std::clamp((p - by_chance) / ((1 - by_chance) * reach), 0.0, 1.0); };
  return {of(share - spread), of(share + spread)};
}

/// `distinct` values does the column have in the whole earlier export: of a large one the head shows some.
Returning returning_in(const Head& earlier, const Head& later, ColumnId column, double distinct, const InBoth& both) {
  std::unordered_set<ColumnCode> there;
  for (const auto& [tag, codes] : earlier.records)
    if (const auto code = codes.find(column); code != codes.end() && code->second != kNullCode)
      there.insert(code->second);
  double all = 0, returned = 0, gave_tags = 0;
  for (const auto& [tag, codes] : later.records) {
    const auto code = codes.find(column);
    if (code == codes.end() || code->second == kNullCode) continue;
    all += 1;
    gave_tags += code->second == kTagCode ? 1 : 0;
    returned += there.count(code->second) != 0 ? 1 : 0;
  }
  if (gave_tags * 2 > all) return bounds(both.identities * both.all, both.all, 0, 1);
  const auto shown = static_cast<double>(there.size());
  return bounds(returned, all, shown / kCodes, std::min(1.0, shown / std::max(1.0, distinct)));
}

/// The same of a column of rows that stand in both: how many keep their value.
Returning kept_in(const Head& earlier, const Head& later, ColumnId column) {
  const RowTag end = std::min(earlier.end, later.end);
  double all = 0, kept = 0;
  for (auto one = later.records.begin(); one != later.records.end() && one->first < end; ++one) {
    const auto [from, to] = earlier.records.equal_range(one->first);
    const auto code = one->second.find(column);
    if (from == to || code == one->second.end() || code->second == kNullCode) continue;
    all += 1;
    kept += std::any_of(from, to,
                        [&](const auto& other) {
                          const auto its = other.second.find(column);
                          return its != other.second.end() && its->second == code->second;
                        })
                ? 1
                : 0;
  }
  return bounds(kept, all, 0, 1);
}

}  // namespace

std::vector<IncrementalFeed> find_incremental_feeds(const FingerprintStore& store, const ColumnMap& map,
                                                    std::size_t columns, const std::vector<Feed>& feeds) {
  std::vector<IncrementalFeed> found;
  if (map.mapped.empty() || static_cast<double>(map.mapped.size()) < kColumnsThere * static_cast<double>(columns))
    return found;
  for (std::size_t f = 0; f < feeds.size(); ++f) {
    if (feeds[f].exports.size() < 2) continue;
    const ExportIndex last = feeds[f].exports.back();
    const ExportIndex before = feeds[f].exports[feeds[f].exports.size() - 2];
    std::vector<const ExportColumn*> shown;
    for (const MappedColumn& mapped : map.mapped)
      if (const auto* const column = column_in(mapped, store.exports()[before])) shown.push_back(column);
    if (shown.size() != map.mapped.size()) continue;
    const Head earlier = head_of(store, before);
    const Head later = head_of(store, last);
    const InBoth both = in_both(earlier, later);
    if (both.rows > kRowsInBoth) continue;
    IncrementalFeed& one = found.emplace_back();
    one.feed = f;
    one.new_rows = both.identities <= kIdentitiesInBoth;
    for (std::size_t m = 0; m < shown.size(); ++m) {
      const ColumnId column = shown[m]->id;
      const auto distinct = static_cast<double>(shown[m]->statistics.distinct);
      one.returning.push_back(one.new_rows ? returning_in(earlier, later, column, distinct, both)
                                           : kept_in(earlier, later, column));
    }
  }
  return found;
}

double log_of_returning(double seen, double unseen, const Returning& returning) {
  if (seen + unseen == 0) return 0;
  const double share = seen / (seen + unseen);
  double usual = 0;
  if (share < returning.low)
    usual = returning.low;
  else if (returning.high < kNeverReturns && share > returning.high)
    usual = returning.high;
  else
    return 0;
  const double returned =
      log_beta_binomial(0.5 + kReturningWorth * usual, 0.5 + kReturningWorth * (1 - usual), seen, unseen);
  return std::min(0.0, returned - log_beta_binomial(1, 1, seen, unseen));
}

}  // namespace sidik
