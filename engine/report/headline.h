// The first lines of a verdict: what a manager reads, and all that many will. The wording is fixed by the design: a
// sample matches the copy made for somebody; it is never said that somebody leaked it.
#pragma once

#include <string>
#include <vector>

#include "trace/verdict.h"

namespace sidik {

/// What the verdict is, how much it explains and what comes next, coverage and weakest point, what would tell more: one
/// sentence or line each, two to four in all. Names are printable.
std::vector<std::string> headline(const Verdict& verdict);

/// What was claimed, what was ever exported, and what of the claim is possible, in plain words.
std::string volume_sentence(const Volume& volume);

/// What rows that repeat an identity say of the claim, were the sample a fair draw; "" where nothing was claimed.
std::string duplicates_sentence(const Volume& volume);

/// A hypothesis as a noun phrase: "a registered export", "the same people elsewhere", ...
std::string hypothesis_phrase(Hypothesis hypothesis);

/// "hospital-08 (2021-08-05)", or with the recipient first: "rs-jabar (hospital-08, 2021-08-05)".
std::string copy_phrase(const Source& source);

}  // namespace sidik
