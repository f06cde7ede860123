// What a merged run is known by: signed by the key that merged, as an export's envelope is by the one that registered
// it; and what a removal is known by.
#pragma once

#include <string>
#include <vector>

#include "base/utc_time.h"
#include "registry/run.h"
#include "registry/signed_text.h"

namespace sidik {

class KnownKeys;

struct MergeStatement {
  RunFile run;                        // path is left out
  std::vector<std::string> exports;   // SHA-256 (hex) of the envelopes of those that it was merged from, rising
  std::vector<std::string> replaced;  // ids (hex) of the runs that it stands for
  UtcSeconds merged_at = 0;
  std::string merged_by;  // the key's holder
  PublicKey signer{};

  bool holds(const std::string& envelope_digest) const;
};

/// The signed line.
std::string merge_text(const MergeStatement& statement, const RegistryId& registry, const RegistryKey& key);
/// Throws Error(kDamaged, place) where it is not as written or of another registry.
MergeStatement read_merge(std::string_view text, const RegistryId& registry, const std::string& place,
                          Verification verification);

/// Why a merge does not count, as the end of a sentence about it; empty where it does: merging takes the investigators'
/// key or a compact key, and that before it was revoked. `text` is the signed line; its signature is judged elsewhere.
std::string merge_objection(const KnownKeys& keys, const MergeStatement& statement, const std::string& text);

/// An export is no part of the registry any more. Its audit line, and its envelope, remain.
struct RemovalStatement {
  std::uint64_t sequence = 0;
  std::string name;
  std::string envelope_digest;  // hex SHA-256 of the envelope's line
  UtcSeconds removed_at = 0;
  std::string removed_by;
  PublicKey signer{};
};

std::string removal_text(const RemovalStatement& statement, const RegistryId& registry, const RegistryKey& key);
RemovalStatement read_removal(std::string_view text, const RegistryId& registry, const std::string& place,
                              Verification verification);

}  // namespace sidik
