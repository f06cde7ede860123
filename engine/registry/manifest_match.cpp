#include "registry/manifest_match.h"

#include "base/error.h"

namespace sidik {

ManifestPlaces::ManifestPlaces(const Run& run) : run_(run) {
  by_name_.reserve(run.exports().size());
  for (std::size_t i = 0; i < run.exports().size(); ++i) by_name_.emplace(run.exports()[i].description.name, i);
}

std::size_t ManifestPlaces::of(const StoredExport& stored, const std::string& place) const {
  const CatalogueEntry& entry = stored.envelope.entry;
  const ExportDescription& said = entry.description;
  if (run_.id() != stored.run.id || run_.epoch() != stored.run.epoch)
    throw Error(ErrorKind::kDamaged, place, "is another run than its envelope names; run `sidik check`");
  if (run_.key_commitment() != stored.run.key_commitment)
    throw Error(ErrorKind::kDamaged, place,
                "is encrypted under another data key than its signed envelope names: another hand made it; run `sidik "
                "check`");
  if (const auto at = by_name_.find(said.name); at != by_name_.end()) {
    const ExportManifest& manifest = run_.exports()[at->second];
    const ExportDescription& written = manifest.description;
    if (written.feed == said.feed && written.recipient == said.recipient && written.kind == said.kind &&
        written.at == said.at && written.sent_at == said.sent_at && written.registered_at == said.registered_at &&
        written.registered_by == said.registered_by && manifest.rows == entry.rows &&
        manifest.content_digest == entry.content_digest && manifest.records_digest == entry.records_digest)
      return at->second;
  }
  throw Error(ErrorKind::kDamaged, place,
              "its manifest tells otherwise than the envelope of export '" + said.name + "'; run `sidik check`");
}

}  // namespace sidik
