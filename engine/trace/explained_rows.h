// Which rows of a sample the sources found account for.
#pragma once

#include <functional>
#include <span>

#include "trace/attribution.h"
#include "trace/padding.h"

namespace sidik {

/// The exports of an export's feed before it.
using EarlierExports = std::function<std::span<const ExportIndex>(ExportIndex)>;

/// Fills in the rows that each of `result`'s sources explains, those that it alone does, and those that no export does.
void count_explained_rows(const RowTerms& terms, const Elsewhere& elsewhere, const EarlierExports& earlier,
                          Attribution& result);

}  // namespace sidik
