// What a feed's last sealed export leaves for the next one: the rows of nobody that it could have had, so that they
// live on, and so that a pipe can be planned before it is read. Kept encrypted under the recipient's secret.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "fields/schema.h"
#include "seal/seal_secrets.h"
#include "seal/table_order.h"

namespace sidik {

/// What one export showed.
struct SealingState {
  struct Candidate {
    std::vector<std::string> cells;
    std::uint64_t family = 0, place = 0;  // as CanaryCandidate has them
    double chance = 0, weight = 1;
    bool planted = false;
    bool vetted = false;  // no row of the export has its identity; what was made only when all rows were read is not
  };
  Schema schema;           // columns and types
  std::uint64_t rows = 0;  // of the export, without its canaries
  std::vector<SortKey> sorted_by;
  bool tied = false;                  // many rows are equal in those columns: where they end shows in the rows alone
  std::vector<Candidate> candidates;  // family by family
};

/// The states of the last two sealed exports: the last is made again from what was there before it.
struct SealingStates {
  std::string last_export;  // its name
  std::optional<SealingState> before, after;
  /// What the export `name` goes on from.
  const std::optional<SealingState>& known_to(const std::string& name) const {
    return name == last_export ? before : after;
  }
};

std::string encrypt_states(const SealingStates& states, const SealSecrets& secrets);
/// Nothing where the bytes are not as they were made, are another recipient's, or of a version that is not known: then
/// nothing is known of the feed's last export, and that is no failure.
std::optional<SealingStates> decrypt_states(std::string_view bytes, const SealSecrets& secrets);

/// The file of a recipient's states in a registry's folder; its name says nothing without the secret.
std::filesystem::path states_path(const std::filesystem::path& registry, const SealSecrets& secrets);
/// Empty where there is no file, or none that can be read.
SealingStates read_states(FileSystem& files, const std::filesystem::path& registry, const SealSecrets& secrets);
/// After a crash the file is the old one or the new one.
void write_states(FileSystem& files, const std::filesystem::path& registry, const SealSecrets& secrets,
                  const SealingStates& states);

}  // namespace sidik
