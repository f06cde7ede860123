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

/// Which sets of columns that identify reach nearly all rows of every export that counts: two exports may go by
/// different columns of one type. Remembers its answers, so one thread at a time: each has a copy.
class IdentityReach {
 public:
  /// Of the columns that exports go by, as bits.
  using Set = std::uint64_t;

  /// `counted` by export: which to look at; empty for all.
  IdentityReach(const std::vector<ExportManifest>& exports, std::span<const char> counted);

  /// Whether some export took tags from this type.
  bool uses(FieldType type) const;
  /// What a column of the sample stands for.
  Set of(const LinkColumn& column) const;
  /// Whether the columns of `set` gave the tags of 95 % of the rows of each export and more.
  bool covers(Set set);

 private:
  struct Key {
    ColumnId column;  // 0: any of the type
    FieldType type;
    bool operator==(const Key&) const = default;
  };
  struct Need {
    std::vector<std::pair<Set, std::uint64_t>> keys;
    std::uint64_t rows;
    auto operator<=>(const Need&) const = default;
  };
  static constexpr std::size_t kMostKeys = 64;
  Set key_of(const Key& key);
  std::vector<Key> keys_;
  std::vector<Need> needs_;
  std::map<Set, bool> covers_;
};

/// Tells which rows are to be looked for through the indexes as well, after link_by_tags: those of which nothing was
/// found, whose best identity was not, whose records share nothing else with them, or whose identities do not reach
/// every export. What it is given must outlive it. One object a thread.
class LooseTest {
 public:
  LooseTest(std::span<const LinkColumn> columns, const Links& links, const IdentityReach& reach);
  bool operator()(std::size_t row);

 private:
  struct Identity {
    const RowTag* tags;
    IdentityReach::Set set;
    std::uint8_t rank;
    bool used;  // some export took tags from its type
  };
  bool best_tag_missed(std::size_t row) const;
  bool contradicted(std::size_t row) const;
  std::span<const std::uint32_t> records(std::size_t row) const {
    return std::span(links_.records).subspan(links_.begin[row], links_.begin[row + 1] - links_.begin[row]);
  }

  const std::span<const LinkColumn> columns_;
  const Links& links_;
  IdentityReach reach_;
  std::vector<Identity> identities_;
  IdentityReach::Set last_set_ = 0;  // and whether it covers
  bool last_covers_ = false;
};

}  // namespace sidik
