// Rows of nobody whose cells are several rows': none of the table's shares more with one than rows share by chance, and
// what goes together stays together.
#include "seal/cell_lending.h"

#include <cmath>
#include <map>
#include <random>

#include "support/catch.h"
#include "support/schemas.h"

using namespace sidik;
using sidik::testing::column;

namespace {

/// Parcels: what is sent where; the city follows from the post code, gross from net and tax, paid is at most gross.
struct Parcels {
  Parcels() {
    schema.columns = {column("parcel", FieldType::kIdentifier), column("postcode", FieldType::kIdentifier),
                      column("city", FieldType::kCategory),     column("weight", FieldType::kDecimal),
                      column("net", FieldType::kDecimal),       column("tax", FieldType::kDecimal),
                      column("gross", FieldType::kDecimal),     column("paid", FieldType::kDecimal),
                      column("content", FieldType::kCategory)};
    schema.columns[0].identity = schema.columns[0].indexed = true;
    std::mt19937_64 random(7);
    const auto cents = [](unsigned long n) {
      const std::string digits = std::to_string(n);
      return digits.substr(0, digits.size() - 2) + "." + digits.substr(digits.size() - 2);
    };
    for (unsigned i = 0; i < 4000; ++i) {
      const unsigned long code = random() % 600, net = 1000 + random() % 90000, tax = 100 + random() % 9000;
      const unsigned long paid = 100 + random() % (net + tax);
      rows.push_back({std::to_string(100000000 + random() % 900000000), std::to_string(10000 + code),
                      "city " + std::to_string(code / 20), cents(100 + random() % 3000), cents(net), cents(tax),
                      cents(net + tax), cents(std::max(100UL, paid - 100)),
                      "content " + std::to_string(random() % 40)});
    }
    std::vector<std::size_t> all;
    for (std::size_t c = 0; c < schema.columns.size(); ++c) all.push_back(c);
    pool.emplace(all, kCellLenders);
    RowSample none(schema.columns.size(), 0);
    shape.numbers.resize(schema.columns.size());
    for (std::size_t r = 0; r < rows.size(); ++r) pool->offer(0, random(), random(), r, views(rows[r]));
    learn(schema, none, rows.size(), {}, shape);
  }
  static std::vector<std::string_view> views(const std::vector<std::string>& row) { return {row.begin(), row.end()}; }
  Household base(std::size_t r) const {
    Household household;
    household.number = r;
    household.rows.emplace_back().take(r, r, views(rows[r]));
    return household;
  }
  Schema schema;
  std::vector<std::vector<std::string>> rows;
  std::optional<DonorPool> pool;
  TableShape shape;
};

}  // namespace

TEST_CASE("no row shares more with a row of nobody than rows share by chance, and what goes together stays so",
          "[seal][canary]") {
  const Parcels parcels;
  const CellLending lending(parcels.schema, *parcels.pool, parcels.rows.size(), parcels.shape);
  const RegistryKey key = RegistryKey::generate();
  ExportDescription description;
  description.name = description.feed = "parcels";
  CanaryCode code(SealSecrets::of(key, description));
  const std::size_t width = parcels.schema.columns.size();
  std::vector<std::map<std::string, double>> counts(width);
  std::map<std::string, std::string> city_of;
  for (const auto& row : parcels.rows) {
    for (std::size_t c = 0; c < width; ++c) counts[c][row[c]] += 1;
    city_of[row[1]] = row[2];
  }
  const auto all = static_cast<double>(parcels.rows.size());
  double most_shared = 0;
  std::size_t as_before = 0;
  for (std::size_t r = 0; r < 60; ++r) {
    const std::vector<std::string> made = lending.mixed(parcels.base(r), code, r).rows.front().cells.strings();
    CHECK(made[0] == parcels.rows[r][0]);  // made anew elsewhere
    CHECK(city_of.at(made[1]) == made[2]);
    CHECK(std::stod(made[4]) + std::stod(made[5]) == Approx(std::stod(made[6])));
    CHECK(std::stod(made[7]) <= std::stod(made[6]));
    double with_base = 0;
    for (std::size_t c = 1; c < width; ++c)
      if (made[c] == parcels.rows[r][c]) with_base += std::log(all / counts[c][made[c]]);
    most_shared = std::max(most_shared, with_base);
    as_before += made == parcels.rows[r] ? 1 : 0;
    // The same family is the same again.
    CHECK(lending.mixed(parcels.base(r), code, r).rows.front().cells.strings() == made);
  }
  CHECK(as_before == 0);
  // Two rows of four thousand share some 8 nats with their nearest; the whole row says forty.
  CHECK(most_shared < 2 * std::log(all));
}
