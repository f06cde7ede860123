#include "fingerprints/content_digest.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "base/bytes.h"
#include "fingerprints/key.h"
#include "support/catch.h"

namespace sidik {
namespace {

Schema schema_of(std::size_t columns) {
  Schema schema;
  for (std::size_t c = 0; c < columns; ++c) {
    ColumnSchema column;
    column.name = "column " + std::to_string(c);
    column.type = FieldType::kText;
    schema.columns.push_back(column);
  }
  return schema;
}

FingerprintedBatch batch_of(std::size_t columns, std::size_t rows, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  FingerprintedBatch batch;
  batch.rows = rows;
  batch.columns.resize(columns);
  for (auto& column : batch.columns)
    for (std::size_t r = 0; r < rows; ++r) column.fingerprints.push_back(random() % 5 == 0 ? 0 : random());
  return batch;
}

std::string digest_of(const Secret& secret, const Schema& schema, const FingerprintedBatch& batch) {
  ContentDigest digest(secret, schema);
  digest.add(batch);
  return digest.finish();
}

/// The same by the definition: each row written out, its CMAC taken block by block, and added byte by byte.
std::string plain_digest(const Secret& secret, const Schema& schema, const FingerprintedBatch& batch) {
  const std::vector<ColumnId> ids = column_ids(schema);
  std::vector<std::size_t> by_id(ids.size());
  std::iota(by_id.begin(), by_id.end(), std::size_t{0});
  std::sort(by_id.begin(), by_id.end(), [&](std::size_t a, std::size_t b) { return ids[a] < ids[b]; });
  Cmac row_cmac(derive(secret, "sidik/1/content", 16));
  std::array<std::uint8_t, 16> sum{};
  for (std::size_t r = 0; r < batch.rows; ++r) {
    ByteWriter row;
    for (const std::size_t c : by_id) row.u64(batch.columns[c].fingerprints[r]);
    std::array<std::uint8_t, 16> mac{};
    row_cmac.full(row.bytes(), mac);
    unsigned carry = 0;
    for (std::size_t i = 0; i < 16; ++i) {
      carry += sum[i] + unsigned{mac[i]};
      sum[i] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
  }
  ByteWriter end;
  end.raw(sum);
  end.u64(batch.rows);
  for (const std::size_t c : by_id) {
    end.u64(ids[c]);
    end.u8(static_cast<std::uint8_t>(schema.columns[c].type));
  }
  std::array<std::uint8_t, 16> out{};
  Cmac(derive(secret, "sidik/1/content/finish", 16)).full(end.bytes(), out);
  return to_hex(out);
}

}  // namespace

TEST_CASE("the digest is what its definition says, for any number of columns and rows", "[fingerprints][digest]") {
  const Secret secret = Secret::random(32);
  for (std::size_t columns = 0; columns <= 10; ++columns)
    for (const std::size_t rows : std::vector<std::size_t>{0, 1, 511, 512, 513, 1500}) {
      const FingerprintedBatch batch = batch_of(columns, rows, columns * 100 + rows);
      REQUIRE(digest_of(secret, schema_of(columns), batch) == plain_digest(secret, schema_of(columns), batch));
    }
}

TEST_CASE("the order of rows, of batches and of columns does not matter", "[fingerprints][digest]") {
  const Secret secret = Secret::random(32);
  const Schema schema = schema_of(5);
  const FingerprintedBatch batch = batch_of(5, 1000, 1);
  const std::string expected = digest_of(secret, schema, batch);

  std::vector<std::size_t> order(batch.rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937_64(2));
  FingerprintedBatch first, second;
  first.columns.resize(5);
  second.columns.resize(5);
  for (std::size_t i = 0; i < order.size(); ++i) {
    FingerprintedBatch& half = i < 300 ? first : second;
    ++half.rows;
    for (std::size_t c = 0; c < 5; ++c) half.columns[c].fingerprints.push_back(batch.columns[c].fingerprints[order[i]]);
  }
  ContentDigest one(secret, schema), other(secret, schema);
  one.add(first);
  other.add(second);
  other.merge(one);
  CHECK(other.finish() == expected);
  CHECK(other.rows() == 1000);

  Schema turned = schema;
  FingerprintedBatch turned_batch = batch;
  std::reverse(turned.columns.begin(), turned.columns.end());
  std::reverse(turned_batch.columns.begin(), turned_batch.columns.end());
  CHECK(digest_of(secret, turned, turned_batch) == expected);
}

TEST_CASE("whatever else differs, the digest differs", "[fingerprints][digest]") {
  const Secret secret = Secret::random(32);
  const Schema schema = schema_of(3);
  const FingerprintedBatch batch = batch_of(3, 100, 1);
  std::set<std::string> digests{digest_of(secret, schema, batch)};
  FingerprintedBatch changed = batch;
  changed.columns[1].fingerprints[50] ^= 1;
  digests.insert(digest_of(secret, schema, changed));
  changed = batch;
  std::swap(changed.columns[1].fingerprints[50], changed.columns[1].fingerprints[51]);
  digests.insert(digest_of(secret, schema, changed));
  changed = batch;
  --changed.rows;
  digests.insert(digest_of(secret, schema, changed));
  Schema other = schema;
  other.columns[2].name = "another name";
  digests.insert(digest_of(secret, other, batch));
  other = schema;
  other.columns[2].type = FieldType::kCategory;
  digests.insert(digest_of(secret, other, batch));
  digests.insert(digest_of(Secret::random(32), schema, batch));
  ContentDigest twice(secret, schema);
  twice.add(batch);
  twice.add(batch);
  digests.insert(twice.finish());
  CHECK(digests.size() == 8);
}

}  // namespace sidik
