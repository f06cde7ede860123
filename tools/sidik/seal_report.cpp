#include "seal_report.h"

#include <algorithm>

#include "json.h"
#include "register_report.h"
#include "report/plain_text.h"
#include "seal/canary_code.h"

namespace sidik::command {

SealSummary SealSummary::of(const SealedText& text) {
  SealSummary summary;
  summary.sealing = text.sealing();
  summary.rows_read = text.rows_read();
  summary.positions = text.marked_positions();
  summary.canaries_void = text.void_canaries();
  for (const MarkedColumn& column : text.marked_columns()) {
    auto& [name, channels] = summary.columns.emplace_back();
    name = text.schema().columns[column.column].name;
    for (int c = 0; c < kChannels; ++c)
      if (column.uses(static_cast<Channel>(c))) channels.emplace_back(channel_name(static_cast<Channel>(c)));
  }
  return summary;
}

std::vector<std::string> columns_of_real_rows(const ExportManifest& manifest, const std::vector<bool>& copied) {
  constexpr double kTellsApart = 0.9;  // distinct share
  std::vector<std::string> names;
  for (std::size_t c = 0; c < manifest.columns.size(); ++c) {
    const ExportColumn& column = manifest.columns[c];
    const FieldType type = column.schema.type;
    if (c < copied.size() && !copied[c]) continue;
    if (type != FieldType::kText && type != FieldType::kCategory && type != FieldType::kInteger) continue;
    const auto values = static_cast<double>(manifest.rows - std::min(manifest.rows, column.statistics.nulls));
    if (values > 0 && static_cast<double>(column.statistics.distinct) >= kTellsApart * values)
      names.push_back(column.schema.name);
  }
  return names;
}

std::string sealing_text(const SealSummary& summary) {
  std::string text;
  for (const auto& [name, channels] : summary.columns) {
    text += (text.empty() ? "Marked " : "; ") + printable(name) + " (";
    for (std::size_t i = 0; i < channels.size(); ++i) text += (i > 0 ? ", " : "") + channels[i];
    text += ")";
  }
  if (!text.empty())
    text += ": " + grouped(summary.positions) + " symbols, laid out for " + std::to_string(summary.sealing.coalition) +
            " who mix their copies.\n";
  if (summary.sealing.withhold > 0)
    text += "Left out " + grouped(summary.sealing.withheld) + " of " + grouped(summary.rows_read) + " rows.\n";
  if (summary.canaries_asked > 0) {
    text += "Planted " + grouped(summary.sealing.canaries) + " rows of nobody";
    if (summary.planned_ahead) text += " (planned by the feed's last export)";
    if (summary.canaries_void > 0)
      text += ", " + grouped(summary.canaries_void) + " of them void: a row behind them has their number";
    if (summary.sealing.canaries < summary.canaries_asked)
      text += ", of " + grouped(summary.canaries_asked) + " asked for (" + grouped(summary.canaries_dropped) +
              " had or may have somebody's number; at most one in a hundred rows)";
    text += summary.check_bits >= kCanaryCheckBits ? "; the key alone knows a whole one.\n"
                                                   : "; they are known through the registry only (" +
                                                         std::to_string(static_cast<int>(summary.check_bits)) +
                                                         " check bits a row, and 64 would be needed without it).\n";
  }
  return text;
}

std::string sealing_json(const Registry& registry, const RegistrationResult& result, const SealSummary& summary) {
  Json json = Json::parse(registration_json(registry, result));
  Json columns = Json::object();
  for (const auto& [name, channels] : summary.columns) columns[name] = channels;
  json["sealing"] = {{"rows_read", summary.rows_read},
                     {"marked", std::move(columns)},
                     {"symbols", summary.positions},
                     {"coalition", summary.sealing.coalition},
                     {"withhold", summary.sealing.withhold},
                     {"withheld", summary.sealing.withheld},
                     {"canaries", summary.sealing.canaries},
                     {"canaries_asked", summary.canaries_asked},
                     {"canaries_dropped", summary.canaries_dropped},
                     {"canaries_void", summary.canaries_void},
                     {"planned_ahead", summary.planned_ahead},
                     {"check_bits", summary.check_bits}};
  return json_text(json);
}

}  // namespace sidik::command
