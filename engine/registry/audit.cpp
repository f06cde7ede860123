#include "registry/audit.h"

#include "base/bytes.h"
#include "base/error.h"

namespace sidik {
namespace {

/// The line that a statement tells of, apart from its signer.
template <class Object>
AuditLine line_of(const Object& statement, const RegistryId& registry, const std::string& place) {
  AuditLine line;
  RegistryId written_for{};
  hex_member(statement, "registry", written_for, place);
  if (written_for != registry) throw Error(ErrorKind::kDamaged, place, "is a line of another registry's audit");
  line.number = static_cast<std::uint64_t>(number_member(statement, "number", place));
  line.previous = text_member(statement, "previous", place);
  const auto at = parse_utc(text_member(statement, "at", place));
  if (!at) throw Error(ErrorKind::kDamaged, place, "has no date");
  line.at = *at;
  line.actor = text_member(statement, "actor", place);
  line.action = text_member(statement, "action", place);
  line.subject = text_member(statement, "subject", place);
  line.subject_digest = text_member(statement, "subject_digest", place);
  if (has_member(statement, "from")) line.from = static_cast<std::uint64_t>(number_member(statement, "from", place));
  return line;
}

}  // namespace

std::string audit_text(const AuditLine& line, const RegistryId& registry, const RegistryKey& key) {
  nlohmann::json statement = {{"sidik_audit", 1},
                              {"registry", to_hex(registry)},
                              {"number", line.number},
                              {"previous", line.previous},
                              {"at", format_utc(line.at)},
                              {"actor", line.actor},
                              {"signer", to_hex(line.signer)},
                              {"action", line.action},
                              {"subject", line.subject},
                              {"subject_digest", line.subject_digest}};
  if (line.from != 0) statement["from"] = line.from;
  return signed_text(std::move(statement), "audit", key);
}

std::string audit_head_after(std::string_view text) { return to_hex(sha256(text)); }

AuditLine read_audit_line(std::string_view text, const RegistryId& registry, const std::string& place,
                          Verification verification) {
  PublicKey signer{};
  AuditLine line;
  if (const auto flat = read_flat_self_signed_text(text, "audit", signer, place, verification))
    line = line_of(*flat, registry, place);
  else
    line = line_of(read_self_signed_text(text, "audit", signer, place, verification), registry, place);
  line.signer = signer;
  return line;
}

bool changes_state(std::string_view action) {
  return action == "register" || action == "remove" || action == "key revoke" || action == "rebuild";
}

}  // namespace sidik
