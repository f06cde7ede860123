#include "seal/marker.h"

#include <algorithm>

#include "base/error.h"

namespace sidik {
namespace {

constexpr double kVariesFrom = 0.02;
constexpr std::uint64_t kFewestOfASpelling = 5;

bool is_plain(std::string_view raw) {
  return std::all_of(raw.begin(), raw.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '"'; });
}

std::string channel_types() {
  std::string names;
  for (const FieldType type : all_field_types())
    if (!channels_of(type).empty()) names += (names.empty() ? "" : ", ") + std::string(type_name(type));
  return names;
}

}  // namespace

ChannelSurvey::ChannelSurvey(const Schema& schema) : schema_(schema), counts_(schema.columns.size()) {}

void ChannelSurvey::observe(std::span<const std::vector<std::string_view>> columns) {
  for (std::size_t c = 0; c < counts_.size(); ++c) {
    const auto channels = channels_of(schema_.columns[c].type);
    if (channels.empty()) continue;
    for (const std::string_view raw : columns[c]) {
      if (raw.empty() || is_null_token(raw)) continue;
      ++counts_[c].values;
      const std::uint32_t possible = possible_channels(schema_.columns[c].type, raw);
      for (const Channel channel : channels)
        if (const auto symbol =
                ((possible >> static_cast<unsigned>(channel)) & 1) != 0 ? read_channel(channel, raw) : std::nullopt)
          ++counts_[c].symbols[static_cast<std::size_t>(channel)][*symbol ? 1 : 0];
    }
  }
}

std::vector<MarkedColumn> ChannelSurvey::decide(const std::vector<std::string>& allowed) const {
  std::vector<char> allowed_column(counts_.size());
  for (const std::string& name : allowed) {
    const auto type = type_from_name(name);
    bool known = type && !channels_of(*type).empty();
    for (std::size_t c = 0; c < counts_.size(); ++c) {
      const bool named = normalised_name(schema_.columns[c].name) == normalised_name(name);
      const FieldType its = schema_.columns[c].type;
      if (!(named || type == its) || channels_of(its).empty()) continue;
      known = true;
      allowed_column[c] = 1;
    }
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

struct Marker::State {
  /// A choice that one value offers.
  struct Choice {
    std::uint32_t row;
    Channel channel;
  };

  Schema schema;
  std::vector<MarkedColumn> marked;
  unsigned coalition;
  MarkBiases biases;
  MarkSymbols symbols;
  std::uint64_t written = 0;

  CanonicalColumn before, after;
  std::vector<std::uint64_t> places;
  std::vector<Choice> choices;
  std::vector<MarkPosition> positions;
  std::vector<double> bias;
  std::vector<std::uint8_t> symbol;
  std::vector<std::vector<char>> texts;  // one a marked column; what the views point into
  std::vector<Respelled> respelled;

  State(const SealSecrets& secrets, const Schema& of, std::vector<MarkedColumn> columns, unsigned design)
      : schema(of),
        marked(std::move(columns)),
        coalition(design),
        biases(secrets.shared),
        symbols(secrets.recipient),
        texts(marked.size()) {}

  void find_choices(const MarkedColumn& column, const ColumnSchema& field, std::span<const std::string_view> raw) {
    choices.clear();
    positions.clear();
    for (std::size_t r = 0; r < raw.size(); ++r) {
      if (before.state[r] != ValueState::kValid || !is_plain(raw[r])) continue;
      const MarkedColumn possible{column.column, column.channels & possible_channels(field.type, raw[r])};
      for (const Channel channel : channels_of(field.type)) {
        if (!possible.uses(channel) || !read_channel(channel, raw[r])) continue;
        choices.push_back({static_cast<std::uint32_t>(r), channel});
        positions.push_back({places[r], channel});
      }
    }
  }

  void mark_column(std::size_t m, std::span<const std::string_view> raw, std::string_view forbidden) {
    const MarkedColumn& column = marked[m];
    const ColumnSchema& field = schema.columns[column.column];
    canonicalise(field.type, field.options, raw, before);
    biases.places(field.type, before, places);
    find_choices(column, field, raw);
    biases.biases(positions, coalition, bias);
    symbols.symbols(positions, bias, symbol);
    written += positions.size();

    std::vector<std::string> texts_of_rows;
    std::vector<std::uint32_t> rows;
    for (std::size_t i = 0; i < choices.size();) {
      const std::uint32_t row = choices[i].row;
      std::string text(raw[row]);
      for (; i < choices.size() && choices[i].row == row; ++i) {
        const Channel channel = choices[i].channel;
        const auto now = read_channel(channel, text);  // what was written before may have moved it
        if (!now || (*now == (symbol[i] != 0) && channel != Channel::kRtZeros)) continue;
        text = write_channel(channel, text, symbol[i] != 0);
      }
      if (text == raw[row] || brings_in(text, raw[row], forbidden)) continue;
      rows.push_back(row);
      texts_of_rows.push_back(std::move(text));
    }
    keep_equal(m, field, rows, texts_of_rows);
  }

  static bool brings_in(std::string_view text, std::string_view raw, std::string_view forbidden) {
    for (const char c : forbidden)
      if (text.find(c) != std::string_view::npos && raw.find(c) == std::string_view::npos) return true;
    return false;
  }

  /// Keeps the spellings whose canonical form is that of the value as it was.
  void keep_equal(std::size_t m, const ColumnSchema& field, const std::vector<std::uint32_t>& rows,
                  const std::vector<std::string>& spelled) {
    std::size_t size = kTextSlack;
    for (const std::string& text : spelled) size += text.size();
    std::vector<char>& buffer = texts[m];
    buffer.assign(size, '\0');
    std::vector<std::string_view> views;
    char* end = buffer.data();
    for (const std::string& text : spelled) {
      views.emplace_back(end, text.size());
      end = std::copy(text.begin(), text.end(), end);
    }
    canonicalise(field.type, field.options, views, after);
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (after.state[i] == ValueState::kValid && after.value(i) == before.value(rows[i]))
        respelled.push_back({marked[m].column, rows[i], views[i]});
  }
};

Marker::Marker(const SealSecrets& secrets, const Schema& schema, std::vector<MarkedColumn> marked, unsigned coalition)
    : state_(std::make_unique<State>(secrets, schema, std::move(marked), coalition)) {}
Marker::~Marker() = default;

std::span<const Respelled> Marker::mark(std::span<const std::vector<std::string_view>> columns,
                                        std::string_view forbidden) {
  state_->respelled.clear();
  for (std::size_t m = 0; m < state_->marked.size(); ++m)
    state_->mark_column(m, columns[state_->marked[m].column], forbidden);
  return state_->respelled;
}

std::uint64_t Marker::positions() const { return state_->written; }

}  // namespace sidik
