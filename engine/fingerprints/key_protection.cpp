#include "fingerprints/key_protection.h"

#include <sodium.h>

#include <array>

#include "base/error.h"

namespace sidik {
namespace {

constexpr std::string_view kAlgorithm = "argon2id ";
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
// A file may not ask for more than a machine has: it may be anybody's.
constexpr std::uint64_t kMostPasses = 64;
constexpr std::uint64_t kMostMemory = std::uint64_t{4} << 30;

using Salt = std::array<std::uint8_t, crypto_pwhash_SALTBYTES>;

Secret stretched(const Secret& passphrase, const Salt& salt, const PassphraseCost& cost) {
  Secret key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  // An empty one may have no bytes to point at.
  const char* const text = passphrase.size() == 0 ? "" : reinterpret_cast<const char*>(passphrase.bytes().data());
  if (crypto_pwhash(key.writable().data(), key.size(), text, passphrase.size(), salt.data(), cost.passes, cost.memory,
                    crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw Error(ErrorKind::kFailed, "the passphrase",
                "cannot be tried: there are no " + std::to_string(cost.memory >> 20) + " MiB of memory for Argon2id");
  return key;
}

struct Envelope {
  PassphraseCost cost;
  Salt salt{};
  std::string header;  // the passphrase line's value, authenticated
  Bytes sealed;
};

Envelope read_envelope(std::string_view text, const std::string& place) {
  const SecretLines lines(text, place, kKeyFileText);
  Envelope out;
  for (const SecretLines::Line& line : lines.lines()) {
    lines.require_once(line);
    if (line.name == "passphrase") {
      std::string_view rest = line.value;
      if (!rest.starts_with(kAlgorithm)) lines.refuse(line, "expected `argon2id`; use a newer sidik");
      rest.remove_prefix(kAlgorithm.size());
      std::array<std::string_view, 3> words;
      for (auto& word : words) {
        const std::size_t space = rest.find(' ');
        word = rest.substr(0, space);
        rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
      }
      const char* what = "passes, bytes of memory and a salt";
      const std::uint64_t memory = lines.read_number(line, words[1], crypto_pwhash_MEMLIMIT_MIN, what);
      out.cost.passes = lines.read_number(line, words[0], crypto_pwhash_OPSLIMIT_MIN, what);
      if (memory > kMostMemory || out.cost.passes > kMostPasses)
        lines.refuse(line, "asks for more than 64 passes or 4 GiB of memory; use an undamaged copy of the key");
      out.cost.memory = static_cast<std::size_t>(memory);
      lines.read_hex(line, words[2], out.salt);
      out.header = line.value;
    } else if (line.name == "sealed") {
      out.sealed.resize(line.value.size() / 2);
      lines.read_hex(line, line.value, out.sealed);
    } else {
      lines.refuse_unknown(line);
    }
  }
  lines.require_whole();
  if (out.header.empty() || out.sealed.size() < kNonceSize + kTagSize)
    throw Error(ErrorKind::kKey, place, "lacks a part of what is under its passphrase; use a whole copy of the key");
  return out;
}

}  // namespace

std::string protect_key(std::string_view plain, const Secret& passphrase, const PassphraseCost& cost) {
  if (passphrase.empty()) throw Error(ErrorKind::kUsage, "the passphrase", "is empty; choose one of several words");
  Salt salt;
  random_bytes(salt);
  const std::string header =
      std::string(kAlgorithm) + std::to_string(cost.passes) + " " + std::to_string(cost.memory) + " " + to_hex(salt);
  const Secret key = stretched(passphrase, salt, cost);
  Bytes sealed(kNonceSize + plain.size() + kTagSize);
  random_bytes(std::span(sealed).first(kNonceSize));
  unsigned long long size = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonceSize, &size, as_bytes(plain).data(), plain.size(),
                                             as_bytes(header).data(), header.size(), nullptr, sealed.data(),
                                             key.bytes().data());
  SecretTextWriter out(kKeyFileText, 60 * 1024);
  out.remark("A key under a passphrase: it is worth as much as the passphrase is hard to guess.");
  return out.line("passphrase", header).hex("sealed", sealed).finish();
}

bool is_protected_key(std::string_view text) { return text.find("\npassphrase argon2id ") != std::string_view::npos; }

WipedText open_protected_key(std::string_view text, const std::string& place, const PassphraseSource& passphrase) {
  const Envelope envelope = read_envelope(text, place);
  if (!passphrase) throw Error(ErrorKind::kKey, place, "is under a passphrase, and there is nobody to ask for it here");
  const Secret key = stretched(passphrase(place), envelope.salt, envelope.cost);
  WipedText plain;
  plain.text.resize(envelope.sealed.size() - kNonceSize - kTagSize);
  unsigned long long size = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(plain.text.data()), &size, nullptr, envelope.sealed.data() + kNonceSize,
          envelope.sealed.size() - kNonceSize, as_bytes(envelope.header).data(), envelope.header.size(),
          envelope.sealed.data(), key.bytes().data()) != 0)
    throw Error(ErrorKind::kKey, place,
                "the passphrase is not this key's; try again (a lost passphrase cannot be replaced: use another copy "
                "of the key, or its shares)");
  return plain;
}

}  // namespace sidik
