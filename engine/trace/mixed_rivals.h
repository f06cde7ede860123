// The rivals of a mixture of our copies: others' books about the same sets of people, mixed as well.
#pragma once

#include <span>

#include "trace/mixture_search.h"
#include "trace/row_terms.h"

namespace sidik {

/// ln P(S | others' books about the people of a mixture's sources, mixed in its shares), relative to the product of
/// frequencies: what anybody has of them as the mixture has it, all else as foreign data have it (log_foreign_fields)
/// instead of as our copies do. Rows that pad the mixture pad theirs: `outside` is their term of each class, as
/// search_mixtures has it.
double log_mixed_rivals(const RowTerms& terms, const MixtureFinding& mixture, std::span<const double> outside);

}  // namespace sidik
