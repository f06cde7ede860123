// All that we know of a row's person, over all exports: what a feed that nobody registered would show, and what others
// may have of the same people whatever our feeds leave out.
#pragma once

#include "trace/row_terms.h"

namespace sidik {

/// Of all our records (known leaks of others left out) that have the number of the person whom the rows fit best, or,
/// where the rows show none, that share with the best what singles a row out: a field agrees where any of them does,
/// and differs where all that know it do. Nothing agrees where there is no record.
struct UnitedMatch : ClassMatch {
  bool changed = false;  // some of the records knew the person otherwise
};
UnitedMatch united_match(const RowTerms& terms, const AgreementClass& rows);

/// The fields that any of our exports has.
FieldMask united_fields(const RowTerms& terms);

}  // namespace sidik
