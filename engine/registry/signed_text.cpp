#include "registry/signed_text.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"

namespace sidik {
namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::string& place, const std::string& what) {
  throw Error(ErrorKind::kDamaged, place, what);
}

void read_hex(std::string_view hex, const char* name, std::span<std::uint8_t> out, const std::string& place) {
  if (hex.size() != 2 * out.size() || hex.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    fail(place, std::string("\"") + name + "\" is not " + std::to_string(out.size()) + " bytes in hex");
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>(value(hex[2 * i]) * 16 + value(hex[2 * i + 1]));
}

/// Statements hold integers, strings, null and lists of strings.
bool is_flat(const json& member) {
  const auto is_text = [](const json& item) { return item.is_string(); };
  if (member.is_array()) return std::all_of(member.begin(), member.end(), is_text);
  return member.is_string() || member.is_number_integer() || member.is_null();
}

json parse_object(std::string_view line, std::string_view purpose, const std::string& place) {
  json statement = json::parse(line, nullptr, /*allow_exceptions=*/false);
  // Whoever can write the folder wrote it, for all that is known yet: writing nested lists again would take a stack as
  // deep as they are.
  if (!statement.is_object() || !std::all_of(statement.begin(), statement.end(), is_flat))
    fail(place, "is no signed " + std::string(purpose) + "; run `sidik check`");
  return statement;
}

void require_canonical(const json& statement, std::string_view line, const std::string& place) {
  std::string text;
  try {
    text = canonical_json(statement);
  } catch (const json::exception&) {
    fail(place, "holds broken UTF-8; run `sidik check`");
  }
  if (text != line) fail(place, "is not as it was written; run `sidik check`");
}

/// The member "signature" of a line: where it begins, with its comma, and ends.
struct SignatureMember {
  std::size_t begin = 0, end = 0;
  Signature signature{};
};

/// Found in the text: within a string its quotes would be escaped, and statements hold no objects.
SignatureMember signature_member(std::string_view line, const std::string& place) {
  constexpr std::string_view kName = "\"signature\":\"";
  SignatureMember member;
  const std::size_t name = line.find(kName);
  const std::size_t hex = name + kName.size();
  const std::size_t close = hex + 2 * member.signature.size();
  if (name == std::string_view::npos || name == 0 || close + 1 >= line.size() || line[close] != '"')
    fail(place, "carries no signature; run `sidik check`");
  read_hex(line.substr(hex, close - hex), "signature", member.signature, place);
  member.begin = name;
  member.end = close + 1;
  if (line[name - 1] == ',')
    --member.begin;
  else if (line[member.end] == ',')
    ++member.end;
  return member;
}

/// A canonical line is signed by `signer`, or of a form that can be.
void require_signed(std::string_view line, std::string_view purpose, const PublicKey& signer, const std::string& place,
                    Verification verification) {
  if (verification == Verification::kSignature)
    require_signature(line, purpose, signer, place);
  else
    signature_member(line, place);
}

[[noreturn]] void fail_for_want_of(const char* what, const char* name, const std::string& place) {
  fail(place, std::string("has no ") + what + " \"" + name + '"');
}

using FlatKind = FlatObject::Member::Kind;

const FlatObject::Member& flat_text(const FlatObject& object, const char* name, const std::string& place) {
  const FlatObject::Member* const member = object.find(name);
  if (member == nullptr || member->kind != FlatKind::kText) fail_for_want_of("text", name, place);
  return *member;
}

}  // namespace

std::string canonical_json(const json& object) { return object.dump(); }

std::string signed_text(json statement, std::string_view purpose, const RegistryKey& key) {
  statement.erase("signature");
  const Signature signature = sign(key.signing_seed, purpose, canonical_json(statement));
  statement["signature"] = to_hex(signature);
  return canonical_json(statement);
}

json read_signed_text(std::string_view line, std::string_view purpose, const PublicKey& signer,
                      const std::string& place, Verification verification) {
  json statement = parse_object(line, purpose, place);
  require_canonical(statement, line, place);
  require_signed(line, purpose, signer, place, verification);
  return statement;
}

json read_self_signed_text(std::string_view line, std::string_view purpose, PublicKey& signer, const std::string& place,
                           Verification verification) {
  json statement = parse_object(line, purpose, place);
  hex_member(statement, "signer", signer, place);
  require_canonical(statement, line, place);
  require_signed(line, purpose, signer, place, verification);
  return statement;
}

std::optional<FlatObject> read_flat_self_signed_text(std::string_view line, std::string_view purpose, PublicKey& signer,
                                                     const std::string& place, Verification verification) {
  auto statement = FlatObject::read(line);
  if (!statement) return std::nullopt;
  hex_member(*statement, "signer", signer, place);
  require_signed(line, purpose, signer, place, verification);
  return statement;
}

void require_signature(std::string_view line, std::string_view purpose, const PublicKey& signer,
                       const std::string& place) {
  const SignatureMember member = signature_member(line, place);
  std::string body(line.substr(0, member.begin));
  body += line.substr(member.end);
  if (!signature_fits(signer, purpose, body, member.signature))
    fail(place, "its signature does not fit: it was changed, or another key signed it; run `sidik check`");
}

std::array<std::uint8_t, 32> sha256(std::string_view text) {
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw Error(ErrorKind::kFailed, "", "the crypto library has no SHA-256");
  return digest;
}

std::string text_member(const json& object, const char* name, const std::string& place) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) fail_for_want_of("text", name, place);
  return member->get<std::string>();
}

std::int64_t number_member(const json& object, const char* name, const std::string& place) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_number_integer()) fail_for_want_of("number", name, place);
  return member->get<std::int64_t>();
}

void hex_member(const json& object, const char* name, std::span<std::uint8_t> out, const std::string& place) {
  read_hex(text_member(object, name, place), name, out, place);
}

bool has_member(const json& object, const char* name) { return object.contains(name); }

bool is_null_member(const json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_null();
}

std::string text_member(const FlatObject& object, const char* name, const std::string& place) {
  return flat_text(object, name, place).text();
}

std::int64_t number_member(const FlatObject& object, const char* name, const std::string& place) {
  const FlatObject::Member* const member = object.find(name);
  if (member == nullptr || member->kind != FlatKind::kNumber) fail_for_want_of("number", name, place);
  return member->number;
}

void hex_member(const FlatObject& object, const char* name, std::span<std::uint8_t> out, const std::string& place) {
  read_hex(flat_text(object, name, place).spelled, name, out, place);
}

bool has_member(const FlatObject& object, const char* name) { return object.find(name) != nullptr; }

bool is_null_member(const FlatObject& object, const char* name) {
  const FlatObject::Member* const member = object.find(name);
  return member != nullptr && member->kind == FlatKind::kNull;
}

}  // namespace sidik
