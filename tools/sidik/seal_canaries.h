// Canaries as the command asks for them: how many, and whose numbers they must not have.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "registry/registry.h"
#include "seal/canary_plan.h"
#include "seal/canary_stream.h"
#include "seal/sealing_state.h"

namespace sidik::command {

/// A leak of so many random rows is to hold a canary with this chance.
struct DetectionGoal {
  double chance = 0.99;
  std::uint64_t rows = 0;
};
/// 0.99@1000; Error(kUsage, "--detect") for anything else.
DetectionGoal parse_detection(const std::string& text);

/// post.example.id; Error(kUsage, "--trap-email") for what is no domain.
std::string parse_trap_domain(const std::string& text);
/// 0811987 or +62811987: 4 to 11 digits; Error(kUsage, "--trap-phone") for anything else.
std::string parse_trap_prefix(const std::string& text);

/// For plan_canaries. `open` and the registry outlive what is given; a key that reads also looks whether a number is
/// somebody's in what is registered.
CanaryPlanInput canary_input(const SealInput& seal, std::function<std::unique_ptr<ByteSource>()> open,
                             const Registry& registry, const RegistryKey& key, const ExportDescription& description,
                             std::uint64_t count, std::optional<DetectionGoal> goal, CanaryTraps traps,
                             std::function<void(std::uint64_t)> progress);

/// So many of an export of `rows` rows. Error(kUsage) for more than kMostCanaries.
std::uint64_t canaries_asked(std::uint64_t rows, std::uint64_t count, const std::optional<DetectionGoal>& goal);

/// For a pipe: rows of nobody that need no reading before the sealing one. Nothing where the number of rows is not
/// said, or what the feed's last export left does not do.
std::shared_ptr<CanaryStream> canary_stream(const SealInput& seal, const std::optional<SealingState>& last,
                                            const std::optional<std::uint64_t>& rows, std::uint64_t count,
                                            const std::optional<DetectionGoal>& goal, const CanaryTraps& traps);

/// Keeps the state of a sealed export for the next. The export is registered already: what fails is a warning.
void keep_state(Registry& registry, const SealSecrets& secrets, const std::string& name, SealingStates states,
                SealingState now);

}  // namespace sidik::command
