#include "registry/verified_envelopes.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/signed_text.h"

namespace sidik {
namespace {

// Made with the first note.
constexpr const char* kTable = "CREATE TABLE IF NOT EXISTS verified (note TEXT NOT NULL) STRICT";

std::string place_of(const Catalogue& catalogue) { return catalogue.place() + ", the note of verified envelopes"; }

std::optional<std::string> stored_note(const Catalogue& catalogue) {
  auto table = catalogue.database().prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'verified'");
  if (!table.step()) return std::nullopt;
  auto row = catalogue.database().prepare("SELECT note FROM verified");
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

std::vector<std::string> digests_of(const Catalogue& catalogue, const RegistryId& registry, const PublicKey& root) {
  const auto note = stored_note(catalogue);
  if (!note) return {};
  const std::string place = place_of(catalogue);
  const nlohmann::json statement = read_signed_text(*note, "verified", root, place);
  RegistryId written_for{};
  hex_member(statement, "registry", written_for, place);
  const auto list = statement.find("envelopes");
  if (written_for != registry || list == statement.end() || !list->is_array())
    throw Error(ErrorKind::kDamaged, place, "is not one of this registry's");
  std::vector<std::string> digests;
  digests.reserve(list->size());
  for (const auto& digest : *list) digests.push_back(digest.get<std::string>());
  return digests;
}

}  // namespace

VerifiedEnvelopes VerifiedEnvelopes::read(const Catalogue& catalogue, const RegistryId& registry,
                                          const PublicKey& root) {
  VerifiedEnvelopes verified;
  try {
    verified.digests_ = digests_of(catalogue, registry, root);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kDamaged) throw;  // without it all envelopes are verified, as without a note
  }
  return verified;
}

void VerifiedEnvelopes::check(const Catalogue& catalogue, const RegistryId& registry, const PublicKey& root) {
  digests_of(catalogue, registry, root);
}

bool VerifiedEnvelopes::holds(const std::string& digest) const {
  return std::binary_search(digests_.begin(), digests_.end(), digest);
}

void note_verified(const Catalogue& catalogue, const RegistryKey& investigators, std::vector<std::string> digests) {
  std::sort(digests.begin(), digests.end());
  const Database& database = catalogue.database();
  database.execute(kTable);
  database.execute("DELETE FROM verified");
  database.prepare("INSERT INTO verified VALUES (?)")
      .bind(1, signed_text({{"sidik_verified", 1},
                            {"registry", to_hex(investigators.registry)},
                            {"envelopes", digests},
                            {"signer", to_hex(investigators.signing_public)}},
                           "verified", investigators))
      .run();
}

}  // namespace sidik
