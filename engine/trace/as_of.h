// Of which date the sample's data are: bounded by the versions of its rows, and by the newest date that they hold.
#pragma once

#include "trace/conclude.h"

namespace sidik {

/// The interval in which the data were taken. From versions: the dates of the neighbours of the exports (of the best
/// source's feed) that explain the sample about as well as the best. From time stamps: not before the newest plausible
/// one. What is later than the data can be is listed as not trusted: one date in a hundred at most is left out as
/// mistyped, a column of which more is later (planned, no end) bounds nothing. So are impossible dates.
AsOf as_of(const Findings& findings);

}  // namespace sidik
