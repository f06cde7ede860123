#include "fingerprints/batch_fingerprinter.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "base/bytes.h"
#include "base/error.h"
#include "fingerprints/equal_runs.h"
#include "fingerprints/table.h"
#include "support/catch.h"

namespace sidik {
namespace {

using test::Table;

const Secret kSecret(Bytes(32, 0x5a));

FingerprintedBatch fingerprint(const Table& table, ValueReuse reuse = ValueReuse::kAdaptive) {
  FingerprintedBatch out;
  BatchFingerprinter(kSecret, table.schema, reuse).compute(table.columns, table.rows, out);
  return out;
}

/// The plain twin: one value at a time, canonicalised and fingerprinted by itself.
Fingerprint plain_fingerprint(FingerprintDomain domain, FieldType type, const CanonicalValue& value) {
  std::array<std::uint8_t, 16> full{};
  Cmac(fingerprint_key(kSecret, domain, type)).full(as_bytes(value.text), full);
  Fingerprint out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = out << 8 | full[i];
  return out;
}

std::string joined(std::initializer_list<std::string> parts) {
  std::string out;
  for (const std::string& part : parts) out.append(part);
  return out;
}

/// People as an insurer has them; some of everything that goes wrong.
Table people(std::size_t rows, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto digits = [&](int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out.push_back(static_cast<char>('0' + random() % 10));
    return out;
  };
  std::vector<std::string> nik, card, name, birth, status, address;
  for (std::size_t r = 0; r < rows; ++r) {
    const bool lacks = random() % 10 == 0;
    nik.push_back(lacks                ? ""
                  : random() % 20 == 0 ? "not a number"
                                       : joined({"320101", std::to_string(10 + random() % 18), "018000",
                                                 std::to_string(10 + random() % 90)}));
    card.push_back(random() % 8 == 0 ? "NULL" : joined({"000", digits(4)}));
    name.push_back(joined({"Name ", std::string(1 + random() % 40, static_cast<char>('a' + random() % 3))}));
    birth.push_back(
        joined({"19", std::to_string(50 + random() % 50), "-0", std::to_string(1 + random() % 9), "-1", digits(1)}));
    status.push_back(random() % 2 == 0 ? "AKTIF" : random() % 2 == 0 ? "MENINGGAL" : "");
    address.push_back(joined({"Jalan Melati Nomor ", digits(1), " RT 00", digits(1),
                              " RW 002 Kelurahan Sukamaju Kecamatan Cibeunying ", digits(2)}));
  }
  Table table;
  table.column("NIK", FieldType::kNik, nik, true)
      .column("Card", FieldType::kIdentifier, card, true)
      .column("Name", FieldType::kPersonName, name)
      .column("Birth date", FieldType::kDate, birth)
      .column("Status", FieldType::kCategory, status)
      .column("Address", FieldType::kAddress, address);
  return table;
}

/// The same columns in another order.
Table reordered_columns(const Table& table, const std::vector<std::size_t>& order) {
  Table out;
  for (const std::size_t c : order) {
    std::vector<std::string> values(table.columns[c].begin(), table.columns[c].end());
    out.column(table.schema.columns[c].name, table.schema.columns[c].type, values, table.schema.columns[c].identity);
  }
  return out;
}

}  // namespace

TEST_CASE("a batch is what one value at a time gives", "[fingerprints][batch]") {
  const Table table = people(3000, 1);
  const FingerprintedBatch batch = fingerprint(table);
  std::size_t tagged = 0, invalid = 0, whole = 0;
  for (std::size_t r = 0; r < table.rows; ++r) {
    std::size_t tag_column = FingerprintedBatch::kWholeRow;
    for (const std::size_t c : table.schema.identity_order())
      if (tag_column == FingerprintedBatch::kWholeRow &&
          canonical(table.schema.columns[c].type, table.columns[c][r]).state == ValueState::kValid)
        tag_column = c;
    REQUIRE(batch.tag_column[r] == tag_column);
    tagged += tag_column != FingerprintedBatch::kWholeRow;
    whole += tag_column == FingerprintedBatch::kWholeRow;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const FieldType type = table.schema.columns[c].type;
      const CanonicalValue value = canonical(type, table.columns[c][r]);
      const FingerprintedBatch::Column& column = batch.columns[c];
      REQUIRE(column.states[r] == value.state);
      if (value.state == ValueState::kNull) {
        REQUIRE(column.fingerprints[r] == 0);
        REQUIRE(column.codes[r] == kNullCode);
      } else if (c == tag_column) {
        REQUIRE(column.fingerprints[r] == plain_fingerprint(FingerprintDomain::kTag, type, value));
        REQUIRE(batch.tags[r] == row_tag(column.fingerprints[r]));
        REQUIRE(column.codes[r] == kTagCode);
      } else {
        invalid += value.state == ValueState::kInvalid;
        const FieldType keyed = value.state == ValueState::kInvalid ? FieldType::kText : type;
        REQUIRE(column.fingerprints[r] == plain_fingerprint(FingerprintDomain::kValue, keyed, value));
        REQUIRE(column.codes[r] == value_code(column.fingerprints[r]));
      }
    }
  }
  CHECK(tagged > 2000);
  CHECK(invalid > 50);
  CHECK(whole > 5);
}

TEST_CASE("looking for repeated values changes nothing, batch after batch", "[fingerprints][batch]") {
  const Table first = people(1, 0);
  BatchFingerprinter adaptive(kSecret, first.schema), never(kSecret, first.schema, ValueReuse::kNever);
  FingerprintedBatch a, b;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Table table = people(1500 + seed * 37, seed % 7);
    if (seed > 20)  // from here on columns repeat that did not, and the other way round
      std::swap(table.columns[2], table.columns[5]);
    adaptive.compute(table.columns, table.rows, a);
    never.compute(table.columns, table.rows, b);
    REQUIRE(a.tags == b.tags);
    REQUIRE(a.tag_column == b.tag_column);
    for (std::size_t c = 0; c < a.columns.size(); ++c) {
      REQUIRE(a.columns[c].fingerprints == b.columns[c].fingerprints);
      REQUIRE(a.columns[c].codes == b.columns[c].codes);
      REQUIRE(a.columns[c].states == b.columns[c].states);
    }
  }
  for (std::size_t c = 0; c < first.columns.size(); ++c) {
    CHECK(adaptive.counts()[c].nulls == never.counts()[c].nulls);
    CHECK(adaptive.counts()[c].invalid == never.counts()[c].invalid);
  }
  CHECK(adaptive.counts()[0].invalid > 0);
  CHECK(adaptive.counts()[4].nulls > 0);
}

TEST_CASE("values of every length are told apart by the cache", "[fingerprints][batch]") {
  // Values that share their beginnings, and zeros at their ends, in widths of 16, 32 and 64 bytes and beyond.
  for (const std::size_t longest : std::vector<std::size_t>{5, 16, 31, 33, 64, 65, 90}) {
    std::vector<std::string> values;
    for (int round = 0; round < 40; ++round)
      for (std::size_t length = longest > 20 ? longest - 20 : 1; length <= longest; ++length) {
        values.push_back(std::string(length, 'x'));
        values.push_back(std::string(length - 1, 'x') + '\0');
        values.push_back(std::string(length - 1, 'x') + 'y');
      }
    Table table;
    table.column("text", FieldType::kText, values);
    const FingerprintedBatch a = fingerprint(table), b = fingerprint(table, ValueReuse::kNever);
    REQUIRE(a.columns[0].fingerprints == b.columns[0].fingerprints);
    REQUIRE(a.tags == b.tags);
  }
}

TEST_CASE("neighbours that are equal are looked at once, and nothing changes", "[fingerprints][batch]") {
  // Households, tables sorted by a column, cells copied down, missing cells among empty ones, and identities that only
  // some rows ask for.
  Table scattered = people(3000, 2), table = scattered;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    for (std::size_t r = 0; r < table.rows; ++r)
      if (r % (c + 2) != 0) table.columns[c][r] = table.columns[c][r - 1];
  for (std::size_t r = 0; r < table.rows; r += 3) table.columns[4][r] = std::string_view();
  BatchFingerprinter adaptive(kSecret, table.schema), never(kSecret, table.schema, ValueReuse::kNever);
  FingerprintedBatch a, b;
  for (int batch = 0; batch < 100; ++batch) {
    const Table& now = batch % 9 == 8 ? scattered : table;
    adaptive.compute(now.columns, now.rows, a);
    never.compute(now.columns, now.rows, b);
    REQUIRE(a.tags == b.tags);
    REQUIRE(a.tag_column == b.tag_column);
    for (std::size_t c = 0; c < a.columns.size(); ++c) {
      REQUIRE(a.columns[c].fingerprints == b.columns[c].fingerprints);
      REQUIRE(a.columns[c].codes == b.columns[c].codes);
      REQUIRE(a.columns[c].states == b.columns[c].states);
    }
  }
}

TEST_CASE("runs end where a byte or a flag changes", "[fingerprints][batch]") {
  const std::vector<std::string_view> raw = {"",         {},         "abc",      "abc",    "abd",
                                             "12345678", "12345678", "X2345678", "1234567"};
  EqualRuns runs;
  find_runs(raw, {}, runs);
  CHECK(runs.raw == std::vector<std::string_view>{"", "abc", "abd", "12345678", "X2345678", "1234567"});
  CHECK(runs.run_of_row == std::vector<std::uint32_t>{0, 0, 1, 1, 2, 3, 3, 4, 5});
  const std::vector<std::uint8_t> flags = {0, 0, 1, 0, 0, 1, 1, 1, 1};
  find_runs(raw, flags, runs);
  CHECK(runs.run_of_row == std::vector<std::uint32_t>{0, 0, 1, 2, 3, 4, 4, 5, 6});
  CHECK(runs.flags == std::vector<std::uint8_t>{0, 1, 0, 0, 1, 1, 1});
  find_runs({}, {}, runs);
  CHECK(runs.size() == 0);
}

TEST_CASE("a missing cell, an empty one and a null token are null", "[fingerprints][batch]") {
  Table table;
  table.column("nik", FieldType::kNik, {"", "", "NULL", ""}, true)
      .column("note", FieldType::kText, {"", "", "-", "seen"});
  table.columns[0][0] = std::string_view();
  table.columns[1][0] = std::string_view();
  for (const ValueReuse reuse : {ValueReuse::kAdaptive, ValueReuse::kNever}) {
    const FingerprintedBatch batch = fingerprint(table, reuse);
    for (std::size_t r = 0; r < 3; ++r)
      for (const auto& column : batch.columns) {
        CHECK(column.states[r] == ValueState::kNull);
        CHECK(column.codes[r] == kNullCode);
        CHECK(column.fingerprints[r] == 0);
      }
    CHECK(batch.tag_column[3] == FingerprintedBatch::kWholeRow);
    CHECK(batch.tags[0] == batch.tags[1]);  // rows of nothing are all one
    CHECK(batch.tags[0] == batch.tags[2]);
    CHECK(batch.tags[0] != batch.tags[3]);
  }
}

TEST_CASE("the order of rows and columns and the columns' names do not change a fingerprint", "[fingerprints][batch]") {
  const Table table = people(500, 3);
  const FingerprintedBatch expected = fingerprint(table);

  const std::vector<std::size_t> order = {4, 0, 5, 1, 3, 2};
  const FingerprintedBatch turned = fingerprint(reordered_columns(table, order));
  CHECK(turned.tags == expected.tags);
  for (std::size_t c = 0; c < order.size(); ++c) {
    CHECK(turned.columns[c].fingerprints == expected.columns[order[c]].fingerprints);
    CHECK(turned.columns[c].codes == expected.columns[order[c]].codes);
  }

  Table backwards = table;
  for (auto& column : backwards.columns) std::reverse(column.begin(), column.end());
  FingerprintedBatch reversed = fingerprint(backwards);
  std::reverse(reversed.tags.begin(), reversed.tags.end());
  CHECK(reversed.tags == expected.tags);

  Table renamed = table;
  for (ColumnSchema& column : renamed.schema.columns) column.name += " of old";
  const FingerprintedBatch other_names = fingerprint(renamed);
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    CHECK(other_names.columns[c].fingerprints == expected.columns[c].fingerprints);
}

TEST_CASE("a row's tag comes from its best identity that is valid", "[fingerprints][batch]") {
  Table table;
  table.column("phone", FieldType::kPhone, {"081234567890", "081234567890", "081234567890", "nobody"}, true)
      .column("nik", FieldType::kNik, {"3201011001800011", "wrong", "", ""}, true)
      .column("card", FieldType::kIdentifier, {"0001234567890", "0001234567890", "", ""}, true)
      .column("name", FieldType::kPersonName, {"Siti Aminah", "Siti Aminah", "Siti Aminah", "Siti Aminah"});
  const FingerprintedBatch batch = fingerprint(table);
  CHECK(batch.tag_column == std::vector<std::uint16_t>{1, 2, 0, FingerprintedBatch::kWholeRow});
  CHECK(batch.columns[1].codes[0] == kTagCode);
  CHECK(batch.columns[2].codes[1] == kTagCode);
  CHECK(batch.columns[0].codes[2] == kTagCode);
  CHECK(batch.columns[0].codes[0] >= kFirstValueCode);
  CHECK(batch.columns[0].codes[0] == batch.columns[0].codes[1]);
  CHECK(batch.columns[0].codes[3] >= kFirstValueCode);  // invalid, and a value all the same
  CHECK(std::set<RowTag>(batch.tags.begin(), batch.tags.end()).size() == 4);
  for (const RowTag tag : batch.tags) CHECK(tag < RowTag{1} << kTagBits);
}

TEST_CASE("whole rows meet only where all their values do", "[fingerprints][batch]") {
  Table table;
  table.column("class", FieldType::kCategory, {"a", "a", "b", "a", ""})
      .column("note", FieldType::kText, {"x", "x", "x", "", "x"});
  const FingerprintedBatch batch = fingerprint(table);
  CHECK(batch.tags[0] == batch.tags[1]);
  CHECK(std::set<RowTag>(batch.tags.begin(), batch.tags.end()).size() == 4);
  CHECK(fingerprint(reordered_columns(table, {1, 0})).tags == batch.tags);

  // By the definition: pairs of column id and fingerprint, by rising id, nulls left out.
  const std::vector<ColumnId> ids = column_ids(table.schema);
  std::map<ColumnId, Fingerprint> pairs;
  for (std::size_t c = 0; c < 2; ++c) pairs[ids[c]] = batch.columns[c].fingerprints[2];
  ByteWriter message;
  for (const auto& [id, value] : pairs) {
    message.u64(id);
    message.u64(value);
  }
  std::array<std::uint8_t, 16> full{};
  Cmac(fingerprint_key(kSecret, FingerprintDomain::kWholeRow, FieldType::kText)).full(message.bytes(), full);
  RowTag expected = 0;
  for (std::size_t i = 0; i < 6; ++i) expected = expected << 8 | full[i];
  CHECK(batch.tags[2] == expected);

  Table many;  // more than are fingerprinted together
  for (int c = 0; c < 30; ++c) many.column(std::to_string(c), FieldType::kText, std::vector<std::string>(1000, "v"));
  const FingerprintedBatch equal = fingerprint(many);
  CHECK(std::set<RowTag>(equal.tags.begin(), equal.tags.end()).size() == 1);
}

TEST_CASE("one value under two types is two fingerprints, and its tag a third", "[fingerprints][batch]") {
  const std::string text = "3201011001800011" + std::string(64, ' ');
  const std::string_view raw = std::string_view(text).substr(0, 16);
  std::set<Fingerprint> seen;
  std::set<RowTag> tags;
  std::size_t expected = 0, expected_tags = 0;
  for (const FieldType type : all_field_types()) {
    ValueFingerprinter fingerprinter(kSecret, type, {});
    ValueState state{};
    Fingerprint value = 0;
    RowTag tag = 0;
    fingerprinter.compute({&raw, 1}, {&state, 1}, {&value, 1}, {&tag, 1});
    if (state != ValueState::kValid) continue;
    ++expected;
    seen.insert(value);
    CHECK((tag != 0) == identity_rank(type).has_value());
    if (tag != 0) {
      ++expected_tags;
      tags.insert(tag);
      CHECK(tag != row_tag(value));
    }
  }
  CHECK(expected >= 4);
  CHECK(seen.size() == expected);
  CHECK(tags.size() == expected_tags);
}

TEST_CASE("a sample's value has the tag and the fingerprint that the export's had", "[fingerprints][batch]") {
  const Table table = people(800, 9);
  const FingerprintedBatch batch = fingerprint(table);
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    ValueFingerprinter fingerprinter(kSecret, table.schema.columns[c].type, table.schema.columns[c].options);
    std::vector<ValueState> states(table.rows);
    std::vector<Fingerprint> values(table.rows);
    std::vector<RowTag> tags(table.rows);
    fingerprinter.compute(table.columns[c], states, values, tags);
    CHECK(states == batch.columns[c].states);
    if (identity_rank(table.schema.columns[c].type)) {
      std::vector<ValueState> states_of_tags(table.rows);
      std::vector<RowTag> tags_alone(table.rows, 1);
      fingerprinter.compute_tags(table.columns[c], states_of_tags, tags_alone);
      CHECK(states_of_tags == states);
      CHECK(tags_alone == tags);
    }
    for (std::size_t r = 0; r < table.rows; ++r) {
      if (batch.tag_column[r] == c) {
        REQUIRE(tags[r] == batch.tags[r]);
        REQUIRE(values[r] != batch.columns[c].fingerprints[r]);
      } else {
        REQUIRE(values[r] == batch.columns[c].fingerprints[r]);
        if (states[r] != ValueState::kValid) REQUIRE(tags[r] == 0);
      }
    }
  }
}

TEST_CASE("another secret gives other fingerprints", "[fingerprints][batch]") {
  const Table table = people(200, 4);
  FingerprintedBatch a, b;
  BatchFingerprinter(kSecret, table.schema).compute(table.columns, table.rows, a);
  BatchFingerprinter(Secret::random(32), table.schema).compute(table.columns, table.rows, b);
  for (std::size_t r = 0; r < table.rows; ++r) REQUIRE(a.tags[r] != b.tags[r]);
}

TEST_CASE("a table of no rows, of no columns, and of too many columns", "[fingerprints][batch]") {
  FingerprintedBatch out = fingerprint(people(50, 1));
  Table none = people(0, 1);
  BatchFingerprinter(kSecret, none.schema).compute(none.columns, 0, out);
  CHECK(out.rows == 0);
  CHECK(out.tags.empty());
  CHECK(out.columns[0].codes.empty());
  BatchFingerprinter(kSecret, Schema()).compute({}, 3, out);
  CHECK(out.tags.size() == 3);
  CHECK(out.columns.empty());
  Schema wide;
  wide.columns.resize(65536);
  CHECK_THROWS_AS(BatchFingerprinter(kSecret, wide), Error);
  wide.columns.resize(65535);
  CHECK_NOTHROW(BatchFingerprinter(kSecret, wide));
}

TEST_CASE("columns of one type and name are counted on", "[fingerprints][batch]") {
  Table table;
  table.column("Card", FieldType::kIdentifier, {"1"})
      .column("CARD.", FieldType::kIdentifier, {"1"})
      .column("card", FieldType::kText, {"1"});
  const std::vector<ColumnId> ids = column_ids(table.schema);
  CHECK(ids[0] == column_id(FieldType::kIdentifier, "card"));
  CHECK(ids[1] == column_id(FieldType::kIdentifier, "card#2"));
  CHECK(ids[2] == column_id(FieldType::kText, "card"));
  CHECK(std::set<ColumnId>(ids.begin(), ids.end()).size() == 3);
  // A change of this number is a change of format: `printf 'nik\0nik' | sha256sum`, first eight bytes, little-endian.
  CHECK(column_id(FieldType::kNik, "nik") == 0xdf55aaee84fede9c);
}

}  // namespace sidik
