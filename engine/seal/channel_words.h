// The words that channels of addresses choose the spelling of.
#pragma once

#include <array>
#include <string_view>

#include "seal/channel.h"

namespace sidik {

/// A word with a short and a long spelling. `also` is read as the short one, too.
struct ChannelWord {
  Channel channel;
  std::string_view brief, full, also;
};
inline constexpr std::array<ChannelWord, 12> kChannelWords = {{{Channel::kStreetWord, "jl", "jalan", "jln"},
                                                               {Channel::kVillageWord, "kel", "kelurahan", ""},
                                                               {Channel::kDistrictWord, "kec", "kecamatan", ""},
                                                               {Channel::kRegencyWord, "kab", "kabupaten", ""},
                                                               {Channel::kAlleyWord, "gg", "gang", ""},
                                                               {Channel::kKampungWord, "kp", "kampung", ""},
                                                               {Channel::kEstateWord, "perum", "perumahan", ""},
                                                               {Channel::kBlockWord, "blk", "blok", ""},
                                                               {Channel::kHamletWord, "dsn", "dusun", ""},
                                                               {Channel::kAvenueWord, "st", "street", ""},
                                                               {Channel::kAvenueWord, "rd", "road", ""},
                                                               {Channel::kAvenueWord, "ave", "avenue", ""}}};

/// Bytes that a word is made of; apostrophes join words in canonical forms.
constexpr bool in_channel_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (static_cast<unsigned char>(c) & 0x80) != 0 || c == '\'' || c == '`';
}

/// Whether behind `before`, the word before it, a word may stand for street, road or avenue: behind a street's name
/// (Main St., Park Road), not before one (12 St. Andrews, Jl. St. Syahrir).
bool follows_street_name(std::string_view before);

}  // namespace sidik
