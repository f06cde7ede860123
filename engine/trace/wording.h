// The sentences of a verdict. The wording is fixed: it names the copy, never the culprit.
#pragma once

#include <string>
#include <vector>

#include "trace/conclude.h"

namespace sidik {

/// "OURS. Matches the copy made for rs-jabar (hospital-08, 2021-08-05). This does not say who leaked it."
std::string summary_of(const Verdict& verdict);
/// What the two propositions of log10_lr are.
std::string numerator_of(const Verdict& verdict);
std::string denominator_of(const Verdict& verdict);
/// What limits the verdict, the weightiest first.
std::vector<std::string> caveats_of(const Findings& findings, const Verdict& verdict);
/// What further evidence would separate the candidates; "" for nothing.
std::string would_tell_more(const Findings& findings, const Verdict& verdict);

}  // namespace sidik
