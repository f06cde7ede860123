// A batch of rows to tags, codes and fingerprints, column by column: a pure function of (key, schema, batch).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "fields/schema.h"
#include "fingerprints/record.h"

namespace sidik {

/// What became of a batch. Reused: keeps its capacity.
///
/// A value that gave its row's tag has its *tag* fingerprint in `fingerprints` (row_tag() of it is the tag), every
/// other value its value fingerprint: only one CMAC a value is ever computed. A value that is invalid for its column's
/// type has the fingerprint that kText gives it.
struct FingerprintedBatch {
  std::size_t rows = 0;
  std::vector<RowTag> tags;  // one a row
  /// Which column gave the tag; kWholeRow where none had a valid value.
  std::vector<std::uint16_t> tag_column;
  static constexpr std::uint16_t kWholeRow = 0xffff;
  struct Column {
    std::vector<Fingerprint> fingerprints;  // one a row; 0 where the value is null
    std::vector<ColumnCode> codes;          // one a row; kNullCode, kTagCode or a value code
    std::vector<ValueState> states;         // one a row
  };
  std::vector<Column> columns;  // as in the schema
};

/// Whether repeated values are looked for. Results are the same; kNever is for tests and benches.
enum class ValueReuse : std::uint8_t { kAdaptive, kNever };

/// Counts over all batches of one BatchFingerprinter.
struct ColumnCounts {
  std::uint64_t nulls = 0;
  std::uint64_t invalid = 0;  // not of the column's type, fingerprinted as text
};

/// One object a thread. Repeated values of a column are canonicalised and fingerprinted once where that pays: each such
/// column has a bounded cache of raw values (value_cache.h), together at most some 24 MiB.
class BatchFingerprinter {
 public:
  /// Throws Error(kRefused) for more than 65,535 columns: a row's tag column is kept in 16 bits.
  BatchFingerprinter(const Secret& fingerprint_secret, const Schema& schema, ValueReuse reuse = ValueReuse::kAdaptive);
  ~BatchFingerprinter();
  BatchFingerprinter(BatchFingerprinter&&) noexcept;

  /// `columns` are as the schema's; all have `rows` values, each with kTextSlack readable bytes behind it (Batch sees
  /// to it; views of missing cells may be null pointers). A row whose identity columns have no valid value gets the
  /// whole-row tag: the CMAC under the kWholeRow key of its (column id, fingerprint) pairs of non-null values, sorted.
  /// Column ids are those of `column_id` below.
  void compute(std::span<const std::vector<std::string_view>> columns, std::size_t rows, FingerprintedBatch& out);

  const std::vector<ColumnCounts>& counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A column's id: the first 64 bits, little-endian, of SHA-256 of its type's name, a zero byte and its normalised name,
/// so that the same column of two exports meets. Unkeyed: anyone can try names on it, so it stands in encrypted
/// manifests and goes into CMACs and nowhere else. A name that a schema has twice for one type is counted on ("card",
/// "card#2"): column_ids does that.
using ColumnId = std::uint64_t;
ColumnId column_id(FieldType type, std::string_view normalised_name);
std::vector<ColumnId> column_ids(const Schema& schema);

/// All fingerprints of one value of a sample's cell under one type: the tag that it would give and its value
/// fingerprint. For traces, which try several types on one column. One object a thread.
class ValueFingerprinter {
 public:
  ValueFingerprinter(const Secret& fingerprint_secret, FieldType type, CanonicalOptions options);
  ~ValueFingerprinter();
  ValueFingerprinter(ValueFingerprinter&&) noexcept;

  /// For each raw value: its state, value fingerprint (of text where invalid; 0 where null) and tag (0 unless valid and
  /// the type has an identity rank). All spans have one length, but `tags` may be empty: then none is computed.
  void compute(std::span<const std::string_view> raw, std::span<ValueState> states, std::span<Fingerprint> fingerprints,
               std::span<RowTag> tags);

  /// The tags alone, where fingerprints are not asked for: half the work. REQUIRES: the type has an identity rank.
  void compute_tags(std::span<const std::string_view> raw, std::span<ValueState> states, std::span<RowTag> tags);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sidik
