#include "registry/waiting.h"

#include <algorithm>
#include <map>

#include "registry/known_keys.h"
#include "registry/registry_state.h"

namespace sidik {
namespace {

/// The lines of the audit that tell of `action`, the newest first, `most` of them. Lines are canonical JSON, in which a
/// quoted name cannot look like this.
Statement lines_of(const Catalogue& catalogue, const std::string& action, std::int64_t most) {
  auto row =
      catalogue.database().prepare("SELECT line FROM audit WHERE instr(line, ?) > 0 ORDER BY number DESC LIMIT ?");
  row.bind(1, "\"action\":\"" + action + "\"").bind(2, most);
  return row;
}

/// The audit, as far as this asks for it.
class AuditTale {
 public:
  explicit AuditTale(const Registry::State& state) : state_(state) {}

  /// The line by export's name: the last `action` on it.
  std::map<std::string, std::uint64_t> of_exports(const std::string& action) const {
    std::map<std::string, std::uint64_t> lines;
    for (auto row = lines_of(state_.catalogue, action, -1); row.step();) {
      const AuditLine line = read(row.text(0));
      lines.try_emplace(line.subject, line.number);
    }
    return lines;
  }

  /// Up to which line the last `action` had looked: a look names the head of the state that it saw.
  std::uint64_t looked_up_to(const std::string& action) const {
    auto row = lines_of(state_.catalogue, action, 1);
    if (!row.step()) return 0;
    const AuditLine look = read(row.text(0));
    auto seen = state_.catalogue.database().prepare("SELECT number FROM audit WHERE head = ?");
    seen.bind(1, look.subject_digest);
    return seen.step() ? static_cast<std::uint64_t>(seen.number(0)) : 0;
  }

 private:
  AuditLine read(const std::string& text) const {
    return read_audit_line(text, state_.config.id, state_.catalogue.place() + ", the audit", Verification::kFormOnly);
  }
  const Registry::State& state_;
};

}  // namespace

WaitingWork waiting_work(const Registry& registry, const std::vector<CatalogueEntry>& entries) {
  WaitingWork waiting;
  const KnownKeys keys = registry.keys();
  const auto by_register_key = [&](const CatalogueEntry& entry) {
    const KnownKey* const key = keys.signed_by(entry.signer);
    return key != nullptr && key->certificate.role == KeyRole::kRegister;
  };
  const Registry::State& state = registry.state();
  const Transaction transaction = state.catalogue.read();
  const AuditTale tale(state);
  const auto registered = tale.of_exports("register"), sealed = tale.of_exports("seal");
  const auto line_of = [](const std::map<std::string, std::uint64_t>& lines, const CatalogueEntry& entry) {
    const auto found = lines.find(entry.description.name);
    return found == lines.end() ? 0 : found->second;
  };

  const std::uint64_t compacted = tale.looked_up_to("compact"), vacant = tale.looked_up_to("canary list");
  std::map<RunId, std::size_t> in_run;
  std::map<Epoch, std::size_t> in_epoch;
  std::uint64_t first_seal = ~std::uint64_t{0};
  for (const CatalogueEntry& entry : entries) {
    if (!entry.set_aside.empty()) continue;  // nobody merges it or holds canaries against it
    ++in_run[entry.run.id];
    ++in_epoch[entry.run.epoch];
    if (line_of(sealed, entry) > line_of(registered, entry))
      first_seal = std::min(first_seal, line_of(registered, entry));
  }
  for (const CatalogueEntry& entry : entries) {
    if (!entry.set_aside.empty()) continue;
    const std::uint64_t line = line_of(registered, entry);
    const std::size_t together = in_run[entry.run.id];
    if (line > compacted && together == 1 && in_epoch[entry.run.epoch] > together && by_register_key(entry))
      waiting.merging.push_back(entry.description.name);
    const bool sealed_unseen = line_of(sealed, entry) > line && by_register_key(entry);
    if (line > vacant && (line > first_seal || sealed_unseen)) waiting.vacancy.push_back(entry.description.name);
  }
  return waiting;
}

}  // namespace sidik
