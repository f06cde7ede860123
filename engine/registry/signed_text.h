// Signed statements in clear: one line of canonical JSON that carries its own signature.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "fingerprints/key.h"
#include "registry/flat_object.h"
#include "registry/signature.h"

namespace sidik {

/// A JSON object, its members in the order of their names, without white space: one text for one meaning.
std::string canonical_json(const nlohmann::json& object);

/// `statement` with a member "signature" by `key` under the canonical text of all others, as one canonical line (no
/// line end).
std::string signed_text(nlohmann::json statement, std::string_view purpose, const RegistryKey& key);

/// Reads such a line back: it must be canonical to the byte and carry a fitting signature by `signer`. Throws
/// Error(kDamaged, place) otherwise. The signature may be left out where the same text was verified before, or is to be
/// (require_signature).
enum class Verification { kSignature, kFormOnly };
nlohmann::json read_signed_text(std::string_view line, std::string_view purpose, const PublicKey& signer,
                                const std::string& place, Verification verification = Verification::kSignature);
/// The same of a line that names its signer itself: in its member "signer", which is given.
nlohmann::json read_self_signed_text(std::string_view line, std::string_view purpose, PublicKey& signer,
                                     const std::string& place, Verification verification);

/// The same of a line that is a FlatObject (views into `line`), many times as fast; nothing of any other line: of that
/// read_self_signed_text tells more.
std::optional<FlatObject> read_flat_self_signed_text(std::string_view line, std::string_view purpose, PublicKey& signer,
                                                     const std::string& place, Verification verification);

/// The signature of a line that was read as canonical before. Throws Error(kDamaged, place) where it does not fit. May
/// be called by many threads at once.
void require_signature(std::string_view line, std::string_view purpose, const PublicKey& signer,
                       const std::string& place);

/// SHA-256.
std::array<std::uint8_t, 32> sha256(std::string_view text);

/// Members of a statement, checked for their type; throw Error(kDamaged, place) where missing or of another.
std::string text_member(const nlohmann::json& object, const char* name, const std::string& place);
std::int64_t number_member(const nlohmann::json& object, const char* name, const std::string& place);
/// Lower-case hex of exactly `out.size()` bytes.
void hex_member(const nlohmann::json& object, const char* name, std::span<std::uint8_t> out, const std::string& place);
bool has_member(const nlohmann::json& object, const char* name);
bool is_null_member(const nlohmann::json& object, const char* name);  // there, and null
std::string text_member(const FlatObject& object, const char* name, const std::string& place);
std::int64_t number_member(const FlatObject& object, const char* name, const std::string& place);
void hex_member(const FlatObject& object, const char* name, std::span<std::uint8_t> out, const std::string& place);
bool has_member(const FlatObject& object, const char* name);
bool is_null_member(const FlatObject& object, const char* name);

}  // namespace sidik
