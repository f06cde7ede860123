// Which seal secrets a key gives: the investigators' key all, a register key those of its own feeds only.
#pragma once

#include <optional>
#include <string>

#include "fingerprints/key.h"

namespace sidik {

/// The holder of the key that `init` makes. Its feeds' secrets come straight from the seal secret; those of an exported
/// key come from a secret of that key, so that a key for any feed can be exported.
inline constexpr const char* kInvestigators = "investigators";

/// What all recipients share: places of marks and their biases. Empty where the key has no seal secrets.
Secret seal_shared_secret(const RegistryKey& key);

/// The secret of an exported key's host, from which those of its feeds come. REQUIRES: the investigators' key.
Secret seal_host_secret(const RegistryKey& key, const std::string& host);

/// The secret of `feed` ("" for exports of none) at the host of the key that `host` holds. Empty where `key` does not
/// give it: a register key knows its own feeds, at its own host.
Secret seal_feed_secret(const RegistryKey& key, const std::string& host, const std::string& feed);

}  // namespace sidik
