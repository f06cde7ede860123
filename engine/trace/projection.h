// A sample's classes with only some of many exports in them: rows that stand alike to those become one class.
#pragma once

#include <vector>

#include "trace/agreement.h"
#include "trace/feed_dates.h"

namespace sidik {

/// The classes, seen and unseen of `agreement`, and its counts; no positions. An export that does not survive
/// (`survives` is 0) stays where it tells that a row is an older state of a survivor's: it, or one that is as old for
/// all survivors. A record that only others hold keeps its match, without exports.
Agreement project(const Agreement& agreement, const std::vector<char>& survives, const std::vector<Feed>& feeds);

}  // namespace sidik
