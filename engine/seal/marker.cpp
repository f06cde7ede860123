#include "seal/marker.h"

#include <xxhash.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/error.h"
#include "seal/spelling_choices.h"

namespace sidik {
namespace {

constexpr double kVariesFrom = 0.02;
constexpr std::uint64_t kFewestOfASpelling = 5;

bool is_plain(std::string_view raw) {
  bool plain = true;
  for (const char c : raw) plain &= c >= 0x20 && c < 0x7f && c != '"';
  return plain;
}

std::string channel_types() {
  std::string names;
  for (const FieldType type : all_field_types())
    if (!channels_of(type).empty()) names += (names.empty() ? "" : ", ") + std::string(type_name(type));
  return names;
}

bool is_named(const ColumnSchema& column, const std::string& name) {
  return normalised_name(column.name) == normalised_name(name) || type_from_name(name) == column.type;
}

}  // namespace

std::vector<std::string> allowed_in_vain(const Schema& schema, const std::vector<MarkedColumn>& marked,
                                         const std::vector<std::string>& allowed) {
  std::vector<std::string> names;
  for (const std::string& name : allowed)
    if (std::none_of(marked.begin(), marked.end(),
                     [&](const MarkedColumn& one) { return is_named(schema.columns[one.column], name); }))
      names.push_back(name);
  return names;
}

ChannelSurvey::ChannelSurvey(const Schema& schema) : schema_(schema), counts_(schema.columns.size()) {}

void ChannelSurvey::observe(std::span<const std::vector<std::string_view>> columns) {
  for (std::size_t c = 0; c < counts_.size(); ++c) {
    if (channels_of(schema_.columns[c].type).empty()) continue;
    for (const std::string_view raw : columns[c]) {
      if (raw.empty() || is_null_token(raw)) continue;
      ++counts_[c].values;
      choices_.clear();
      find_choices(schema_.columns[c].type, raw, ~std::uint32_t{0}, choices_);
      for (const SpellingChoice& choice : choices_)
        ++counts_[c].symbols[static_cast<std::size_t>(choice.channel)][choice.symbol ? 1 : 0];
    }
  }
}

std::vector<MarkedColumn> ChannelSurvey::decide(const std::vector<std::string>& allowed) const {
  std::vector<char> allowed_column(counts_.size());
  for (const std::string& name : allowed) {
    const auto type = type_from_name(name);
    bool known = type && !channels_of(*type).empty();
    std::optional<FieldType> of_column;
    for (std::size_t c = 0; c < counts_.size(); ++c) {
      if (!is_named(schema_.columns[c], name)) continue;
      const FieldType its = schema_.columns[c].type;
      if (normalised_name(schema_.columns[c].name) == normalised_name(name)) of_column = its;
      if (channels_of(its).empty()) continue;
      known = true;
      allowed_column[c] = 1;
    }
    if (!known && of_column)
      throw Error(ErrorKind::kUsage, "--marks",
                  "the column '" + name + "' is read as " + std::string(type_name(*of_column)) +
                      ", which has no spellings to choose (" + channel_types() +
                      " have); leave it out, or say its type with --schema");
    if (!known)
      throw Error(ErrorKind::kUsage, "--marks",
                  "'" + name +
                      "' is neither a column nor a type that can be marked; types with spellings to choose are " +
                      channel_types());
  }
  std::vector<MarkedColumn> marked;
  for (std::size_t c = 0; c < counts_.size(); ++c) {
    MarkedColumn column{c, 0};
    for (const Channel channel : channels_of(schema_.columns[c].type)) {
      const auto& [zeros, ones] = counts_[c].symbols[static_cast<std::size_t>(channel)];
      const std::uint64_t less = std::min(zeros, ones);
      const bool varies =
          less >= kFewestOfASpelling && static_cast<double>(less) >= kVariesFrom * static_cast<double>(zeros + ones);
      const bool may = allowed_column[c] != 0 && may_be_allowed(channel) && zeros + ones > 0;
      if (varies || may) column.channels |= std::uint32_t{1} << static_cast<unsigned>(channel);
    }
    if (column.channels != 0) marked.push_back(column);
  }
  return marked;
}

namespace {

/// The values of a column, each once, or nearly: people of one household stand together and share theirs. Where few
/// values come back later on, those are not looked for.
class DistinctValues {
 public:
  void find(std::span<const std::string_view> raw) {
    values.clear();
    rows.clear();
    of_row.resize(raw.size());
    const bool look = pause_ == 0;
    std::size_t slots = 64;
    if (look) {
      while (slots < 2 * raw.size()) slots *= 2;
      slots_.assign(slots, 0);
    }
    std::size_t runs = 0;
    for (std::size_t r = 0; r < raw.size(); ++r) {
      if (r > 0 && raw[r] == raw[r - 1]) {
        of_row[r] = of_row[r - 1];
        ++rows[of_row[r]];
        continue;
      }
      ++runs;
      of_row[r] = look ? place_of(raw[r], slots) : add(raw[r]);
      ++rows[of_row[r]];
    }
    if (!look)
      --pause_;
    else if (raw.size() >= kEnough && values.size() * 8 > runs * 7)
      pause_ = kPause;
  }

  std::vector<std::string_view> values;
  std::vector<std::uint32_t> rows;    // how many have each value
  std::vector<std::uint32_t> of_row;  // each row's place in values

 private:
  static constexpr std::size_t kEnough = 500, kPause = 31;  // values, batches

  std::uint32_t add(std::string_view value) {
    values.push_back(value);
    rows.push_back(0);
    return static_cast<std::uint32_t>(values.size() - 1);
  }
  std::uint32_t place_of(std::string_view value, std::size_t slots) {
    std::size_t slot = static_cast<std::size_t>(XXH3_64bits(value.data(), value.size())) & (slots - 1);
    while (slots_[slot] != 0 && values[slots_[slot] - 1] != value) slot = (slot + 1) & (slots - 1);
    if (slots_[slot] == 0) slots_[slot] = add(value) + 1;
    return slots_[slot] - 1;
  }

  std::vector<std::uint32_t> slots_;  // place in values, from 1; 0 is empty
  std::size_t pause_ = 0;
};

}  // namespace

struct Marker::State {
  Schema schema;
  std::vector<MarkedColumn> marked;
  BiasCurve curve;
  MarkBiases biases;
  MarkSymbols symbols;
  std::uint64_t written = 0;

  std::vector<DistinctValues> distinct_of;  // one a marked column
  // Of the values that offer a choice:
  std::vector<std::uint32_t> chosen;  // places in distinct.values
  std::vector<std::string_view> chosen_values;
  std::vector<SpellingChoice> choices;
  std::vector<std::uint32_t> choices_end;
  CanonicalColumn before, after;
  std::vector<std::uint64_t> places;
  std::vector<MarkPosition> positions;
  std::vector<double> bias_numbers;
  std::vector<std::uint8_t> symbol;
  std::vector<std::uint32_t> changed;     // places in chosen
  std::vector<std::size_t> ends;          // of their spellings, in texts
  std::vector<std::string_view> spelled;  // by place in distinct.values; empty where it stays
  std::vector<std::string_view> views;    // of the changed
  std::vector<std::vector<char>> texts;   // one a marked column; what the views point into
  std::vector<Respelled> respelled;

  State(const SealSecrets& secrets, const Schema& of, std::vector<MarkedColumn> columns, unsigned design)
      : schema(of),
        marked(std::move(columns)),
        curve(design),
        biases(secrets.shared),
        symbols(secrets.recipient),
        distinct_of(marked.size()),
        texts(marked.size()) {}

  /// Most values of some columns offer none (names without an initial), and need not be read any further.
  void find_all_choices(const DistinctValues& distinct, const MarkedColumn& column, FieldType type) {
    choices.clear();
    choices_end.clear();
    chosen.clear();
    chosen_values.clear();
    for (std::size_t v = 0; v < distinct.values.size(); ++v) {
      const std::string_view raw = distinct.values[v];
      const std::size_t before_it = choices.size();
      find_choices(type, raw, column.channels, choices);
      if (choices.size() == before_it) continue;
      if (!is_plain(raw)) {
        choices.resize(before_it);
        continue;
      }
      chosen.push_back(static_cast<std::uint32_t>(v));
      chosen_values.push_back(raw);
      choices_end.push_back(static_cast<std::uint32_t>(choices.size()));
    }
  }

  /// Of valid values alone; what the others offer is not taken.
  void find_positions(const DistinctValues& distinct) {
    positions.clear();
    std::size_t from = 0, kept = 0;
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      const std::size_t to = choices_end[k];
      if (before.state[k] == ValueState::kValid) {
        written += (to - from) * distinct.rows[chosen[k]];
        for (std::size_t i = from; i < to; ++i) {
          positions.push_back({places[k], choices[i].channel});
          choices[kept++] = choices[i];
        }
      }
      from = to;
      choices_end[k] = static_cast<std::uint32_t>(kept);
    }
  }

  void mark_column(std::size_t m, std::span<const std::string_view> raw, std::string_view forbidden) {
    const MarkedColumn& column = marked[m];
    const ColumnSchema& field = schema.columns[column.column];
    DistinctValues& distinct = distinct_of[m];
    distinct.find(raw);
    find_all_choices(distinct, column, field.type);
    canonicalise(field.type, field.options, chosen_values, before);
    biases.places(field.type, before, places);
    find_positions(distinct);
    biases.numbers(positions, bias_numbers);
    symbols.symbols(positions, bias_numbers, curve, symbol);
    write_symbols(texts[m], forbidden);
    keep_equal(distinct, texts[m], field);
    for (std::size_t r = 0; r < raw.size(); ++r)
      if (const std::string_view text = spelled[distinct.of_row[r]]; !text.empty())
        respelled.push_back({column.column, r, text});
  }

  void write_symbols(std::vector<char>& buffer, std::string_view forbidden) {
    buffer.clear();
    changed.clear();
    ends.clear();
    std::size_t from = 0;
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      const std::size_t count = choices_end[k] - from;
      const auto of_value = std::span(choices).subspan(from, count);
      const auto wanted = std::span(symbol).subspan(from, count);
      from += count;
      // Of RT and RW the one that was read may not be the only one.
      bool same = true;
      for (std::size_t i = 0; i < count; ++i)
        same = same && of_value[i].symbol == (wanted[i] != 0) && of_value[i].channel != Channel::kRtZeros;
      if (same) continue;
      const std::string_view raw = chosen_values[k];
      const std::size_t begin = buffer.size();
      write_choices(raw, of_value, wanted, buffer);
      const std::string_view text(buffer.data() + begin, buffer.size() - begin);
      if (text == raw || brings_in(text, raw, forbidden)) {
        buffer.resize(begin);
        continue;
      }
      changed.push_back(static_cast<std::uint32_t>(k));
      ends.push_back(buffer.size());
    }
    buffer.resize(buffer.size() + kTextSlack);
  }

  static bool brings_in(std::string_view text, std::string_view raw, std::string_view forbidden) {
    for (const char c : forbidden)
      if (text.find(c) != std::string_view::npos && raw.find(c) == std::string_view::npos) return true;
    return false;
  }

  /// Keeps the spellings whose canonical form is that of the value as it was.
  void keep_equal(const DistinctValues& distinct, const std::vector<char>& buffer, const ColumnSchema& field) {
    spelled.assign(distinct.values.size(), {});
    views.clear();
    std::size_t begin = 0, doubtful = 0;
    for (std::size_t i = 0; i < changed.size(); ++i) {
      const std::string_view text(buffer.data() + begin, ends[i] - begin);
      begin = ends[i];
      if (field.type == FieldType::kPhone && are_one_mobile(chosen_values[changed[i]], text)) {
        spelled[chosen[changed[i]]] = text;
        continue;
      }
      views.push_back(text);
      changed[doubtful++] = changed[i];
    }
    canonicalise(field.type, field.options, views, after);
    for (std::size_t i = 0; i < doubtful; ++i)
      if (after.state[i] == ValueState::kValid && after.value(i) == before.value(changed[i]))
        spelled[chosen[changed[i]]] = views[i];
  }
};

Marker::Marker(const SealSecrets& secrets, const Schema& schema, std::vector<MarkedColumn> marked, unsigned coalition)
    : state_(std::make_unique<State>(secrets, schema, std::move(marked), coalition)) {}
Marker::~Marker() = default;

std::span<const Respelled> Marker::mark(std::span<const std::vector<std::string_view>> columns,
                                        std::string_view forbidden) {
  // Channels write letters, digits and a few signs: no quote, line end or usual delimiter is ever brought in.
  std::string in_doubt;
  std::copy_if(forbidden.begin(), forbidden.end(), std::back_inserter(in_doubt), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view(" .-/+").find(c) != std::string::npos;
  });
  state_->respelled.clear();
  for (std::size_t m = 0; m < state_->marked.size(); ++m)
    state_->mark_column(m, columns[state_->marked[m].column], in_doubt);
  return state_->respelled;
}

std::uint64_t Marker::positions() const { return state_->written; }

}  // namespace sidik
