// Copies of one public table for many recipients, in each of which other values differ; and samples of them.
#pragma once

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "fixtures/table.h"
#include "support/plain_store.h"
#include "trace/trace.h"

namespace sidik::testing {

/// One copy a recipient: in `changed` of its rows, drawn for each copy by itself, one value (not of the first column)
/// is that of another row.
class RecipientCopies {
 public:
  RecipientCopies(const fixtures::Table& table, std::size_t recipients, double changed, std::uint64_t seed)
      : key_(RegistryKey::generate()), store_(key_) {
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < recipients; ++i) {
      fixtures::Table& copy = copies_.emplace_back(table);
      for (fixtures::Row& row : copy.rows) {
        if (static_cast<double>(random() >> 11) * 0x1p-53 >= changed) continue;
        const std::size_t column = 1 + random() % (row.size() - 1);
        row[column] = table.rows[random() % table.rows.size()][column];
      }
      ExportDescription description;
      description.name = name_of(i);
      description.feed = name_of(i);
      description.recipient = "recipient " + std::to_string(i);
      description.at = parse_utc("2023-05-01");
      store_.add(description, fixtures::write_table(copy, {}));
    }
  }
  static std::string name_of(std::size_t copy) { return "copy-" + std::to_string(copy); }

  struct Try {
    bool singled_out = false;  // the plain rows stand in this copy alone
    bool right = false;        // it is named, and first
    bool grouped = false;      // where they stand in several: all of these are the group, and only they
    double spread = 0;         // the largest difference between the odds of these
    Verdict verdict;
  };
  /// A sample of `rows` rows of copy `source`, traced.
  Try ask(std::size_t source, std::size_t rows, std::uint64_t seed) const {
    std::mt19937_64 random(seed);
    std::vector<std::size_t> drawn(copies_[source].rows.size());
    for (std::size_t r = 0; r < drawn.size(); ++r) drawn[r] = r;
    for (std::size_t r = 0; r < rows; ++r) std::swap(drawn[r], drawn[r + random() % (drawn.size() - r)]);
    drawn.resize(rows);
    fixtures::Table sample{copies_[source].header, {}};
    for (const std::size_t r : drawn) sample.rows.push_back(copies_[source].rows[r]);
    std::vector<std::string> holders;
    for (std::size_t i = 0; i < copies_.size(); ++i) {
      if (std::all_of(drawn.begin(), drawn.end(),
                      [&](std::size_t r) { return copies_[i].rows[r] == copies_[source].rows[r]; }))
        holders.push_back(name_of(i));
    }
    const std::string text = fixtures::write_table(sample, {});
    Try one;
    one.verdict = trace({{"sample", [&] { return memory_source(text, "sample"); }}}, store_, key_, {});
    one.singled_out = holders.size() == 1;
    if (one.verdict.origin != Origin::kOurs || one.verdict.sources.empty()) return one;
    std::vector<std::string> named{one.verdict.sources.front().name};
    if (!one.verdict.indistinguishable.empty()) named = one.verdict.indistinguishable.front();
    std::sort(named.begin(), named.end());
    std::sort(holders.begin(), holders.end());
    one.grouped = named == holders;
    one.right = one.verdict.sources.front().name == name_of(source) && one.grouped;
    double least = 1, most = 0;
    for (const Source& of : one.verdict.sources) {
      if (!std::binary_search(holders.begin(), holders.end(), of.name)) continue;
      least = std::min(least, of.posterior);
      most = std::max(most, of.posterior);
    }
    one.spread = std::max(0.0, most - least);
    return one;
  }

 private:
  RegistryKey key_;
  PlainStore store_;
  std::vector<fixtures::Table> copies_;
};

}  // namespace sidik::testing
