#include "registry/envelope.h"

#include "base/bytes.h"
#include "base/error.h"
#include "registry/audit.h"
#include "registry/small_exports.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;

namespace {

Envelope some_envelope(const RegistryKey& key) {
  Envelope envelope;
  envelope.registry = key.registry;
  envelope.sequence = 7;
  ExportDescription& said = envelope.entry.description;
  said.name = "hospital-08 \"Ünïcode\"";
  said.feed = "hospital";
  said.recipient = "rs-jabar";
  said.at = parse_utc("2021-08-05");
  said.registered_at = *parse_utc("2021-08-06T10:11:12");
  said.registered_by = key.holder;
  envelope.entry.run.id.fill(0x5a);
  envelope.entry.run.length = 123456;
  envelope.entry.run.digest.fill(0x11);
  envelope.entry.run.key_commitment.fill(0x22);
  envelope.entry.rows = 1000;
  envelope.entry.content_digest = "00ff";
  envelope.entry.records_digest = "ff00";
  envelope.signer = key.signing_public;
  envelope.audit_head = std::string(64, 'a');
  return envelope;
}

}  // namespace

TEST_CASE("an envelope says the same after it was written and read", "[registry][envelope]") {
  const RegistryKey key = RegistryKey::generate();
  const Envelope written = some_envelope(key);
  const std::string text = envelope_text(written, key);
  const Envelope read = read_envelope(text, key.registry, "here", Verification::kSignature);
  CHECK(read.sequence == 7);
  CHECK(read.entry.description.name == written.entry.description.name);
  CHECK(read.entry.description.at == written.entry.description.at);
  CHECK_FALSE(read.entry.description.sent_at.has_value());
  CHECK(read.entry.run.digest == written.entry.run.digest);
  CHECK(read.entry.rows == 1000);
  CHECK(read.audit_head == written.audit_head);
  CHECK(envelope_text(read, key) == text);
}

TEST_CASE("an envelope with any bit of any byte changed is named", "[registry][envelope]") {
  const RegistryKey key = RegistryKey::generate();
  const std::string text = envelope_text(some_envelope(key), key);
  for (std::size_t i = 0; i < text.size(); ++i)
    for (const int bit : {0, 5}) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      INFO("byte " << i << " bit " << bit);
      CHECK(kind_thrown([&] { read_envelope(changed, key.registry, "here", Verification::kSignature); }) == 7);
    }
  for (std::size_t size = 0; size < text.size(); size += 13)
    CHECK(kind_thrown([&] { read_envelope(text.substr(0, size), key.registry, "here", Verification::kSignature); }) ==
          7);
}

TEST_CASE("an envelope of another registry or with another's signature is named", "[registry][envelope]") {
  const RegistryKey key = RegistryKey::generate();
  const RegistryKey other = RegistryKey::generate();
  const std::string text = envelope_text(some_envelope(key), key);
  CHECK(kind_thrown([&] { read_envelope(text, other.registry, "here", Verification::kSignature); }) == 7);
  const std::string forged = envelope_text(some_envelope(key), other);  // says it is by `key`
  CHECK(kind_thrown([&] { read_envelope(forged, key.registry, "here", Verification::kSignature); }) == 7);
}

TEST_CASE("a signature for one purpose does not stand for another", "[registry][signature]") {
  const RegistryKey key = RegistryKey::generate();
  const Signature signature = sign(key.signing_seed, "envelope", "text");
  CHECK(signature_fits(key.signing_public, "envelope", "text", signature));
  CHECK_FALSE(signature_fits(key.signing_public, "audit", "text", signature));
  CHECK_FALSE(signature_fits(key.signing_public, "envelope", "texT", signature));
  CHECK_FALSE(signature_fits(RegistryKey::generate().signing_public, "envelope", "text", signature));
}

TEST_CASE("a signed line reads back wherever its signature stands, and whatever its texts look like",
          "[registry][signature]") {
  const RegistryKey key = RegistryKey::generate();
  const std::string lookalike = "\"signature\":\"" + std::string(128, 'a') + "\"";
  using nlohmann::json;
  for (const json& statement : {json::object(), json{{"a", 1}}, json{{"z", lookalike}},
                                json{{"a", lookalike}, {"z", json::array({lookalike})}}}) {
    const std::string line = signed_text(statement, "config", key);
    INFO(line);
    json read = read_signed_text(line, "config", key.signing_public, "here");
    CHECK(read.erase("signature") == 1);
    CHECK(read == statement);
    CHECK(kind_thrown([&] { require_signature(line, "audit", key.signing_public, "here"); }) == 7);
    // The same members in another order, or the signature of another line.
    const std::size_t at = line.find("\"signature\":\"");
    const std::string member = line.substr(at, 14 + 128);
    if (statement.contains("a")) {
      const std::string moved = "{" + member + "," + line.substr(1, at - 2) + line.substr(at + member.size());
      CHECK(kind_thrown([&] { read_signed_text(moved, "config", key.signing_public, "here"); }) == 7);
    }
    CHECK(kind_thrown([&] { read_signed_text("{}", "config", key.signing_public, "here", Verification::kFormOnly); }) ==
          7);
  }
}

TEST_CASE("Ed25519 agrees with RFC 8032, section 7.1, test 1", "[registry][signature]") {
  // The RFC signs the empty message; ours carry their purpose, so the vector is held against the public key alone.
  const Bytes seed = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "vector");
  CHECK(to_hex(signing_public_of(Secret(seed))) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

TEST_CASE("an audit line is bound to the head before it", "[registry][audit]") {
  const RegistryKey key = RegistryKey::generate();
  AuditLine line;
  line.number = 1;
  line.actor = key.holder;
  line.signer = key.signing_public;
  line.action = "register";
  line.subject = "may";
  const std::string first = audit_text(line, key.registry, key);
  line.number = 2;
  line.previous = audit_head_after(first);
  const std::string second = audit_text(line, key.registry, key);
  const AuditLine read = read_audit_line(second, key.registry, "here", Verification::kSignature);
  CHECK(read.previous == audit_head_after(first));
  CHECK(read.number == 2);
  std::string changed = second;
  changed[changed.find("may")] = 'd';
  CHECK(kind_thrown([&] { read_audit_line(changed, key.registry, "here", Verification::kSignature); }) == 7);
}
