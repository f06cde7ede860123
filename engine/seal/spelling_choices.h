// All choices that one value offers, found in one pass over it and written in one: channel.h, which looks for each
// channel by itself, is the plain twin (tests/seal/channel_test.cpp holds the two against each other).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seal/channel.h"

namespace sidik {

/// A choice, and which stretches of the value it is about.
struct SpellingChoice {
  Channel channel = Channel::kStreetWord;
  bool symbol = false;     // as the value has it
  std::uint8_t word = 0;   // place in kChannelWords
  std::uint8_t count = 0;  // stretches; 0: write_channel() knows
  struct Stretch {
    std::uint16_t begin, end;
  };
  std::array<Stretch, 2> stretches{};
};

/// Appends the choices of `raw`, a value of `type`, in those of its channels whose bits `channels` has, in the order of
/// channels_of(type). The symbols are those of read_channel().
void find_choices(FieldType type, std::string_view raw, std::uint32_t channels, std::vector<SpellingChoice>& out);

/// Appends `raw` to `out` with wanted[i] in place of choices[i]: what write_channel() makes of it, channel by channel.
/// `choices` are all that find_choices() appended for `raw`.
void write_choices(std::string_view raw, std::span<const SpellingChoice> choices, std::span<const std::uint8_t> wanted,
                   std::vector<char>& out);

/// Whether both are plain spellings of one Indonesian mobile: 08, 628 or +628, eight to eleven digits more, blanks and
/// dashes between them. Those are valid phones of one canonical form (tests/seal/channel_test.cpp); of all else
/// canonicalise() must be asked.
bool are_one_mobile(std::string_view a, std::string_view b);

}  // namespace sidik
