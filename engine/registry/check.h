// Whether a registry is as it was written: files against envelopes, envelopes against the catalogue, the audit against
// itself.
#pragma once

#include <functional>

#include "registry/registry.h"

namespace sidik {

/// Reads all, changes nothing. Without a key: lengths, checksums, digests, signatures, catalogue and audit. With one:
/// every block and record of every run as well. `progress` is told the bytes of each piece read. REQUIRES: `key`, if
/// any, is of this registry; `head` is empty or at least 16 hex digits.
CheckReport check_registry(const Registry::State& state, const RegistryKey* key,
                           const std::function<void(std::uint64_t)>& progress, const std::string& head);

/// A sentence about damage without the advice to run `sidik check`: for who has just done that.
std::string without_check_advice(std::string sentence);

}  // namespace sidik
