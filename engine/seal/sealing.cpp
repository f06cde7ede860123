#include "seal/sealing.h"

#include "base/bytes.h"
#include "base/error.h"

namespace sidik {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kWithoutIdentities = 1;  // as seals without canaries are still written

}  // namespace

bool Sealing::marks(FieldType type, Channel channel) const {
  for (const Marked& each : marked)
    if (each.type == type && ((each.channels >> static_cast<unsigned>(channel)) & 1) != 0) return true;
  return false;
}

std::string Sealing::encode() const {
  ByteWriter out;
  out.u8(canary_identities.empty() ? kWithoutIdentities : kVersion);
  out.varint(marked.size());
  for (const Marked& each : marked) {
    out.u8(static_cast<std::uint8_t>(each.type));
    out.u32(each.channels);
  }
  out.varint(coalition);
  out.f64(withhold);
  out.varint(withheld);
  out.varint(canaries);
  out.varint(canary_tags.size());
  RowTag before = 0;
  for (const RowTag tag : canary_tags) {
    out.varint(tag - before);
    before = tag;
  }
  if (!canary_identities.empty()) out.string(canary_identities);
  return std::string(as_text(out.bytes()));
}

std::optional<Sealing> Sealing::decode(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  ByteReader in(as_bytes(bytes), "an export's sealing");
  const std::uint8_t version = in.u8();
  if (version != kVersion && version != kWithoutIdentities) return std::nullopt;
  Sealing out;
  out.marked.resize(in.count(5));
  for (Marked& each : out.marked) {
    const std::uint8_t type = in.u8();
    if (type == 0 || type >= kFieldTypes)
      throw Error(ErrorKind::kDamaged, "an export's sealing", "names an unknown type");
    each = {static_cast<FieldType>(type), in.u32()};
  }
  out.coalition = static_cast<unsigned>(in.varint());
  out.withhold = in.f64();
  out.withheld = in.varint();
  out.canaries = in.varint();
  out.canary_tags.resize(in.count(1));
  RowTag before = 0;
  for (RowTag& tag : out.canary_tags) tag = before += in.varint();
  if (version == kVersion) out.canary_identities = in.string();
  if (out.coalition == 0 || !(out.withhold >= 0 && out.withhold < 1))
    throw Error(ErrorKind::kDamaged, "an export's sealing", "is not as a seal writes it");
  return out;
}

}  // namespace sidik
