// Whose rows a table has, in little memory: who asks for somebody that it has is never told no, who asks for somebody
// else hardly ever yes (Bloom, 1970; all bits of one tag in one word, as Putze, Sanders and Singler, 2007).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fingerprints/record.h"

namespace sidik {

class SeenPeople {
 public:
  /// For a table of about so many rows: four bytes a row, 256 MiB at most. Up to 60 million rows one in a thousand who
  /// is not there seems to be, of 279 million three in a hundred.
  explicit SeenPeople(std::uint64_t rows);
  /// Takes keyed tags in. Thread-safe.
  void add(std::span<const RowTag> tags);
  /// When all are in.
  bool may_have(RowTag tag) const;
  /// Whether there were so many more than expected that it says yes to many who are not there.
  bool is_overfull() const;

 private:
  static std::uint64_t bits_of(std::uint64_t hash);
  std::size_t word_of(std::uint64_t hash) const;
  std::vector<std::uint64_t> words_;
};

}  // namespace sidik
