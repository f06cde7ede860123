// Marks change nothing that a registry sees, value by value and record by record. A million rows where
// SIDIK_LARGE_TESTS is set (SEAL.md quotes that run), else forty thousand.
#include <cstdlib>

#include "fingerprints/batch_fingerprinter.h"
#include "fixtures/feeds.h"
#include "seal/sealed_text.h"
#include "support/catch.h"

namespace sidik {
namespace {

std::uint64_t people() { return std::getenv("SIDIK_LARGE_TESTS") != nullptr ? 1000000 : 40000; }

std::string text_of(const std::string& layout) {
  const fixtures::Population population({people(), 4, fixtures::Realm::kOurs, {}});
  return fixtures::feed_text(population, fixtures::Feed{"all", "", fixtures::layout_named(layout), {}}, {});
}

struct Compared {
  std::uint64_t rows = 0, values = 0, respelled = 0, canonical = 0, records = 0;  // the last three: that differ
};

/// The records of both texts one by one, as they would be registered under one secret.
Compared compare(const std::string& before, const std::string& after, const Schema& schema) {
  const Secret secret = Secret::random(32);
  BatchFingerprinter first(secret, schema), second(secret, schema);
  TableReader old_reader(memory_source(before, "before"), {}), new_reader(memory_source(after, "after"), {});
  TextBlock old_block, new_block;
  Batch old_batch, new_batch;
  std::vector<std::string> old_values, new_values;
  Compared out;
  // Blocks end at other rows, for the texts differ in length: what is left over waits.
  struct Rows {
    FingerprintedBatch batch;
    std::vector<std::vector<std::string>> cells;
    std::size_t next = 0;
  } olds, news;
  const auto fill = [&](Rows& rows, TableReader& reader, TextBlock& block, Batch& batch, BatchFingerprinter& with) {
    if (rows.next < rows.batch.rows) return true;
    if (!reader.read_block(block)) return false;
    reader.parse(block, batch);
    with.compute(batch.columns, batch.rows, rows.batch);
    rows.cells.assign(batch.columns.size(), {});
    for (std::size_t c = 0; c < batch.columns.size(); ++c)
      rows.cells[c].assign(batch.columns[c].begin(), batch.columns[c].end());
    rows.next = 0;
    return true;
  };
  for (;;) {
    const bool more = fill(olds, old_reader, old_block, old_batch, first);
    const bool also = fill(news, new_reader, new_block, new_batch, second);
    if (more != also) throw std::runtime_error("the texts have other numbers of rows");
    if (!more) return out;
    for (; olds.next < olds.batch.rows && news.next < news.batch.rows; ++olds.next, ++news.next, ++out.rows) {
      bool same = olds.batch.tags[olds.next] == news.batch.tags[news.next];
      for (std::size_t c = 0; c < schema.columns.size(); ++c) {
        const auto &a = olds.batch.columns[c], &b = news.batch.columns[c];
        const bool value =
            a.states[olds.next] == b.states[news.next] && a.fingerprints[olds.next] == b.fingerprints[news.next];
        same = same && value && a.codes[olds.next] == b.codes[news.next];
        ++out.values;
        const std::string &was = olds.cells[c][olds.next], &is = news.cells[c][news.next];
        if (was == is) continue;
        ++out.respelled;
        const ColumnSchema& column = schema.columns[c];
        const CanonicalValue one = canonical(column.type, was, column.options),
                             two = canonical(column.type, is, column.options);
        out.canonical += one.state == two.state && one.text == two.text ? 0 : 1;
      }
      out.records += same ? 0 : 1;
    }
  }
}

}  // namespace

TEST_CASE("sealed with all marks there are, every value and every record is what it was", "[seal][million]") {
  const RegistryKey key = RegistryKey::generate();
  for (const std::string layout : {"plain9", "hospital", "insurance30"}) {
    const std::string before = text_of(layout);
    ExportDescription description;
    description.recipient = "recipient";
    SealInput input;
    input.secrets = SealSecrets::of(key, description);
    input.fingerprint_secret = key.fingerprint_secret;
    input.request.allowed = {"phone", "name", "date"};
    if (layout != "insurance30") input.request.allowed.emplace_back("address");
    if (layout == "insurance30") input.request.allowed.emplace_back("email");
    std::string after, piece(1 << 20, '\0');
    SealedText sealed(memory_source(before, "before"), std::move(input));
    for (std::size_t got = 0; (got = sealed.read(piece)) > 0;) after.append(piece, 0, got);
    const Compared compared = compare(before, after, sealed.schema());
    INFO(layout << ": " << compared.rows << " rows, " << compared.values << " values, " << compared.respelled
                << " respelled");
    CHECK(compared.rows == people());
    CHECK(compared.respelled > compared.rows / 2);
    CHECK(compared.canonical == 0);
    CHECK(compared.records == 0);
    if (std::getenv("SIDIK_LARGE_TESTS") != nullptr) break;
  }
}

}  // namespace sidik
