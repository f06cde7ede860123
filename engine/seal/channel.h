// Channels: choices between two spellings of one value, which its canonical form does not see. A mark is written in
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fields/field_type.h"

namespace sidik {

/// Numbers and names are part of the format: positions are keyed by them. At most 32.
enum class Channel : std::uint8_t {
  kStreetWord = 0,     // Jl. / Jalan
  kNumberDot = 1,      // No. 5 / No 5
  kRtZeros = 2,        // RT 3 / RT 003, and RW with it
  kRtJoin = 3,         // RT 3/RW 5 / RT 3 RW 5
  kVillageWord = 4,    // Kel. / Kelurahan
  kDistrictWord = 5,   // Kec. / Kecamatan
  kRegencyWord = 6,    // Kab. / Kabupaten
  kAlleyWord = 7,      // Gg. / Gang
  kKampungWord = 8,    // Kp. / Kampung
  kEstateWord = 9,     // Perum. / Perumahan
  kBlockWord = 10,     // Blk. / Blok
  kHamletWord = 11,    // Dsn. / Dusun
  kAvenueWord = 12,    // St. / Street, Rd. / Road, Ave. / Avenue
  kPhonePrefix = 13,   // 0812... / +62812...
  kPhoneGroups = 14,   // 081234567890 / 0812-3456-7890
  kInitialDot = 15,    // M. / M
  kDateStroke = 16,    // 16-06-1985 / 16/06/1985
  kEmailCapital = 17,  // budi@ / Budi@
  kLetterCase = 18,    // Budi / BUDI: only where the column varies in it
};
inline constexpr int kChannels = 19;

/// The channels that values of `type` have; empty for most types.
std::span<const Channel> channels_of(FieldType type);
/// "street-word", "phone-prefix", ...
std::string_view channel_name(Channel channel);
/// Whether a channel may be used because the user allows it, and not only where the column varies in it anyway.
bool may_be_allowed(Channel channel);

/// The channels, by their bits, that `raw` of `type` may offer a choice in: one look at the beginnings of its words, so
/// that most are not searched for. Those that are left out offer none.
std::uint32_t possible_channels(FieldType type, std::string_view raw);

/// Which of the two spellings `raw` has; nothing where it offers no choice there. `raw` is a value of the channel's
/// type as written; ASCII is enough, other bytes are text.
std::optional<bool> read_channel(Channel channel, std::string_view raw);

/// `raw` with the spelling `symbol` in that channel, or as it is where it offers no choice. The
/// canonical form is as before for every value of the type (tests/seal/channel_test.cpp), and callers check it all the
/// same.
std::string write_channel(Channel channel, std::string_view raw, bool symbol);

}  // namespace sidik
