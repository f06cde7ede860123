// Fabrication by shuffling: all columns of one copy, each shuffled by itself. Pure.
#pragma once

#include "trace/row_terms.h"

namespace sidik {

/// ln of "columns of export `e`, each shuffled by itself", relative to the product of the values' frequencies: a value
/// meets its own row's record by frequency, or because it came back to it (log_shuffled, outside.h).
double log_shuffled_export(const RowTerms& terms, ExportIndex e);

}  // namespace sidik
