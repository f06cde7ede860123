#include "seal/spelling_choices.h"

#include <optional>
#include <utility>

#include "seal/channel_words.h"

namespace sidik {
namespace {

constexpr std::size_t kLongest = 0xffff;  // longer values are left to channel.h
constexpr std::size_t kShortestMobile = 9;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c | 0x20) : c; }
char upper(char c) { return is_lower(c) ? static_cast<char>(c & ~0x20) : c; }

constexpr std::array<bool, 256> kInWord = [] {
  std::array<bool, 256> in{};
  for (std::size_t c = 0; c < in.size(); ++c) in[c] = in_channel_word(static_cast<char>(c));
  return in;
}();
bool in_word(char c) { return kInWord[static_cast<unsigned char>(c)]; }

bool equals(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (lower(text[i]) != lower_case[i]) return false;
  return true;
}

/// Words that begin with a letter, as bits by their places in kChannelWords; bit 15 for `no`, `rt` and `rw`.
constexpr std::uint16_t kNumbered = 1U << 15;
constexpr std::array<std::uint16_t, 256> kBeginnings = [] {
  std::array<std::uint16_t, 256> begins{};
  const auto add = [&](char letter, std::uint16_t bits) {
    begins[static_cast<std::size_t>(letter)] |= bits;
    begins[static_cast<std::size_t>(letter & ~0x20)] |= bits;
  };
  for (std::size_t w = 0; w < kChannelWords.size(); ++w)
    add(kChannelWords[w].brief[0], static_cast<std::uint16_t>(1U << w));
  add('n', kNumbered);
  add('r', kNumbered);
  return begins;
}();

constexpr std::uint32_t bit(Channel channel) { return std::uint32_t{1} << static_cast<unsigned>(channel); }

std::string_view without_zeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}
bool has_zeros_to_write(std::string_view digits) {
  return digits.size() <= 3 && without_zeros(digits).size() <= 2 && without_zeros(digits) != "0";
}

/// One pass over an address.
class AddressScan {
 public:
  AddressScan(std::string_view raw, std::uint32_t channels) : raw_(raw), channels_(channels) {}

  void run() {
    for (std::size_t at = 0; at < raw_.size();) {
      if (!in_word(raw_[at])) {
        ++at;
        continue;
      }
      std::size_t end = at + 1;
      while (end < raw_.size() && in_word(raw_[end])) ++end;
      if (const std::uint16_t begins = kBeginnings[static_cast<unsigned char>(raw_[at])]; begins != 0)
        look_at(at, end, begins);
      before_ = raw_.substr(at, end - at);
      at = end;
    }
  }

  void append(std::vector<SpellingChoice>& out) const {
    for (const Channel channel : channels_of(FieldType::kAddress)) {
      if ((channels_ & bit(channel)) == 0) continue;
      if (channel == Channel::kRtZeros)
        append_zeros(out);
      else if (channel == Channel::kRtJoin)
        append_join(out);
      else if (channel == Channel::kLetterCase)
        append_case(out);
      else if ((found_ & bit(channel)) != 0)
        out.push_back(by_channel_[static_cast<std::size_t>(channel)]);
    }
  }

 private:
  using Stretch = SpellingChoice::Stretch;
  static Stretch stretch(std::size_t begin, std::size_t end) {
    return {static_cast<std::uint16_t>(begin), static_cast<std::uint16_t>(end)};
  }
  std::string_view text(const Stretch& s) const {
    return raw_.substr(s.begin, static_cast<std::size_t>(s.end - s.begin));
  }

  void look_at(std::size_t begin, std::size_t end, std::uint16_t begins) {
    const std::string_view word = raw_.substr(begin, end - begin);
    if ((begins & kNumbered) != 0 && word.size() >= 2) {
      const char second = lower(word[1]);
      if (lower(word[0]) == 'n')
        number(word, end);
      else if (second == 't' || second == 'w')
        numbered(begin, second == 't');
    }
    begins &= static_cast<std::uint16_t>(~kNumbered);  // no place in kChannelWords
    for (std::size_t w = 0; begins != 0; ++w, begins >>= 1)
      if ((begins & 1) != 0) pair(begin, end, word, w);
  }

  void pair(std::size_t begin, std::size_t end, std::string_view word, std::size_t w) {
    const ChannelWord& known = kChannelWords[w];
    if ((channels_ & ~found_ & bit(known.channel)) == 0) return;
    const bool full = equals(word, known.full);
    if (!full && !equals(word, known.brief) && (known.also.empty() || !equals(word, known.also))) return;
    if (!full && end < raw_.size() && raw_[end] == '.') ++end;
    if (known.channel == Channel::kAvenueWord ? !follows_street_name(before_)
                                              : end >= raw_.size() || !(raw_[end] == ' ' || in_word(raw_[end])))
      return;  // nothing it could belong to
    keep({known.channel, full, static_cast<std::uint8_t>(w), 1, {stretch(begin, end), {}}});
  }

  /// "No. 5": the stretch between the word and its number.
  void number(std::string_view word, std::size_t end) {
    if ((channels_ & ~found_ & bit(Channel::kNumberDot)) == 0 || !equals(word, "no")) return;
    std::size_t digits = end;
    const bool dot = digits < raw_.size() && raw_[digits] == '.';
    if (dot) ++digits;
    while (digits < raw_.size() && raw_[digits] == ' ') ++digits;
    if (digits == raw_.size() || !is_digit(raw_[digits]) || digits == end) return;
    keep({Channel::kNumberDot, !dot, 0, 1, {stretch(end, digits), {}}});
  }

  struct Numbered {
    Stretch word{}, digits{};
  };
  /// RT or RW and its number, behind blanks and dots or nothing.
  void numbered(std::size_t word, bool is_rt) {
    std::size_t digits = word + 2;
    while (digits < raw_.size() && (raw_[digits] == ' ' || raw_[digits] == '.')) ++digits;
    std::size_t end = digits;
    while (end < raw_.size() && is_digit(raw_[end])) ++end;
    if (end == digits || (end < raw_.size() && in_word(raw_[end]))) return;
    const Numbered found{stretch(word, word), stretch(digits, end)};
    if (is_rt) {
      if (!rt_) rt_ = found;
      return;
    }
    if (!rw_) rw_ = found;
    if (rt_ && !rw_behind_) rw_behind_ = found;
  }

  void keep(const SpellingChoice& choice) {
    found_ |= bit(choice.channel);
    by_channel_[static_cast<std::size_t>(choice.channel)] = choice;
  }

  void append_zeros(std::vector<SpellingChoice>& out) const {
    SpellingChoice choice{Channel::kRtZeros, false, 0, 0, {}};
    for (const auto* each : {&rt_, &rw_}) {
      if (!*each || !has_zeros_to_write(text((*each)->digits))) continue;
      if (choice.count == 0) choice.symbol = raw_[(*each)->digits.begin] == '0';
      choice.stretches[choice.count++] = (*each)->digits;
    }
    if (choice.count > 0) out.push_back(choice);
  }

  void append_join(std::vector<SpellingChoice>& out) const {
    if (!rt_ || !rw_behind_) return;
    const Stretch between{rt_->digits.end, rw_behind_->word.begin};
    const std::string_view joint = text(between);
    if (joint == " " || joint == "/" || joint == " / ")
      out.push_back({Channel::kRtJoin, joint == " ", 0, 1, {between, {}}});
  }

  void append_case(std::vector<SpellingChoice>& out) const {
    if (const auto symbol = read_channel(Channel::kLetterCase, raw_))
      out.push_back({Channel::kLetterCase, *symbol, 0, 0, {}});
  }

  std::string_view raw_, before_;  // before_: the last word
  std::uint32_t channels_;
  std::uint32_t found_ = 0;
  std::array<SpellingChoice, kChannels> by_channel_;
  std::optional<Numbered> rt_, rw_, rw_behind_;
};

/// The digits of a plain spelling, one after another.
class MobileDigits {
 public:
  explicit MobileDigits(std::string_view raw) : raw_(raw) {
    if (raw.starts_with("08")) {
      at_ = 1;
      return;
    }
    at_ = raw.starts_with("+62") ? 3 : raw.starts_with("62") ? 2 : raw.size();
    while (at_ < raw.size() && is_separator(raw[at_])) ++at_;
    if (at_ < raw.size() && raw[at_] != '8') at_ = raw.size();
  }
  /// '\0' at the end, '?' where something else stands.
  char next() {
    while (at_ < raw_.size() && is_separator(raw_[at_])) ++at_;
    if (at_ == raw_.size()) return '\0';
    return is_digit(raw_[at_]) ? raw_[at_++] : '?';
  }

 private:
  static bool is_separator(char c) { return c == ' ' || c == '-'; }
  std::string_view raw_;
  std::size_t at_ = 0;
};

/// Whether a word of one byte stands at the beginning or behind a blank: an initial is one, and most names have none.
bool may_have_initial(std::string_view name) {
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (at + 1 == name.size() || !in_word(name[at + 1])) return true;
    at = name.find(' ', at);
    if (at == std::string_view::npos) return false;
  }
  return false;
}

/// Where the prefix of an Indonesian mobile ends, as channel.cpp has it; nothing for other numbers.
std::optional<std::pair<std::size_t, bool>> mobile_prefix(std::string_view raw) {
  if (raw.size() < kShortestMobile) return std::nullopt;
  if (raw[0] == '0' && raw[1] == '8') return std::pair<std::size_t, bool>(1, false);
  const std::size_t plus = raw[0] == '+' ? 1 : 0;
  if (raw.substr(plus, 2) != "62") return std::nullopt;
  std::size_t end = plus + 2;
  while (end < raw.size() && (raw[end] == ' ' || raw[end] == '-')) ++end;
  if (end >= raw.size() || raw[end] != '8') return std::nullopt;
  return std::pair(end, true);
}

void find_phone_choices(std::string_view raw, std::uint32_t channels, std::vector<SpellingChoice>& out) {
  const auto prefix = mobile_prefix(raw);
  if (!prefix) return;
  if ((channels & bit(Channel::kPhonePrefix)) != 0) out.push_back({Channel::kPhonePrefix, prefix->second, 0, 0, {}});
  if ((channels & bit(Channel::kPhoneGroups)) == 0) return;
  bool grouped = false;
  for (const char c : raw.substr(prefix->first)) {
    if (is_digit(c)) continue;
    if (c != '-' && c != ' ') return;
    grouped = true;
  }
  out.push_back({Channel::kPhoneGroups, grouped, 0, 0, {}});
}

/// The prefix first, then, where what came of it is a mobile still, the groups.
void write_phone_choices(std::string_view raw, std::span<const SpellingChoice> choices,
                         std::span<const std::uint8_t> wanted, std::vector<char>& out) {
  const auto prefix = mobile_prefix(raw);
  const auto append = [&](std::string_view text) { out.insert(out.end(), text.begin(), text.end()); };
  if (!prefix) return append(raw);
  std::string_view begin = raw.substr(0, prefix->first), behind = raw.substr(prefix->first);
  std::optional<bool> groups;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i].symbol == (wanted[i] != 0)) continue;
    if (choices[i].channel == Channel::kPhonePrefix)
      begin = wanted[i] != 0 ? "+62" : "0";
    else
      groups = wanted[i] != 0;
  }
  append(begin);
  if (!groups || begin.size() + behind.size() < kShortestMobile) return append(behind);
  std::size_t digits = 0;
  for (const char c : behind) {
    if (!is_digit(c)) continue;
    if (*groups && (digits == 3 || digits == 7)) out.push_back('-');
    out.push_back(c);
    ++digits;
  }
}

/// Without initialisers: there is room for many, and few are used.
struct Edit {
  SpellingChoice::Stretch where;
  const SpellingChoice* choice;
  bool wanted;
};

/// What stands in a stretch instead.
void append_instead(std::string_view raw, const Edit& edit, std::vector<char>& out) {
  const auto append = [&](std::string_view text) { out.insert(out.end(), text.begin(), text.end()); };
  switch (edit.choice->channel) {
    case Channel::kNumberDot:
      return append(edit.wanted ? " " : ". ");
    case Channel::kRtJoin:
      return append(edit.wanted ? " " : "/");
    case Channel::kRtZeros: {
      const std::string_view digits =
          without_zeros(raw.substr(edit.where.begin, static_cast<std::size_t>(edit.where.end - edit.where.begin)));
      if (edit.wanted) out.insert(out.end(), 3 - digits.size(), '0');
      return append(digits);
    }
    default: {
      // In the letter case of the word that stands there.
      const ChannelWord& pair = kChannelWords[edit.choice->word];
      const std::string_view like = raw.substr(edit.where.begin, 2);
      const std::string_view word = edit.wanted ? pair.full : pair.brief;
      const bool all_upper = is_upper(like[0]) && (like.size() == 1 || is_upper(like[1]));
      for (std::size_t i = 0; i < word.size(); ++i)
        out.push_back(all_upper || (i == 0 && is_upper(like[0])) ? upper(word[i]) : word[i]);
      if (!edit.wanted) out.push_back('.');
      if (edit.where.end < raw.size() && in_word(raw[edit.where.end])) out.push_back(' ');
    }
  }
}

}  // namespace

void find_choices(FieldType type, std::string_view raw, std::uint32_t channels, std::vector<SpellingChoice>& out) {
  if (type == FieldType::kAddress && raw.size() <= kLongest) {
    AddressScan scan(raw, channels);
    scan.run();
    return scan.append(out);
  }
  if (type == FieldType::kPhone) return find_phone_choices(raw, channels, out);
  if (type == FieldType::kPersonName && !may_have_initial(raw)) channels &= ~bit(Channel::kInitialDot);
  for (const Channel channel : channels_of(type)) {
    if ((channels & bit(channel)) == 0) continue;
    if (const auto symbol = read_channel(channel, raw)) out.push_back({channel, *symbol, 0, 0, {}});
  }
}

void write_choices(std::string_view raw, std::span<const SpellingChoice> choices, std::span<const std::uint8_t> wanted,
                   std::vector<char>& out) {
  if (!choices.empty() && (choices[0].channel == Channel::kPhonePrefix || choices[0].channel == Channel::kPhoneGroups))
    return write_phone_choices(raw, choices, wanted, out);
  std::array<Edit, 2 * kChannels> edits;
  std::size_t count = 0;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const SpellingChoice& choice = choices[i];
    // Of RT and RW the one that was read may not be the only one.
    if (choice.symbol == (wanted[i] != 0) && choice.channel != Channel::kRtZeros) continue;
    for (std::size_t s = 0; s < choice.count; ++s) {
      std::size_t at = count++;
      for (; at > 0 && edits[at - 1].where.begin > choice.stretches[s].begin; --at) edits[at] = edits[at - 1];
      edits[at] = {choice.stretches[s], &choice, wanted[i] != 0};
    }
  }
  const std::size_t from = out.size();
  std::size_t done = 0;
  for (std::size_t e = 0; e < count; ++e) {
    out.insert(out.end(), raw.begin() + static_cast<std::ptrdiff_t>(done), raw.begin() + edits[e].where.begin);
    append_instead(raw, edits[e], out);
    done = edits[e].where.end;
  }
  out.insert(out.end(), raw.begin() + static_cast<std::ptrdiff_t>(done), raw.end());
  // What has no stretches of its own is written as channel.h does it, behind the others as there.
  std::string text;
  bool rewritten = false;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const SpellingChoice& choice = choices[i];
    if (choice.count > 0 || choice.symbol == (wanted[i] != 0)) continue;
    if (!rewritten) text.assign(out.begin() + static_cast<std::ptrdiff_t>(from), out.end());
    rewritten = true;
    text = write_channel(choice.channel, text, wanted[i] != 0);
  }
  if (!rewritten) return;
  out.resize(from);
  out.insert(out.end(), text.begin(), text.end());
}

bool are_one_mobile(std::string_view a, std::string_view b) {
  MobileDigits first(a), second(b);
  std::size_t digits = 0;
  for (;; ++digits) {
    const char c = first.next();
    if (c != second.next() || c == '?') return false;
    if (c == '\0') break;
  }
  return digits >= 9 && digits <= 12 && a.size() <= 32 && b.size() <= 32;
}

}  // namespace sidik
