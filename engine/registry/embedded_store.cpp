#include "registry/embedded_store.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"

namespace sidik {
namespace {

/// Numbers of one run's exports become the snapshot's, in the groups from `first` on; groups without records go.
void renumber(RecordAnswers& out, std::size_t first, const std::vector<ExportIndex>& exports) {
  // Up to which place the snapshot's numbers follow each other without a gap.
  std::vector<ExportIndex> upto(exports.size());
  for (std::size_t i = exports.size(); i-- > 0;)
    upto[i] = i + 1 < exports.size() && exports[i + 1] == exports[i] + 1 ? upto[i + 1] : static_cast<ExportIndex>(i);
  for (std::size_t g = first; g < out.groups.size(); ++g)
    for (ExportSet& set : out.groups[g].export_sets) {
      ExportSet renumbered;
      for (const ExportSet::Range& range : set.ranges())
        for (ExportIndex e = range.first; e <= range.last;) {
          const ExportIndex last = std::min(upto[e], range.last);
          renumbered.append(exports[e], exports[last]);
          e = last + 1;
        }
      set = std::move(renumbered);
    }
  const auto begin = out.groups.begin() + static_cast<std::ptrdiff_t>(first);
  out.groups.erase(std::remove_if(begin, out.groups.end(), [](const auto& group) { return group.query.empty(); }),
                   out.groups.end());
}

/// Candidates as (place of the value << 32 | prefix), sorted, each once.
using Candidates = std::vector<std::uint64_t>;

/// Adds what one run found; counts[v] is kept at the number of prefixes of value v, or above `cap` once it is over.
void unite(Candidates& all, const CandidateAnswers& found, std::uint32_t cap, std::vector<std::uint32_t>& counts) {
  Candidates fresh(found.query.size());
  for (std::size_t i = 0; i < fresh.size(); ++i)
    fresh[i] = static_cast<std::uint64_t>(found.query[i]) << 32 | found.prefixes[i];
  if (!std::is_sorted(fresh.begin(), fresh.end())) std::sort(fresh.begin(), fresh.end());
  Candidates united;
  united.reserve(all.size() + fresh.size());
  std::set_union(all.begin(), all.end(), fresh.begin(), fresh.end(), std::back_inserter(united));
  united.erase(std::unique(united.begin(), united.end()), united.end());
  for (std::size_t v = 0; v < counts.size(); ++v) {
    const bool over = counts[v] > cap || found.totals[v] > cap;
    counts[v] = over ? cap + 1 : 0;
  }
  for (const std::uint64_t candidate : united)
    if (auto& count = counts[candidate >> 32]; count <= cap) ++count;
  united.erase(std::remove_if(united.begin(), united.end(), [&](auto c) { return counts[c >> 32] > cap; }),
               united.end());
  all.swap(united);
}

}  // namespace

EmbeddedStore::EmbeddedStore(RegistryId registry, std::vector<ExportManifest> exports, std::vector<OpenRun> runs,
                             std::string state, std::string audit_head, std::vector<std::string> set_aside,
                             std::unique_ptr<File> generation)
    : registry_(registry),
      exports_(std::move(exports)),
      runs_(std::move(runs)),
      state_(std::move(state)),
      audit_head_(std::move(audit_head)),
      set_aside_(std::move(set_aside)),
      generation_(std::move(generation)) {
  homes_.resize(exports_.size());
  for (const OpenRun& open : runs_)
    for (std::size_t i = 0; i < open.exports.size(); ++i)
      if (open.exports[i] != kRemoved) homes_.at(open.exports[i]) = {&open, static_cast<ExportIndex>(i)};
}

std::pair<const EmbeddedStore::OpenRun*, ExportIndex> EmbeddedStore::run_of(ExportIndex e) const {
  if (e < homes_.size() && homes_[e].first != nullptr) return homes_[e];
  throw Error(ErrorKind::kFailed, "", "export " + std::to_string(e) + " is not in this snapshot");
}

Epoch EmbeddedStore::epoch_of(ExportIndex e) const { return run_of(e).first->run->epoch(); }

void EmbeddedStore::find_records(Epoch epoch, std::span<const RowTag> tags, RecordAnswers& out) const {
  out.groups.clear();
  for (const auto& open : runs_) {
    if (open.run->epoch() != epoch) continue;
    const std::size_t first = out.groups.size();
    open.run->find_records(tags, out);
    renumber(out, first, open.exports);
  }
}

void EmbeddedStore::find_records_by_prefix(Epoch epoch, std::span<const std::uint32_t> prefixes,
                                           RecordAnswers& out) const {
  out.groups.clear();
  for (const auto& open : runs_) {
    if (open.run->epoch() != epoch) continue;
    const std::size_t first = out.groups.size();
    open.run->find_records_by_prefix(prefixes, out);
    renumber(out, first, open.exports);
  }
}

void EmbeddedStore::find_records_between(Epoch epoch, RowTag from, RowTag to, RecordAnswers& out) const {
  out.groups.clear();
  for (const auto& open : runs_) {
    if (open.run->epoch() != epoch) continue;
    const std::size_t first = out.groups.size();
    open.run->find_records_between(from, to, out);
    renumber(out, first, open.exports);
  }
}

void EmbeddedStore::find_candidates(Epoch epoch, FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                                    CandidateAnswers& out) const {
  out.totals.assign(values.size(), 0);
  cap = std::min(cap, 0xfffffffeU);  // "over" is cap + 1
  Candidates all;
  CandidateAnswers found;
  for (const auto& open : runs_) {
    if (open.run->epoch() != epoch) continue;
    found.query.clear();
    found.prefixes.clear();
    found.totals.assign(values.size(), 0);
    open.run->find_candidates(type, values, cap, found);
    unite(all, found, cap, out.totals);
  }
  out.query.resize(all.size());
  out.prefixes.resize(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    out.query[i] = static_cast<std::uint32_t>(all[i] >> 32);
    out.prefixes[i] = static_cast<std::uint32_t>(all[i]);
  }
}

void EmbeddedStore::contains(Epoch epoch, FieldType type, std::span<const IndexEntry> entries,
                             std::span<std::uint8_t> found) const {
  std::fill(found.begin(), found.end(), std::uint8_t{0});
  std::vector<std::uint8_t> here(entries.size());
  for (const auto& open : runs_) {
    if (open.run->epoch() != epoch) continue;
    std::fill(here.begin(), here.end(), std::uint8_t{0});
    open.run->contains(type, entries, here);
    for (std::size_t i = 0; i < here.size(); ++i) found[i] |= here[i];
  }
}

std::vector<FieldType> EmbeddedStore::indexed_types() const {
  std::vector<FieldType> types;
  for (const auto& open : runs_)
    for (const FieldType type : open.run->indexed_types()) types.push_back(type);
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

std::vector<PositionAnswer> EmbeddedStore::positions(Epoch epoch, std::span<const RowTag> tags) const {
  std::vector<PositionAnswer> all;
  for (const auto& open : runs_) {
    if (open.run->epoch() != epoch) continue;
    for (PositionAnswer answer : open.run->positions(tags)) {
      answer.export_index = open.exports[answer.export_index];
      all.push_back(answer);
    }
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a.query, a.export_index, a.position) < std::tie(b.query, b.export_index, b.position);
  });
  return all;
}

std::optional<RowTag> EmbeddedStore::scan(ExportIndex e, RowTag from, std::size_t most, RecordAnswers& out) const {
  out.groups.clear();
  const auto [open, place] = run_of(e);
  const auto next = open->run->scan(place, from, most, out);
  renumber(out, 0, open->exports);
  return next;
}

}  // namespace sidik
