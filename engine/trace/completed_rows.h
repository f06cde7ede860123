// Rows whose open cells are held against their records before they are linked and compared as any other row.
#pragma once

#include "trace/read_rows.h"

namespace sidik {

/// Completes what can be completed of `rows.cells.open` and lists none any more: completed and contradicted values are
/// visible from now on, and worth what the completions that were tried leave of them.
void complete_rows(const FieldPlan& plan, const FingerprintStore& store, const EpochSecrets& secrets,
                   const LinkOptions& options, ReadRows& rows);

/// Rows, by `states`, that lead nowhere, one of whose numbers may be one slip off: corrects those of
/// `rows.cells.doubtful` that lead to a record then, and whose other values agree with it for the most part. Whether
/// there were any: they are to be linked anew.
bool correct_rows(const FieldPlan& plan, const FingerprintStore& store, const EpochSecrets& secrets,
                  const LinkOptions& options, std::span<const LinkState> states, ReadRows& rows);

}  // namespace sidik
