#include "trace/projection.h"

#include <algorithm>

namespace sidik {

ExportProjection::ExportProjection(std::vector<char> kept) : kept_(std::move(kept)) {
  for (ExportIndex e = 0; e < kept_.size(); ++e)
    if (kept_[e]) rising_.push_back(e);
}

ExportProjection::ExportProjection(std::vector<char> kept, const std::vector<Feed>& feeds)
    : ExportProjection(std::move(kept)) {
  older_ = true;
  stands_.resize(kept_.size());
  std::vector<char> counts(kept_.size());
  for (std::size_t f = 0; f < feeds.size(); ++f) {
    const std::vector<ExportIndex>& exports = feeds[f].exports;
    std::size_t last = exports.size();
    while (last > 0 && !kept_[exports[last - 1]]) --last;
    ExportIndex old = 0;
    for (std::size_t i = 0; i < last; ++i) {
      if (i == 0 || kept_[exports[i - 1]]) old = exports[i];  // stands for the stretch up to the next kept one
      stands_[exports[i]] = {f, i, kept_[exports[i]] ? exports[i] : old};
      counts[exports[i]] = 1;
    }
  }
  first_stand_.assign(kept_.size() + 1, kNone);
  for (std::size_t e = kept_.size(); e-- > 0;) {
    const ExportIndex behind = first_stand_[e + 1];
    first_stand_[e] = counts[e] ? static_cast<ExportIndex>(e) : behind;
    if (!counts[e] || behind == kNone) continue;
    const bool younger = stands_[behind].feed == stands_[e].feed && stands_[behind].place > stands_[e].place;
    stands_[e].next = younger ? stands_[behind].next : behind;
  }
}

void ExportProjection::of(const ExportSet& exports, ExportSet& out) const {
  std::vector<ExportIndex> seen;
  std::vector<Stand> oldest;  // one a feed
  auto kept = rising_.begin();
  for (const ExportSet::Range& range : exports.ranges()) {
    kept = std::lower_bound(kept, rising_.end(), range.first);
    for (; kept != rising_.end() && *kept <= range.last; ++kept) seen.push_back(*kept);
    if (!older_) continue;
    for (ExportIndex e = first_stand_[range.first]; e <= range.last && e != kNone; e = stands_[e].next) {
      const Stand& stand = stands_[e];
      const auto at = std::find_if(oldest.begin(), oldest.end(), [&](const Stand& s) { return s.feed == stand.feed; });
      if (at == oldest.end())
        oldest.push_back(stand);
      else if (stand.place < at->place)
        *at = stand;
    }
  }
  for (const Stand& stand : oldest) seen.push_back(stand.as);
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  out.clear();
  for (const ExportIndex e : seen) out.append(e);
}

}  // namespace sidik
