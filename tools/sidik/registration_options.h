// Options that `register` and `seal` share: what an export is, and how its text is read.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "registry/registration.h"

namespace sidik::command {

/// --name, --feed, --recipient, --at, --sent-at, --kind, --external into `description`, which outlives the parsing.
void add_description_options(CLI::App& app, ExportDescription& description);

/// --schema (the file's name into `schema`), --columns, --expect-rows, --max-rejects, --on-drift,
/// --also-hashed, --spill-dir.
void add_reading_options(CLI::App& app, RegistrationOptions& registration, std::string& schema);

}  // namespace sidik::command
