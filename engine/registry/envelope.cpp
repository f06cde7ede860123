#include "registry/envelope.h"

#include "base/bytes.h"
#include "base/error.h"
#include "registry/signed_text.h"

namespace sidik {
namespace {

using nlohmann::json;

constexpr int kEnvelopeFormat = 1;

json date_or_null(const std::optional<UtcSeconds>& date) { return date ? json(format_utc(*date)) : json(nullptr); }

template <class Object>
UtcSeconds date_member(const Object& object, const char* name, const std::string& place) {
  const auto date = parse_utc(text_member(object, name, place));
  if (!date) throw Error(ErrorKind::kDamaged, place, std::string("\"") + name + "\" is no date");
  return *date;
}

template <class Object>
std::optional<UtcSeconds> optional_date_member(const Object& object, const char* name, const std::string& place) {
  if (is_null_member(object, name)) return std::nullopt;
  return date_member(object, name, place);
}

template <class Object>
std::uint64_t count_member(const Object& object, const char* name, const std::string& place) {
  const std::int64_t number = number_member(object, name, place);
  if (number < 0) throw Error(ErrorKind::kDamaged, place, std::string("\"") + name + "\" is below zero");
  return static_cast<std::uint64_t>(number);
}

template <class Object>
ExportDescription read_description(const Object& object, const std::string& place) {
  ExportDescription description;
  description.name = text_member(object, "name", place);
  description.feed = text_member(object, "feed", place);
  description.recipient = text_member(object, "recipient", place);
  const auto kind = kind_from_name(text_member(object, "kind", place));
  if (!kind) throw Error(ErrorKind::kDamaged, place, "its kind is none that this program knows");
  description.kind = *kind;
  description.at = optional_date_member(object, "at", place);
  description.sent_at = optional_date_member(object, "sent_at", place);
  description.registered_at = date_member(object, "registered_at", place);
  description.registered_by = text_member(object, "registered_by", place);
  return description;
}

/// The envelope that a statement tells of, apart from its signer.
template <class Object>
Envelope envelope_of(const Object& statement, const RegistryId& registry, const std::string& place) {
  Envelope envelope;
  if (const auto format = number_member(statement, "sidik_envelope", place); format > kEnvelopeFormat)
    throw Error(ErrorKind::kDamaged, place, "was written by a newer sidik; install that one");

  hex_member(statement, "registry", envelope.registry, place);
  if (envelope.registry != registry) throw Error(ErrorKind::kDamaged, place, "is the envelope of another registry");
  envelope.sequence = count_member(statement, "sequence", place);
  envelope.entry.description = read_description(statement, place);
  RunFile& run = envelope.entry.run;
  hex_member(statement, "run", run.id, place);
  run.epoch = static_cast<Epoch>(count_member(statement, "epoch", place));
  run.length = count_member(statement, "length", place);
  hex_member(statement, "digest", run.digest, place);
  hex_member(statement, "key_commitment", run.key_commitment, place);
  envelope.entry.rows = count_member(statement, "rows", place);
  envelope.entry.content_digest = text_member(statement, "content_digest", place);
  envelope.entry.records_digest = text_member(statement, "records_digest", place);
  envelope.audit_head = text_member(statement, "audit_head", place);
  envelope.pinned_schema = text_member(statement, "pinned_schema", place);
  if (has_member(statement, "certificate")) envelope.certificate = text_member(statement, "certificate", place);
  return envelope;
}

}  // namespace

std::string envelope_text(const Envelope& envelope, const RegistryKey& key) {
  const ExportDescription& description = envelope.entry.description;
  const RunFile& run = envelope.entry.run;
  json statement = {{"sidik_envelope", kEnvelopeFormat},
                    {"registry", to_hex(envelope.registry)},
                    {"sequence", envelope.sequence},
                    {"name", description.name},
                    {"feed", description.feed},
                    {"recipient", description.recipient},
                    {"kind", kind_name(description.kind)},
                    {"at", date_or_null(description.at)},
                    {"sent_at", date_or_null(description.sent_at)},
                    {"registered_at", format_utc(description.registered_at)},
                    {"registered_by", description.registered_by},
                    {"signer", to_hex(envelope.signer)},
                    {"run", to_hex(run.id)},
                    {"epoch", run.epoch},
                    {"length", run.length},
                    {"digest", to_hex(run.digest)},
                    {"key_commitment", to_hex(run.key_commitment)},
                    {"rows", envelope.entry.rows},
                    {"content_digest", envelope.entry.content_digest},
                    {"records_digest", envelope.entry.records_digest},
                    {"audit_head", envelope.audit_head},
                    {"pinned_schema", envelope.pinned_schema}};
  if (!envelope.certificate.empty()) statement["certificate"] = envelope.certificate;
  return signed_text(std::move(statement), "envelope", key);
}

Envelope read_envelope(std::string_view text, const RegistryId& registry, const std::string& place,
                       Verification verification) {
  PublicKey signer{};
  Envelope envelope;
  if (const auto flat = read_flat_self_signed_text(text, "envelope", signer, place, verification))
    envelope = envelope_of(*flat, registry, place);
  else
    envelope = envelope_of(read_self_signed_text(text, "envelope", signer, place, verification), registry, place);
  envelope.signer = signer;
  return envelope;
}

}  // namespace sidik
