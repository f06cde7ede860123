#include "seal/canary_looks.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <unordered_set>

#include "fields/canonical.h"
#include "fields/inference.h"
#include "fixtures/feeds.h"
#include "seal/boosting.h"
#include "seal/canary_plan.h"
#include "seal/row_features.h"

namespace sidik::looks {
namespace {

constexpr std::size_t kCompared = 8000;

std::string feed_of(const fixtures::Population& population, const std::string& layout, const std::string& filter,
                    std::uint32_t month) {
  fixtures::FeedRun run;
  run.month = month;
  return fixtures::feed_text(
      population, fixtures::Feed{"all", "", fixtures::layout_named(layout), fixtures::parse_filter(filter)}, run);
}

/// A table without what it was read from: cells as they stand, quotes apart.
Table table_of(const std::string& text, std::unordered_set<std::string>* lines) {
  Table table;
  TableReader reader(memory_source(text, "rows"), {});
  Inference inference(reader.header(), reader.columns());
  TextBlock block;
  Batch batch;
  while (reader.read_block(block)) {
    reader.parse(block, batch);
    inference.observe(batch.columns);
    for (std::size_t r = 0; r < batch.rows; ++r) {
      auto& cells = table.rows.emplace_back();
      std::string line;
      for (const auto& column : batch.columns) line += (cells.emplace_back(column[r]) += '\x1f');
      for (std::string& cell : cells) cell.pop_back();
      if (lines != nullptr) lines->insert(line);
    }
  }
  table.schema = inference.finish().schema;
  return table;
}

struct Month {
  Table table;                        // sealed
  std::vector<std::uint8_t> planted;  // by row
  std::unordered_set<std::string> lines, identities;
  std::optional<SealingState> state;  // that the next month goes on from
};

std::string line_of(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line += cell + '\x1f';
  return line;
}

std::size_t identity_column(const Schema& schema) {
  const auto order = schema.identity_order();
  return order.empty() ? 0 : order.front();
}

Month sealed_month(const std::string& text, const RegistryKey& key, std::uint64_t count,
                   const std::optional<SealingState>& last) {
  ExportDescription description;
  description.feed = "feed";
  description.recipient = "recipient";
  CanaryPlanInput plan;
  plan.open = [&] { return memory_source(text, "rows"); };
  plan.secrets = SealSecrets::of(key, description);
  plan.fingerprint_secret = key.fingerprint_secret;
  plan.count = [&](std::uint64_t) { return count; };
  SealInput input;
  input.secrets = plan.secrets;
  input.fingerprint_secret = plan.fingerprint_secret;
  input.request.marks = SealRequest::Marks::kNone;
  plan.last = last;
  CanaryPlan planned = plan_canaries(plan);
  input.canaries = std::move(planned.canaries);
  std::string sealed, piece(1 << 16, '\0');
  SealedText source(memory_source(text, "rows"), std::move(input));
  for (std::size_t got = 0; (got = source.read(piece)) > 0;) sealed.append(piece, 0, got);

  std::unordered_set<std::string> original;
  table_of(text, &original);
  Month month;
  month.state = std::move(planned.state);
  month.table = table_of(sealed, &month.lines);
  const std::size_t identity = identity_column(month.table.schema);
  for (const auto& cells : month.table.rows) {
    month.planted.push_back(original.contains(line_of(cells)) ? 0 : 1);
    month.identities.insert(cells[identity]);
  }
  return month;
}

/// Each cell of another row.
void draw_naively(Table& table, const std::vector<std::size_t>& rows, std::mt19937_64& random) {
  const Table from = table;
  for (const std::size_t r : rows)
    for (std::string& cell : table.rows[r])
      cell = from.rows[random() % from.rows.size()][static_cast<std::size_t>(&cell - table.rows[r].data())];
}

struct Told {
  double auc = 0, found = 0;
  std::vector<std::pair<std::string, double>> telling, alone;
};

/// How well each feature tells them apart by itself: the area, missing values first; the furthest from a half first.
std::vector<std::pair<std::string, double>> each_alone(const std::vector<Features>& rows,
                                                       const std::vector<std::uint8_t>& labels,
                                                       const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, double>> alone;
  for (std::size_t f = 0; f < names.size(); ++f) {
    std::vector<double> values;
    for (const Features& row : rows) values.push_back(std::isnan(row[f]) ? -1.0 : static_cast<double>(row[f]));
    alone.emplace_back(names[f], area_under_curve(values, labels));
  }
  std::sort(alone.begin(), alone.end(),
            [](const auto& a, const auto& b) { return std::abs(a.second - 0.5) > std::abs(b.second - 0.5); });
  return alone;
}

Told told_apart(const Table& table, const std::vector<std::size_t>& ones, const std::vector<std::size_t>& zeros) {
  const std::vector<Features> all = features_of(table);
  std::vector<Features> rows;
  std::vector<std::uint8_t> labels;
  const std::vector<std::uint64_t> households = households_of(table);
  std::vector<std::uint64_t> groups;
  for (const auto* list : {&ones, &zeros})
    for (const std::size_t r : *list) {
      rows.push_back(all[r]);
      labels.push_back(list == &ones ? 1 : 0);
      groups.push_back(households[r]);
    }
  const std::vector<double> scores = held_out_scores(rows, labels, groups);
  Told told{area_under_curve(scores, labels), found_at(scores, labels, 0.01), {}, {}};
  const std::vector<std::string> names = feature_names(table.schema);
  told.alone = each_alone(rows, labels, names);
  for (const auto& [feature, share] : telling_features(rows, labels)) told.telling.emplace_back(names[feature], share);
  return told;
}

}  // namespace

Looks look_at(const std::string& layout, const std::string& filter, std::uint64_t people, std::uint64_t seed) {
  const RegistryKey key = RegistryKey::generate();
  const fixtures::Population population({people, seed, fixtures::Realm::kOurs, {}});
  const std::string text = feed_of(population, layout, filter, 6);
  const auto count = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) / 110;
  const Month now = sealed_month(text, key, count, std::nullopt);
  const Month next = sealed_month(feed_of(population, layout, filter, 7), key, count, now.state);

  Looks looks;
  std::vector<std::size_t> canaries, real;
  for (std::size_t r = 0; r < now.planted.size(); ++r) (now.planted[r] != 0 ? canaries : real).push_back(r);
  looks.canaries = canaries.size();
  const std::size_t identity = identity_column(now.table.schema);
  for (const auto* list : {&canaries, &real}) {
    double lost = 0, changed = 0;
    for (const std::size_t r : *list) {
      lost += next.identities.contains(now.table.rows[r][identity]) ? 0 : 1;
      changed += next.lines.contains(line_of(now.table.rows[r])) ? 0 : 1;
    }
    const double all = static_cast<double>(list->size());
    (list == &real ? looks.real_lost : looks.lost) = lost / all;
    (list == &real ? looks.real_changed : looks.changed) = changed / all;
  }
  for (const std::size_t r : canaries)
    for (std::size_t c = 0; c < now.table.rows[r].size(); ++c) {
      const ColumnSchema& column = now.table.schema.columns[c];
      looks.invalid +=
          canonical(column.type, now.table.rows[r][c], column.options).state == ValueState::kInvalid ? 1 : 0;
    }

  std::mt19937_64 random(seed);
  std::shuffle(real.begin(), real.end(), random);
  const std::vector<std::size_t> compared(real.begin(),
                                          real.begin() + static_cast<std::ptrdiff_t>(std::min(kCompared, real.size())));
  looks.compared = compared.size();
  const Told told = told_apart(now.table, canaries, compared);
  looks.auc = told.auc;
  looks.found = told.found;
  looks.telling = told.telling;
  looks.alone = told.alone;
  Table naive = now.table;
  draw_naively(naive, canaries, random);
  looks.naive_auc = told_apart(naive, canaries, compared).auc;
  return looks;
}

}  // namespace sidik::looks
