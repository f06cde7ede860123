// Which exports have to do with a sample's people: a registry may hold populations that have nothing to do with each
// other, and how large one is says nothing of another's.
#pragma once

#include <vector>

#include "registry/manifest.h"
#include "trace/agreement.h"

namespace sidik {

/// By export, how many of the linked rows it holds a record of that says at least so much (0 to 1) of what the row's
/// best one does.
std::vector<double> rows_held(const Agreement& agreement, std::size_t exports, double least);

/// That much says that it is the row's person, and nobody who has his birthday or price.
inline constexpr double kWellHeld = 0.5;

/// The largest of the exports that hold a tenth of what the one does that holds most; of all where no row was linked.
ExportIndex largest_related(const std::vector<ExportManifest>& exports, const std::vector<double>& held);

}  // namespace sidik
