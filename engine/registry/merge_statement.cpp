#include "registry/merge_statement.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/known_keys.h"

namespace sidik {
namespace {

using nlohmann::json;

UtcSeconds date_member(const json& object, const char* name, const std::string& place) {
  const auto date = parse_utc(text_member(object, name, place));
  if (!date) throw Error(ErrorKind::kDamaged, place, std::string("\"") + name + "\" is no date");
  return *date;
}

std::uint64_t count_member(const json& object, const char* name, const std::string& place) {
  const std::int64_t number = number_member(object, name, place);
  if (number < 0) throw Error(ErrorKind::kDamaged, place, std::string("\"") + name + "\" is below zero");
  return static_cast<std::uint64_t>(number);
}

std::vector<std::string> list_member(const json& object, const char* name, const std::string& place) {
  const auto member = object.find(name);
  std::vector<std::string> list;
  if (member == object.end() || !member->is_array())
    throw Error(ErrorKind::kDamaged, place, std::string("has no list \"") + name + '"');
  for (const json& item : *member) {
    if (!item.is_string()) throw Error(ErrorKind::kDamaged, place, std::string("\"") + name + "\" lists no texts");
    list.push_back(item.get<std::string>());
  }
  return list;
}

/// The statement of a line that names its signer and is of this registry.
json read_line(std::string_view text, const char* format, const char* purpose, const RegistryId& registry,
               const std::string& place, Verification verification, PublicKey& signer) {
  json statement = read_self_signed_text(text, purpose, signer, place, verification);
  if (number_member(statement, format, place) > 1)
    throw Error(ErrorKind::kDamaged, place, "was written by a newer sidik; install that one");
  RegistryId written_for{};
  hex_member(statement, "registry", written_for, place);
  if (written_for != registry)
    throw Error(ErrorKind::kDamaged, place, "is a signed " + std::string(purpose) + " of another registry");
  return statement;
}

}  // namespace

bool MergeStatement::holds(const std::string& envelope_digest) const {
  return std::binary_search(exports.begin(), exports.end(), envelope_digest);
}

std::string merge_text(const MergeStatement& statement, const RegistryId& registry, const RegistryKey& key) {
  const RunFile& run = statement.run;
  return signed_text({{"sidik_merge", 1},
                      {"registry", to_hex(registry)},
                      {"run", to_hex(run.id)},
                      {"epoch", run.epoch},
                      {"length", run.length},
                      {"digest", to_hex(run.digest)},
                      {"key_commitment", to_hex(run.key_commitment)},
                      {"exports", statement.exports},
                      {"replaced", statement.replaced},
                      {"merged_at", format_utc(statement.merged_at)},
                      {"merged_by", statement.merged_by},
                      {"signer", to_hex(statement.signer)}},
                     "merge", key);
}

MergeStatement read_merge(std::string_view text, const RegistryId& registry, const std::string& place,
                          Verification verification) {
  MergeStatement out;
  const json statement = read_line(text, "sidik_merge", "merge", registry, place, verification, out.signer);
  RunFile& run = out.run;
  hex_member(statement, "run", run.id, place);
  run.epoch = static_cast<Epoch>(count_member(statement, "epoch", place));
  run.length = count_member(statement, "length", place);
  hex_member(statement, "digest", run.digest, place);
  hex_member(statement, "key_commitment", run.key_commitment, place);
  out.exports = list_member(statement, "exports", place);
  if (!std::is_sorted(out.exports.begin(), out.exports.end()))
    throw Error(ErrorKind::kDamaged, place, "lists its exports out of order");
  out.replaced = list_member(statement, "replaced", place);
  out.merged_at = date_member(statement, "merged_at", place);
  out.merged_by = text_member(statement, "merged_by", place);
  return out;
}

std::string merge_objection(const KnownKeys& keys, const MergeStatement& statement, const std::string& text) {
  if (statement.signer == keys.root()) return {};
  const KnownKey* const key = keys.signed_by(statement.signer);
  if (key == nullptr)
    return "is signed by a key that this registry does not know (" + to_hex(statement.signer).substr(0, 12) + ")";
  const std::string whose = "the key '" + key->certificate.name + "'";
  if (key->certificate.role != KeyRole::kCompact)
    return "is signed by " + whose + ", whose role is " + std::string(role_name(key->certificate.role));
  if (statement.merged_by != key->certificate.name)
    return "says that '" + statement.merged_by + "' merged and is signed by " + whose;
  if (key->revoked && !keys.merged_before(text, key->revoked->line))
    return "was merged with " + whose + " after that was revoked (audit line " + std::to_string(key->revoked->line) +
           ")";
  return {};
}

std::string removal_text(const RemovalStatement& statement, const RegistryId& registry, const RegistryKey& key) {
  return signed_text({{"sidik_removal", 1},
                      {"registry", to_hex(registry)},
                      {"sequence", statement.sequence},
                      {"name", statement.name},
                      {"envelope_digest", statement.envelope_digest},
                      {"removed_at", format_utc(statement.removed_at)},
                      {"removed_by", statement.removed_by},
                      {"signer", to_hex(statement.signer)}},
                     "removal", key);
}

RemovalStatement read_removal(std::string_view text, const RegistryId& registry, const std::string& place,
                              Verification verification) {
  RemovalStatement out;
  const json statement = read_line(text, "sidik_removal", "removal", registry, place, verification, out.signer);
  out.sequence = count_member(statement, "sequence", place);
  out.name = text_member(statement, "name", place);
  out.envelope_digest = text_member(statement, "envelope_digest", place);
  out.removed_at = date_member(statement, "removed_at", place);
  out.removed_by = text_member(statement, "removed_by", place);
  return out;
}

}  // namespace sidik
