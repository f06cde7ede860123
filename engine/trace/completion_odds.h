// What an agreement says where only a part of a value is left.
#pragma once

#include "registry/fingerprint_store.h"
#include "trace/tried_values.h"

namespace sidik {

/// The share of the values that the cells of `column` may have had that are somebody's in the registry, their rows' own
/// left out: measured on a few thousand. REQUIRES: what complete_cells() set is in `columns`.
double held_share(const FingerprintStore& store, const EpochSecrets& secrets, std::span<const OpenColumn> columns,
                  std::span<const OpenCell> cells, std::size_t column);

/// ln(1/u) of what is left of a value of `information` nats: as common as all of `tried` together, of which `held` are
/// somebody's by chance. A value that is compared by a 16-bit code meets one by chance as well. `ways`: how many people
/// it may be all the same, each of whom would explain it.
double information_left(double information, double tried, double held, ComparedBy by, double ways);

}  // namespace sidik
