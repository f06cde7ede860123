#include "registry/run_sample.h"

#include <algorithm>

#include "base/spread.h"
#include "registry/run_cursor.h"

namespace sidik {
namespace {

constexpr std::size_t kRecords = 2048;
/// With fewer of one below the common threshold, an estimate says little.
constexpr std::size_t kFewest = 24;
/// What a version costs beside the record that it is one of: what changed, and new index entries.
constexpr double kVersionShare = 0.5;

/// Behind all tags.
constexpr RowTag kEnd = RowTag{1} << kTagBits;

/// Records in the order of tags, and what they cost.
struct Cost {
  std::size_t records = 0, tags = 0;
  RowTag last = ~RowTag{0};
  void add(RowTag tag) {
    ++records;
    tags += tag != last;
    last = tag;
  }
  double records_worth() const {
    return static_cast<double>(tags) + kVersionShare * static_cast<double>(records - tags);
  }
};

}  // namespace

RunSample::RunSample(const Run& run) : bytes_(static_cast<double>(run.file_length())) {
  const auto& reader = static_cast<const RunReader&>(run);
  const PageProgress silent;
  RecordCursor cursor(reader, silent);
  bound_ = kEnd;
  for (; !cursor.at_end(); cursor.next()) {
    if (records_.size() >= kRecords && cursor.tag() != records_.back().first) {
      bound_ = cursor.tag();
      break;
    }
    // The order of columns does not matter: an export may have them in another.
    std::uint64_t digest = spread(cursor.count());
    for (std::size_t c = 0; c < reader.columns().size(); ++c)
      if (cursor.code(c) != kAbsentCode) digest += spread(reader.columns()[c] ^ spread(cursor.code(c)));
    records_.emplace_back(cursor.tag(), digest);
  }
  std::sort(records_.begin(), records_.end());
}

double RunSample::saves(const RunSample& other) const {
  const RowTag bound = std::min(bound_, other.bound_);
  Cost own, others, merged;
  auto a = records_.begin(), b = other.records_.begin();
  for (;;) {
    const bool more_a = a != records_.end() && a->first < bound;
    const bool more_b = b != other.records_.end() && b->first < bound;
    if (!more_a && !more_b) break;
    const bool take_a = more_a && (!more_b || *a <= *b), take_b = more_b && (!more_a || *b <= *a);
    const RowTag tag = take_a ? a->first : b->first;
    merged.add(tag);
    if (take_a) {
      own.add(tag);
      ++a;
    }
    if (take_b) {
      others.add(tag);
      ++b;
    }
  }
  // What is small beside the other gains little by standing in it, and would have all of that rewritten.
  const bool all_of_both = bound == kEnd;
  if (!all_of_both && (own.records < kFewest || others.records < kFewest)) return 0;
  if (others.records == 0) return 0;
  return (own.records_worth() + others.records_worth() - merged.records_worth()) / others.records_worth();
}

void RunSample::unite(const RunSample& other) {
  bytes_ += other.bytes_ * (1 - saves(other));
  bound_ = std::min(bound_, other.bound_);
  std::vector<Record> all;
  std::set_union(records_.begin(), records_.end(), other.records_.begin(), other.records_.end(),
                 std::back_inserter(all));
  while (!all.empty() && all.back().first >= bound_) all.pop_back();
  records_ = std::move(all);
}

}  // namespace sidik
