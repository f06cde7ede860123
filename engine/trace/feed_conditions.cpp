#include "trace/feed_conditions.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "seal/sealing.h"
#include "trace/related_exports.h"

namespace sidik {
namespace {

constexpr double kNearlyWhole = 0.8;         // of the largest export's rows
constexpr std::size_t kFirstTags = 2048;     // of each export, to see how far they are the same people
constexpr std::size_t kTagsCompared = 8192;  // of two parts, to see how far they are
constexpr std::size_t kMostUnited = 32;
constexpr double kLeastUnited = 0.9;  // of the largest export, of whose rows some are nobody's
constexpr std::size_t kMostFeeds = 12;
constexpr double kLinkedShare = 0.3;  // of the linked rows that an export must hold to be looked at
constexpr double kHeldShare = 0.02;   // the same, to be compared with a condition: it may be a mixture's source
constexpr double kAllRows = 0.9;      // of the linked rows: those that others stand among by chance are few
constexpr double kLeastLift = 1.1;
constexpr double kDeviations = 4;
constexpr double kFewestInWhole = 2;
constexpr std::size_t kFewest = 16;  // codes of a column that tell anything

/// The first tags of an export, and how far they reach.
struct FirstTags {
  std::vector<RowTag> tags;  // rising, each once
  RowTag end = RowTag{1} << kTagBits;
};
FirstTags first_tags(const FingerprintStore& store, ExportIndex e, std::size_t most) {
  FirstTags first;
  RecordAnswers answers;
  const std::optional<RowTag> next = store.scan(e, 0, most, answers);
  for (const auto& group : answers.groups) first.tags.insert(first.tags.end(), group.tags.begin(), group.tags.end());
  std::sort(first.tags.begin(), first.tags.end());
  first.tags.erase(std::unique(first.tags.begin(), first.tags.end()), first.tags.end());
  if (next) first.end = *next;
  return first;
}

/// The type of identity that gives most of an export's tags, and the share of its rows that go by another.
struct TagType {
  std::optional<FieldType> type;
  double others = 0;
};
TagType tag_type(const ExportManifest& manifest) {
  TagType found;
  double most = 0;
  double all = static_cast<double>(manifest.whole_row_tagged);
  for (const IdentityCount& one : manifest.identities) {
    const auto rows = static_cast<double>(one.rows);
    all += rows;
    if (rows <= most) continue;
    most = rows;
    found.type = one.type;
  }
  found.others = all > 0 ? 1 - most / all : 0;
  return found;
}

std::vector<FieldType> identity_types(const ExportManifest& manifest) {
  std::vector<FieldType> types;
  for (const IdentityCount& identity : manifest.identities) types.push_back(identity.type);
  return types;
}

/// Rows of nobody that were planted in some exports, rising: what is no copy has none of them.
std::vector<RowTag> planted_rows(const std::vector<ExportManifest>& exports, const std::vector<ExportIndex>& of) {
  std::vector<RowTag> planted;
  for (const ExportIndex e : of) {
    const auto sealing = Sealing::decode(exports[e].sealing);
    if (sealing) planted.insert(planted.end(), sealing->canary_tags.begin(), sealing->canary_tags.end());
  }
  std::sort(planted.begin(), planted.end());
  return planted;
}

/// Feeds that hold one in a hundred of the rows that one of all holds: others have other people. All where none holds
/// any.
std::vector<Feed> related(const std::vector<Feed>& feeds, const std::vector<double>& held) {
  constexpr double kAny = 0.01;
  const double most = *std::max_element(held.begin(), held.end());
  std::vector<Feed> some;
  for (const Feed& feed : feeds)
    if (std::any_of(feed.exports.begin(), feed.exports.end(), [&](ExportIndex e) { return held[e] >= kAny * most; }))
      some.push_back(feed);
  return some;
}

/// How many identities all exports hold together, for one of the largest: counted among the tags under a threshold that
/// every export was read up to (FORMULAS: a threshold on tags, not the smallest of each). Of a feed, its last export;
/// of one of new rows each time all of them. Tags of different types cannot be compared: exports that go by another
/// type than the largest, and rows that do, are taken for people whom the others have.
double united_rows(const FingerprintStore& store, const std::vector<Feed>& feeds, ExportIndex largest) {
  std::vector<ExportIndex> asked{largest};
  for (const Feed& feed : feeds) {
    const ExportIndex last = feed.exports.back();
    if (last == largest || asked.size() == kMostUnited) continue;
    if (tag_type(store.exports()[last]).type == tag_type(store.exports()[largest]).type) asked.push_back(last);
  }
  const std::vector<ExportIndex> lasts = asked;
  for (const Feed& feed : feeds) {
    if (std::find(lasts.begin(), lasts.end(), feed.exports.back()) == lasts.end() || !feed.new_rows) continue;
    for (const ExportIndex e : feed.exports)
      if (asked.size() < kMostUnited && std::find(asked.begin(), asked.end(), e) == asked.end()) asked.push_back(e);
  }
  std::vector<FirstTags> firsts;
  RowTag threshold = RowTag{1} << kTagBits;
  for (const ExportIndex e : asked) {
    firsts.push_back(first_tags(store, e, kFirstTags));
    threshold = std::min(threshold, firsts.back().end);
  }
  std::vector<RowTag> all;
  double of_largest = 0;
  double others = 0;
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    const FirstTags& first = firsts[i];
    const auto end = std::lower_bound(first.tags.begin(), first.tags.end(), threshold);
    const auto under = static_cast<double>(end - first.tags.begin());
    if (i == 0) of_largest = under;
    // By the same types in the same order they are all compared.
    if (i > 0 && identity_types(store.exports()[asked[i]]) != identity_types(store.exports()[largest]))
      others += under * tag_type(store.exports()[asked[i]]).others;
    all.insert(all.end(), first.tags.begin(), end);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  const std::vector<RowTag> planted = planted_rows(store.exports(), asked);
  std::erase_if(all, [&](RowTag tag) { return std::binary_search(planted.begin(), planted.end(), tag); });
  return of_largest == 0 ? 1 : std::max(kLeastUnited, (static_cast<double>(all.size()) - others) / of_largest);
}

/// The codes of each column in the records that exports of the whole population have of these tags.
CodesByColumn codes_in(const FingerprintStore& store, Epoch epoch, const std::vector<ExportPart>& parts,
                       std::span<const RowTag> tags) {
  CodesByColumn codes;
  RecordAnswers answers;
  store.find_records(epoch, tags, answers);
  for (const auto& group : answers.groups) {
    const std::size_t width = group.columns.size();
    for (std::size_t r = 0; r < group.tags.size(); ++r) {
      const auto& set = group.export_sets[group.sets[r]];
      if (std::none_of(set.begin(), set.end(), [&](ExportIndex e) { return parts[e].kind == PartKind::kWhole; }))
        continue;
      for (std::size_t c = 0; c < width; ++c) {
        const ColumnCode code = group.codes[r * width + c];
        if (code != kAbsentCode && code != kTagCode) codes[group.columns[c]].push_back(code);
      }
    }
  }
  return codes;
}

/// Whether the part's records have certain codes oftener than the whole's: those that half of them show, looked for in
/// the other half. A part drawn at random has them as often, noise apart.
bool stands_out(const std::vector<ColumnCode>& part, const std::vector<ColumnCode>& whole) {
  if (part.size() < kFewest || whole.size() < kFewest) return false;
  std::unordered_set<ColumnCode> shown;
  for (std::size_t i = 0; i < part.size(); i += 2) shown.insert(part[i]);
  const auto count = [&](const std::vector<ColumnCode>& codes, std::size_t first, std::size_t step) {
    double in = 0.5;
    for (std::size_t i = first; i < codes.size(); i += step) in += shown.count(codes[i]) != 0 ? 1 : 0;
    return in;
  };
  const double part_in = count(part, 1, 2);
  const double whole_in = count(whole, 0, 1);
  const double part_all = static_cast<double>(part.size() / 2) + 1;
  const double whole_all = static_cast<double>(whole.size()) + 1;
  const double lift = (part_in / part_all) / (whole_in / whole_all);
  const double spread =
      std::sqrt(std::max(0.0, 1 / part_in - 1 / part_all) + std::max(0.0, 1 / whole_in - 1 / whole_all));
  // Codes that the whole hardly shows are addresses and numbers: they repeat in a household, and tell no condition.
  return whole_in > kFewestInWhole && lift > kLeastLift && std::log(lift) > kDeviations * spread;
}

bool any_stands_out(const CodesByColumn& part, const CodesByColumn& whole) {
  return std::any_of(part.begin(), part.end(), [&](const auto& one) {
    const auto of_whole = whole.find(one.first);
    return of_whole != whole.end() && stands_out(one.second, of_whole->second);
  });
}

/// How many codes of the commonest column there are.
std::size_t most_codes(const CodesByColumn& codes) {
  std::size_t most = 0;
  for (const auto& [column, some] : codes) most = std::max(most, some.size());
  return most;
}

/// Whether a quarter of these tags and more are in exports of whole populations: else they are of another type.
bool comparable(const FingerprintStore& store, Epoch epoch, const ExportParts& found, std::span<const RowTag> tags) {
  RecordAnswers answers;
  store.find_records(epoch, tags, answers);
  std::vector<char> compared(tags.size());
  for (const auto& group : answers.groups) {
    for (std::size_t r = 0; r < group.tags.size(); ++r) {
      const auto& set = group.export_sets[group.sets[r]];
      if (std::any_of(set.begin(), set.end(), [&](ExportIndex e) { return found.parts[e].kind == PartKind::kWhole; }))
        compared[group.query[r]] = 1;
    }
  }
  return static_cast<std::size_t>(std::count(compared.begin(), compared.end(), char{1})) * 4 >= tags.size();
}

/// How many identities two exports share, counted among the tags under a threshold that both were read up to; nothing
/// where their tags are not of one type.
struct InBoth {
  double rows, spread;  // relative: one deviation
};
std::optional<InBoth> rows_in_both(const FingerprintStore& store, Epoch epoch, const ExportParts& found,
                                   const FirstTags& first, const FirstTags& second) {
  const RowTag end = std::min(first.end, second.end);
  const auto under = [end](const FirstTags& tags) {
    return std::span(tags.tags).first(
        static_cast<std::size_t>(std::lower_bound(tags.tags.begin(), tags.tags.end(), end) - tags.tags.begin()));
  };
  std::vector<RowTag> both;
  std::set_intersection(under(first).begin(), under(first).end(), under(second).begin(), under(second).end(),
                        std::back_inserter(both));
  if (both.size() < kFewest &&
      !(comparable(store, epoch, found, under(first)) && comparable(store, epoch, found, under(second))))
    return std::nullopt;
  const double seen = static_cast<double>(both.size()) + 0.5;
  const double part = static_cast<double>(end) / std::ldexp(1.0, kTagBits);
  return InBoth{seen / part, std::sqrt((1 - part) / seen)};
}

/// For each condition, of the rows of each export the share that it leaves: in a whole population by numbers of rows,
/// between two feeds that were looked at by the rows they share (one figure for both, for either may be the other
/// filtered); what cannot be compared is taken for independent of it.
void find_shares_within(const FingerprintStore& store, Epoch epoch, const std::vector<Feed>& feeds,
                        std::span<const std::pair<std::size_t, ExportIndex>> looked_at, ExportParts& found) {
  const auto& exports = store.exports();
  const auto rows = [&](ExportIndex e) { return static_cast<double>(std::max<std::uint64_t>(1, exports[e].rows)); };
  for (FeedCondition& condition : found.conditions) {
    condition.within.assign(found.parts.size(), condition.share);
    for (ExportIndex e = 0; e < found.parts.size(); ++e) {
      if (found.parts[e].kind == PartKind::kWhole)
        condition.within[e] = std::min(1.0, condition.share / found.parts[e].share);
    }
    for (const ExportIndex e : condition.exports) condition.within[e] = 1;
    condition.at_most = condition.within;
    condition.counted.assign(found.parts.size(), 0);
  }
  if (found.conditions.empty() || looked_at.size() < 2) return;
  std::vector<FirstTags> tags;
  for (const auto& [f, e] : looked_at) tags.push_back(first_tags(store, e, kTagsCompared));
  for (std::size_t i = 0; i < looked_at.size(); ++i) {
    for (std::size_t j = i + 1; j < looked_at.size(); ++j) {
      const auto& [f, a] = looked_at[i];
      const auto& [g, b] = looked_at[j];
      std::optional<InBoth> both;
      for (FeedCondition& condition : found.conditions) {
        if (condition.feed != f && condition.feed != g) continue;
        if (!both) both = rows_in_both(store, epoch, found, tags[i], tags[j]);
        if (!both) break;
        const std::size_t other = condition.feed == f ? g : f;
        const double share = both->rows / rows(condition.feed == f ? b : a);
        for (const ExportIndex e : feeds[other].exports) {
          condition.within[e] = std::min(1.0, share);
          condition.at_most[e] = std::min(1.0, share * (1 + 2 * both->spread));
          condition.counted[e] = 1;
        }
      }
    }
  }
}

}  // namespace

bool has_new_rows_each_time(const FingerprintStore& store, const Feed& feed) {
  if (feed.exports.size() < 2) return false;
  const FirstTags last = first_tags(store, feed.exports.back(), kFirstTags);
  const FirstTags before = first_tags(store, feed.exports[feed.exports.size() - 2], kFirstTags);
  const RowTag threshold = std::min(last.end, before.end);
  double all = 0;
  double there = 0;
  for (const RowTag tag : last.tags) {
    if (tag >= threshold) break;
    all += 1;
    there += std::binary_search(before.tags.begin(), before.tags.end(), tag) ? 1 : 0;
  }
  return all > 0 && there * 2 < all;
}

std::vector<RowTag> some_tags(const FingerprintStore& store, ExportIndex e, std::size_t spots, std::size_t records) {
  std::vector<RowTag> tags;
  RecordAnswers answers;
  for (std::size_t spot = 0; spot < spots; ++spot) {
    answers.groups.clear();
    const RowTag from = (static_cast<RowTag>(spot) << kTagBits) / spots;
    store.scan(e, from, records, answers);
    for (const auto& group : answers.groups) tags.insert(tags.end(), group.tags.begin(), group.tags.end());
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

ExportParts find_parts(const FingerprintStore& store, Epoch epoch, const Agreement& agreement,
                       const std::vector<Feed>& feeds, const CodesOfSample& of_sample) {
  const auto& exports = store.exports();
  ExportParts found;
  found.parts.resize(exports.size());
  if (exports.empty()) return found;
  const std::vector<double> well_held = rows_held(agreement, exports.size(), kWellHeld);
  const ExportIndex largest = largest_related(exports, well_held);
  const double whole_rows = static_cast<double>(std::max<std::uint64_t>(1, exports[largest].rows));
  for (ExportIndex e = 0; e < exports.size(); ++e) {
    ExportPart& part = found.parts[e];
    part.share = std::min(1.0, static_cast<double>(exports[e].rows) / whole_rows);
    if (part.share >= kNearlyWhole) part.kind = PartKind::kWhole;
  }
  found.united = united_rows(store, related(feeds, well_held), largest);
  double linked = 0;
  for (const AgreementClass& rows : agreement.classes) linked += rows.matches.empty() ? 0 : rows.rows;
  const std::vector<double> held = rows_held(agreement, exports.size(), 0);

  std::vector<std::tuple<double, std::size_t, ExportIndex>> asked, others;  // rows held, feed, its best export
  for (std::size_t f = 0; f < feeds.size(); ++f) {
    ExportIndex best = feeds[f].exports.front();
    for (const ExportIndex e : feeds[f].exports) {
      if (held[e] > held[best]) best = e;
    }
    if (found.parts[best].kind == PartKind::kWhole || linked == 0) continue;
    if (held[best] >= kLinkedShare * linked)
      asked.emplace_back(-held[best], f, best);
    else if (held[best] >= kHeldShare * linked)
      others.emplace_back(-held[best], f, best);
  }
  std::sort(asked.begin(), asked.end());
  if (asked.size() > kMostFeeds) asked.resize(kMostFeeds);
  if (asked.empty()) return found;

  const CodesByColumn whole = codes_in(store, epoch, found.parts, some_tags(store, largest));
  std::vector<std::pair<std::size_t, ExportIndex>> looked_at, compared_by_sample;
  const auto settle = [&](std::size_t f, ExportIndex e, bool described) {
    for (const ExportIndex other : feeds[f].exports)
      found.parts[other].kind = described ? PartKind::kCondition : PartKind::kRandom;
    if (described) found.conditions.push_back({f, feeds[f].exports, found.parts[e].share, {}, {}, {}});
  };
  // What the sample's rows are compared with: the smallest part that holds them all, or the whole.
  CodesByColumn around = whole;
  double share_around = 1;
  for (const auto& [rows, f, e] : asked) {
    looked_at.emplace_back(f, e);
    const std::vector<RowTag> tags = some_tags(store, e);
    CodesByColumn part = codes_in(store, epoch, found.parts, tags);
    const bool described = any_stands_out(part, whole);
    if (!described && most_codes(part) * 4 < tags.size()) {
      compared_by_sample.emplace_back(f, e);
      continue;
    }
    settle(f, e, described);
    if (!described || -rows < kAllRows * linked || found.parts[e].share >= share_around) continue;
    share_around = found.parts[e].share;
    around = std::move(part);
  }
  if (!compared_by_sample.empty()) {
    std::vector<char> wholes;
    for (const ExportPart& one : found.parts) wholes.push_back(one.kind == PartKind::kWhole ? 1 : 0);
    const CodesByColumn sample = of_sample ? of_sample(wholes) : CodesByColumn{};
    // With too few rows in common nothing is known: a condition is granted, for that grants the rivals more.
    const bool described = most_codes(sample) < kFewest || any_stands_out(sample, around);
    for (const auto& [f, e] : compared_by_sample) settle(f, e, described);
  }
  std::sort(others.begin(), others.end());
  for (const auto& [rows, f, e] : others)
    if (looked_at.size() < kMostFeeds) looked_at.emplace_back(f, e);
  find_shares_within(store, epoch, feeds, looked_at, found);
  return found;
}

}  // namespace sidik
