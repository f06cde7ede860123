#include "trace/column_readings.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "fields/schema.h"
#include "trace/completion_odds.h"

namespace sidik {
namespace {

constexpr std::size_t kProbe = 200;
constexpr double kLeastValid = 0.2;
constexpr std::size_t kMostHints = 4;

/// Takes cells that show only a part of a value of the type for no value so far. Their number.
std::size_t open_partial(const Reading& reading, std::span<const std::string_view> raw, const ColumnCut& cut,
                         ReadValues& values, std::vector<Loss>& losses) {
  std::size_t open = 0;
  for (std::size_t r = 0; r < raw.size(); ++r) {
    if (values.states[r] == ValueState::kNull) continue;
    const Loss loss = loss_of(reading.type, raw[r], cut);
    if (loss == Loss::kNone) continue;
    losses[r] = loss;
    open += is_plausible(reading.type, raw[r], loss, cut);
    values.states[r] = ValueState::kNull;
    values.fingerprints[r] = 0;
    values.tags[r] = 0;
  }
  return open;
}

double valid_share(const ReadValues& values, std::size_t open) {
  std::size_t valid = open;
  std::size_t some = open;
  for (const ValueState state : values.states) {
    valid += state == ValueState::kValid;
    some += state != ValueState::kNull;
  }
  return some > 0 ? static_cast<double>(valid) / static_cast<double>(some) : 0;
}

/// What a row's dates and names are, as the columns' first readings of these types have them.
RowHints hints_of(const SampleSurvey& survey, const std::vector<Reading>& readings, std::size_t row) {
  RowHints hints;
  for (const Reading& reading : readings) {
    const bool dated = reading.type == FieldType::kDate;
    if (!dated && reading.type != FieldType::kPersonName) continue;
    CanonicalValue value = canonical(reading.type, survey.screened.columns[reading.column][row], reading.options);
    std::vector<std::string>& of = dated ? hints.dates : hints.names;
    if (value.state == ValueState::kValid && of.size() < kMostHints &&
        std::find(of.begin(), of.end(), value.text) == of.end())
      of.push_back(std::move(value.text));
  }
  return hints;
}

/// The types of our columns, by their names.
std::map<std::string, std::set<FieldType>> types_by_name(const std::vector<ExportManifest>& exports) {
  std::map<std::string, std::set<FieldType>> types;
  std::set<ColumnId> known;
  for (const ExportManifest& manifest : exports)
    for (const ExportColumn& column : manifest.columns)
      if (known.insert(column.id).second) types[normalised_name(column.schema.name)].insert(column.schema.type);
  return types;
}

}  // namespace

ReadColumns read_columns(const SampleSurvey& survey, const std::vector<ExportManifest>& exports,
                         const EpochSecrets& secrets, std::size_t rows, std::span<const ColumnCut> cuts) {
  ReadColumns read;
  ColumnReader reader(secrets);
  ReadValues probe;
  const std::vector<Reading> kinds = readings_of(exports, secrets.epochs(), 0);
  const auto types = types_by_name(exports);
  std::vector<std::vector<Loss>> losses(survey.screened.columns.size());
  for (std::size_t c = 0; c < survey.screened.columns.size(); ++c) {
    const auto column = std::span(survey.screened.columns[c]).first(rows);
    const std::size_t first = read.readings.size();
    losses[c].assign(rows, Loss::kNone);
    const auto named = types.find(normalised_name(survey.names[c].value_or("")));
    std::vector<Loss> lost(rows);
    for (Reading reading : kinds) {
      reading.column = c;
      const auto some = column.first(std::min(rows, kProbe));
      reader.read(reading, some, probe);
      std::fill(lost.begin(), lost.end(), Loss::kNone);
      const bool is_named = named != types.end() && named->second.contains(reading.type);
      if (valid_share(probe, open_partial(reading, some, cuts[c], probe, lost)) < kLeastValid && !is_named) continue;
      auto values = std::make_unique<ReadValues>();
      reader.read(reading, column, *values);
      std::fill(lost.begin(), lost.end(), Loss::kNone);
      const std::size_t open = open_partial(reading, column, cuts[c], *values, lost);
      // Another date order that changes nothing is no other reading.
      bool known = false;
      for (std::size_t i = first; i < read.readings.size(); ++i) {
        known =
            known || (read.readings[i].type == reading.type && read.values[i]->fingerprints == values->fingerprints);
      }
      if (known && open == 0) continue;
      for (std::size_t r = 0; r < rows; ++r) {
        if (lost[r] != Loss::kNone) losses[c][r] = lost[r];
      }
      read.readings.push_back(reading);
      read.valid.push_back(valid_share(*values, open));
      read.values.push_back(std::move(values));
    }
  }
  for (std::uint32_t r = 0; r < rows; ++r) {
    std::optional<RowHints> hints;
    for (std::size_t c = 0; c < losses.size(); ++c) {
      if (losses[c][r] == Loss::kNone) continue;
      if (!hints) hints = hints_of(survey, read.readings, r);
      read.open.push_back({r, c, losses[c][r], cuts[c], std::string(survey.screened.columns[c][r]), *hints});
    }
  }
  return read;
}

}  // namespace sidik
