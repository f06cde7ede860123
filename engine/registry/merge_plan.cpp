#include "registry/merge_plan.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/error.h"
#include "registry/record_page.h"

namespace sidik {

bool stands_before(const ExportDescription& a, const ExportDescription& b) {
  return std::tie(a.feed, a.at, a.name) < std::tie(b.feed, b.at, b.name);
}

MergePlan::MergePlan(std::span<const std::shared_ptr<const Run>> runs) {
  struct Place {
    std::size_t input;
    ExportIndex place;
    const ExportManifest* manifest;
  };
  std::vector<Place> places;
  for (const auto& run : runs) {
    Input input;
    input.run = static_cast<const RunReader*>(run.get());
    input.exports.assign(run->exports().size(), kGone);
    for (ExportIndex e = 0; e < input.exports.size(); ++e) {
      if (run->is_live(e))
        places.push_back({inputs.size(), e, &run->exports()[e]});
      else
        any_removed = true;
    }
    inputs.push_back(std::move(input));
  }
  if (places.empty()) throw Error(ErrorKind::kUsage, "", "there is nothing to merge: all exports were removed");
  if (places.size() > kMostExportsInRun)
    throw Error(
        ErrorKind::kUsage, "",
        "a run holds " + std::to_string(kMostExportsInRun) + " exports at most, not " + std::to_string(places.size()));
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return stands_before(a.manifest->description, b.manifest->description);
  });
  words = words_for(places.size());
  for (const Place& place : places) {
    const auto number = static_cast<std::uint32_t>(exports.size());
    inputs[place.input].exports[place.place] = number;
    exports.push_back(*place.manifest);
    for (const ExportColumn& column : place.manifest->columns) {
      const auto at = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), column.id) - columns.begin());
      if (at == columns.size()) {
        columns.push_back(column.id);
        types.push_back(column.schema.type);
        with_column.emplace_back(words);
        indexing.emplace_back(words);
      }
      add_to(with_column[at], {number, number});
      if (!column.schema.indexed) continue;
      add_to(indexing[at], {number, number});
      indexed_types.push_back(column.schema.type);
    }
  }
  std::sort(indexed_types.begin(), indexed_types.end());
  indexed_types.erase(std::unique(indexed_types.begin(), indexed_types.end()), indexed_types.end());
  if (columns.size() > kMostColumns)
    throw Error(ErrorKind::kUsage, "", "a run holds " + std::to_string(kMostColumns) + " columns at most");

  for (Input& input : inputs) {
    for (const ColumnId id : input.run->columns())
      input.columns.push_back(
          static_cast<std::size_t>(std::find(columns.begin(), columns.end(), id) - columns.begin()));
    input.upto.resize(input.exports.size());
    for (std::size_t e = input.exports.size(); e-- > 0;) {
      const bool goes_on =
          e + 1 < input.exports.size() && input.exports[e] != kGone && input.exports[e + 1] == input.exports[e] + 1;
      input.upto[e] = goes_on ? input.upto[e + 1] : static_cast<std::uint32_t>(e);
    }
  }

  std::vector<std::uint32_t> by_date(exports.size());
  std::iota(by_date.begin(), by_date.end(), 0U);
  std::stable_sort(by_date.begin(), by_date.end(), [this](std::uint32_t a, std::uint32_t b) {
    const ExportDescription& x = exports[a].description;
    const ExportDescription& y = exports[b].description;
    return std::tuple(x.at.value_or(x.registered_at), x.registered_at) <
           std::tuple(y.at.value_or(y.registered_at), y.registered_at);
  });
  date_rank.resize(exports.size());
  for (std::uint32_t i = 0; i < by_date.size(); ++i) date_rank[by_date[i]] = i;
}

bool MergePlan::translate(const Input& input, std::span<const ExportSet::Range> set,
                          std::span<std::uint64_t> out) const {
  bool removed = false;
  for (const ExportSet::Range& range : set)
    for (std::uint32_t e = range.first; e <= range.last;) {
      if (input.exports[e] == kGone) {
        removed = true;
        ++e;
        continue;
      }
      const std::uint32_t last = std::min(input.upto[e], range.last);
      add_to(out, {input.exports[e], input.exports[last]});
      e = last + 1;
    }
  return removed;
}

}  // namespace sidik
