#include "registry/record_merge.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace sidik {
namespace {

/// Tags of more records are events: their records are not tried against each other one by one.
constexpr std::size_t kMostProjectionsTried = 256;

std::uint64_t bit_of(FieldType type) { return std::uint64_t{1} << static_cast<unsigned>(type); }

bool disjoint(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
  for (std::size_t w = 0; w < a.size(); ++w)
    if ((a[w] & b[w]) != 0) return false;
  return true;
}

void unite(std::span<std::uint64_t> into, std::span<const std::uint64_t> other) {
  for (std::size_t w = 0; w < into.size(); ++w) into[w] |= other[w];
}

}  // namespace

void TagRecords::clear() {
  codes.clear();
  counts.clear();
  words.clear();
}

void PrefixSet::insert(std::uint32_t prefix) {
  constexpr std::size_t kWords = (std::size_t{1} << kEntryTagBits) / 64;
  if (bits_.empty()) bits_.resize(kWords);
  bits_[prefix / 64] |= std::uint64_t{1} << (prefix % 64);
}

RecordMerge::RecordMerge(const MergePlan& plan, const PageProgress& progress, GonePrefixes* gone)
    : plan_(plan), columns_(plan.columns.size()), gone_(gone) {
  for (const MergePlan::Input& input : plan.inputs) {
    Source source{&input, RecordCursor(*input.run, progress), {}, {}};
    for (const ExportSet& set : input.run->sets()) {
      source.dictionary.resize(source.dictionary.size() + plan.words);
      const bool removed = plan.translate(
          input, set.ranges(), {source.dictionary.data() + source.dictionary.size() - plan.words, plan.words});
      source.removed.push_back(removed ? 1 : 0);
    }
    sources_.push_back(std::move(source));
  }
}

bool RecordMerge::next(TagRecords& out) {
  for (;;) {
    constexpr RowTag kNone = ~RowTag{0};
    RowTag tag = kNone;
    for (const Source& source : sources_)
      if (!source.cursor.at_end()) tag = std::min(tag, source.cursor.tag());
    if (tag == kNone) {
      end_prefix();
      return false;
    }
    raw_.clear();
    raw_.tag = tag;
    if (gone_ != nullptr && tag_prefix(tag) != prefix_) {
      end_prefix();
      prefix_ = tag_prefix(tag);
    }
    for (Source& source : sources_)
      while (!source.cursor.at_end() && source.cursor.tag() == tag) take(source);
    if (raw_.size() == 0) continue;  // all of removed exports
    kept_.resize(raw_.size());
    std::iota(kept_.begin(), kept_.end(), 0U);
    if (raw_.size() > 1) {
      unite_equal();
      unite_projections();
      sort_by_export();
    }
    if (gone_ != nullptr) note_values();
    out.clear();
    out.tag = tag;
    if (kept_.size() == raw_.size() && std::is_sorted(kept_.begin(), kept_.end())) {
      std::swap(out, raw_);
      return true;
    }
    for (const std::uint32_t r : kept_) {
      out.codes.insert(out.codes.end(), codes(r).begin(), codes(r).end());
      out.counts.push_back(raw_.counts[r]);
      out.words.insert(out.words.end(), set(r).begin(), set(r).end());
    }
    return true;
  }
}

/// Takes the record under a source's cursor over, unless all its exports were removed.
void RecordMerge::take(Source& source) {
  RecordCursor& cursor = source.cursor;
  const std::size_t at = raw_.words.size();
  raw_.words.resize(at + plan_.words);
  const std::span<std::uint64_t> words(raw_.words.data() + at, plan_.words);
  bool removed = false;
  const std::uint16_t number = cursor.set_number();
  if (number < source.removed.size()) {
    std::copy_n(source.dictionary.begin() + static_cast<std::ptrdiff_t>(number * plan_.words), plan_.words,
                words.begin());
    removed = source.removed[number] != 0;
  } else {
    removed = plan_.translate(*source.input, cursor.set(), words);
  }
  const std::vector<std::size_t>& places = source.input->columns;
  if (removed && gone_ != nullptr)
    for (std::size_t c = 0; c < places.size(); ++c)
      if (cursor.code(c) >= kFirstValueCode) lost_ |= bit_of(source.input->run->types()[c]);
  if (std::all_of(words.begin(), words.end(), [](std::uint64_t word) { return word == 0; })) {
    raw_.words.resize(at);
    cursor.next();
    return;
  }
  const std::size_t before = raw_.codes.size();
  raw_.codes.resize(before + columns_, kAbsentCode);
  for (std::size_t c = 0; c < places.size(); ++c)
    if (places[c] < columns_) raw_.codes[before + places[c]] = cursor.code(c);
  raw_.counts.push_back(cursor.count());
  if (removed) drop_columns_of_nobody(raw_.size() - 1);
  cursor.next();
}

/// A column that only removed exports of the record had is no column of it any more.
void RecordMerge::drop_columns_of_nobody(std::size_t record) {
  for (std::size_t c = 0; c < columns_; ++c)
    if (!holds(record, plan_.with_column[c])) raw_.codes[record * columns_ + c] = kAbsentCode;
}

bool RecordMerge::holds(std::size_t record, const std::vector<std::uint64_t>& exports) const {
  return !disjoint({raw_.words.data() + record * plan_.words, plan_.words}, exports);
}

void RecordMerge::unite_equal() {
  const auto equal = [this](std::uint32_t a, std::uint32_t b) {
    return raw_.counts[a] == raw_.counts[b] &&
           std::memcmp(codes(a).data(), codes(b).data(), columns_ * sizeof(ColumnCode)) == 0;
  };
  // Nearly always all are.
  if (std::all_of(kept_.begin() + 1, kept_.end(), [&](std::uint32_t r) { return equal(0, r); })) {
    for (std::size_t i = 1; i < kept_.size(); ++i) unite(set(0), set(kept_[i]));
    kept_.resize(1);
    return;
  }
  std::sort(kept_.begin(), kept_.end(), [this](std::uint32_t a, std::uint32_t b) {
    const int order = std::memcmp(codes(a).data(), codes(b).data(), columns_ * sizeof(ColumnCode));
    return order != 0 ? order < 0 : std::tuple(raw_.counts[a], a) < std::tuple(raw_.counts[b], b);
  });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < kept_.size(); ++i) {
    if (equal(kept_[kept], kept_[i]))
      unite(set(kept_[kept]), set(kept_[i]));
    else
      kept_[++kept] = kept_[i];
  }
  kept_.resize(kept + 1);
}

/// Whether two records agree wherever both have a column. Those of one export never do: it has all the columns that
/// tell its records apart.
bool RecordMerge::compatible(std::size_t a, std::size_t b) const {
  if (raw_.counts[a] != raw_.counts[b]) return false;
  const std::span<const ColumnCode> x = codes(a), y = codes(b);
  for (std::size_t c = 0; c < columns_; ++c)
    if (x[c] != y[c] && x[c] != kAbsentCode && y[c] != kAbsentCode) return false;
  return disjoint({raw_.words.data() + a * plan_.words, plan_.words},
                  {raw_.words.data() + b * plan_.words, plan_.words});
}

/// How far the record's exports are from the date of that rank: small where it was current then.
std::uint32_t RecordMerge::distance(std::size_t record, std::uint32_t rank) const {
  const auto later = static_cast<std::uint32_t>(plan_.exports.size());
  std::uint32_t least = 3 * later;
  for (const ExportIndex e : set_of({raw_.words.data() + record * plan_.words, plan_.words})) {
    const std::uint32_t own = plan_.date_rank[e];
    least = std::min(least, own <= rank ? rank - own : later + own - rank);
  }
  return least;
}

/// Makes records one that differ only in columns which one side's exports do not have: the fullest first, and of
/// several versions the one that was current at the date.
void RecordMerge::unite_projections() {
  const auto absent = [this](std::uint32_t r) {
    return static_cast<std::size_t>(std::count(codes(r).begin(), codes(r).end(), kAbsentCode));
  };
  if (kept_.size() < 2 || kept_.size() > kMostProjectionsTried ||
      std::all_of(kept_.begin(), kept_.end(), [&](std::uint32_t r) { return absent(r) == 0; }))
    return;
  std::stable_sort(kept_.begin(), kept_.end(), [&](std::uint32_t a, std::uint32_t b) { return absent(a) < absent(b); });
  std::size_t kept = 0;
  for (const std::uint32_t r : std::vector<std::uint32_t>(kept_)) {
    std::uint32_t best = r;
    std::uint32_t nearest = 0;
    const std::uint32_t rank = plan_.date_rank[set_of(set(r)).front()];
    for (std::size_t i = 0; i < kept; ++i) {
      if (!compatible(kept_[i], r)) continue;
      const std::uint32_t away = distance(kept_[i], rank);
      if (best != r && away >= nearest) continue;
      best = kept_[i];
      nearest = away;
    }
    if (best == r) {
      kept_[kept++] = r;
      continue;
    }
    unite(set(best), set(r));
    for (std::size_t c = 0; c < columns_; ++c)
      if (ColumnCode& code = raw_.codes[best * columns_ + c]; code == kAbsentCode) code = raw_.codes[r * columns_ + c];
  }
  kept_.resize(kept);
}

void RecordMerge::sort_by_export() {
  if (kept_.size() < 2) return;
  std::vector<std::pair<ExportIndex, std::uint32_t>> order;
  for (const std::uint32_t r : kept_) order.emplace_back(set_of(set(r)).front(), r);
  std::sort(order.begin(), order.end(), [this](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return std::lexicographical_compare(codes(a.second).begin(), codes(a.second).end(), codes(b.second).begin(),
                                        codes(b.second).end());
  });
  for (std::size_t i = 0; i < kept_.size(); ++i) kept_[i] = order[i].second;
}

/// Which types the live records of the prefix have entries of.
void RecordMerge::note_values() {
  for (const std::uint32_t r : kept_)
    for (std::size_t c = 0; c < columns_; ++c)
      if (codes(r)[c] >= kFirstValueCode && holds(r, plan_.indexing[c])) live_ |= bit_of(plan_.types[c]);
}

void RecordMerge::end_prefix() {
  if (gone_ != nullptr)
    for (std::size_t type = 0; type < gone_->size(); ++type)
      if (((lost_ & ~live_) >> type & 1) != 0) (*gone_)[type].insert(prefix_);
  lost_ = live_ = 0;
}

}  // namespace sidik
