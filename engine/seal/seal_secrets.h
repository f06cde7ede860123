// The secrets that exports are sealed with: biases that all recipients share, and what one recipient of one feed has
// alone.
#pragma once

#include <string>

#include "fingerprints/key.h"
#include "registry/manifest.h"

namespace sidik {

/// Whom an export's seal is for: its recipient, else its feed, else its name.
const std::string& sealed_for(const ExportDescription& description);

/// All secrets of one seal. SECURITY.md says what a stolen one can do.
struct SealSecrets {
  Secret shared;     // 32 bytes, the same for all: places of marks and their biases
  Secret recipient;  // 32 bytes, of (host, feed, recipient): symbols, withheld rows, canaries

  /// Derived from the key's seal secrets for the feed and recipient of `description` and the host that registers
  /// (`description.registered_by`, else the key's holder). The same for every export of a feed to one recipient.
  /// Error(kKey) where the key does not give that feed's (fingerprints/seal_keys.h).
  static SealSecrets of(const RegistryKey& key, const ExportDescription& description);
};

}  // namespace sidik
