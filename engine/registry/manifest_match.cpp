#include "registry/manifest_match.h"

#include "base/error.h"

namespace sidik {

std::size_t manifest_of(const Run& run, const StoredExport& stored, const std::string& place) {
  const CatalogueEntry& entry = stored.envelope.entry;
  const ExportDescription& said = entry.description;
  if (run.id() != stored.run.id || run.epoch() != stored.run.epoch)
    throw Error(ErrorKind::kDamaged, place, "is another run than its envelope names; run `sidik check`");
  for (std::size_t i = 0; i < run.exports().size(); ++i) {
    const ExportManifest& manifest = run.exports()[i];
    const ExportDescription& written = manifest.description;
    if (written.name != said.name) continue;
    if (written.feed != said.feed || written.recipient != said.recipient || written.kind != said.kind ||
        written.at != said.at || written.sent_at != said.sent_at || written.registered_at != said.registered_at ||
        written.registered_by != said.registered_by || manifest.rows != entry.rows ||
        manifest.content_digest != entry.content_digest || manifest.records_digest != entry.records_digest)
      break;
    return i;
  }
  throw Error(ErrorKind::kDamaged, place,
              "its manifest tells otherwise than the envelope of export '" + said.name + "'; run `sidik check`");
}

}  // namespace sidik
