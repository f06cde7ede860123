// A source's evidence as a chart: one signed bar a kind, each beginning where the one before ended, and the sum below.
#pragma once

#include <string>

#include "trace/verdict.h"

namespace sidik {

/// The chart of one source, indented by two, at most `width` columns wide. Kinds that the sample cannot test are named
/// on a line of their own: they are no zeros. The parts shown add up to the sum shown.
std::string evidence_chart(const Evidence& evidence, int width);

}  // namespace sidik
