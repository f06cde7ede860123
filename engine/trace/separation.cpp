#include "trace/separation.h"

#include <algorithm>
#include <cmath>

#include "trace/feed_conditions.h"

namespace sidik {
namespace {

/// A record of an identity, and which of the exports hold it.
struct HeldRecord {
  RowTag tag;
  std::uint32_t group, row;
  std::uint64_t held;  // bit 0: `one`, bit 1 + i: others[i]
};

class Comparison {
 public:
  Comparison(const RecordAnswers& answers, const std::set<ColumnId>& shown) : answers_(answers), shown_(shown) {}

  /// `records`: those of one identity, held by `one` at least once.
  void add(std::span<const HeldRecord> records, std::uint64_t other, Separation& found) {
    found.looked += 1;
    const HeldRecord* first_of[2] = {nullptr, nullptr};
    bool several = false;
    for (const HeldRecord& record : records) {
      for (const int side : {0, 1}) {
        if ((record.held & (side == 0 ? 1 : other)) == 0) continue;
        several = several || first_of[side] != nullptr;
        first_of[side] = &record;
      }
    }
    if (first_of[1] == nullptr) {
      found.by_shown += 1;
      return;
    }
    if (!several && first_of[0] == first_of[1]) return;
    codes(records, 1, ours_);
    codes(records, other, theirs_);
    compare(found);
  }

 private:
  struct Code {
    ColumnId column;
    ColumnCode code;
    FieldType type;
    bool operator<(const Code& b) const { return column != b.column ? column < b.column : code < b.code; }
    bool operator==(const Code& b) const { return column == b.column && code == b.code; }
  };

  void codes(std::span<const HeldRecord> records, std::uint64_t side, std::vector<Code>& found) const {
    found.clear();
    for (const HeldRecord& record : records) {
      if ((record.held & side) == 0) continue;
      const RecordAnswers::Group& group = answers_.groups[record.group];
      const std::size_t width = group.columns.size();
      for (std::size_t c = 0; c < width; ++c) {
        const ColumnCode code = group.codes[record.row * width + c];
        if (code != kAbsentCode) found.push_back({group.columns[c], code, group.types[c]});
      }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
  }

  /// Columns that both sides have and in which they hold other values.
  void compare(Separation& found) {
    bool differs = false;
    further_.clear();
    auto theirs = theirs_.begin();
    for (auto ours = ours_.begin(); ours != ours_.end();) {
      const ColumnId column = ours->column;
      const auto of_column = [&](const Code& code) { return code.column == column; };
      const auto our_end = std::find_if_not(ours, ours_.end(), of_column);
      theirs = std::find_if(theirs, theirs_.end(), [&](const Code& code) { return !(code.column < column); });
      const auto their_end = std::find_if_not(theirs, theirs_.end(), of_column);
      if (theirs != their_end && !std::equal(ours, our_end, theirs, their_end)) {
        if (shown_.count(column) != 0)
          differs = true;
        else
          further_.insert(ours->type);
      }
      ours = our_end;
      theirs = their_end;
    }
    found.by_shown += differs ? 1 : 0;
    for (const FieldType type : further_) found.by_further[type] += 1;
  }

  const RecordAnswers& answers_;
  const std::set<ColumnId>& shown_;
  std::vector<Code> ours_, theirs_;
  std::set<FieldType> further_;
};

/// The records that any of the exports holds, identity by identity.
std::vector<HeldRecord> held_records(const RecordAnswers& answers, ExportIndex one,
                                     std::span<const ExportIndex> others) {
  std::vector<HeldRecord> records;
  std::vector<std::uint64_t> held;
  for (std::uint32_t g = 0; g < answers.groups.size(); ++g) {
    const RecordAnswers::Group& group = answers.groups[g];
    held.clear();
    for (const ExportSet& set : group.export_sets) {
      std::uint64_t bits = set.contains(one) ? 1 : 0;
      for (std::size_t i = 0; i < others.size(); ++i) bits |= std::uint64_t{set.contains(others[i])} << (i + 1);
      held.push_back(bits);
    }
    for (std::uint32_t r = 0; r < group.tags.size(); ++r) {
      const std::uint64_t bits = held[group.sets[r]];
      if (bits != 0) records.push_back({group.tags[r], g, r, bits});
    }
  }
  std::stable_sort(records.begin(), records.end(),
                   [](const HeldRecord& a, const HeldRecord& b) { return a.tag < b.tag; });
  return records;
}

}  // namespace

std::vector<Separation> separations_of(const FingerprintStore& store, ExportIndex one,
                                       std::span<const ExportIndex> others, const std::set<ColumnId>& shown) {
  constexpr std::size_t kSpots = 16, kRecords = 128, kMostOthers = 63;
  if (others.empty()) return {};
  others = others.first(std::min(others.size(), kMostOthers));
  const std::vector<RowTag> tags = some_tags(store, one, kSpots, kRecords);
  RecordAnswers answers;
  store.find_records(store.epoch_of(one), tags, answers);
  const std::vector<HeldRecord> records = held_records(answers, one, others);
  std::vector<Separation> found(others.size());
  Comparison comparison(answers, shown);
  for (std::size_t from = 0; from < records.size();) {
    std::size_t to = from;
    std::uint64_t held = 0;
    while (to < records.size() && records[to].tag == records[from].tag) held |= records[to++].held;
    const std::span<const HeldRecord> of_identity(records.data() + from, to - from);
    if ((held & 1) != 0) {
      for (std::size_t i = 0; i < others.size(); ++i)
        comparison.add(of_identity, std::uint64_t{1} << (i + 1), found[i]);
    }
    from = to;
  }
  for (Separation& separation : found) {
    if (separation.looked == 0) continue;
    separation.by_shown /= separation.looked;
    for (auto& [type, share] : separation.by_further) share /= separation.looked;
  }
  return found;
}

std::uint64_t rows_to_separate(double share) {
  constexpr double kMissed = 0.05;
  if (share <= 0) return 0;
  const double rows = share >= 1 ? 1 : std::ceil(std::log(kMissed) / std::log1p(-share));
  double step = 1;
  while (rows > 20 * step) step *= 10;
  return static_cast<std::uint64_t>(std::ceil(rows / step) * step);
}

}  // namespace sidik
