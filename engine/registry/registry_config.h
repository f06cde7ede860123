// The file `config`: what a registry is, in clear, signed by the key that made it. It is written last, so that a folder
// without one is no registry.
#pragma once

#include "base/file_system.h"
#include "base/utc_time.h"
#include "fingerprints/key.h"
#include "registry/registry_folder.h"

namespace sidik {

/// The format of the folder, the catalogue and the envelopes that this program writes, and the newest that it reads.
inline constexpr int kRegistryFormat = 1;

struct RegistryConfig {
  int format = kRegistryFormat;
  RegistryId id{};
  UtcSeconds created = 0;
  PublicKey sealing_public{};  // data keys of runs are wrapped to it
  PublicKey signing_public{};  // of the investigators' key: the root of trust for all signatures
};

/// Throws Error(kFailed) when it cannot be written.
void write_config(FileSystem& files, const RegistryFolder& folder, const RegistryConfig& config,
                  const RegistryKey& key);

/// Throws Error(kUsage) where there is no registry, Error(kDamaged) where the file is not as written or of a newer
/// format.
RegistryConfig read_config(FileSystem& files, const RegistryFolder& folder);

}  // namespace sidik
