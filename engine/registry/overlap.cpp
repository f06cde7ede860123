#include "registry/overlap.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/parallel.h"
#include "base/spread.h"

namespace sidik {
namespace {

constexpr std::size_t kBatch = 16384;

/// An identity, and a digest of its rows in the columns that are compared.
struct Identity {
  RowTag tag = 0;
  std::uint64_t rows = 0;
};

/// The identities of one export in the order of their tags.
class IdentityStream {
 public:
  IdentityStream(const FingerprintStore& store, ExportIndex e, std::vector<ColumnId> columns)
      : store_(store), export_(e), columns_(std::move(columns)) {
    fill();
  }

  const Identity* now() const { return at_ < batch_.size() ? &batch_[at_] : nullptr; }
  void next() {
    if (++at_ == batch_.size()) fill();
  }

 private:
  void fill() {
    batch_.clear();
    at_ = 0;
    while (batch_.empty() && from_) {
      from_ = store_.scan(export_, *from_, kBatch, answers_);
      for (const auto& group : answers_.groups) take(group);
      std::sort(batch_.begin(), batch_.end(), [](const auto& a, const auto& b) { return a.tag < b.tag; });
      std::size_t kept = 0;
      for (const Identity& one : batch_)
        if (kept > 0 && batch_[kept - 1].tag == one.tag)
          batch_[kept - 1].rows += one.rows;  // whatever their order
        else
          batch_[kept++] = one;
      batch_.resize(kept);
    }
  }

  void take(const RecordAnswers::Group& group) {
    std::vector<std::size_t> places;
    for (const ColumnId id : columns_)
      places.push_back(
          static_cast<std::size_t>(std::find(group.columns.begin(), group.columns.end(), id) - group.columns.begin()));
    const std::size_t width = group.columns.size();
    for (std::size_t r = 0; r < group.tags.size(); ++r) {
      std::uint64_t digest = group.counts[r];
      for (const std::size_t place : places)
        digest = spread(digest * 0x10001 + (place < width ? group.codes[r * width + place] : kAbsentCode));
      batch_.push_back({group.tags[r], digest});
    }
  }

  const FingerprintStore& store_;
  ExportIndex export_;
  std::vector<ColumnId> columns_;
  std::optional<RowTag> from_ = 0;
  RecordAnswers answers_;
  std::vector<Identity> batch_;
  std::size_t at_ = 0;
};

std::vector<FieldType> identifying(const ExportManifest& manifest) {
  std::vector<FieldType> types;
  for (const IdentityCount& identity : manifest.identities)
    if (identity.rows > 0) types.push_back(identity.type);
  std::sort(types.begin(), types.end());
  return types;
}

/// Whether and by what two exports can be compared; no numbers yet.
Overlap comparison(const FingerprintStore& store, ExportIndex first, ExportIndex second) {
  Overlap overlap;
  const ExportManifest& a = store.exports()[first];
  const ExportManifest& b = store.exports()[second];
  if (store.epoch_of(first) != store.epoch_of(second)) {
    overlap.not_comparable = "were registered in different epochs of the key";
    return overlap;
  }
  const auto types_a = identifying(a), types_b = identifying(b);
  std::set_intersection(types_a.begin(), types_a.end(), types_b.begin(), types_b.end(),
                        std::back_inserter(overlap.types));
  const bool any_empty = a.rows == 0 || b.rows == 0;
  if (overlap.types.empty() && !any_empty && !(a.whole_row_tagged > 0 && b.whole_row_tagged > 0))
    overlap.not_comparable = "are identified by different types";
  return overlap;
}

std::vector<ColumnId> common_columns(const ExportManifest& a, const ExportManifest& b) {
  std::vector<ColumnId> common;
  for (const ExportColumn& column : a.columns)
    if (std::any_of(b.columns.begin(), b.columns.end(), [&](const auto& other) { return other.id == column.id; }))
      common.push_back(column.id);
  return common;
}

/// The tags of `e` below `bound`, rising, each once.
std::vector<RowTag> tags_below(const FingerprintStore& store, ExportIndex e, RowTag bound) {
  std::vector<RowTag> tags;
  RecordAnswers answers;
  std::optional<RowTag> from = 0;
  while (from && *from < bound) {
    from = store.scan(e, *from, kBatch, answers);
    for (const auto& group : answers.groups) tags.insert(tags.end(), group.tags.begin(), group.tags.end());
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  tags.erase(std::lower_bound(tags.begin(), tags.end(), bound), tags.end());
  return tags;
}

std::uint64_t shared(const std::vector<RowTag>& a, const std::vector<RowTag>& b) {
  std::uint64_t both = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    both += a[i] == b[j] ? 1U : 0U;
    const bool step_a = a[i] <= b[j], step_b = b[j] <= a[i];
    i += step_a ? 1U : 0U;
    j += step_b ? 1U : 0U;
  }
  return both;
}

std::uint64_t whole(double number) { return static_cast<std::uint64_t>(std::llround(std::max(0.0, number))); }

/// Tags are random: each is below the threshold with the same odds, independently.
void estimate(Overlap& overlap, std::uint64_t both, std::uint64_t tags_a, std::uint64_t tags_b) {
  const double p = overlap.sampled;
  const double found = static_cast<double>(both), most = static_cast<double>(std::min(tags_a, tags_b));
  const double wide = 1.96 * std::sqrt((found + 1) * (1 - p));
  overlap.both = whole(std::min(most, found / p));
  overlap.both_low = whole(std::max(found, (found - wide) / p));
  overlap.both_high = whole(std::min(most, (found + wide + (p < 1 ? 1 : 0)) / p));
  overlap.only_first = tags_a - overlap.both;
  overlap.only_second = tags_b - overlap.both;
}

}  // namespace

Overlap overlap_of(const FingerprintStore& store, ExportIndex first, ExportIndex second) {
  Overlap overlap = comparison(store, first, second);
  if (!overlap.not_comparable.empty()) return overlap;
  const auto columns = common_columns(store.exports()[first], store.exports()[second]);
  IdentityStream a(store, first, columns), b(store, second, columns);
  overlap.unchanged = 0;
  while (a.now() != nullptr && b.now() != nullptr) {
    const RowTag tag_a = a.now()->tag, tag_b = b.now()->tag;
    if (tag_a == tag_b) {
      ++overlap.both;
      *overlap.unchanged += a.now()->rows == b.now()->rows ? 1U : 0U;
    } else {
      ++(tag_a < tag_b ? overlap.only_first : overlap.only_second);
    }
    if (tag_a <= tag_b) a.next();
    if (tag_b <= tag_a) b.next();
  }
  for (; a.now() != nullptr; a.next()) ++overlap.only_first;
  for (; b.now() != nullptr; b.next()) ++overlap.only_second;
  overlap.both_low = overlap.both_high = overlap.both;
  return overlap;
}

std::vector<Overlap> overlap_matrix(const FingerprintStore& store, std::uint64_t most_tags) {
  const std::size_t n = store.exports().size();
  std::uint64_t tags = 0;
  for (const ExportManifest& manifest : store.exports()) tags += manifest.tags;
  // Each pair walks over what was read of both.
  constexpr double kMostSteps = 4e9;
  double share = tags <= most_tags ? 1.0 : static_cast<double>(most_tags) / static_cast<double>(tags);
  share = std::min(share, kMostSteps / std::max(1.0, static_cast<double>(tags) * static_cast<double>(n)));
  const auto end = static_cast<double>(RowTag{1} << kTagBits);
  const RowTag bound = share >= 1 ? RowTag{1} << kTagBits : static_cast<RowTag>(share * end);

  std::vector<std::vector<RowTag>> read(n);
  parallel_for(default_threads(), n,
               [&](std::size_t e) { read[e] = tags_below(store, static_cast<ExportIndex>(e), bound); });
  std::vector<Overlap> matrix(n * (n - (n > 0 ? 1 : 0)) / 2);
  parallel_for(default_threads(), n, [&](std::size_t i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      Overlap& overlap = matrix[matrix_place(i, j, n)];
      overlap = comparison(store, static_cast<ExportIndex>(i), static_cast<ExportIndex>(j));
      if (!overlap.not_comparable.empty()) continue;
      overlap.sampled = static_cast<double>(bound) / end;
      estimate(overlap, shared(read[i], read[j]), store.exports()[i].tags, store.exports()[j].tags);
    }
  });
  return matrix;
}

}  // namespace sidik
