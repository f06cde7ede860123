// Rows that their tags alone do not place: nothing was found, or what was found may be another's.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "trace/link.h"

namespace sidik {

/// A row of a batch and a record of its pool that may be its own.
struct RowRecord {
  std::uint32_t row;
  std::uint32_t record;
};

/// Which sets of identity types reach nearly all rows of every export that counts. Bit t of a set: type number t.
/// Remembers its answers, so one thread at a time.
class IdentityReach {
 public:
  /// `counted` by export: which to look at; empty for all.
  IdentityReach(const std::vector<ExportManifest>& exports, std::span<const char> counted);

  static std::uint32_t bit(FieldType type) { return 1U << static_cast<unsigned>(type); }
  /// Whether some export took tags from this type.
  bool uses(FieldType type) const;
  /// Whether the types of `set` gave the tags of 95 % of the rows of each export and more.
  bool covers(std::uint32_t set);

 private:
  struct Need {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> types;
    std::uint64_t rows;
    bool operator==(const Need&) const = default;
  };
  std::vector<Need> needs_;
  std::map<std::uint32_t, bool> covers_;
};

/// The rows, rising, that are to be looked for through the indexes as well, after `found` was found by tags: those of
/// which nothing was found, whose best identity was not, whose records share nothing else with them, or whose
/// identities do not reach every export. `states` has one a row.
std::vector<std::uint32_t> loose_rows(std::span<const LinkColumn> columns, std::span<const LinkState> states,
                                      const RecordPool& pool, const std::vector<RowRecord>& found,
                                      IdentityReach& reach);

}  // namespace sidik
