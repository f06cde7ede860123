// Leaks of the lab: what was drawn from which export, and the text that an analyst would find.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/world.h"

namespace sidik::lab {

enum class LeakKind {
  // of one registered export
  kVerbatim,
  kHeaderless,
  kShuffledColumns,  // headerless too
  kFewerColumns,
  kReformatted,  // other layouts of dates, phones, case, delimiter
  kTypos,        // in 3 % of the cells
  kBadRows,      // one row in a hundred, damaged in half of its cells
  kBlanks,       // 15 % of the cells emptied
  kSlice,        // contiguous
  kRepeated,     // every row several times
  kNoNumbers,    // names, dates, addresses: no NIK, no card
  kPadded,       // a fifth of the rows are strangers
  kStale,        // 3 % of the rows as they stood before
  kMisread,      // one column read by a machine: misspelt in three rows of ten
  kMasked,       // the last four digits of the NIK, the middle of the phone
  kFrontLoaded,  // drawn from the export's first rows rather than its last
  kMixture,      // of two feeds' exports, 60 : 40
  // ours, but no registered export
  kUnregistered,
  // not ours
  kStrangers,
  kForeign,    // the same people in another institution's books
  kShuffled,   // real values, each column shuffled by itself
  kInvented,   // a real NIK and name, all else made up
  kOutsiders,  // the same people in another institution's books, and strangers, half and half
};
std::span<const LeakKind> all_leak_kinds();
std::string_view leak_name(LeakKind kind);
bool is_ours(LeakKind kind);

struct Leak {
  LeakKind kind = LeakKind::kVerbatim;
  std::size_t rows_asked = 0;
  std::optional<std::size_t> source;        // place in World::exports(); nothing where none is right
  std::vector<fixtures::Column> columns;    // of the text
  std::vector<std::uint32_t> source_rows;   // distinct rows drawn, of the source
  std::optional<std::size_t> partner;       // the second export of a mixture
  std::vector<std::uint32_t> partner_rows;  // of the partner
  std::string text;
};

/// Draws a leak of about `rows` rows. Deterministic in (world, kind, rows, random's state).
Leak draw_leak(const World& world, LeakKind kind, std::size_t rows, std::mt19937_64& random);

}  // namespace sidik::lab
