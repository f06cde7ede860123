#include "registry/export_set.h"

#include <algorithm>
#include <utility>

namespace sidik {

ExportSet::ExportSet(std::initializer_list<ExportIndex> members) {
  for (const ExportIndex member : members) append(member);
}

ExportSet ExportSet::all(std::size_t count) {
  ExportSet set;
  if (count > 0) set.append(0, static_cast<ExportIndex>(count - 1));
  return set;
}

void ExportSet::append(ExportIndex first, ExportIndex last) {
  if (empty()) {
    only_ = {first, last};
    return;
  }
  Range& before = several_.empty() ? only_ : several_.back();
  if (before.last + 1 == first) {
    before.last = last;
    return;
  }
  if (several_.empty()) several_.push_back(std::exchange(only_, kNoRange));
  several_.push_back({first, last});
}

std::size_t ExportSet::size() const {
  std::size_t members = 0;
  for (const Range& range : ranges()) members += range.last - range.first + std::size_t{1};
  return members;
}

bool ExportSet::contains(ExportIndex member) const { return meets(member, member); }

bool ExportSet::meets(ExportIndex first, ExportIndex last) const {
  if (several_.empty()) return !empty() && only_.first <= last && first <= only_.last;
  const auto at = std::lower_bound(several_.begin(), several_.end(), first,
                                   [](const Range& range, ExportIndex m) { return range.last < m; });
  return at != several_.end() && at->first <= last;
}

bool ExportSet::operator==(const std::vector<ExportIndex>& members) const {
  return size() == members.size() && std::equal(members.begin(), members.end(), begin());
}

void unite(const ExportSet& a, const ExportSet& b, ExportSet& out) {
  out.clear();
  const std::span<const ExportSet::Range> one = a.ranges(), other = b.ranges();
  ExportIndex next = 0;  // behind all that is in `out`
  for (std::size_t i = 0, j = 0; i < one.size() || j < other.size();) {
    const bool first = j == other.size() || (i < one.size() && one[i].first <= other[j].first);
    const ExportSet::Range range = first ? one[i++] : other[j++];
    if (!out.empty() && range.last < next) continue;
    const ExportIndex from = out.empty() ? range.first : std::max(range.first, next);
    out.append(from, range.last);
    next = range.last + 1;
  }
}

void intersect(std::span<const ExportSet::Range> a, std::span<const ExportSet::Range> b, ExportSet& out) {
  out.clear();
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const ExportIndex first = std::max(a[i].first, b[j].first);
    const ExportIndex last = std::min(a[i].last, b[j].last);
    if (first <= last) out.append(first, last);
    if (a[i].last < b[j].last)
      ++i;
    else
      ++j;
  }
}

std::size_t ExportSetHash::operator()(const ExportSet& set) const {
  std::uint64_t hash = 0x9e3779b97f4a7c15;
  for (const ExportSet::Range& range : set.ranges()) {
    hash ^= static_cast<std::uint64_t>(range.first) << 32 | range.last;
    hash *= 0xbf58476d1ce4e5b9;
    hash ^= hash >> 29;
  }
  return hash;
}

}  // namespace sidik
