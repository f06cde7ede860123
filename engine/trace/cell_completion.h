// Cells that show a part of their value only, held against the records that their rows may be: which of the values that
// they may have had is the record's.
//
// Completions come from what is shown, never from the registry, and hits are confirmed by a record: by the record that
// the rest of the row leads to, or else by looking every completion up. A chance hit is the more likely the more
// completions are somebody's, or meet a record's 16 bits, so an agreement says less than that of a whole value.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trace/link.h"
#include "trace/tried_values.h"

namespace sidik {

enum class CellState : std::uint8_t {
  kSilent,        // says nothing: too much is lost, or nothing to compare with was found
  kContradicted,  // its row's record holds none of the values that it may have had
  kCompleted      // one of them is the record's
};

struct CellFinding {
  CellState state = CellState::kSilent;
  double tried = 1;  // values that it may have had
  ComparedBy by = ComparedBy::kCode;
  double ways = 1;  // identities that it may be, as far as what was tried and the rest of its row tell
};

/// How much of a sample's open cells can be tried: completions of all cells together.
inline constexpr double kCompletionBudget = 2e7;

/// Finds out about `cells` (by rising row) among rows of `columns`, in which they are null so far. A cell that was
/// completed has its value set in all readings of its column, one that is contradicted is read as it was written, the
/// others stay null. A misread cell is not null before: it is tried where its row leads nowhere, all cells of a row
/// being of this sort or none, and stays as it is where nothing is found. One finding a cell, the same whatever the
/// threads.
std::vector<CellFinding> complete_cells(const FingerprintStore& store, const EpochSecrets& secrets,
                                        std::span<const OpenColumn> columns, std::span<const OpenCell> cells,
                                        const LinkOptions& options);

}  // namespace sidik
