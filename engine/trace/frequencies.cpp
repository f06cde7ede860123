#include "trace/frequencies.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

namespace sidik {
namespace {

constexpr std::uint64_t kAllListed = 1024;  // up to so many distinct values a manifest lists every code
constexpr std::uint64_t kFewValues = 64;
constexpr std::size_t kLookedAt = 8;  // codes of a longer list: where all are known, nearly all are

double information_of(double share) { return std::max(0.0, -std::log(std::min(1.0, share + kCodeChance))); }

double rows_of(const ExportManifest& manifest) {
  return static_cast<double>(std::max<std::uint64_t>(1, manifest.rows));
}

double information_of(const CodeCount& code, const ExportManifest& manifest) {
  return information_of(std::max(0.5, static_cast<double>(code.count)) / rows_of(manifest));
}

}  // namespace

ValueFrequencies::ValueFrequencies(const std::vector<ExportManifest>& exports) {
  // The largest export knows best. Of each feed the largest and the latest tell what it does not list: a value is as
  // common as whoever holds it says, and another feed may spell classes otherwise, another month have new ones.
  const auto larger = [](const From& one, const From& than) {
    return than.manifest == nullptr || rows_of(*one.manifest) > rows_of(*than.manifest);
  };
  std::unordered_map<ColumnId, From> best;
  std::map<std::pair<ColumnId, std::string_view>, std::pair<From, From>> of_feeds;
  for (const ExportManifest& manifest : exports) {
    const std::string_view feed = manifest.description.feed_or_name();
    for (const ExportColumn& of : manifest.columns) {
      const From from{&manifest, &of};
      if (From& known = best[of.id]; larger(from, known)) known = from;
      auto& [largest, latest] = of_feeds[{of.id, feed}];
      if (larger(from, largest)) largest = from;
      latest = from;
    }
  }
  for (const auto& [id, from] : best) columns_.emplace(id, column_of(*from.manifest, *from.column));
  for (const auto& [key, both] : of_feeds) {
    for (const From& from : {both.first, both.second}) {
      if (from.column == best[key.first].column) continue;
      Column& column = columns_.at(key.first);
      if (!column.all_listed) continue;  // what is not listed is as common there as the rest
      for (const CodeCount& code : from.column->statistics.frequent) {
        if (column.frequent.count(code.code) == 0)
          column.frequent.emplace(code.code, information_of(code, *from.manifest));
      }
    }
  }
  add_dates(exports, best);
}

void ValueFrequencies::add_dates(const std::vector<ExportManifest>& exports,
                                 const std::unordered_map<ColumnId, From>& best) {
  for (const ExportManifest& manifest : exports) {
    for (const ExportColumn& of : manifest.columns) {
      const From& from = best.at(of.id);
      Column& column = columns_.at(of.id);
      if (!column.all_listed || from.column == &of) continue;
      const std::vector<CodeCount>& listed = of.statistics.frequent;
      const auto known = [&](const CodeCount& code) { return column.frequent.count(code.code) != 0; };
      if (of.statistics.distinct > kFewValues &&
          std::all_of(listed.begin(), listed.begin() + std::min<std::ptrdiff_t>(kLookedAt, std::ssize(listed)), known))
        continue;
      const bool same_feed = manifest.description.feed_or_name() == from.manifest->description.feed_or_name();
      for (const CodeCount& code : listed) {
        const double information = information_of(code, manifest);
        const auto [place, fresh] = column.frequent.emplace(code.code, information);
        if (!fresh && same_feed) place->second = std::min(place->second, information);
      }
    }
  }
}

ValueFrequencies::Column ValueFrequencies::column_of(const ExportManifest& manifest, const ExportColumn& of) {
  Schema schema;
  for (const ExportColumn& each : manifest.columns) schema.columns.push_back(each.schema);
  const std::vector<std::size_t> order = schema.identity_order();
  Column column;
  column.rows = rows_of(manifest);
  column.gives_tags = !order.empty() && &of == &manifest.columns[order.front()];
  double listed = 0;
  for (const CodeCount& code : of.statistics.frequent) {
    column.frequent.emplace(code.code, information_of(std::max(0.5, static_cast<double>(code.count)) / column.rows));
    listed += static_cast<double>(code.count);
  }
  column.least = information_of(0.5 / column.rows);
  column.all_listed = of.statistics.distinct <= kAllListed && !of.statistics.frequent.empty();
  const double others = static_cast<double>(of.statistics.distinct) - static_cast<double>(column.frequent.size());
  const double left = column.rows - static_cast<double>(of.statistics.nulls) - listed;
  const double each = others >= 1 && left > 0 ? std::max(0.5, left / others) : 1;
  column.rest = column.all_listed ? column.least : information_of(each / column.rows);
  column.indexed = column.all_listed ? column.least : -std::log(std::min(1.0, each / column.rows));
  return column;
}

double ValueFrequencies::information(ColumnId id, ColumnCode code) const {
  const auto found = columns_.find(id);
  if (found == columns_.end()) return 0;
  const Column& column = found->second;
  const auto frequent = column.frequent.find(code);
  return frequent != column.frequent.end() ? frequent->second : column.rest;
}

std::optional<bool> ValueFrequencies::holds(ColumnId id, ColumnCode code) const {
  const auto found = columns_.find(id);
  if (found == columns_.end() || !found->second.all_listed) return std::nullopt;
  return found->second.frequent.count(code) != 0;
}

double ValueFrequencies::indexed_information(ColumnId id) const {
  const auto found = columns_.find(id);
  return found == columns_.end() ? 0 : found->second.indexed;
}

double ValueFrequencies::usual_information(ColumnId id) const {
  const auto found = columns_.find(id);
  return found == columns_.end() ? 0 : found->second.rest;
}

const std::unordered_map<ColumnCode, double>& ValueFrequencies::frequent(ColumnId id) const {
  static const std::unordered_map<ColumnCode, double> kNone;
  const auto found = columns_.find(id);
  return found == columns_.end() ? kNone : found->second.frequent;
}

double ValueFrequencies::rows(ColumnId id) const {
  const auto found = columns_.find(id);
  return found == columns_.end() ? 0 : found->second.rows;
}

bool ValueFrequencies::gives_tags(ColumnId id) const {
  const auto found = columns_.find(id);
  return found != columns_.end() && found->second.gives_tags;
}

double ValueFrequencies::meeting_chance(ColumnId id) const {
  const auto found = columns_.find(id);
  if (found == columns_.end()) return 1;
  double all = 0;
  double meet = 0;
  for (const auto& [code, nats] : found->second.frequent) {
    all += std::exp(-nats);
    meet += std::exp(-2 * nats);
  }
  return std::min(1.0, meet + std::max(0.0, 1 - all) * std::exp(-found->second.rest));
}

double ValueFrequencies::tag_information(ColumnId id) const {
  const auto found = columns_.find(id);
  return found == columns_.end() ? 0 : std::log(found->second.rows);
}

}  // namespace sidik
