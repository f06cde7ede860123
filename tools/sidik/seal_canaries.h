// Canaries as the command asks for them: how many, and whose numbers they must not have.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "registry/registry.h"
#include "seal/canary_plan.h"

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

}  // namespace sidik::command
