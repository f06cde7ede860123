// The numbers that a registry keeps of a row: its tag, a short code for each column, and entries of the indexes.
#pragma once

#include <cstdint>

#include "fingerprints/fingerprinter.h"

namespace sidik {

/// 48 bits that stand for a row's identity (type and canonical value), or for the whole row where it has none.
using RowTag = std::uint64_t;
inline constexpr int kTagBits = 48;
inline RowTag row_tag(Fingerprint tag_fingerprint) { return tag_fingerprint >> (64 - kTagBits); }

/// A column's 16-bit code in a record. Three codes are no value.
using ColumnCode = std::uint16_t;
inline constexpr ColumnCode kNullCode = 0;    // the row has no value there
inline constexpr ColumnCode kAbsentCode = 1;  // no export of this record has the column
inline constexpr ColumnCode kTagCode = 2;     // the value gave the row's tag, and is not kept again
inline constexpr ColumnCode kFirstValueCode = 3;

/// Bits 27..12 of the fingerprint, spread evenly over the 65,533 value codes.
inline ColumnCode value_code(Fingerprint fingerprint) {
  const std::uint32_t bits = static_cast<std::uint32_t>(fingerprint >> 12) & 0xffff;
  return static_cast<ColumnCode>(kFirstValueCode + ((bits * 65533U) >> 16));
}

/// The 36 bits of a value by which an index is asked.
using IndexValue = std::uint64_t;
inline constexpr int kIndexValueBits = 36;
inline IndexValue index_value(Fingerprint fingerprint) { return fingerprint >> (64 - kIndexValueBits); }

/// 36 bits of the value's fingerprint on top, the top 28 bits of the row tag below.
using IndexEntry = std::uint64_t;
inline constexpr int kEntryTagBits = 64 - kIndexValueBits;
inline IndexEntry index_entry(Fingerprint fingerprint, RowTag tag) {
  return (index_value(fingerprint) << kEntryTagBits) | (tag >> (kTagBits - kEntryTagBits));
}
inline IndexEntry index_entry_of(IndexValue value, std::uint32_t tag_prefix) {
  return (value << kEntryTagBits) | tag_prefix;
}
/// The 28 bits of a tag that an entry keeps, and the tags that begin with them: [first, first + 2^20).
inline std::uint32_t tag_prefix(RowTag tag) { return static_cast<std::uint32_t>(tag >> (kTagBits - kEntryTagBits)); }
inline std::uint32_t entry_tag_prefix(IndexEntry entry) {
  return static_cast<std::uint32_t>(entry & ((1U << kEntryTagBits) - 1));
}
inline RowTag first_tag_of(std::uint32_t prefix) { return static_cast<RowTag>(prefix) << (kTagBits - kEntryTagBits); }

}  // namespace sidik
