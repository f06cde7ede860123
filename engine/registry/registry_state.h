// What an open registry holds; for the files of this floor only.
#pragma once

#include "registry/catalogue.h"
#include "registry/leftovers.h"
#include "registry/registry.h"
#include "registry/registry_config.h"

namespace sidik {

struct Registry::State {
  RegistryOptions options;
  FileSystem& files;
  RegistryFolder folder;
  RegistryConfig config;
  Catalogue catalogue;
  /// Digests of the envelopes that the last snapshot verified, where they are worth a note (verified_envelopes.h).
  mutable std::vector<std::string> to_be_noted{};
};

/// Tokens of all writers whose lock is held. REQUIRES: a transaction.
std::set<std::string> living_writers(const Registry::State& state);

/// Throws Error(kDamaged) where envelopes of done commits stand in the folder that the catalogue does not know: it was
/// put back from a copy, or has lost rows.
void require_whole_catalogue(const Registry::State& state, const FolderFindings& findings);

}  // namespace sidik
