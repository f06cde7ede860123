// Columns that go together: who was registered on the day he was born shows that day twice. What such values say counts
// once.
#pragma once

#include <span>
#include <vector>

#include "trace/read_rows.h"

namespace sidik {

struct AgreementClass;

/// ln of how much likelier two fields are alike in two of the sample's rows than each by itself says: fields x fields,
/// both ways round, 0 where that is not beyond doubt. By 1,000 rows at most. What one person or household has in common
/// tells nothing about others: pairs that have a value of the fields `personal` in common are left out, pairs that are
/// alike in most of what they say, and pairs that stand within a few lines of each other.
std::vector<double> dependence_lifts(const FieldPlan& plan, const ReadRows& rows, FieldMask personal);

/// Takes from the classes' information what values that agree say twice: the fields in which a class' best record
/// agrees are a tree of the strongest ties (Chow and Liu, 1968), from the most telling one on, and each of the others
/// says less by its tie. `lifts` are dependence_lifts().
void count_ties_once(std::span<AgreementClass> classes, std::span<const double> lifts);

}  // namespace sidik
