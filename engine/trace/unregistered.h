// An export of a feed that nobody registered: of a date between two that are known, before the first or after the last.
#pragma once

namespace sidik {

/// How the sample's rows stand to two neighbouring dates of a feed.
struct BetweenCounts {
  double both = 0;                          // as in the earlier and in the later export
  double old = 0;                           // as in the earlier only: an old value, or somebody who left
  double young = 0;                         // as in the later only: a new value, or somebody who came
  double rows_earlier = 1, rows_later = 1;  // n of the two exports
  double third = 0;                         // otherwise than in either: changed twice between them

  double rows() const { return both + old + young + third; }
};

/// ln of the integral over the time t ~ U(0, 1) between the two dates: an old row stays with 1 - t, a new one is there
/// with t, every row divided by n(t) = (1 - t) n1 + t n2 inside the integral. A row that changed has a third value as
/// often as half the share of rows that change, as the rows show it beside a hundred of which the share `change` does.
double log_between(const BetweenCounts& counts, double change);

/// The same beyond a feed's first or last date, without the division by its rows: `same` rows stand as in that export,
/// `other` have changed. `change` is the share of rows that change from one date to the next; t ~ U(0, 1) such steps.
double log_beyond(double same, double other, double change);

}  // namespace sidik
