// Leaks of the lab: what was drawn from which table, what became of it, and the text that an analyst would find.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/leak_form.h"
#include "lab/world.h"

namespace sidik::lab {

/// Up to kFrontLoaded kinds say what became of the rows; whose they are is drawn from the printed priors: a registered
/// export, a date or a feed that nobody registered, a mixture of two exports. The others are of one truth each.
enum class LeakKind {
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
  kStale,        // 3 % of the rows as they stood a period before
  kMisread,      // one column read by a machine: misspelt in three rows of ten
  kMasked,       // the last four digits of the NIK, the middle of the phone
  kFrontLoaded,  // drawn from the export's first rows rather than its last
  kMixture,      // of two exports
  kUnregistered,
  // not ours
  kStrangers,
  kForeign,           // the same people in another institution's books
  kShuffled,          // real values, each column shuffled by itself
  kInvented,          // a real NIK and name, all else made up
  kExternal,          // a known leak of another register
  kForeignStrangers,  // half and half
  kOutsiders,         // any two of those that are not ours, half and half
};
std::span<const LeakKind> all_leak_kinds();
std::string_view leak_name(LeakKind kind);
bool is_ours(LeakKind kind);
/// Whether the truth of such leaks is drawn from all that is ours.
bool draws_truth(LeakKind kind);

enum class Truth {
  kRegistered,
  kMixture,
  kUnregistered,
  kKnownLeak,
  kSamePeople,
  kFabricated,
  kStrangers,
  kSeveralOutsiders
};

inline constexpr double kTypoRate = 0.03, kBlankRate = 0.15, kBadRowRate = 0.01, kBadCellRate = 0.5, kMisreadRate = 0.3,
                        kStaleRate = 0.03;
/// The first source's share of a mixture is one of these, all alike.
inline constexpr double kMixtureShares[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};

using Row = std::vector<std::string>;
struct LeakedRow {
  std::uint64_t person = 0;
  enum class Part : std::uint8_t { kFirst, kSecond, kOutside } part = Part::kFirst;
  Row cells;  // as written
};

struct Leak {
  LeakKind kind = LeakKind::kVerbatim;
  std::size_t rows_asked = 0;
  Truth truth = Truth::kRegistered;
  std::vector<std::string> sources;  // names of the exports that are the truth
  std::vector<std::size_t> books;    // places in World::books() of what is ours
  double first_share = 1;            // of the rows, the first source's
  double second_share = 0;           // and the second's; strangers pad the rest
  Shows shows = Shows::kAll;
  std::vector<fixtures::Column> columns;  // of the text
  Form form;
  std::optional<std::size_t> misread;  // which of the columns
  std::vector<LeakedRow> rows;         // distinct
  std::string text;
};

/// Draws a leak of about `rows` rows. Deterministic in (world, kind, rows, random's state).
Leak draw_leak(const World& world, LeakKind kind, std::size_t rows, Random& random);

/// A cell as a leak of a kind shows it where nothing else befell it: masked, of kMasked.
void mask_cell(LeakKind kind, fixtures::Column column, std::string& cell);

/// The condition that a draw of `rows` rows from a book is filtered by: each with kFilterRate if it leaves that many.
std::size_t draw_condition(const std::array<std::uint32_t, kConditions + 1>& left, std::size_t rows, Random& random);
/// Its probability.
double condition_probability(const std::array<std::uint32_t, kConditions + 1>& left, std::size_t rows,
                             std::size_t condition);

}  // namespace sidik::lab
