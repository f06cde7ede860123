#include "seal/channel.h"

#include <random>

#include "../fields/realistic_values.h"
#include "fields/canonical.h"
#include "seal/spelling_choices.h"
#include "support/catch.h"

namespace sidik {
namespace {

constexpr auto kMore = std::to_array<std::string_view>({"Jl. Balai Desa No. 72 RT 012/RW 018 Kel. Kampung Melayu",
                                                        "JALAN BALAI DESA NO 72 RT 12 RW 18 KEL KAMPUNG MELAYU",
                                                        "jl.melati no.5 rt.003/rw.005",
                                                        "Jln Mawar Gg. 2 No 1",
                                                        "Kp. Baru RT 3 / RW 4 Kec. Cilandak Kab. Bogor",
                                                        "12 Main St. Apt 4",
                                                        "Perum Griya Asri Blk. C No. 3",
                                                        "Dusun Krajan RT 001 RW 100 Kelurahan X",
                                                        "RT 0 RW 1",
                                                        "Jalan",
                                                        "No. 5",
                                                        "085371051886",
                                                        "+6285371051886",
                                                        "6285371051886",
                                                        "0812-3456-7890",
                                                        "+62 812 3456 7890",
                                                        "021 5551234",
                                                        "M. Ali",
                                                        "Ali M",
                                                        "Siti A. Rahma",
                                                        "16/06/1985",
                                                        "1985-06-16",
                                                        "1985/06/16",
                                                        "budi@x.co.id",
                                                        "Budi.S@x.co.id",
                                                        "ANTONIUS PETRUS",
                                                        "antonius",
                                                        "Jl. A'yun No 1",
                                                        "Jl. St. Syahrir No. 02 RT 02 RW 03"});

}  // namespace

TEST_CASE("a channel's two spellings have one canonical form, and are read back", "[seal][channel]") {
  std::size_t choices = 0;
  const auto check = [&](std::string_view value) {
    const std::string raw(value);
    for (const FieldType type : all_field_types()) {
      const CanonicalValue before = canonical(type, raw);
      if (before.state != ValueState::kValid) continue;
      for (const Channel channel : channels_of(type)) {
        const auto symbol = read_channel(channel, raw);
        if (!symbol) continue;
        ++choices;
        CHECK(((possible_channels(type, raw) >> static_cast<unsigned>(channel)) & 1) == 1);
        for (const bool wanted : {false, true}) {
          const std::string written = write_channel(channel, raw, wanted);
          INFO(channel_name(channel) << ": " << raw << " -> " << written);
          CHECK(read_channel(channel, written) == wanted);
          const CanonicalValue after = canonical(type, written);
          CHECK(after.state == ValueState::kValid);
          CHECK(after.text == before.text);
          CHECK(write_channel(channel, written, wanted) == written);
        }
      }
    }
  };
  for (const auto value : test::kRealisticValues) check(value);
  for (const auto value : kMore) check(value);
  CHECK(choices > 60);
}

TEST_CASE("every channel offers a choice in the values that it is for", "[seal][channel]") {
  CHECK(write_channel(Channel::kStreetWord, "Jl. Melati No. 5", true) == "Jalan Melati No. 5");
  CHECK(write_channel(Channel::kStreetWord, "JALAN MELATI", false) == "JL. MELATI");
  CHECK(write_channel(Channel::kRtZeros, "RT 012/RW 018", false) == "RT 12/RW 18");
  CHECK(write_channel(Channel::kRtZeros, "RT 1/RW 18", true) == "RT 001/RW 018");
  CHECK(write_channel(Channel::kRtJoin, "RT 012/RW 018", true) == "RT 012 RW 018");
  CHECK(write_channel(Channel::kPhonePrefix, "085371051886", true) == "+6285371051886");
  CHECK(write_channel(Channel::kPhoneGroups, "085371051886", true) == "0853-7105-1886");
  CHECK(write_channel(Channel::kInitialDot, "M. Ali", true) == "M Ali");
  CHECK(write_channel(Channel::kDateStroke, "1985-06-16", true) == "1985/06/16");
  CHECK_FALSE(read_channel(Channel::kRtZeros, "RT 100 RW 120"));
  CHECK_FALSE(read_channel(Channel::kPhonePrefix, "021 555 1234"));
  CHECK(write_channel(Channel::kAvenueWord, "9 Park Road", false) == "9 Park Rd.");
  CHECK(write_channel(Channel::kAvenueWord, "12 Main St., Apt 4", true) == "12 Main Street, Apt 4");
  CHECK_FALSE(read_channel(Channel::kAvenueWord, "12 St. Andrews"));
  CHECK_FALSE(read_channel(Channel::kAvenueWord, "Jl. St. Syahrir No. 2"));
}

namespace {

/// read_channel() and write_channel(), one channel after another.
struct Plainly {
  std::vector<Channel> channels;
  std::vector<bool> symbols;
  std::string written(std::string_view raw, const std::vector<std::uint8_t>& wanted) const {
    std::string text(raw);
    for (std::size_t i = 0; i < channels.size(); ++i)
      if (symbols[i] != (wanted[i] != 0) || channels[i] == Channel::kRtZeros)
        text = write_channel(channels[i], text, wanted[i] != 0);
    return text;
  }
};

Plainly plainly(FieldType type, std::string_view raw) {
  Plainly out;
  for (const Channel channel : channels_of(type))
    if (const auto symbol = read_channel(channel, raw)) {
      out.channels.push_back(channel);
      out.symbols.push_back(*symbol);
    }
  return out;
}

/// Addresses put together at random of what confuses a reader: words with and without dots and blanks.
std::string some_address(std::mt19937_64& random) {
  static constexpr auto kPieces = std::to_array<std::string_view>(
      {"Jl",  "jalan", "JLN", "No", "NO", "Rt",   "RW",    "rt",  "Kel",    "KECAMATAN", "kab", "Gg", "gang",    "Kp",
       "Blk", "blok",  "Dsn", "St", "rd", "Road", "Perum", "Ave", "Melati", "X",         "A'",  "1",  "003",     "12",
       "0",   "00",    "100", ".",  ".",  " ",    " ",     " ",   "/",      " / ",       "-",   ",",  "\xC3\xA9"});
  std::string out;
  for (std::size_t pieces = 1 + random() % 14; pieces > 0; --pieces) {
    out += kPieces[random() % kPieces.size()];
    if (random() % 2 == 0) out += ' ';
  }
  return out;
}

}  // namespace

TEST_CASE("all choices of a value are found in one pass and written in one as channel by channel", "[seal][channel]") {
  std::mt19937_64 random(3);
  std::vector<SpellingChoice> choices;
  std::vector<char> out;
  std::size_t written = 0;
  const auto check = [&](FieldType type, std::string_view raw) {
    const Plainly plain = plainly(type, raw);
    choices.clear();
    find_choices(type, raw, ~std::uint32_t{0}, choices);
    std::vector<Channel> channels;
    std::vector<bool> symbols;
    for (const SpellingChoice& choice : choices) {
      channels.push_back(choice.channel);
      symbols.push_back(choice.symbol);
    }
    INFO(type_name(type) << ": " << raw);
    CHECK(channels == plain.channels);
    CHECK(symbols == plain.symbols);
    if (channels != plain.channels) return;
    for (int i = 0; i < 4; ++i) {
      std::vector<std::uint8_t> wanted;
      for (std::size_t c = 0; c < choices.size(); ++c) wanted.push_back(static_cast<std::uint8_t>(random() % 2));
      out.clear();
      write_choices(raw, choices, wanted, out);
      CHECK(std::string(out.begin(), out.end()) == plain.written(raw, wanted));
      ++written;
    }
  };
  for (const FieldType type : all_field_types()) {
    if (channels_of(type).empty()) continue;
    for (const auto value : test::kRealisticValues) check(type, value);
    for (const auto value : kMore) check(type, value);
  }
  for (int i = 0; i < 20000; ++i) check(FieldType::kAddress, some_address(random));
  for (int i = 0; i < 20000; ++i) {
    static constexpr auto kPrefixes =
        std::to_array<std::string_view>({"08", "628", "+628", "+62 8", "62-8", "0", "+6", ""});
    std::string phone(kPrefixes[random() % kPrefixes.size()]);
    for (std::size_t more = random() % 14; more > 0; --more) phone += "0123456789012345678-- x"[random() % 23];
    check(FieldType::kPhone, phone);
  }
  CHECK(written > 80000);
}

TEST_CASE("plain spellings of one mobile have one canonical form", "[seal][channel]") {
  std::mt19937_64 random(4);
  static constexpr std::string_view kAlphabet = "0011223456789 --+(.8";
  static constexpr auto kBeginnings =
      std::to_array<std::string_view>({"08", "628", "+628", "+62 8", "62-8", "+62-08", "0062", "8", "1", "06"});
  const auto some_phone = [&](std::size_t begins) {
    std::string text(kBeginnings[begins]);
    for (std::size_t more = 5 + random() % 12; more > 0; --more) text += kAlphabet[random() % kAlphabet.size()];
    return text;
  };
  std::size_t same = 0;
  for (int i = 0; i < 300000; ++i) {
    const std::string text = some_phone(random() % kBeginnings.size());
    if (!are_one_mobile(text, text)) continue;
    ++same;
    const CanonicalValue one = canonical(FieldType::kPhone, text);
    std::string digits;
    for (const char c : text)
      if (c >= '0' && c <= '9') digits += c;
    const std::string national = digits.starts_with("0") ? digits.substr(1) : digits.substr(2);
    INFO(text);
    CHECK(one.state == ValueState::kValid);
    CHECK(one.text == "+62" + national);
    CHECK(are_one_mobile(text, "0" + national));
    CHECK(are_one_mobile("+62" + national, text));
    CHECK_FALSE(are_one_mobile(text, "0" + national + "1"));
    CHECK_FALSE(
        are_one_mobile(text, "0" + national.substr(0, national.size() - 1) + (national.back() == '7' ? "8" : "7")));
  }
  CHECK(same > 3000);
  for (const char* other : {"021-5551234", "+14155550123", "628 423 4567", "0812 345", "0812.3456.7890",
                            "(0812) 34567890", "08123456789012"})
    CHECK_FALSE(are_one_mobile(other, other));
}

}  // namespace sidik
