// Options that say how a delimited text is written, where it should not be sniffed.
#pragma once

#include <CLI/App.hpp>

#include "ingest/dialect.h"

namespace sidik::command {

/// --delimiter, --header, --no-header, --no-quotes, --encoding into `overrides`, which outlives the parsing.
void add_dialect_options(CLI::App& app, DialectOverrides& overrides);

}  // namespace sidik::command
