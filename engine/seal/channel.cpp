#include "seal/channel.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "seal/channel_words.h"

namespace sidik {
namespace {

constexpr std::array<Channel, 14> kAddressChannels = {
    Channel::kStreetWord,   Channel::kNumberDot,   Channel::kRtZeros,    Channel::kRtJoin,      Channel::kVillageWord,
    Channel::kDistrictWord, Channel::kRegencyWord, Channel::kAlleyWord,  Channel::kKampungWord, Channel::kEstateWord,
    Channel::kBlockWord,    Channel::kHamletWord,  Channel::kAvenueWord, Channel::kLetterCase};
constexpr std::array<Channel, 2> kPhoneChannels = {Channel::kPhonePrefix, Channel::kPhoneGroups};
constexpr std::array<Channel, 2> kNameChannels = {Channel::kInitialDot, Channel::kLetterCase};
constexpr std::array<Channel, 1> kDateChannels = {Channel::kDateStroke};
constexpr std::array<Channel, 1> kEmailChannels = {Channel::kEmailCapital};

constexpr std::array<std::string_view, kChannels> kNames = {
    "street-word",  "number-dot",   "rt-zeros",    "rt-join",       "village-word", "district-word", "regency-word",
    "alley-word",   "kampung-word", "estate-word", "block-word",    "hamlet-word",  "avenue-word",   "phone-prefix",
    "phone-groups", "initial-dot",  "date-stroke", "email-capital", "letter-case"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c | 0x20) : c; }
char upper(char c) { return is_lower(c) ? static_cast<char>(c & ~0x20) : c; }
bool in_word(char c) { return in_channel_word(c); }

bool equals(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (lower(text[i]) != lower_case[i]) return false;
  return true;
}

/// A stretch of a value and what stands there instead under either symbol.
struct Place {
  std::size_t begin, end;
  bool symbol;
};

struct Word {
  std::size_t begin = 0, end = 0;
  std::string_view of(std::string_view raw) const { return raw.substr(begin, end - begin); }
};

std::optional<Word> next_word(std::string_view raw, std::size_t from) {
  while (from < raw.size() && !in_word(raw[from])) ++from;
  if (from == raw.size()) return std::nullopt;
  std::size_t end = from;
  while (end < raw.size() && in_word(raw[end])) ++end;
  return Word{from, end};
}

/// `word` in the letter case of `like`: upper, lower, or with a capital.
std::string cased(std::string_view word, std::string_view like) {
  std::string out(word);
  const bool all_upper = like.size() > 1 ? is_upper(like[0]) && is_upper(like[1]) : is_upper(like[0]);
  if (all_upper)
    for (char& c : out) c = upper(c);
  else if (is_upper(like[0]))
    out[0] = upper(out[0]);
  return out;
}

/// Words: the abbreviation takes its dot with it.
std::optional<Place> find_word(std::string_view raw, Channel channel, const ChannelWord** which) {
  std::string_view before;
  for (auto word = next_word(raw, 0); word; before = word->of(raw), word = next_word(raw, word->end)) {
    const std::string_view text = word->of(raw);
    for (const ChannelWord& pair : kChannelWords) {
      if (pair.channel != channel || lower(text[0]) != pair.brief[0]) continue;
      const bool full = equals(text, pair.full);
      if (!full && !equals(text, pair.brief) && (pair.also.empty() || !equals(text, pair.also))) continue;
      std::size_t end = word->end;
      if (!full && end < raw.size() && raw[end] == '.') ++end;
      if (channel == Channel::kAvenueWord ? !follows_street_name(before)
                                          : end >= raw.size() || !(raw[end] == ' ' || in_word(raw[end])))
        continue;  // nothing it could belong to
      *which = &pair;
      return Place{word->begin, end, full};
    }
  }
  return std::nullopt;
}

std::string replaced(std::string_view raw, std::size_t begin, std::size_t end, std::string_view with) {
  std::string out;
  out.reserve(raw.size() + with.size());
  out.append(raw.substr(0, begin)).append(with).append(raw.substr(end));
  return out;
}

std::string write_word(std::string_view raw, Channel channel, bool symbol) {
  const ChannelWord* pair = nullptr;
  const auto place = find_word(raw, channel, &pair);
  if (!place || place->symbol == symbol) return std::string(raw);
  std::string word = cased(symbol ? pair->full : pair->brief, raw.substr(place->begin, 2));
  if (!symbol) word += '.';
  if (place->end < raw.size() && in_word(raw[place->end])) word += ' ';
  return replaced(raw, place->begin, place->end, word);
}

/// "No. 5": the stretch between the word and its number.
std::optional<Place> find_number_dot(std::string_view raw) {
  for (auto word = next_word(raw, 0); word; word = next_word(raw, word->end)) {
    if (!equals(word->of(raw), "no")) continue;
    std::size_t end = word->end;
    const bool dot = end < raw.size() && raw[end] == '.';
    if (dot) ++end;
    while (end < raw.size() && raw[end] == ' ') ++end;
    if (end == raw.size() || !is_digit(raw[end]) || end == word->end) continue;
    return Place{word->end, end, !dot};
  }
  return std::nullopt;
}

/// The number of RT or RW: digits behind the word, apart by blanks and dots or by nothing.
struct Numbered {
  std::size_t word, digits, end;
};
std::optional<Numbered> find_numbered(std::string_view raw, std::string_view name, std::size_t from) {
  for (std::size_t at = from; at + name.size() < raw.size(); ++at) {
    if (lower(raw[at]) != name[0] || (at > 0 && in_word(raw[at - 1]))) continue;
    if (!equals(raw.substr(at, name.size()), name)) continue;
    std::size_t digits = at + name.size();
    while (digits < raw.size() && (raw[digits] == ' ' || raw[digits] == '.')) ++digits;
    std::size_t end = digits;
    while (end < raw.size() && is_digit(raw[end])) ++end;
    if (end == digits || (end < raw.size() && in_word(raw[end]))) continue;
    return Numbered{at, digits, end};
  }
  return std::nullopt;
}

std::string_view without_zeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

/// A number that may be written with zeros: 1 to 99.
bool has_zeros_to_write(std::string_view digits) {
  return digits.size() <= 3 && without_zeros(digits).size() <= 2 && without_zeros(digits) != "0";
}

std::optional<bool> read_rt_zeros(std::string_view raw) {
  for (const std::string_view name : {"rt", "rw"}) {
    const auto found = find_numbered(raw, name, 0);
    if (!found) continue;
    const std::string_view digits = raw.substr(found->digits, found->end - found->digits);
    if (has_zeros_to_write(digits)) return digits.front() == '0';
  }
  return std::nullopt;
}

std::string write_rt_zeros(std::string_view raw, bool symbol) {
  std::string out(raw);
  for (const std::string_view name : {"rw", "rt"}) {
    const auto found = find_numbered(out, name, 0);
    if (!found) continue;
    const std::string digits = out.substr(found->digits, found->end - found->digits);
    if (!has_zeros_to_write(digits)) continue;
    std::string number(without_zeros(digits));
    if (symbol) number.insert(0, 3 - number.size(), '0');
    out = replaced(out, found->digits, found->end, number);
  }
  return out;
}

/// What joins RT's number to RW's word.
std::optional<Place> find_rt_join(std::string_view raw) {
  const auto rt = find_numbered(raw, "rt", 0);
  if (!rt) return std::nullopt;
  const auto rw = find_numbered(raw, "rw", rt->end);
  if (!rw) return std::nullopt;
  const std::string_view between = raw.substr(rt->end, rw->word - rt->end);
  if (between == " ") return Place{rt->end, rw->word, true};
  if (between == "/" || between == " / ") return Place{rt->end, rw->word, false};
  return std::nullopt;
}

/// The prefix of an Indonesian mobile: 08, +628 or 628.
std::optional<Place> find_phone_prefix(std::string_view raw) {
  if (raw.size() < 9) return std::nullopt;
  if (raw[0] == '0' && raw[1] == '8') return Place{0, 1, false};
  const std::size_t plus = raw[0] == '+' ? 1 : 0;
  if (raw.substr(plus, 2) != "62") return std::nullopt;
  std::size_t end = plus + 2;
  while (end < raw.size() && (raw[end] == ' ' || raw[end] == '-')) ++end;
  if (end >= raw.size() || raw[end] != '8') return std::nullopt;
  return Place{0, end, true};
}

/// A phone's digits behind its prefix: together or in groups by dashes or blanks.
std::optional<bool> read_phone_groups(std::string_view raw) {
  const auto prefix = find_phone_prefix(raw);
  if (!prefix) return std::nullopt;
  bool grouped = false;
  for (std::size_t i = prefix->end; i < raw.size(); ++i) {
    if (is_digit(raw[i])) continue;
    if (raw[i] != '-' && raw[i] != ' ') return std::nullopt;
    grouped = true;
  }
  return grouped;
}

std::string write_phone_groups(std::string_view raw, bool symbol) {
  const auto prefix = find_phone_prefix(raw);
  if (!prefix || read_phone_groups(raw) == symbol) return std::string(raw);
  std::string out(raw.substr(0, prefix->end));
  std::size_t digits = 0;  // behind the prefix: 0812-3456-7890, +62812-3456-7890
  for (std::size_t i = prefix->end; i < raw.size(); ++i) {
    if (!is_digit(raw[i])) continue;
    if (symbol && (digits == 3 || digits == 7)) out += '-';
    out += raw[i];
    ++digits;
  }
  return out;
}

/// A single letter with or without its dot, with a word before or behind it.
std::optional<Place> find_initial(std::string_view raw) {
  for (auto word = next_word(raw, 0); word; word = next_word(raw, word->end)) {
    if (word->end - word->begin != 1 || !is_letter(raw[word->begin])) continue;
    if (word->begin > 0 && raw[word->begin - 1] != ' ') continue;
    const bool dot = word->end < raw.size() && raw[word->end] == '.';
    const std::size_t end = word->end + (dot ? 1 : 0);
    if (end < raw.size() && raw[end] != ' ') continue;
    return Place{word->end, end, !dot};
  }
  return std::nullopt;
}

/// dd-mm-yyyy or yyyy-mm-dd by dashes or strokes, nothing behind it.
std::optional<bool> read_date_stroke(std::string_view raw) {
  if (raw.size() != 10) return std::nullopt;
  const std::size_t first = is_digit(raw[2]) ? 4 : 2;
  const std::size_t second = first == 4 ? 7 : 5;
  if (raw[first] != raw[second] || (raw[first] != '-' && raw[first] != '/')) return std::nullopt;
  for (std::size_t i = 0; i < raw.size(); ++i)
    if (i != first && i != second && !is_digit(raw[i])) return std::nullopt;
  return raw[first] == '/';
}

std::string write_date_stroke(std::string_view raw, bool symbol) {
  std::string out(raw);
  for (char& c : out)
    if (c == '-' || c == '/') c = symbol ? '/' : '-';
  return out;
}

std::optional<bool> read_email_capital(std::string_view raw) {
  if (raw.empty() || !is_letter(raw[0])) return std::nullopt;
  for (std::size_t i = 1; i < raw.size(); ++i)
    if (is_upper(raw[i])) return std::nullopt;
  return is_upper(raw[0]);
}

/// Values with a word that has letters behind its first byte, all ASCII; all capitals, or not.
std::optional<bool> read_letter_case(std::string_view raw) {
  std::size_t letters = 0, capitals = 0;
  bool tells = false;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if ((static_cast<unsigned char>(raw[i]) & 0x80) != 0) return std::nullopt;
    letters += is_letter(raw[i]) ? 1U : 0U;
    capitals += is_upper(raw[i]) ? 1U : 0U;
    tells = tells || (i > 0 && is_letter(raw[i]) && in_word(raw[i - 1]));
  }
  if (!tells) return std::nullopt;
  return capitals == letters;
}

std::string write_letter_case(std::string_view raw, bool symbol) {
  std::string out(raw);
  if (read_letter_case(raw) == symbol) return out;
  bool first = true;
  for (char& c : out) {
    c = symbol || first ? upper(c) : lower(c);
    first = !in_word(c);
  }
  return out;
}

std::optional<bool> symbol_of(const std::optional<Place>& place) {
  return place ? std::optional(place->symbol) : std::nullopt;
}

}  // namespace

std::span<const Channel> channels_of(FieldType type) {
  switch (type) {
    case FieldType::kAddress:
      return kAddressChannels;
    case FieldType::kPhone:
      return kPhoneChannels;
    case FieldType::kPersonName:
      return kNameChannels;
    case FieldType::kDate:
      return kDateChannels;
    case FieldType::kEmail:
      return kEmailChannels;
    default:
      return {};
  }
}

std::uint32_t possible_channels(FieldType type, std::string_view raw) {
  if (type != FieldType::kAddress) return ~std::uint32_t{0};
  const auto bit = [](Channel channel) { return std::uint32_t{1} << static_cast<unsigned>(channel); };
  std::uint32_t found = bit(Channel::kLetterCase);
  bool before = false;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const bool inside = in_word(raw[i]);
    const bool begins = inside && !before;
    before = inside;
    if (!begins || i + 1 == raw.size()) continue;
    const char second = lower(raw[i + 1]);
    const char third = i + 2 < raw.size() ? lower(raw[i + 2]) : '\0';
    switch (lower(raw[i])) {
      case 'j':
        found |= second == 'l' || second == 'a' ? bit(Channel::kStreetWord) : 0;
        break;
      case 'n':
        found |= second == 'o' ? bit(Channel::kNumberDot) : 0;
        break;
      case 'r':
        found |=
            second == 't' || second == 'w' ? bit(Channel::kRtZeros) | bit(Channel::kRtJoin) : bit(Channel::kAvenueWord);
        break;
      case 'k':
        found |= second == 'p' || (second == 'a' && third == 'm') ? bit(Channel::kKampungWord)
                 : second == 'a' && third == 'b'                  ? bit(Channel::kRegencyWord)
                 : second == 'e' && third == 'l'                  ? bit(Channel::kVillageWord)
                 : second == 'e' && third == 'c'                  ? bit(Channel::kDistrictWord)
                                                                  : 0;
        break;
      case 'g':
        found |= second == 'g' || second == 'a' ? bit(Channel::kAlleyWord) : 0;
        break;
      case 'p':
        found |= second == 'e' && third == 'r' ? bit(Channel::kEstateWord) : 0;
        break;
      case 'b':
        found |= second == 'l' ? bit(Channel::kBlockWord) : 0;
        break;
      case 'd':
        found |= second == 's' || second == 'u' ? bit(Channel::kHamletWord) : 0;
        break;
      case 's':
        found |= second == 't' ? bit(Channel::kAvenueWord) : 0;
        break;
      case 'a':
        found |= second == 'v' ? bit(Channel::kAvenueWord) : 0;
        break;
      default:
        break;
    }
  }
  return found;
}

bool follows_street_name(std::string_view before) {
  if (before.size() < 3 || !std::all_of(before.begin(), before.end(), is_letter)) return false;
  return std::none_of(kChannelWords.begin(), kChannelWords.end(), [&](const ChannelWord& word) {
    return equals(before, word.brief) || equals(before, word.full) || (!word.also.empty() && equals(before, word.also));
  });
}

std::string_view channel_name(Channel channel) { return kNames[static_cast<std::size_t>(channel)]; }

bool may_be_allowed(Channel channel) { return channel != Channel::kLetterCase; }

std::optional<bool> read_channel(Channel channel, std::string_view raw) {
  switch (channel) {
    case Channel::kNumberDot:
      return symbol_of(find_number_dot(raw));
    case Channel::kRtZeros:
      return read_rt_zeros(raw);
    case Channel::kRtJoin:
      return symbol_of(find_rt_join(raw));
    case Channel::kPhonePrefix:
      return symbol_of(find_phone_prefix(raw));
    case Channel::kPhoneGroups:
      return read_phone_groups(raw);
    case Channel::kInitialDot:
      return symbol_of(find_initial(raw));
    case Channel::kDateStroke:
      return read_date_stroke(raw);
    case Channel::kEmailCapital:
      return read_email_capital(raw);
    case Channel::kLetterCase:
      return read_letter_case(raw);
    default: {
      const ChannelWord* pair = nullptr;
      return symbol_of(find_word(raw, channel, &pair));
    }
  }
}

std::string write_channel(Channel channel, std::string_view raw, bool symbol) {
  const auto instead = [&](const std::optional<Place>& place, std::string_view with) {
    return place && place->symbol != symbol ? replaced(raw, place->begin, place->end, with) : std::string(raw);
  };
  switch (channel) {
    case Channel::kNumberDot:
      return instead(find_number_dot(raw), symbol ? " " : ". ");
    case Channel::kRtZeros:
      return write_rt_zeros(raw, symbol);
    case Channel::kRtJoin:
      return instead(find_rt_join(raw), symbol ? " " : "/");
    case Channel::kPhonePrefix:
      return instead(find_phone_prefix(raw), symbol ? "+62" : "0");
    case Channel::kPhoneGroups:
      return write_phone_groups(raw, symbol);
    case Channel::kInitialDot:
      return instead(find_initial(raw), symbol ? "" : ".");
    case Channel::kDateStroke:
      return read_date_stroke(raw) ? write_date_stroke(raw, symbol) : std::string(raw);
    case Channel::kEmailCapital: {
      std::string out(raw);
      if (read_email_capital(raw)) out[0] = symbol ? upper(out[0]) : lower(out[0]);
      return out;
    }
    case Channel::kLetterCase:
      return read_letter_case(raw) ? write_letter_case(raw, symbol) : std::string(raw);
    default:
      return write_word(raw, channel, symbol);
  }
}

}  // namespace sidik
