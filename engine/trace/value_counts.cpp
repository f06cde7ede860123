#include "trace/value_counts.h"

#include <algorithm>

#include "base/parallel.h"

namespace sidik {
namespace {

constexpr std::size_t kValuesAtOnce = 65536;

}  // namespace

ValueViews::ValueViews(const FieldPlan& plan, const ValueFrequencies& frequencies, const FingerprintStore& store)
    : plan_(plan), frequencies_(frequencies) {
  const std::vector<FieldType> indexed = store.indexed_types();
  for (std::size_t f = 0; f < plan.fields(); ++f) {
    views_.push_back(views_of(plan, frequencies, f));
    auto& some = asked_.emplace_back();
    for (const EpochView& view : views_.back()) {
      const FieldType type = plan.readings()[view.reading].type;
      if (std::find(indexed.begin(), indexed.end(), type) != indexed.end()) some.push_back(view.reading);
    }
  }
}

ValueCounts::ValueCounts(const ValueViews& views)
    : views_(views), seen_(views.plan().fields()), unseen_(seen_.size()), wanted_(seen_.size()) {}

void ValueCounts::count(const ReadRows& rows, std::size_t row, FieldMask agrees, const Links& links,
                        std::size_t place) {
  const std::size_t readings = views_.plan().readings().size();
  const auto records =
      std::span(links.records).subspan(links.begin[place], links.begin[place + 1] - links.begin[place]);
  const auto links_by_tag = [&](const EpochView& view) {
    const auto& tags = rows.values[view.reading].tags;
    return !tags.empty() && tags[row] != 0 && std::any_of(records.begin(), records.end(), [&](std::uint32_t record) {
      return links.pool[record].tag == tags[row];
    });
  };
  for (std::uint32_t f = 0; f < views_.plan().fields(); ++f) {
    if ((rows.visible[row] >> f & 1) == 0) continue;
    const std::vector<EpochView>& views = views_.of(f);
    bool listed = false, all_list = true;  // by the statistics
    for (const EpochView& view : views) {
      const auto held = views_.frequencies().holds(view.column, rows.codes[row * readings + view.column_reading]);
      listed = listed || held.value_or(false);
      all_list = all_list && held.has_value();
    }
    if ((agrees >> f & 1) != 0 || listed) {
      seen_[f] += 1;
    } else if (all_list) {
      unseen_[f] += 1;
    } else if (std::any_of(views.begin(), views.end(), links_by_tag)) {
      seen_[f] += 1;  // what gives the tag is in no index
    } else {
      for (const std::uint32_t reading : views_.asked(f))
        wanted_[f].push_back(index_value(rows.values[reading].fingerprints[row]));
    }
  }
}

void add_up(std::span<const ValueCounts* const> counts, const ValueViews& views, const FingerprintStore& store,
            unsigned threads, std::span<double> seen, std::span<double> unseen) {
  for (const ValueCounts* const one : counts) {
    for (std::size_t f = 0; f < seen.size(); ++f) {
      seen[f] += one->seen_[f];
      unseen[f] += one->unseen_[f];
    }
  }
  parallel_for(threads, seen.size(), [&](std::size_t f) {
    const std::vector<std::uint32_t>& asked = views.asked(f);
    if (asked.empty()) return;
    std::vector<IndexValue> wanted;
    for (const ValueCounts* const one : counts)
      wanted.insert(wanted.end(), one->wanted_[f].begin(), one->wanted_[f].end());
    std::vector<char> there(wanted.size() / asked.size());
    for (std::size_t a = 0; a < asked.size(); ++a) {
      const Reading& reading = views.plan().readings()[asked[a]];
      std::vector<IndexValue> each;
      for (std::size_t v = 0; v < there.size(); ++v) each.push_back(wanted[v * asked.size() + a]);
      std::sort(each.begin(), each.end());
      each.erase(std::unique(each.begin(), each.end()), each.end());
      std::vector<char> found(each.size());
      CandidateAnswers answers;
      for (std::size_t from = 0; from < each.size(); from += kValuesAtOnce) {
        const auto batch = std::span(each).subspan(from, std::min(kValuesAtOnce, each.size() - from));
        store.find_candidates(reading.epoch, reading.type, batch, 1, answers);
        for (std::size_t v = 0; v < batch.size(); ++v) found[from + v] = answers.totals[v] > 0 ? 1 : 0;
      }
      for (std::size_t v = 0; v < there.size(); ++v) {
        const auto at = std::lower_bound(each.begin(), each.end(), wanted[v * asked.size() + a]);
        if (found[static_cast<std::size_t>(at - each.begin())] != 0) there[v] = 1;
      }
    }
    const auto held = static_cast<double>(std::count(there.begin(), there.end(), char{1}));
    seen[f] += held;
    unseen[f] += static_cast<double>(there.size()) - held;
  });
}

}  // namespace sidik
