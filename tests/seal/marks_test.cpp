#include <algorithm>
#include <random>
#include <set>

#include "fixtures/feeds.h"
#include "fixtures/population.h"
#include "seal/mark_reader.h"
#include "seal/marker.h"
#include "seal/withholding.h"
#include "support/catch.h"

namespace sidik {
namespace {

/// A table kept column by column, each value with room behind it.
struct Table {
  Schema schema;
  std::vector<std::vector<std::string>> values;
  std::vector<std::vector<std::string_view>> columns;

  void refresh() {
    columns.assign(values.size(), {});
    for (std::size_t c = 0; c < values.size(); ++c)
      for (std::string& value : values[c]) {
        const std::size_t size = value.size();
        value.reserve(size + kTextSlack);
        columns[c].emplace_back(value.data(), size);
      }
  }
};

Table people(std::uint64_t count) {
  using namespace fixtures;
  Table table;
  const FieldType types[] = {FieldType::kNik,     FieldType::kIdentifier, FieldType::kPersonName,
                             FieldType::kDate,    FieldType::kCategory,   FieldType::kPhone,
                             FieldType::kAddress, FieldType::kCategory,   FieldType::kCategory};
  const Population population({count, 5, Realm::kOurs, {}});
  FeedRun run;
  const std::string text = feed_text(population, Feed{"all", "", layout_named("plain9"), {}}, run);
  std::vector<std::string> cells;
  std::string cell;
  bool quoted = false, header = true;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.push_back(std::move(cell));
      cell.clear();
    } else if (c == '\n' && !quoted) {
      cells.push_back(std::move(cell));
      cell.clear();
      if (header) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
          ColumnSchema column;
          column.name = cells[i];
          column.type = types[i];
          table.schema.columns.push_back(column);
        }
        table.values.resize(cells.size());
      } else {
        for (std::size_t i = 0; i < cells.size(); ++i) table.values[i].push_back(cells[i]);
      }
      header = false;
      cells.clear();
    } else {
      cell += c;
    }
  }
  table.refresh();
  return table;
}

SealSecrets insurer(const RegistryKey& key, int number) {
  ExportDescription description;
  description.feed = "insurers";
  description.recipient = "insurer-" + std::to_string(number);
  return SealSecrets::of(key, description);
}

Table marked_copy(const Table& table, const SealSecrets& secrets, const std::vector<MarkedColumn>& marked) {
  Table copy = table;
  Marker marker(secrets, table.schema, marked, kUsualCoalition);
  for (const Respelled& each : marker.mark(table.columns, ",\"\r\n"))
    copy.values[each.column][each.row] = std::string(each.text);
  copy.refresh();
  return copy;
}

std::uint32_t bit(Channel channel) { return std::uint32_t{1} << static_cast<unsigned>(channel); }

}  // namespace

TEST_CASE("marks change the spelling of many values and the canonical form of none", "[seal][marks]") {
  const Table table = people(4000);
  const RegistryKey key = RegistryKey::generate();
  ChannelSurvey survey(table.schema);
  survey.observe(table.columns);
  const auto marked = survey.decide({"address", "phone", "name", "birth_date"});
  REQUIRE(marked.size() == 4);
  const Table copy = marked_copy(table, insurer(key, 1), marked);
  std::size_t changed = 0;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    CanonicalColumn before, after;
    canonicalise(table.schema.columns[c].type, {}, table.columns[c], before);
    canonicalise(table.schema.columns[c].type, {}, copy.columns[c], after);
    for (std::size_t r = 0; r < table.columns[c].size(); ++r) {
      changed += table.columns[c][r] != copy.columns[c][r] ? 1U : 0U;
      if (before.value(r) != after.value(r) || before.state[r] != after.state[r]) FAIL("row " << r << " column " << c);
    }
  }
  CHECK(changed > table.columns[0].size());
}

TEST_CASE("a household has one spelling, and a month later the same", "[seal][marks]") {
  const Table table = people(1000);
  const RegistryKey key = RegistryKey::generate();
  const std::vector<MarkedColumn> marked = {{6, bit(Channel::kRtZeros) | bit(Channel::kStreetWord)}};
  const Table copy = marked_copy(table, insurer(key, 1), marked);
  std::map<std::string, std::set<std::string_view>> spellings;
  for (std::size_t r = 0; r < copy.columns[6].size(); ++r)
    spellings[canonical(FieldType::kAddress, table.values[6][r]).text].insert(copy.columns[6][r]);
  for (const auto& [address, written] : spellings) CHECK(written.size() <= 1);
}

TEST_CASE("twenty rows with two channels name one of ten insurers", "[seal][marks]") {
  const Table table = people(6000);
  const RegistryKey key = RegistryKey::generate();
  const std::vector<MarkedColumn> marked = {{5, bit(Channel::kPhonePrefix)}, {6, bit(Channel::kRtZeros)}};
  Sealing sealing;
  sealing.marked = {{FieldType::kPhone, marked[0].channels}, {FieldType::kAddress, marked[1].channels}};
  std::vector<SealSecrets> insurers;
  std::vector<Table> copies;
  for (int i = 0; i < 10; ++i) {
    insurers.push_back(insurer(key, i));
    copies.push_back(marked_copy(table, insurers.back(), marked));
  }
  std::mt19937_64 random(7);
  constexpr int kTries = 1000;
  int right = 0;
  int innocents = 0;
  for (int t = 0; t < kTries; ++t) {
    const auto leaker = static_cast<std::size_t>(t % 10);
    std::vector<std::vector<std::string_view>> leak(2);
    for (int r = 0; r < 20; ++r) {
      const std::size_t row = random() % table.columns[0].size();
      leak[0].push_back(copies[leaker].columns[5][row]);
      leak[1].push_back(copies[leaker].columns[6][row]);
    }
    MarkReader reader(insurers[0].shared);
    reader.read(FieldType::kPhone, {}, leak[0]);
    reader.read(FieldType::kAddress, {}, leak[1]);
    const MarkEvidence evidence = evidence_under(sealing, insurers[0].shared, reader.seen());
    const InnocentScores innocent(evidence.seen);
    std::size_t best = 0;
    double best_ratio = -1e300;
    const double whole[] = {1.0};
    for (std::size_t i = 0; i < insurers.size(); ++i) {
      const auto symbols = symbols_of(insurers[i].recipient, evidence);
      const double ratio = log_mark_ratio(evidence.seen, {&symbols, 1}, whole);
      if (ratio > best_ratio) best = i;
      best_ratio = std::max(best_ratio, ratio);
      const double tail = family_wise(innocent.tail(mark_score(evidence.seen, symbols)), insurers.size());
      if (i != leaker && tail < 0.001) ++innocents;
    }
    right += best == leaker ? 1 : 0;
  }
  INFO(right << " of " << kTries << " right, " << innocents << " innocents accused");
  CHECK(right >= kTries * 99 / 100);
  CHECK(innocents <= 5);
}

TEST_CASE("withheld rows alone name the recipient of a thousand rows", "[seal][withhold]") {
  const RegistryKey key = RegistryKey::generate();
  std::mt19937_64 random(8);
  int right = 0;
  constexpr int kTries = 200;
  std::vector<RowTag> tags(100000);
  for (RowTag& tag : tags) tag = random() >> 16;
  std::vector<std::vector<std::uint8_t>> withheld(10);
  for (int i = 0; i < 10; ++i) {
    Withholding(insurer(key, i), 0.01).decide(tags, withheld[static_cast<std::size_t>(i)]);
    const auto count =
        std::count(withheld[static_cast<std::size_t>(i)].begin(), withheld[static_cast<std::size_t>(i)].end(), 1);
    CHECK(count > 850);
    CHECK(count < 1150);
  }
  for (int t = 0; t < kTries; ++t) {
    const auto leaker = static_cast<std::size_t>(t % 10);
    std::vector<std::size_t> rows;
    while (rows.size() < 1000) {
      const std::size_t row = random() % tags.size();
      if (withheld[leaker][row] == 0) rows.push_back(row);
    }
    double best = -1e300;
    std::size_t named = 0;
    for (std::size_t i = 0; i < 10; ++i) {
      std::uint64_t seen = 0;
      for (const std::size_t row : rows) seen += withheld[i][row];
      const double ratio = log_withheld_ratio(rows.size(), seen, 0.01);
      if (ratio > best) named = i;
      best = std::max(best, ratio);
    }
    right += named == leaker ? 1 : 0;
  }
  CHECK(right >= kTries * 99 / 100);
}

}  // namespace sidik
