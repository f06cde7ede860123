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
  std::string action;          // "register"; other actions come with the commands that do them
  std::string subject;         // the export's name
  std::string subject_digest;  // hex SHA-256 of the envelope's text
};

/// The signed line as it is kept, and the chain's head after it.
std::string audit_text(const AuditLine& line, const RegistryId& registry, const RegistryKey& key);
std::string audit_head_after(std::string_view text);

/// Throws Error(kDamaged, place) where the line is not as written or of another registry.
AuditLine read_audit_line(std::string_view text, const RegistryId& registry, const std::string& place,
                          Verification verification);

/// Whether an action changes what a trace may answer (a registration does, a trace does not).
bool changes_state(std::string_view action);

}  // namespace sidik
