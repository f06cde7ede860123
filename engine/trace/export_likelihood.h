// What a whole sample is worth under one source: rows added up, shares of dirt integrated over, padding allowed for.
#pragma once

#include <span>
#include <vector>

#include "trace/noise.h"
#include "trace/row_terms.h"

namespace sidik {

/// Up to so many samples of one source are padded with rows from elsewhere; their share is then anything from none to
/// all.
inline constexpr double kPadded = 0.05;
/// Or a share of its rows, as large as that of damaged ones, was damaged beyond being found.
inline constexpr double kUnreadable = 0.1;
/// A column of which no more than this share agrees is another column altogether: one event.
inline constexpr double kForeignColumn = 0.05;

struct SourceLikelihood {
  double log = 0;  // ln P(S | source), unfiltered, relative to the product of frequencies
  NoiseCounts counts;
  double padding = 0;     // rows that it does not explain
  FieldMask foreign = 0;  // fields that came from elsewhere as a whole
  double explained() const { return counts.clean + counts.damaged + counts.stale; }
};

/// Where the rows may come from that a source does not explain: ln of each class's term, one a class.
struct Elsewhere {
  std::vector<double> outside;  // P(row | outside)
  std::vector<double> ours;     // P(row | any record of ours), dirt counted in; kLogZero where none was found
};

/// Rows that another record of ours explains are worth 10^-3 of that, as unlinked rows are of the outsiders' term: a
/// stray row of another export must not speak for a feed that nobody registered, which may hold anything of ours.
SourceLikelihood likelihood_of_export(const RowTerms& terms, ExportIndex e, std::span<const ExportIndex> earlier,
                                      const Elsewhere& elsewhere);

/// ln P(row | union of all that is registered) of each class, for Elsewhere::ours.
std::vector<double> log_of_union(const RowTerms& terms, double united);

/// ln of the probability that `padding` rows of `padding + rest` are from elsewhere, beside their own terms: each
/// 10^-3; or the sample is padded and the share is uniform; or rows were damaged beyond being found.
double log_padding(double padding, double rest);

/// The other rows of a class, where a source explains it no better than 10^-3 of the outsiders' term.
bool is_padding(double log_term, double log_outside);

/// Rows of an export that nobody registered, between two of one feed (`later` nothing: after `earlier`; and the other
/// way round).
struct Neighbours {
  std::optional<ExportIndex> earlier, later;
};
SourceLikelihood likelihood_between(const RowTerms& terms, const Neighbours& neighbours, double change,
                                    const Elsewhere& elsewhere);

/// Rows of a feed that nobody registered: the union of all that is known, `united` times the rows of the largest
/// export.
SourceLikelihood likelihood_of_union(const RowTerms& terms, double united, const Elsewhere& elsewhere);

/// The people of export `e`, by what anybody has of them (NIK, name, birth date, ...), nothing said of the other
/// fields.
SourceLikelihood likelihood_of_identities(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere);

/// ln of "rows of export `e`, some of whose columns were shuffled or made up": which, the agreement tells; how many,
/// anything. kLogZero where no column is contradicted in half of its values or more: what nobody changed is the copy.
double log_reassembled_export(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere);

/// "Somebody else has the same people": the frame of export `e` granted, all else by what foreign data agree.
SourceLikelihood likelihood_same_people(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere);

}  // namespace sidik
