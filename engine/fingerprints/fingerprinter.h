// Keyed fingerprints of canonical values: the only place where plain values meet the key.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/secret.h"
#include "fields/field_type.h"

namespace sidik {

/// 64 pseudorandom bits (the first of a CMAC, big-endian) that stand for one (type, canonical value) under one key.
/// The top 36 bits go to the index, the next 16 to the record (record.h).
using Fingerprint = std::uint64_t;

/// AES-128-CMAC (RFC 4493) of many values in lock-step: all first blocks in one ECB call, then all second blocks, ...
/// One object a thread: it owns a cipher context and buffers.
class Cmac {
 public:
  /// `key` has 16 bytes.
  explicit Cmac(const Secret& key);
  ~Cmac();
  Cmac(Cmac&&) noexcept;
  Cmac& operator=(Cmac&&) noexcept;

  /// out[i] becomes the first 8 bytes, big-endian, of the CMAC of text[begin[i], begin[i + 1]).
  /// REQUIRES: out.size() + 1 == begin.size(); 16 readable bytes after the last value.
  void compute(const std::uint8_t* text, std::span<const std::uint32_t> begin, std::span<Fingerprint> out);
  /// The same, for the values `which` alone: out[which[i]] is set, the others are left.
  void compute_some(const std::uint8_t* text, std::span<const std::uint32_t> begin,
                    std::span<const std::uint32_t> which, std::span<Fingerprint> out);
  /// All 16 bytes of one message's CMAC, block by block: the plain twin.
  void full(std::span<const std::uint8_t> message, std::span<std::uint8_t, 16> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The domains that fingerprints are kept apart by; the sub-key of a domain and type is
/// derive(secret, "sidik/1/<domain>/<type>", 16) with the domains "value" and "tag" and the type's name. A whole row
/// has no type: its sub-key is derive(secret, "sidik/1/whole-row", 16). So a value under two types, and a value and its
/// tag, never meet.
enum class FingerprintDomain : std::uint8_t { kValue, kTag, kWholeRow };

/// The sub-key of a domain and type under an epoch's fingerprint secret; `type` does not matter for kWholeRow.
Secret fingerprint_key(const Secret& fingerprint_secret, FingerprintDomain domain, FieldType type);

}  // namespace sidik
