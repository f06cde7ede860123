#include "trace/identity_count.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/parallel.h"

namespace sidik {
namespace {

constexpr std::uint64_t kTagsAtOnce = 32768;
constexpr std::size_t kWholeRow = 0;  // in the place of a type, of tags that are of whole rows

/// Where exports count: their feed, and their date's place among all dates; those without a date last.
struct Places {
  explicit Places(const FingerprintStore& store) {
    std::map<std::pair<std::string, std::string>, std::size_t> numbers;
    std::set<UtcSeconds> all;
    for (const ExportManifest& manifest : store.exports()) {
      if (manifest.description.at) all.insert(*manifest.description.at);
    }
    dates.assign(all.begin(), all.end());
    for (const ExportManifest& manifest : store.exports()) {
      const ExportDescription& of = manifest.description;
      feed.push_back(kNone);
      date.push_back(dates.size());
      if (of.kind == ExportKind::kExternal) continue;
      const auto [at, fresh] = numbers.try_emplace({std::string(kind_name(of.kind)), of.feed_or_name()}, feeds.size());
      if (fresh) feeds.push_back({at->first.second, of.recipient, at->first.first, 0, 0});
      FeedIdentities& own = feeds[at->second];
      if (own.recipient != of.recipient) own.recipient.clear();
      ++own.exports;
      feed.back() = at->second;
      if (of.at)
        date.back() = static_cast<std::size_t>(std::lower_bound(dates.begin(), dates.end(), *of.at) - dates.begin());
    }
  }
  static constexpr std::size_t kNone = ~std::size_t{0};
  std::vector<std::size_t> feed, date;  // by export
  std::vector<FeedIdentities> feeds;
  std::vector<UtcSeconds> dates;
};

/// What the exports of a set make of a tag.
struct Held {
  std::vector<std::size_t> feeds;  // rising
  std::size_t date = Places::kNone;
};

struct Counts {
  std::uint64_t all = 0;
  std::vector<std::uint64_t> by_type, by_feed, by_date;
};

struct Tagged {
  RowTag tag;
  std::uint32_t held, type;
};

class Stretch {
 public:
  Stretch(const FingerprintStore& store, const Places& places) : store_(store), places_(places) {
    counts.by_type.resize(kFieldTypes);
    counts.by_feed.resize(places.feeds.size());
    counts.by_date.resize(places.dates.size() + 1);
  }
  void count(RowTag from, RowTag to) {
    store_.find_records_between(store_.epoch_of(0), from, to, answers_);
    held_.clear();
    tags_.clear();
    for (const auto& group : answers_.groups) take(group);
    std::sort(tags_.begin(), tags_.end(), [](const Tagged& a, const Tagged& b) { return a.tag < b.tag; });
    for (std::size_t i = 0; i < tags_.size();) {
      std::size_t end = i;
      while (end < tags_.size() && tags_[end].tag == tags_[i].tag) ++end;
      add(std::span(tags_).subspan(i, end - i));
      i = end;
    }
  }
  Counts counts;

 private:
  void take(const RecordAnswers::Group& group) {
    const auto first = static_cast<std::uint32_t>(held_.size());
    for (const ExportSet& set : group.export_sets) {
      Held& held = held_.emplace_back();
      for (const ExportIndex e : set) {
        if (places_.feed[e] == Places::kNone) continue;
        held.feeds.push_back(places_.feed[e]);
        held.date = std::min(held.date, places_.date[e]);
      }
      std::sort(held.feeds.begin(), held.feeds.end());
      held.feeds.erase(std::unique(held.feeds.begin(), held.feeds.end()), held.feeds.end());
    }
    const std::size_t width = group.columns.size();
    for (std::size_t r = 0; r < group.tags.size(); ++r) {
      const std::uint32_t held = first + group.sets[r];
      if (held_[held].feeds.empty()) continue;
      std::uint32_t type = kWholeRow;
      for (std::size_t c = 0; c < width && type == kWholeRow; ++c)
        if (group.codes[r * width + c] == kTagCode) type = static_cast<std::uint32_t>(group.types[c]);
      tags_.push_back({group.tags[r], held, type});
    }
  }

  void add(std::span<const Tagged> one) {
    ++counts.all;
    ++counts.by_type[one.front().type];
    std::size_t date = Places::kNone;
    feeds_.clear();
    for (const Tagged& tagged : one) {
      const Held& held = held_[tagged.held];
      feeds_.insert(feeds_.end(), held.feeds.begin(), held.feeds.end());
      date = std::min(date, held.date);
    }
    std::sort(feeds_.begin(), feeds_.end());
    feeds_.erase(std::unique(feeds_.begin(), feeds_.end()), feeds_.end());
    for (const std::size_t feed : feeds_) ++counts.by_feed[feed];
    ++counts.by_date[date];
  }

  const FingerprintStore& store_;
  const Places& places_;
  RecordAnswers answers_;
  std::vector<Held> held_;
  std::vector<Tagged> tags_;
  std::vector<std::size_t> feeds_;
};

}  // namespace

IdentityCounts count_identities(const FingerprintStore& store, unsigned threads) {
  IdentityCounts result;
  if (store.exports().empty()) return result;
  Places places(store);
  std::uint64_t tags = 0;
  std::set<Epoch> epochs;
  for (ExportIndex e = 0; e < store.exports().size(); ++e) {
    tags += store.exports()[e].tags;
    if (places.feed[e] != Places::kNone) epochs.insert(store.epoch_of(e));
  }
  constexpr std::uint64_t kMostStretches = 1 << 20;
  const std::uint64_t stretches = std::clamp<std::uint64_t>(tags / kTagsAtOnce, 1, kMostStretches);
  constexpr RowTag kEnd = RowTag{1} << kTagBits;
  const auto begin_of = [stretches](std::uint64_t i) { return i == stretches ? kEnd : i * (kEnd / stretches); };
  const auto workers = static_cast<std::size_t>(std::min<std::uint64_t>(std::max(1U, threads), stretches));
  std::vector<Stretch> parts(workers, Stretch(store, places));
  parallel_for(static_cast<unsigned>(workers), workers, [&](std::size_t worker) {
    for (std::uint64_t i = worker; i < stretches; i += workers) parts[worker].count(begin_of(i), begin_of(i + 1));
  });
  std::vector<std::uint64_t> by_type(kFieldTypes);
  std::vector<std::uint64_t> by_date(places.dates.size());
  for (const Stretch& part : parts) {
    result.distinct += part.counts.all;
    for (std::size_t t = 0; t < by_type.size(); ++t) by_type[t] += part.counts.by_type[t];
    for (std::size_t f = 0; f < places.feeds.size(); ++f) places.feeds[f].distinct += part.counts.by_feed[f];
    for (std::size_t d = 0; d < by_date.size(); ++d) by_date[d] += part.counts.by_date[d];
  }
  result.by_feed = std::move(places.feeds);
  std::uint64_t so_far = 0;
  for (std::size_t d = 0; d < by_date.size(); ++d) result.by_date.push_back({places.dates[d], so_far += by_date[d]});
  for (std::size_t t = 0; t < by_type.size(); ++t) {
    if (by_type[t] == 0) continue;
    result.by_type.emplace_back(t == kWholeRow ? "whole row" : std::string(type_name(static_cast<FieldType>(t))),
                                by_type[t]);
  }
  result.exact = result.by_type.size() <= 1 && epochs.size() <= 1;
  return result;
}

}  // namespace sidik
