// Whether a run's encrypted manifest tells of the same export as its clear envelope.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "registry/catalogue.h"

namespace sidik {

/// The manifests of a run by their exports' names. The run must outlive it; immutable.
class ManifestPlaces {
 public:
  explicit ManifestPlaces(const Run& run);
  /// The place in run.exports() of the export that `stored` names. Throws Error(kDamaged, place) where the run has none
  /// such or says anything of it that the envelope does not.
  std::size_t of(const StoredExport& stored, const std::string& place) const;

 private:
  const Run& run_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
};

}  // namespace sidik
