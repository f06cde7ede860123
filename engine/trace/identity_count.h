// How many distinct identities were ever registered as ours: what no claim about our data can exceed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "registry/fingerprint_store.h"
#include "trace/verdict.h"

namespace sidik {

/// Counts distinct row tags over all exports and references (externals are not ours), every one by itself: exact. Reads
/// all records once, however many exports share them, on `threads` threads, in bounded memory. One person in exports
/// that go by different types, or of different fingerprint epochs, is counted once for each: then the number is an
/// upper bound, and `exact` is false. Feeds are by name (an export of no feed counts by its own), dates rising.
IdentityCounts count_identities(const FingerprintStore& store, unsigned threads);

}  // namespace sidik
