// The audit chain: one signed line for each thing that was done, each bound to the one before by its SHA-256.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/utc_time.h"
#include "fingerprints/key.h"
#include "registry/signed_text.h"

namespace sidik {

struct AuditLine {
  std::uint64_t number = 0;  // from 1, without gaps
  std::string previous;      // the head before, hex; "" for the first line
  UtcSeconds at = 0;
  std::string actor;  // the key's holder
  PublicKey signer{};
  std::string action;          // "register", "trace", "key export", ...: FORMAT.md lists them
  std::string subject;         // what it was done to: an export's or a key's name; may be empty
  std::string subject_digest;  // hex SHA-256 of the subject's signed text; may be empty
  std::uint64_t from = 0;      // of a "key revoke": the first line that it takes back; 0: its own
};

/// The signed line as it is kept, and the chain's head after it.
std::string audit_text(const AuditLine& line, const RegistryId& registry, const RegistryKey& key);
std::string audit_head_after(std::string_view text);

/// Throws Error(kDamaged, place) where the line is not as written or of another registry.
AuditLine read_audit_line(std::string_view text, const RegistryId& registry, const std::string& place,
                          Verification verification);

/// Whether an action changes what a trace may answer (a registration does, a trace or an exported key does not).
bool changes_state(std::string_view action);

}  // namespace sidik
