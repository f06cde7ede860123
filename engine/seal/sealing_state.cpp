#include "seal/sealing_state.h"

#include <sodium.h>

#include "base/bytes.h"
#include "base/error.h"
#include "fingerprints/key.h"

namespace sidik {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kPadding = 64 << 10;  // a file's length says little
constexpr const char* kPlace = "a feed's sealing state";

Secret key_of(const SealSecrets& secrets) {
  return derive(secrets.recipient, "sidik/1/seal/state", crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
}

void write(ByteWriter& out, const std::optional<SealingState>& state) {
  out.u8(state ? 1 : 0);
  if (!state) return;
  out.string(state->schema.to_toml());
  out.varint(state->rows);
  out.varint(state->sorted_by.size());
  for (const SortKey& key : state->sorted_by) {
    out.varint(key.column);
    out.u8(key.falling ? 1 : 0);
  }
  out.u8(state->tied ? 1 : 0);
  out.varint(state->candidates.size());
  for (const auto& each : state->candidates) {
    out.varint(each.family);
    out.u64(each.place);
    out.f64(each.chance);
    out.f64(each.weight);
    out.u8(static_cast<std::uint8_t>((each.planted ? 1 : 0) | (each.vetted ? 2 : 0)));
    for (const std::string& cell : each.cells) out.string(cell);
  }
}

std::optional<SealingState> read(ByteReader& in) {
  if (in.u8() == 0) return std::nullopt;
  SealingState state;
  state.schema = Schema::from_toml(in.string(), kPlace);
  const std::size_t width = state.schema.columns.size();
  state.rows = in.varint();
  state.sorted_by.resize(in.count(2));
  for (SortKey& key : state.sorted_by) {
    key.column = static_cast<std::size_t>(in.varint());
    key.falling = in.u8() != 0;
    if (key.column >= width) throw Error(ErrorKind::kDamaged, kPlace, "is sorted by a column that it has not");
  }
  state.tied = in.u8() != 0;
  state.candidates.resize(in.count(26));
  for (auto& each : state.candidates) {
    each.family = in.varint();
    each.place = in.u64();
    each.chance = in.f64();
    each.weight = in.f64();
    const std::uint8_t flags = in.u8();
    each.planted = (flags & 1) != 0;
    each.vetted = (flags & 2) != 0;
    for (std::size_t c = 0; c < width; ++c) each.cells.push_back(in.string());
  }
  return state;
}

}  // namespace

std::string encrypt_states(const SealingStates& states, const SealSecrets& secrets) {
  ByteWriter writer;
  writer.u8(kVersion);
  writer.string(states.last_export);
  write(writer, states.before);
  write(writer, states.after);
  Bytes text = writer.take();
  text.resize((text.size() + kPadding - 1) / kPadding * kPadding);
  Bytes out(kNonceSize + text.size() + kTagSize);
  random_bytes(std::span(out).first(kNonceSize));
  const Secret key = key_of(secrets);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + kNonceSize, nullptr, text.data(), text.size(), nullptr, 0,
                                             nullptr, out.data(), key.bytes().data());
  sodium_memzero(text.data(), text.size());
  return std::string(as_text(out));
}

std::optional<SealingStates> decrypt_states(std::string_view bytes, const SealSecrets& secrets) {
  const ByteSpan in = as_bytes(bytes);
  if (in.size() < kNonceSize + kTagSize) return std::nullopt;
  Bytes plain(in.size() - kNonceSize - kTagSize);
  const Secret key = key_of(secrets);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, in.data() + kNonceSize,
                                                 in.size() - kNonceSize, nullptr, 0, in.data(),
                                                 key.bytes().data()) != 0)
    return std::nullopt;
  try {
    ByteReader reader(plain, kPlace);
    if (reader.u8() != kVersion) return std::nullopt;
    SealingStates states;
    states.last_export = reader.string();
    states.before = read(reader);
    states.after = read(reader);
    return states;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::filesystem::path states_path(const std::filesystem::path& registry, const SealSecrets& secrets) {
  const Secret name = derive(secrets.recipient, "sidik/1/seal/state-name", 16);
  return registry / "seals" / (to_hex(name.bytes()) + ".state");
}

SealingStates read_states(FileSystem& files, const std::filesystem::path& registry, const SealSecrets& secrets) {
  const auto path = states_path(registry, secrets);
  if (!files.exists(path)) return {};
  try {
    const auto file = files.open(path, OpenMode::kRead);
    std::string bytes(file->size(), '\0');
    bytes.resize(file->read_at(0, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}));
    return decrypt_states(bytes, secrets).value_or(SealingStates{});
  } catch (const Error&) {
    return {};
  }
}

void write_states(FileSystem& files, const std::filesystem::path& registry, const SealSecrets& secrets,
                  const SealingStates& states) {
  const auto path = states_path(registry, secrets);
  files.make_directory(path.parent_path());
  files.sync_directory(registry);
  write_file_durably(files, path, as_bytes(encrypt_states(states, secrets)));
}

}  // namespace sidik
