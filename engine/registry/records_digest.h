// The keyed digest of an export's set of records: the same whatever the order of rows and columns, and after any
// merging.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/secret.h"
#include "fingerprints/batch_fingerprinter.h"
#include "fingerprints/record.h"

namespace sidik {

/// One record's term, or a sum of terms: 128 bits.
struct RecordTerm {
  std::uint64_t low = 0, high = 0;
  RecordTerm& operator+=(const RecordTerm& other) {
    low += other.low;
    high += other.high + (low < other.low ? 1 : 0);
    return *this;
  }
  RecordTerm& operator-=(const RecordTerm& other) {
    high -= other.high + (low < other.low ? 1 : 0);
    low -= other.low;
    return *this;
  }
};

/// Sums up records; one object a thread, added together at the end.
///
/// A record's term is AES-128 of two 64-bit sums, mod 2^64, of (code + 1) x K(column) over its columns whose code is
/// not absent, of the 16-bit parts of tag and count with multipliers of their own: multilinear hashing under random
/// 64-bit multipliers, two records meet with odds below 2^-96, then a PRF of it. The terms are added mod 2^128, the sum
/// is encrypted once more. Keys are derive(digest secret, "sidik/1/records", 48); a column's multipliers are AES of its
/// id. About 12 ns a record of nine columns.
class RecordsDigest {
 public:
  RecordsDigest(const Secret& digest_secret, std::span<const ColumnId> columns);
  ~RecordsDigest();
  RecordsDigest(RecordsDigest&&) noexcept;

  /// Adds tags.size() records; codes[c] points to the codes of column c. An empty pointer leaves that column out.
  void add(std::span<const RowTag> tags, std::span<const ColumnCode* const> codes,
           std::span<const std::uint64_t> counts);
  /// The records' terms by themselves, for whoever sums up several sets of them at a time: out[i] is that of record i.
  void terms(std::span<const RowTag> tags, std::span<const ColumnCode* const> codes,
             std::span<const std::uint64_t> counts, std::span<RecordTerm> out);
  /// The digest of records whose terms add up to `sum`.
  std::string hex_of(const RecordTerm& sum) const;
  /// Adds what another object of the same columns or others has summed up.
  void add(const RecordsDigest& other);
  /// 32 hex digits.
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sidik
