#include "seal_canaries.h"

#include <algorithm>
#include <memory>

#include "arguments.h"
#include "base/error.h"
#include "console.h"

namespace sidik::command {
namespace {

/// Tags that rows of other seals have. A canary lives on in the exports of its own feed and recipient: there it is
/// nobody still.
std::vector<RowTag> taken_by_others(const FingerprintStore& store, Epoch epoch, const ExportDescription& own,
                                    const std::vector<RowTag>& tags) {
  const auto is_own = [&](ExportIndex e) {
    const ExportManifest& manifest = store.exports()[e];
    return !manifest.sealing.empty() && manifest.description.feed == own.feed &&
           sealed_for(manifest.description) == sealed_for(own);
  };
  std::vector<RowTag> taken;
  constexpr std::size_t kBatch = 65536;
  for (std::size_t from = 0; from < tags.size(); from += kBatch) {
    RecordAnswers answers;
    store.find_records(epoch, std::span(tags).subspan(from, std::min(kBatch, tags.size() - from)), answers);
    for (const auto& group : answers.groups)
      for (std::size_t r = 0; r < group.tags.size(); ++r) {
        const auto& set = group.export_sets[group.sets[r]];
        if (!std::all_of(set.begin(), set.end(), is_own)) taken.push_back(group.tags[r]);
      }
  }
  return taken;
}

}  // namespace

DetectionGoal parse_detection(const std::string& text) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos) throw Error(ErrorKind::kUsage, "--detect", "expected P@ROWS, as in 0.99@1000000");
  DetectionGoal goal{parse_share("--detect", text.substr(0, at)), parse_count("--detect", text.substr(at + 1))};
  if (goal.chance <= 0 || goal.chance >= 1 || goal.rows == 0)
    throw Error(ErrorKind::kUsage, "--detect",
                "expected a chance between 0 and 1 and a number of rows, as in 0.99@1000000");
  return goal;
}

std::string parse_trap_domain(const std::string& text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  const bool dotted = text.find('.') != std::string::npos && text.front() != '.' && text.back() != '.';
  if (!dotted || text.find("..") != std::string::npos || !std::all_of(text.begin(), text.end(), allowed))
    throw Error(ErrorKind::kUsage, "--trap-email", "expected a domain in small letters, as in post.example.id");
  return text;
}

std::string parse_trap_prefix(const std::string& text) {
  const std::string digits = text.starts_with('+') ? text.substr(1) : text;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (digits.size() < 4 || digits.size() > 11 || !std::all_of(digits.begin(), digits.end(), is_digit))
    throw Error(ErrorKind::kUsage, "--trap-phone", "expected the first 4 to 11 digits of a range, as in 0811987");
  return text;
}

CanaryPlanInput canary_input(const SealInput& seal, std::function<std::unique_ptr<ByteSource>()> open,
                             const Registry& registry, const RegistryKey& key, const ExportDescription& description,
                             std::uint64_t count, std::optional<DetectionGoal> goal, CanaryTraps traps,
                             std::function<void(std::uint64_t)> progress) {
  CanaryPlanInput input;
  input.open = std::move(open);
  input.secrets = seal.secrets;
  input.fingerprint_secret = seal.fingerprint_secret;
  input.known = seal.known;
  input.reader = seal.reader;
  input.threads = seal.threads;
  input.traps = std::move(traps);
  if (goal)
    input.count = [goal](std::uint64_t rows) { return canaries_to_detect(goal->chance, goal->rows, rows); };
  else
    input.fixed_count = count;
  if (key.can_open()) {
    const auto store = std::make_shared<std::unique_ptr<FingerprintStore>>();  // opened by whoever asks first
    const auto add = [&](Epoch epoch) {
      input.registered.push_back(
          {*key.secret_of(epoch), [&registry, &key, description, store, epoch](const std::vector<RowTag>& tags) {
             if (*store == nullptr) *store = registry.snapshot(key);
             return taken_by_others(**store, epoch, description, tags);
           }});
    };
    add(key.epoch);
    for (const auto& [epoch, secret] : key.earlier_secrets) add(epoch);
  }
  input.progress = std::move(progress);
  return input;
}

std::uint64_t canaries_asked(std::uint64_t rows, std::uint64_t count, const std::optional<DetectionGoal>& goal) {
  const std::uint64_t asked = goal ? canaries_to_detect(goal->chance, goal->rows, rows) : count;
  require_canary_count(asked);
  return asked;
}

std::shared_ptr<CanaryStream> canary_stream(const SealInput& seal, const std::optional<SealingState>& last,
                                            const std::optional<std::uint64_t>& rows, std::uint64_t count,
                                            const std::optional<DetectionGoal>& goal, const CanaryTraps& traps) {
  if (!rows || !last) return nullptr;
  const std::uint64_t asked = canaries_asked(*rows, count, goal);
  if (!can_plan_ahead(*last, seal.known.schema(), asked, *rows)) return nullptr;
  return std::make_shared<CanaryStream>(
      CanaryStream::Input{seal.secrets, seal.fingerprint_secret, *last, *rows, asked, traps, seal.threads});
}

void keep_state(Registry& registry, const SealSecrets& secrets, const std::string& name, SealingStates states,
                SealingState now) {
  if (states.last_export != name) states.before = std::move(states.after);
  states.last_export = name;
  states.after = std::move(now);
  try {
    write_states(registry.files(), registry.directory(), secrets, states);
  } catch (const Error& error) {
    say("warning: what the next export would go on from was not kept: " + std::string(error.what()));
  }
}

}  // namespace sidik::command
