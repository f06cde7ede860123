// The form of the lab's leaks: which columns, under which names, in which spelling. How each is drawn, and how likely
// that is for whoever holds a table of a given layout.
//
// Half of the leaks keep the form of their table as a whole. The others change it as a whole: the header is stripped or
// renamed, dates, phones, names, delimiter are written anew. Outsiders imitate a layout of ours in
// three cases of ten. Seven leaks of ten show all columns, the others some of them, at least four.
#pragma once

#include <optional>
#include <random>
#include <span>
#include <vector>

#include "fixtures/layouts.h"

namespace sidik::lab {

using Random = std::mt19937_64;

struct Form {
  fixtures::Layout spelling;  // its columns are those shown, with the names that the header gives them
  bool header = true;
};

enum class FormRule { kAny, kKept, kChanged, kStripped };

/// Which columns of a table a leak may show.
enum class Shows {
  kAll,
  kNoNumbers,       // no number of the person
  kWhatOthersHold,  // not our classes, segments, clinics and time stamps
};
std::vector<fixtures::Column> columns_of(const fixtures::Layout& layout, Shows shows);

/// The place in `columns` that each of `shown` has, as it is or as another spelling of the same number; nothing where
/// one is missing.
std::optional<std::vector<fixtures::Column>> held_as(std::span<const fixtures::Column> shown,
                                                     std::span<const fixtures::Column> columns);

enum class ColumnRule { kUsual, kAll, kSome };
/// Some of `columns`, in their order; at least one that singles out people, where there is one.
std::vector<fixtures::Column> draw_columns(std::span<const fixtures::Column> columns, ColumnRule rule, Random& random);
/// ln of the probability of showing just these of a table's columns; minus infinity where it lacks one.
double log_columns(std::span<const fixtures::Column> shown, std::span<const fixtures::Column> columns);

/// How `shown` columns of a table of layout `own` are written.
Form draw_form(const fixtures::Layout& own, std::span<const fixtures::Column> shown, FormRule rule, Random& random);
/// ln of the probability of the form for whoever holds a table of layout `own`, of which the columns are `held`.
double log_form(const Form& form, const fixtures::Layout& own, std::span<const fixtures::Column> held);
/// The same for somebody who has none of our tables.
double log_outsiders_form(const Form& form, std::span<const fixtures::Layout* const> layouts);
inline constexpr double kImitates = 0.3;

bool is_number_of_the_person(fixtures::Column column);

}  // namespace sidik::lab
