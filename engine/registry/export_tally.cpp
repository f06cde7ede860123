#include "registry/export_tally.h"

#include <algorithm>

namespace sidik {
namespace {

/// Members of `a` that are not in `b`.
void subtract(const ExportSet& a, const ExportSet& b, ExportSet& out) {
  out.clear();
  const auto& holes = b.ranges();
  std::size_t h = 0;
  for (const ExportSet::Range& range : a.ranges()) {
    std::uint64_t first = range.first;
    while (h < holes.size() && holes[h].last < first) ++h;
    for (std::size_t i = h; i < holes.size() && holes[i].first <= range.last; ++i) {
      if (holes[i].first > first) out.append(static_cast<ExportIndex>(first), holes[i].first - 1);
      first = std::uint64_t{holes[i].last} + 1;
    }
    if (first <= range.last) out.append(static_cast<ExportIndex>(first), range.last);
  }
}

void unite(ExportSet& a, const ExportSet& b) {
  std::vector<ExportSet::Range> all(a.ranges().begin(), a.ranges().end());
  all.insert(all.end(), b.ranges().begin(), b.ranges().end());
  std::sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  a.clear();
  for (const ExportSet::Range& range : all) {
    if (a.empty() || range.first > a.back())
      a.append(range.first, range.last);
    else if (range.last > a.back())
      a.append(a.back() + 1, range.last);
  }
}

}  // namespace

/// Exports of the same columns: a record has one term for all of them.
struct ExportTallies::Shape {
  std::vector<char> has;  // by place in the run's columns
  ExportSet exports;
  RecordsDigest digest;
  RowTag last_tag = ~RowTag{0};
  ExportSet with_tag;  // exports that have had a record of last_tag
};

ExportTallies::ExportTallies(const RunManifest& manifest, const Secret& digest_secret) : manifest_(manifest) {
  const std::size_t columns = manifest.columns.size();
  for (std::size_t e = 0; e < manifest.exports.size(); ++e) {
    std::vector<char> has(columns);
    for (std::size_t c = 0; c < columns; ++c)
      has[c] = std::any_of(manifest.exports[e].columns.begin(), manifest.exports[e].columns.end(),
                           [&](const ExportColumn& column) { return column.id == manifest.columns[c]; });
    auto shape = std::find_if(shapes_.begin(), shapes_.end(), [&](const Shape& s) { return s.has == has; });
    if (shape == shapes_.end()) {
      shapes_.push_back({std::move(has), {}, RecordsDigest(digest_secret, manifest.columns), ~RowTag{0}, {}});
      shape = shapes_.end() - 1;
    }
    shape->exports.append(static_cast<ExportIndex>(e));
  }
  const Steps none(manifest.exports.size() + 1);
  rows_ = records_ = tags_ = whole_row_ = none;
  nulls_.assign(columns, none);
  digests_.resize(none.size());
}
ExportTallies::~ExportTallies() = default;

void ExportTallies::step(Steps& steps, std::span<const ExportSet::Range> set, std::uint64_t value) {
  for (const ExportSet::Range& range : set) {
    steps[range.first] += value;
    steps[range.last + std::size_t{1}] -= value;
  }
}

void ExportTallies::add(std::span<const RowTag> tags, const std::vector<std::vector<ColumnCode>>& codes,
                        std::span<const std::uint64_t> counts,
                        std::span<const std::span<const ExportSet::Range>> sets) {
  for (Shape& shape : shapes_) add_to_shape(shape, tags, codes, counts, sets);
}

void ExportTallies::add_to_shape(Shape& shape, std::span<const RowTag> tags,
                                 const std::vector<std::vector<ColumnCode>>& codes,
                                 std::span<const std::uint64_t> counts,
                                 std::span<const std::span<const ExportSet::Range>> sets) {
  const std::size_t columns = codes.size();
  std::vector<const ColumnCode*> own(columns, nullptr);
  for (std::size_t c = 0; c < columns; ++c)
    if (shape.has[c]) own[c] = codes[c].data();
  terms_.resize(tags.size());
  shape.digest.terms(tags, own, counts, terms_);
  for (std::size_t i = 0; i < tags.size(); ++i) {
    intersect(sets[i], shape.exports.ranges(), part_);
    if (part_.empty()) continue;
    const std::span<const ExportSet::Range> set = part_.ranges();
    step(records_, set, 1);
    step(rows_, set, counts[i]);
    for (const ExportSet::Range& range : set) {
      digests_[range.first] += terms_[i];
      digests_[range.last + std::size_t{1}] -= terms_[i];
    }
    std::size_t tag_column = columns;
    for (std::size_t c = 0; c < columns; ++c) {
      if (own[c] == nullptr) continue;
      if (own[c][i] == kNullCode) step(nulls_[c], set, counts[i]);
      if (own[c][i] == kTagCode && tag_column == columns) tag_column = c;
    }
    if (tags[i] != shape.last_tag) {
      shape.last_tag = tags[i];
      shape.with_tag = part_;
      fresh_ = part_;
    } else {
      subtract(part_, shape.with_tag, fresh_);
      unite(shape.with_tag, fresh_);
    }
    step(tags_, fresh_.ranges(), 1);
    if (tag_column == columns) {
      step(whole_row_, set, counts[i]);
      continue;
    }
    Identity& identity = identities_[manifest_.types[tag_column]];
    if (identity.rows.empty()) identity.rows = identity.distinct = Steps(rows_.size());
    step(identity.rows, set, counts[i]);
    step(identity.distinct, fresh_.ranges(), 1);
  }
}

std::vector<ExportTally> ExportTallies::finish() {
  const auto sum_up = [](Steps& steps) {
    for (std::size_t e = 1; e < steps.size(); ++e) steps[e] += steps[e - 1];
  };
  for (Steps* steps : {&rows_, &records_, &tags_, &whole_row_}) sum_up(*steps);
  for (Steps& steps : nulls_) sum_up(steps);
  for (auto& [type, identity] : identities_) {
    sum_up(identity.rows);
    sum_up(identity.distinct);
  }
  for (std::size_t e = 1; e < digests_.size(); ++e) digests_[e] += digests_[e - 1];

  std::vector<ExportTally> out(manifest_.exports.size());
  for (std::size_t e = 0; e < out.size(); ++e) {
    ExportTally& tally = out[e];
    tally.rows = rows_[e];
    tally.records = records_[e];
    tally.tags = tags_[e];
    tally.whole_row_rows = whole_row_[e];
    for (const Steps& steps : nulls_) tally.nulls.push_back(steps[e]);
    for (const auto& [type, identity] : identities_)
      if (identity.rows[e] > 0) tally.identities.push_back({type, identity.rows[e], identity.distinct[e]});
  }
  for (Shape& shape : shapes_)
    for (const ExportIndex e : shape.exports) out[e].records_digest = shape.digest.hex_of(digests_[e]);
  return out;
}

}  // namespace sidik
