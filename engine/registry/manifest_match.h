// Whether a run's encrypted manifest tells of the same export as its clear envelope.
#pragma once

#include <string>

#include "registry/catalogue.h"

namespace sidik {

/// The place in run.exports() of the export that `stored` names. Throws Error(kDamaged, place) where the run has none
/// such or says anything of it that the envelope does not.
std::size_t manifest_of(const Run& run, const StoredExport& stored, const std::string& place);

}  // namespace sidik
