// Copies of one public table for many recipients, in each of which other values differ; and samples of them.
#pragma once

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/plain_store.h"
#include "trace/trace.h"

namespace sidik::testing {

/// A delimited text whose first line is its header; no quotes (the fixtures need none).
struct PlainTable {
  std::string header;
  std::vector<std::vector<std::string>> rows;

  static PlainTable of(const std::string& text) {
    PlainTable table;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string line = text.substr(at, end - at);
      at = end + 1;
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (table.header.empty()) {
        table.header = line;
        continue;
      }
      std::vector<std::string>& row = table.rows.emplace_back();
      for (std::size_t from = 0; from <= line.size();) {
        const std::size_t comma = std::min(line.find(',', from), line.size());
        row.push_back(line.substr(from, comma - from));
        from = comma + 1;
      }
    }
    return table;
  }
  static std::string text_of(const std::string& header, const std::vector<const std::vector<std::string>*>& rows) {
    std::string text = header + "\n";
    for (const auto* row : rows) {
      for (std::size_t c = 0; c < row->size(); ++c) text += (c > 0 ? "," : "") + (*row)[c];
      text += "\n";
    }
    return text;
  }
};

/// One copy a recipient: in `changed` of its rows, drawn for each copy by itself, one value (not of the first column)
/// is that of another row.
class RecipientCopies {
 public:
  RecipientCopies(const PlainTable& table, std::size_t recipients, double changed, std::uint64_t seed)
      : key_(RegistryKey::generate()), store_(key_), header_(table.header) {
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < recipients; ++i) {
      std::vector<std::vector<std::string>>& copy = copies_.emplace_back(table.rows);
      for (auto& row : copy) {
        if (static_cast<double>(random() >> 11) * 0x1p-53 >= changed) continue;
        const std::size_t column = 1 + random() % (row.size() - 1);
        row[column] = table.rows[random() % table.rows.size()][column];
      }
      std::vector<const std::vector<std::string>*> all;
      for (const auto& row : copy) all.push_back(&row);
      ExportDescription description;
      description.name = name_of(i);
      description.feed = name_of(i);
      description.recipient = "recipient " + std::to_string(i);
      description.at = parse_utc("2023-05-01");
      store_.add(description, PlainTable::text_of(header_, all));
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
    std::vector<std::size_t> drawn(copies_[source].size());
    for (std::size_t r = 0; r < drawn.size(); ++r) drawn[r] = r;
    for (std::size_t r = 0; r < rows; ++r) std::swap(drawn[r], drawn[r + random() % (drawn.size() - r)]);
    drawn.resize(rows);
    std::vector<const std::vector<std::string>*> sample;
    for (const std::size_t r : drawn) sample.push_back(&copies_[source][r]);
    std::vector<std::string> holders;
    for (std::size_t i = 0; i < copies_.size(); ++i) {
      if (std::all_of(drawn.begin(), drawn.end(), [&](std::size_t r) { return copies_[i][r] == copies_[source][r]; }))
        holders.push_back(name_of(i));
    }
    const std::string text = PlainTable::text_of(header_, sample);
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
  std::string header_;
  std::vector<std::vector<std::vector<std::string>>> copies_;
};

}  // namespace sidik::testing
