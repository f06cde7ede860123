// The canaries of one export: its text is read through to find the donors, and once more to place what was made and to
// see that nobody in it has their numbers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "seal/canary_maker.h"
#include "seal/canary_placing.h"
#include "seal/sealing_state.h"

namespace sidik {

struct SchemaDecision;

struct CanaryPlanInput {
  std::function<std::unique_ptr<ByteSource>()> open;  // the text from its start, as often as asked
  SealSecrets secrets;
  Secret fingerprint_secret;
  KnownSchemas known;  // of the export
  TableReaderOptions reader;
  CanaryTraps traps;
  unsigned threads = 1;
  /// How many are asked for; without it `count` says it of a table of so many rows, and does not fall as those rise.
  std::optional<std::uint64_t> fixed_count;
  std::function<std::uint64_t(std::uint64_t rows)> count;
  /// What is registered already, by epoch: under which secret, and who has which tags there.
  struct Registered {
    Secret fingerprint_secret;
    TakenTags taken;
  };
  std::vector<Registered> registered;
  std::function<void(std::uint64_t rows)> progress;
  std::optional<SealingState> last{};  // of the feed's last export: its families live on
};

struct CanaryPlan {
  std::vector<Canary> canaries;
  std::shared_ptr<const SchemaDecision> decision;  // that they were made under; none of a table without rows
  std::optional<SealingState> state;               // for the next export
  std::vector<bool> copied;  // by column: most canaries have the value of the row that they were made from
  std::uint64_t rows = 0;    // of the table
  std::uint64_t asked = 0;
  std::uint64_t dropped = 0;  // their numbers are somebody's
  double check_bits = 0;      // of the canary that has fewest, after the trials of a whole table; kCanaryCheckBits are
                              // needed to know it by the key alone
};

/// What a recogniser finds in the canary that shows least, after trying all rows of a table of `rows`.
double fewest_check_bits(const std::vector<Canary>& canaries, std::uint64_t rows, const Schema& schema,
                         const SealSecrets& secrets);

/// Error(kUsage) for more than kMostCanaries.
void require_canary_count(std::uint64_t count);

/// Throws as TableReader does, and Error(kUsage) for more than kMostCanaries.
CanaryPlan plan_canaries(const CanaryPlanInput& input);

}  // namespace sidik
