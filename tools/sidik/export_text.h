// What an export's manifest says, as text and as JSON: for `register` and `show`.
#pragma once

#include <cstddef>
#include <string>

#include "json.h"
#include "registry/manifest.h"

namespace sidik::command {

/// Counts, identities, form and columns; nothing of any value.
Json manifest_json(const ExportManifest& manifest);

/// The same for people: how rows are identified, how the file was written, and a table of columns.
std::string manifest_text(const ExportManifest& manifest, std::size_t width);

}  // namespace sidik::command
