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
  json statement = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!statement.is_object()) fail(place, "is not one line of JSON; run `sidik check`");
  Signature signature{};
  hex_member(statement, "signature", signature, place);
  std::string text;
  try {
    text = canonical_json(statement);
  } catch (const json::exception&) {
    fail(place, "holds broken UTF-8; run `sidik check`");
  }
  if (text != line) fail(place, "is not as it was written; run `sidik check`");
  if (verification == Verification::kFormOnly) return statement;
  json body = statement;
  body.erase("signature");
  if (!signature_fits(signer, purpose, canonical_json(body), signature))
    fail(place, "its signature does not fit: it was changed, or another key signed it; run `sidik check`");
  return statement;
}

std::array<std::uint8_t, 32> sha256(std::string_view text) {
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw Error(ErrorKind::kFailed, "", "the crypto library has no SHA-256");
  return digest;
}

std::string text_member(const json& object, const char* name, const std::string& place) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) fail(place, std::string("has no text \"") + name + '"');
  return member->get<std::string>();
}

std::int64_t number_member(const json& object, const char* name, const std::string& place) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_number_integer()) fail(place, std::string("has no number \"") + name + '"');
  return member->get<std::int64_t>();
}

void hex_member(const json& object, const char* name, std::span<std::uint8_t> out, const std::string& place) {
  const std::string hex = text_member(object, name, place);
  if (hex.size() != 2 * out.size() || hex.find_first_not_of("0123456789abcdef") != std::string::npos)
    fail(place, std::string("\"") + name + "\" is not " + std::to_string(out.size()) + " bytes in hex");
  const Bytes bytes = from_hex(hex, place);
  std::copy(bytes.begin(), bytes.end(), out.begin());
}

}  // namespace sidik
