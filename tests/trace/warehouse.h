// Two months of a warehouse in memory, and samples of it that were changed.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "fixtures/feeds.h"
#include "fixtures/table.h"
#include "support/plain_store.h"
#include "trace/trace.h"

namespace sidik::testing {

/// Two months of a warehouse, and the rows of the second.
struct Warehouse {
  Warehouse() : key(RegistryKey::generate()), store(key) {
    for (unsigned month = 0; month < 2; ++month) {
      ExportDescription description;
      description.name = "nightly-" + std::to_string(month + 1);
      description.feed = "nightly";
      description.at = days_from_civil(2021, month + 1, 1) * 86400;
      store.add(description, text(fixtures::Realm::kOurs, month));
    }
  }
  static std::string text(fixtures::Realm realm, unsigned month) {
    fixtures::PopulationOptions options;
    options.people = 3000;
    options.seed = 29;
    options.realm = realm;
    fixtures::FeedRun run;
    run.month = month;
    return fixtures::feed_text(fixtures::Population(options), fixtures::feed_named("nightly"), run);
  }
  RegistryKey key;
  testing::PlainStore store;
};

inline const Warehouse& warehouse() {
  static const Warehouse one;
  return one;
}

using Change = std::function<void(fixtures::Row&)>;

/// Every third row of the second month (or of strangers), changed; the columns `keep` only, where there are any.
inline std::string sample(std::size_t rows, const Change& change, std::vector<std::size_t> keep = {},
                          fixtures::Realm realm = fixtures::Realm::kOurs) {
  const fixtures::Table whole = fixtures::read_table(Warehouse::text(realm, 1), ',');
  const auto kept = [&](const fixtures::Row& row) {
    if (keep.empty()) return row;
    fixtures::Row some;
    for (const std::size_t c : keep) some.push_back(row[c]);
    return some;
  };
  fixtures::Table table{kept(whole.header), {}};
  for (std::size_t r = 0; r < whole.rows.size() && table.rows.size() < rows; r += 3) {
    fixtures::Row row = whole.rows[r];
    change(row);
    table.rows.push_back(kept(row));
  }
  return fixtures::write_table(table, {});
}

struct Traced {
  Verdict verdict;
  std::size_t matched_nik = 0, differing_nik = 0, differing = 0;
};

inline Traced ask(const std::string& text) {
  Traced traced;
  TraceOptions options;
  options.threads = 2;
  options.each_row = [&](const TracedRow& row) {
    traced.matched_nik += std::count(row.matched.begin(), row.matched.end(), "nik") > 0;
    traced.differing_nik += std::count(row.differing.begin(), row.differing.end(), "nik") > 0;
    traced.differing += !row.differing.empty();
  };
  traced.verdict =
      trace({{"sample", [&] { return memory_source(text, "sample"); }}}, warehouse().store, warehouse().key, options);
  return traced;
}

inline bool says(const Verdict& verdict, const std::string& part) {
  return std::any_of(verdict.caveats.begin(), verdict.caveats.end(),
                     [&](const std::string& caveat) { return caveat.find(part) != std::string::npos; });
}

inline constexpr std::size_t kNik = 0, kCard = 1, kName = 2, kBirth = 3, kPhone = 5;

}  // namespace sidik::testing
