// From rows of a sample to the records that may be theirs: by tag, or through the indexes where no identity survived.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "registry/fingerprint_store.h"
#include "trace/reading.h"
#include "trace/record_pool.h"

namespace sidik {

/// Postings asked of one value; a value that has more leads nowhere by itself.
inline constexpr std::uint32_t kPostingCap = 4096;

/// A reading and what it made of the rows that are to be linked.
struct LinkColumn {
  const Reading* reading;
  const ReadValues* values;
  std::vector<ColumnId>
      columns{};  // the exports' that it may stand for; empty where that is not known: any of its type
};

enum class LinkState : std::uint8_t {
  kNone,  // nothing of it was found
  kLinked,
  kNotLinkable,  // all that was found stands in too many records
};

/// Candidate records of some rows. Reused: keeps its capacity.
struct Links {
  RecordPool pool;
  std::vector<LinkState> states;       // one a row
  std::vector<std::uint32_t> begin;    // rows + 1
  RoomyVector<std::uint32_t> records;  // records of row r: records[begin[r], begin[r + 1])
};

struct LinkOptions {
  /// Which exports to look at; nothing for all.
  const ExportProjection* seen = nullptr;
  std::span<const char> counted() const { return seen == nullptr ? std::span<const char>() : seen->kept(); }
  /// Records fetched through indexes for one row, at most.
  std::uint32_t most_candidates = 256;
  /// Of a row that has more records than these which are equally good: nothing, for it is not linkable (how many there
  /// are counts), or some of them.
  enum class Surplus : std::uint8_t { kNothing, kSome } surplus = Surplus::kNothing;
  unsigned threads = 1;
};

/// Links all rows of `columns` (which have one length): link_by_tags, and link_by_indexes for the rows that it leaves.
void link_rows(const FingerprintStore& store, Epoch epoch, std::span<const LinkColumn> columns, std::size_t rows,
               const LinkOptions& options, Links& out);

class IdentityReach;

/// Asks for all tags of all rows at once, in their order, so that each page of a run is read once however many rows
/// there are. The records of a row are in one order whatever the threads. A row is done with its tags where one was
/// found and where the identity types of its values reach every export's rows (an export may have taken its tags from a
/// type that the row does not show): LooseTest tells (loose_rows.h).
void link_by_tags(const FingerprintStore& store, Epoch epoch, std::span<const LinkColumn> columns, std::size_t rows,
                  const LinkOptions& options, const IdentityReach& reach, Links& out);

/// Links the rows `loose` (by their places in `columns`; at most kLooseRows of them at a time, for their posting lists
/// are long) through the indexes as well: for each layout of columns a row's shortest posting lists (some 4,096 at
/// most) are taken, its other indexed values are looked up in theirs (value and tag), and the prefixes that most of
/// them confirm are fetched, and all of short lists. `out` has one place for each of `loose`, with the records that
/// `by_tags` has for them first. One thread.
inline constexpr std::size_t kLooseRows = 32768;
void link_by_indexes(const FingerprintStore& store, Epoch epoch, std::span<const LinkColumn> columns,
                     std::span<const std::uint32_t> loose, const LinkOptions& options, const Links& by_tags,
                     Links& out);

/// How a cell stands to a record's code.
enum class Standing : std::uint8_t { kSilent, kAgrees, kDiffers };
/// kSilent where either side has no such column or the sample has no value.
inline Standing standing(ValueState state, Fingerprint fingerprint, RowTag tag, ColumnCode code, RowTag record_tag) {
  if (code == kAbsentCode || state == ValueState::kNull) return Standing::kSilent;
  if (code == kNullCode) return Standing::kDiffers;
  if (code == kTagCode) return tag == record_tag && tag != 0 ? Standing::kAgrees : Standing::kDiffers;
  return code == value_code(fingerprint) ? Standing::kAgrees : Standing::kDiffers;
}

}  // namespace sidik
