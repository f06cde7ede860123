// A registry's keys: what each role holds, how a key file is written and read, and every sub-key derived from it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/secret.h"

namespace sidik {

/// 16 random bytes that name a registry; clear in its files.
using RegistryId = std::array<std::uint8_t, 16>;
/// Numbers the fingerprint secrets of a registry, from 1.
using Epoch = std::uint32_t;
/// X25519 and Ed25519 public keys.
using PublicKey = std::array<std::uint8_t, 32>;

enum class KeyRole : std::uint8_t { kInvestigate = 1, kRegister = 2, kCompact = 3 };
std::string_view role_name(KeyRole role);

/// Everything that a key file may hold. An empty secret means that the role does not have it (SECURITY.md has the
/// table).
struct RegistryKey {
  KeyRole role = KeyRole::kInvestigate;
  RegistryId registry{};
  std::string holder;                       // whose key: "investigators", "etl-02"
  Epoch epoch = 1;                          // of `fingerprint_secret`
  Secret fingerprint_secret;                // 32 bytes; register and investigate
  std::map<Epoch, Secret> earlier_secrets;  // fingerprint secrets of epochs before that; investigate
  PublicKey sealing_public{};               // X25519: data keys are wrapped to it; every role
  Secret opening_secret;                    // 32 bytes, its private half; compact and investigate
  Secret schema_secret;                     // 32 bytes: pinned schemas and sealing state; register and investigate
  Secret digest_secret;                     // 32 bytes: keyed digests of contents; every role
  Secret signing_seed;                      // 32 bytes, Ed25519; every role, its own
  PublicKey signing_public{};               // its public half
  Secret seal_secret;                       // 32 bytes: what exports are sealed with comes from it; investigate

  // What an exported key has of the investigators' (SECURITY.md, Seals).
  PublicKey root_public{};  // the investigators' Ed25519 key; their own key names itself
  std::string certificate;  // by which they say whose this key is (registry/certificate.h); empty of their own
  Secret seal_shared;       // 32 bytes; register
  Secret seal_host;         // 32 bytes; register, of a key for any feed
  std::map<std::string, Secret> seal_feeds;  // 32 bytes a feed; register, of a key for certain feeds

  bool can_fingerprint() const { return !fingerprint_secret.empty(); }
  bool can_open() const { return !opening_secret.empty(); }
  /// The fingerprint secret of an epoch; null where the key does not have it.
  const Secret* secret_of(Epoch wanted) const;

  /// Throws Error(kKey, place) unless the key holds exactly what its role holds, each secret of 32 bytes, a holder that
  /// fits one line, and public halves that belong to its secrets. Certificates are the registry's to judge.
  void check(const std::string& place) const;

  /// A fresh investigators' key with every secret drawn at random, for a registry of a fresh id.
  static RegistryKey generate();
};

/// A key file is text of secret_text.h's form (key_file.cpp has an example), in clear or under a passphrase
/// (key_protection.h).
///
/// Its text. It holds the secrets: whoever asks for it wipes it.
std::string key_file_text(const RegistryKey& key);
/// Writes one, mode 0600 and synced, which must not exist (Error(kUsage): a key file is never overwritten).
void write_key_file(const RegistryKey& key, const std::filesystem::path& path);

/// Gives the passphrase of the key file at `place`, or throws Error(kKey).
using PassphraseSource = std::function<Secret(const std::string& place)>;

/// Reads a key file. Error(kKey) when missing, unreadable, readable by others than its owner, cut short, of a newer
/// version, or no key file, each with its own words; and where it is protected by a passphrase that `passphrase` does
/// not give.
RegistryKey read_key_file(const std::filesystem::path& path, const PassphraseSource& passphrase = {});
/// The same from what a --key-command printed; `place` is for messages.
RegistryKey parse_key_file(std::string_view text, const std::string& place, const PassphraseSource& passphrase = {});

/// The X25519 public half of an opening secret and the Ed25519 public half of a signing seed. REQUIRES: 32 bytes.
PublicKey sealing_public_of(const Secret& opening_secret);
PublicKey signing_public_of(const Secret& signing_seed);

/// HKDF-SHA-256 (RFC 5869), salt empty: `size` bytes (up to 8160) derived from `secret` for the purpose named by
/// `info`.
Secret derive(const Secret& secret, std::string_view info, std::size_t size);

}  // namespace sidik
