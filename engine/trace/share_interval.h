// How sure a share is whose cases come in clusters: rows of one page of a ledger, of one village, of one pasted block.
#pragma once

#include <span>

namespace sidik {

/// Both within [0, 1].
struct ShareInterval {
  double low = 0, high = 1;
};

/// 95 % interval of the share of cases that are so (1) among all (0 and 1), which stand in the order in which they were
/// found. A block bootstrap: up to 20 stretches of that order (10 cases each and more, as far as there are as many) are
/// drawn with putting back, 2,000 times with a fixed seed; its quantiles are spread by sqrt(B/(B - 1)) t/z, for B
/// blocks are few (Hesterberg, 2015, the expanded percentile interval). Never narrower than Wilson's interval with a
/// design effect of 2: of a sample that is wholly so, blocks tell nothing. Whatever the threads and the machine, the
/// same.
ShareInterval block_interval(std::span<const char> cases);

}  // namespace sidik
