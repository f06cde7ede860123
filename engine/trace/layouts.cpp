#include "trace/layouts.h"

#include <algorithm>
#include <map>

namespace sidik {

std::vector<Layout> layouts_of(const std::vector<ExportManifest>& exports) {
  std::map<std::vector<ColumnId>, Layout> layouts;
  for (const ExportManifest& manifest : exports) {
    Layout layout;
    for (const ExportColumn& column : manifest.columns) layout.emplace_back(column.id, &column);
    std::sort(layout.begin(), layout.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<ColumnId> ids;
    for (const auto& [id, column] : layout) ids.push_back(id);
    layouts.try_emplace(std::move(ids), std::move(layout));
  }
  std::vector<Layout> all;
  for (auto& [ids, layout] : layouts) all.push_back(std::move(layout));
  std::stable_sort(all.begin(), all.end(), [](const Layout& a, const Layout& b) { return a.size() > b.size(); });
  return all;
}

}  // namespace sidik
