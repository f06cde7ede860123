// Where rows without an identity may stand in our runs: prefixes of tags that their values' posting lists propose.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trace/link.h"

namespace sidik {

/// A row, by its place among those asked, and a prefix of tags whose records may be its.
struct IndexProposal {
  std::uint32_t loose_row;
  std::uint32_t prefix;
};

/// What is worth fetching for the rows `loose` (places in `columns`), as link_by_indexes has it: at most
/// options.most_candidates prefixes a row, by row. `states` has one place for each of `loose`; a row whose values stand
/// in too many records turns from kNone to kNotLinkable. One thread; throws what the store throws.
std::vector<IndexProposal> propose_by_indexes(const FingerprintStore& store, Epoch epoch,
                                              std::span<const LinkColumn> columns, std::span<const std::uint32_t> loose,
                                              const LinkOptions& options, std::vector<LinkState>& states);

}  // namespace sidik
