// Columns of a sample whose values single people out, and whether those are anybody's whom we know.
#pragma once

#include "trace/row_terms.h"

namespace sidik {

/// Whether the sample's values of a field are nearly all different ones: numbers and contacts, no codes of offices, and
/// no short numbers that everybody shares (four digits are seen in any large table, whoever shows them).
bool singles_out(const RowTerms& terms, std::size_t f);

/// Whether numbers and contacts that single out people are shown and hardly one is registered, and half of the
/// rows at least have no record that agrees in more than chance makes of all of them: then these are not people that we
/// know, whatever else of them agrees. Which rival it is moves nothing between ours and not
/// ours.
bool numbers_unknown(const RowTerms& terms, const Agreement& agreement);

/// Whether rows are like records of ours without being theirs: no column has values that few rows have (one in 150 on
/// the mean: codes, grades and answers), and the largest export's best records differ in a fifth of the cells. Where
/// such columns go together, strangers of the same kind are as near to some of our records as that.
bool are_alike_at_most(const RowTerms& terms);

}  // namespace sidik
