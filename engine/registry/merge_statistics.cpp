#include "registry/merge_statistics.h"

#include <algorithm>

namespace sidik {
namespace {

constexpr std::size_t kAllCodes = std::size_t{1} << 16;
constexpr std::size_t kMostSets = 1 << 14;
/// What a set in the dictionary costs beside its ranges or bits.
constexpr double kEntryBits = 32;
/// What a number takes in a record, at a guess.
constexpr double kNumberBits = 6;

bool equal(SetWords a, const std::vector<std::uint64_t>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

std::size_t SetCounts::Dictionary::Hash::operator()(const std::vector<std::uint64_t>& words) const {
  std::uint64_t hash = 0x9e3779b97f4a7c15;
  for (const std::uint64_t word : words) {
    hash = (hash ^ word) * 0xbf58476d1ce4e5b9;
    hash ^= hash >> 31;
  }
  return hash;
}

SetCounts::SetCounts(std::size_t exports) : exports_(exports) {}

void SetCounts::add(SetWords set) {
  if (last_count_ != nullptr && equal(set, last_)) {
    ++*last_count_;
  } else {
    if (counts_.size() >= kMostCounted) forget_rare();
    last_.assign(set.begin(), set.end());
    last_count_ = &counts_[last_];
    ++*last_count_;
  }
  ++(form_in_page(set, exports_) == kRangesInPage ? as_ranges_ : as_bitmap_);
}

void SetCounts::forget_rare() {
  std::uint64_t limit = 1;
  for (; counts_.size() > kMostCounted / 2; limit *= 2)
    std::erase_if(counts_, [limit](const auto& counted) { return counted.second <= limit; });
  last_count_ = nullptr;
}

SetCounts::Dictionary SetCounts::dictionary() const {
  Dictionary out;
  out.exports_ = exports_;
  std::vector<const std::pair<const std::vector<std::uint64_t>, std::uint64_t>*> worth;
  for (const auto& counted : counts_) {
    const auto bits = static_cast<double>(bits_in_page(counted.first, form_in_page(counted.first, exports_), exports_));
    const auto records = static_cast<double>(counted.second);
    if (records * (bits - kNumberBits) > bits + kEntryBits || counts_.size() == 1) worth.push_back(&counted);
  }
  std::sort(worth.begin(), worth.end(), [](const auto* a, const auto* b) {
    return a->second != b->second ? a->second > b->second : a->first < b->first;
  });
  worth.resize(std::min(worth.size(), kMostSets));
  std::vector<CodeFrequency> frequencies;
  std::uint64_t ranges = as_ranges_, bitmaps = as_bitmap_;
  for (const auto* counted : worth) {
    const auto number = static_cast<std::uint16_t>(out.sets.size());
    out.sets.push_back(set_of(counted->first));
    out.numbers_.emplace(counted->first, number);
    frequencies.push_back({number, counted->second});
    (form_in_page(counted->first, exports_) == kRangesInPage ? ranges : bitmaps) -= counted->second;
  }
  if (ranges > 0) frequencies.push_back({kRangesInPage, ranges});
  if (bitmaps > 0) frequencies.push_back({kBitmapInPage, bitmaps});
  out.model = ColumnModel::fit(frequencies);
  return out;
}

std::uint16_t SetCounts::Dictionary::number_of(SetWords set) const {
  if (!last_.empty() && equal(set, last_)) return last_number_;
  last_.assign(set.begin(), set.end());
  const auto found = numbers_.find(last_);
  last_number_ = found != numbers_.end() ? found->second : form_in_page(set, exports_);
  return last_number_;
}

MergeStatistics::MergeStatistics(std::size_t columns, std::size_t exports)
    : sets(exports), columns_(columns), words_(words_for(exports)), codes_(columns) {
  for (auto& counts : codes_) counts.resize(kAllCodes);
}

void MergeStatistics::add(const TagRecords& tag) {
  records += tag.size();
  for (std::size_t r = 0; r < tag.size(); ++r) {
    const ColumnCode* const now = tag.codes.data() + r * columns_;
    for (std::size_t c = 0; c < columns_; ++c) {
      if (r > 0 && now[c] == (now - columns_)[c]) continue;
      std::uint32_t& count = codes_[c][now[c]];
      count += count != 0xffffffff;
    }
    sets.add({tag.words.data() + r * words_, words_});
  }
}

ColumnModel MergeStatistics::column_model(std::size_t column) const {
  std::vector<CodeFrequency> frequencies;
  for (std::size_t code = 0; code < kAllCodes; ++code)
    if (codes_[column][code] > 0) frequencies.push_back({static_cast<ColumnCode>(code), codes_[column][code]});
  return ColumnModel::fit(frequencies);
}

}  // namespace sidik
