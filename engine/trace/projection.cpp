#include "trace/projection.h"

#include <algorithm>

namespace sidik {

ExportProjection::ExportProjection(std::vector<char> kept, const std::vector<Feed>& feeds)
    : kept_(std::move(kept)), stands_(kept_.size()) {
  for (std::size_t f = 0; f < feeds.size(); ++f) {
    const std::vector<ExportIndex>& exports = feeds[f].exports;
    std::size_t last = exports.size();
    while (last > 0 && !kept_[exports[last - 1]]) --last;
    ExportIndex old = 0;
    for (std::size_t i = 0; i < last; ++i) {
      if (i == 0 || kept_[exports[i - 1]]) old = exports[i];  // stands for the stretch up to the next kept one
      stands_[exports[i]] = {true, f, i, kept_[exports[i]] ? exports[i] : old};
    }
  }
}

void ExportProjection::of(std::span<const ExportIndex> exports, std::vector<ExportIndex>& out) const {
  out.clear();
  for (const ExportIndex e : exports)
    if (kept_[e]) out.push_back(e);
  if (stands_.empty()) return;
  std::vector<Stand> oldest;  // one a feed
  for (const ExportIndex e : exports) {
    const Stand& stand = stands_[e];
    if (!stand.counts) continue;
    const auto at = std::find_if(oldest.begin(), oldest.end(), [&](const Stand& s) { return s.feed == stand.feed; });
    if (at == oldest.end())
      oldest.push_back(stand);
    else if (stand.place < at->place)
      *at = stand;
  }
  for (const Stand& stand : oldest) out.push_back(stand.as);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

}  // namespace sidik
