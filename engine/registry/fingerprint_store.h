// The seam between a trace and a registry: a snapshot that is asked in batches. The embedded store stands behind it
// here; a cluster may later, with the trace none the wiser.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fingerprints/record.h"
#include "registry/export_set.h"
#include "registry/manifest.h"

namespace sidik {

/// Records that answer a question. Grouped by run and columns; an ExportIndex is an export's place in
/// FingerprintStore::exports(). Equal records of many exports are one record with the set of them: whoever walks over
/// the members of sets pays for it. Reused: keeps its capacity.
struct RecordAnswers {
  struct Group {
    /// The columns of `codes`; a code kAbsentCode says that no export of the record has that column, kTagCode that the
    /// value gave the tag (so it agrees with whoever asked by that tag and type).
    std::vector<ColumnId> columns;
    std::vector<FieldType> types;      // of the columns
    std::vector<std::uint32_t> query;  // which asked tag (its place in the span asked) each record answers; rising
    std::vector<RowTag> tags;          // the record's own tag
    std::vector<ColumnCode> codes;     // records x columns, row by row
    std::vector<std::uint32_t>
        counts;                       // how many rows of each export this record stands for (1 but for repeated events)
    std::vector<std::uint32_t> sets;  // the record's export set: a place in export_sets
    std::vector<ExportSet> export_sets;  // live exports only, never empty for a record that is given
  };
  std::vector<Group> groups;
};

/// Where rows with a value are: for each asked value the tag prefixes found, over all runs and live exports.
struct CandidateAnswers {
  std::vector<std::uint32_t> query;     // which asked value, rising
  std::vector<std::uint32_t> prefixes;  // 28-bit tag prefix; rising within a value, each once
  std::vector<std::uint32_t>
      totals;  // for each asked value: entries found in all; where over the cap, no prefix is given
};

/// A position of a sampled tag in an export's own order.
struct PositionAnswer {
  std::uint32_t query;
  ExportIndex export_index;
  std::uint64_t position;  // the row's number in the export, from 0
};

/// What is asked at once is no more than this, so that answers stay small.
inline constexpr std::size_t kMostAsked = 65536;

/// One snapshot of a registry. All const functions may be called by several threads at once. The spans asked are sorted
/// and without repeats, of at most some kMostAsked. Throws Error(kDamaged) naming
/// file and block when what is read is not what was written.
class FingerprintStore {
 public:
  virtual ~FingerprintStore() = default;

  virtual const RegistryId& registry_id() const = 0;
  /// Digest (hex) of what is registered and in force: the same for the same exports, whatever the files.
  virtual std::string state() const = 0;
  /// A sentence about each export that is left out here because it was registered by no key that may ("export 'may'
  /// ...").
  virtual std::vector<std::string> set_aside() const { return {}; }
  /// Audit head of the last change of state; "" where there is none.
  virtual std::string audit_head() const = 0;
  /// All live exports, ordered by (feed, at, name).
  virtual const std::vector<ExportManifest>& exports() const = 0;
  /// Fingerprint epochs that exports of this snapshot are in, and the epoch of each export.
  virtual Epoch epoch_of(ExportIndex e) const = 0;

  /// All records with these tags.
  virtual void find_records(Epoch epoch, std::span<const RowTag> tags, RecordAnswers& out) const = 0;
  /// All records whose tags begin with these 28-bit prefixes (about one a prefix and 2^28 rows by chance).
  virtual void find_records_by_prefix(Epoch epoch, std::span<const std::uint32_t> prefixes,
                                      RecordAnswers& out) const = 0;
  /// All records whose tags are from `from` on and before `to`; query is 0. For counting all of a registry, stretch by
  /// stretch.
  virtual void find_records_between(Epoch epoch, RowTag from, RowTag to, RecordAnswers& out) const = 0;
  /// Candidate rows of these values of one type; at most `cap` prefixes a value, none for a value that has more.
  virtual void find_candidates(Epoch epoch, FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                               CandidateAnswers& out) const = 0;
  /// found[i] becomes 1 where a live export's run holds entries[i] in the index of `type`, else 0.
  virtual void contains(Epoch epoch, FieldType type, std::span<const IndexEntry> entries,
                        std::span<std::uint8_t> found) const = 0;
  /// Which types have an index in any live export.
  virtual std::vector<FieldType> indexed_types() const = 0;
  /// Positions of those tags that the 1/64 sample holds (tags with tag % 64 == 0), for every live export.
  virtual std::vector<PositionAnswer> positions(Epoch epoch, std::span<const RowTag> tags) const = 0;
  /// All records of one export, in tag order, `most` of them from tag `from` on; query is 0. For exports that are
  /// small, or samples of one (spread tags). Returns the tag to go on from, or nothing at the end.
  virtual std::optional<RowTag> scan(ExportIndex e, RowTag from, std::size_t most, RecordAnswers& out) const = 0;
};

}  // namespace sidik
