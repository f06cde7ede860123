#include "seal/sealing.h"

#include "base/bytes.h"
#include "base/error.h"

namespace sidik {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

bool Sealing::marks(FieldType type, Channel channel) const {
  for (const Marked& each : marked)
    if (each.type == type && ((each.channels >> static_cast<unsigned>(channel)) & 1) != 0) return true;
  return false;
}

std::string Sealing::encode() const {
  ByteWriter out;
  out.u8(kVersion);
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
  return std::string(as_text(out.bytes()));
}

std::optional<Sealing> Sealing::decode(std::string_view bytes) {
  if (bytes.empty() || static_cast<std::uint8_t>(bytes[0]) != kVersion) return std::nullopt;
  ByteReader in(as_bytes(bytes), "an export's sealing");
  in.u8();
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
  if (out.coalition == 0 || !(out.withhold >= 0 && out.withhold < 1))
    throw Error(ErrorKind::kDamaged, "an export's sealing", "is not as a seal writes it");
  return out;
}

}  // namespace sidik
