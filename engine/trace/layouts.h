// Layouts: the sets of columns that exports have, each once, however many exports share it.
#pragma once

#include <utility>
#include <vector>

#include "registry/manifest.h"

namespace sidik {

/// The columns of some export of the layout, by id; they live as long as the manifests.
using Layout = std::vector<std::pair<ColumnId, const ExportColumn*>>;

/// Those of most columns first, in a fixed order.
std::vector<Layout> layouts_of(const std::vector<ExportManifest>& exports);

}  // namespace sidik
