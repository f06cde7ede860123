// What a sample is worth under "somebody else has the same people" as an export: their identities granted, all else by
// what foreign data agree.
#pragma once

#include "trace/row_sums.h"

namespace sidik {

/// The people of export `e`, by what anybody has of them (NIK, name, birth date, ...), nothing said of the other
/// fields.
SourceLikelihood likelihood_of_identities(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere);

/// "Somebody else has the same people": the frame of export `e` granted, all else by what foreign data agree.
SourceLikelihood likelihood_same_people(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere);

/// The same of all people that we know, by all that our exports have of them together: others need not leave out what
/// each of our feeds does. `united` as likelihood_of_union has it, `log_padded` what that found of a feed of ours that
/// nobody registered: others' books may be padded as much.
SourceLikelihood likelihood_same_people_of_all(const RowTerms& terms, double united, double log_padded,
                                               const Elsewhere& elsewhere);

/// Whether `e` has all columns of the sample, explains nine in ten of its rows, and agrees in nine in ten of them in
/// every column: whoever else has such rows has what the copy has, and fits them no better than the copy does.
bool holds_all(const RowTerms& terms, ExportIndex e, const SourceLikelihood& found);

}  // namespace sidik
