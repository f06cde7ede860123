// Export manifests as bytes inside a run's manifest (FORMAT.md, "Manifest").
#pragma once

#include <string>

#include "base/bytes.h"
#include "registry/manifest.h"

namespace sidik {

void write_manifest(ByteWriter& out, const ExportManifest& manifest);
/// Throws Error(kDamaged) naming `place` for anything that write_manifest would not have written.
/// Version 1 says nothing of sealing.
ExportManifest read_manifest(ByteReader& in, std::uint8_t version, const std::string& place);

}  // namespace sidik
