#include "registry/run_merge.h"

#include <algorithm>
#include <atomic>
#include <queue>

#include "base/error.h"
#include "base/parallel.h"
#include "registry/index_page.h"
#include "registry/merge_statistics.h"
#include "registry/run_output.h"

namespace sidik {
namespace {

/// Pages are cut when so many items wait; so many stay behind, for the next page to be full as well.
constexpr std::size_t kPendingRecords = 4 * kMostRecordsInPage;
constexpr std::size_t kPendingEntries = 4 * kMostEntriesInPage;
constexpr std::size_t kPendingPositions = 4 * kMostPositionsInPage;

/// One merge under way: the plan, and the file that its sections are written to.
class Merging {
 public:
  Merging(FileSystem& files, const RegistryKey& key, std::span<const std::shared_ptr<const Run>> runs,
          const std::filesystem::path& path, const MergeOptions& options)
      : options_(options), plan_(runs), output_(files, key, path) {
    manifest_.columns = plan_.columns;
    manifest_.types = plan_.types;
    manifest_.sets_in_pages = true;
    manifest_.exports = plan_.exports;
    add_section(SectionKind::kRecords);
    for (const FieldType type : plan_.indexed_types) add_section(SectionKind::kIndex, type);
    add_section(SectionKind::kPositions);
  }

  RunFile merge() {
    // Which entries go is known once the records have been walked over.
    if (plan_.any_removed) count_records();
    std::atomic<std::size_t> next{0};
    run_on_threads(std::max(1U, options_.threads), [&](unsigned) {
      try {
        for (std::size_t s = next++; s < manifest_.sections.size(); s = next++) section(s);
      } catch (...) {
        next = manifest_.sections.size();
        throw;
      }
    });
    write_shared_blocks(output_, stripes_, manifest_.sections);
    return output_.close(manifest_);
  }

 private:
  void add_section(SectionKind kind, FieldType type = {}) {
    RunSection section;
    section.kind = kind;
    section.type = type;
    manifest_.sections.push_back(section);
    stripes_.emplace_back(1);
  }

  void section(std::size_t s) {
    switch (manifest_.sections[s].kind) {
      case SectionKind::kRecords:
        if (!counted_) count_records();
        return write_records(stripes_[s].front());
      case SectionKind::kIndex:
        return write_entries(manifest_.sections[s].type, stripes_[s].front());
      case SectionKind::kPositions:
        return write_positions(stripes_[s].front());
    }
  }

  void count_records() {
    MergeStatistics statistics(plan_.columns.size(), plan_.exports.size());
    RecordMerge records(plan_, options_.progress, plan_.any_removed ? &gone_ : nullptr);
    for (TagRecords tag; records.next(tag);) statistics.add(tag);
    for (std::size_t c = 0; c < plan_.columns.size(); ++c) manifest_.models.push_back(statistics.column_model(c));
    sets_ = statistics.sets.dictionary();
    manifest_.set_model = sets_.model;
    manifest_.sets = sets_.sets;
    counted_ = true;
  }

  void write_records(StripePages& out) {
    const std::size_t columns = plan_.columns.size();
    std::vector<ColumnEncoder> encoders;
    for (const ColumnModel& model : manifest_.models) encoders.emplace_back(model);
    const ColumnEncoder set_encoder(manifest_.set_model);
    RecordPageEncoder pages(encoders, set_encoder, plan_.exports.size());
    PageWriter writer(output_);
    RecordColumns pending;
    pending.codes.resize(columns);
    const auto flush = [&](std::size_t keep) {
      std::size_t first = 0;
      while (pending.size() - first > keep) {
        const std::size_t taken = pages.fill(pending, first);
        writer.add(out, pending.tags[first], taken, pages.page());
        first += taken;
      }
      pending.drop(first);
    };
    RecordMerge records(plan_, options_.progress);
    for (TagRecords tag; records.next(tag);) {
      for (std::size_t r = 0; r < tag.size(); ++r) {
        pending.tags.push_back(tag.tag);
        pending.counts.push_back(tag.counts[r]);
        pending.sets.push_back(sets_.number_of({tag.words.data() + r * plan_.words, plan_.words}));
        for (std::size_t c = 0; c < columns; ++c) pending.codes[c].push_back(tag.codes[r * columns + c]);
      }
      pending.set_words.insert(pending.set_words.end(), tag.words.begin(), tag.words.end());
      if (pending.size() >= kPendingRecords) flush(kMostRecordsInPage);
    }
    flush(0);
    writer.flush();
  }

  void write_entries(FieldType type, StripePages& out) {
    std::vector<EntryCursor> cursors;
    for (const MergePlan::Input& input : plan_.inputs) cursors.emplace_back(*input.run, type, options_.progress);
    using Next = std::pair<IndexEntry, std::size_t>;
    std::priority_queue<Next, std::vector<Next>, std::greater<>> queue;
    for (std::size_t i = 0; i < cursors.size(); ++i)
      if (!cursors[i].at_end()) queue.emplace(cursors[i].entry(), i);
    const PrefixSet& gone = gone_[static_cast<std::size_t>(type)];

    IndexPageEncoder pages;
    PageWriter writer(output_);
    std::vector<IndexEntry> pending;
    const auto flush = [&](std::size_t keep) {
      std::size_t first = 0;
      while (pending.size() - first > keep) {
        const std::size_t taken = pages.fill({pending.data() + first, pending.size() - first});
        writer.add(out, pending[first], taken, pages.page());
        first += taken;
      }
      pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(first));
    };
    bool any = false;
    IndexEntry last = 0;
    while (!queue.empty()) {
      const auto [entry, i] = queue.top();
      queue.pop();
      cursors[i].next();
      if (!cursors[i].at_end()) queue.emplace(cursors[i].entry(), i);
      if ((any && entry == last) || gone.contains(entry_tag_prefix(entry))) continue;
      any = true;
      last = entry;
      pending.push_back(entry);
      if (pending.size() >= kPendingEntries) flush(kMostEntriesInPage);
    }
    flush(0);
    writer.flush();
  }

  void write_positions(StripePages& out) {
    std::vector<PositionCursor> cursors;
    for (const MergePlan::Input& input : plan_.inputs) cursors.emplace_back(*input.run, options_.progress);
    PageWriter writer(output_);
    std::vector<TagPosition> pending;
    Bytes page;
    const auto flush = [&](std::size_t keep) {
      std::size_t first = 0;
      while (pending.size() - first > keep) {
        const std::size_t taken = fill_position_page({pending.data() + first, pending.size() - first}, page);
        writer.add(out, pending[first].tag, taken, page);
        first += taken;
      }
      pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(first));
    };
    for (;;) {
      constexpr RowTag kNone = ~RowTag{0};
      RowTag tag = kNone;
      for (const PositionCursor& cursor : cursors)
        if (!cursor.at_end()) tag = std::min(tag, cursor.position().tag);
      if (tag == kNone) break;
      const auto before = static_cast<std::ptrdiff_t>(pending.size());
      for (std::size_t i = 0; i < cursors.size(); ++i)
        for (; !cursors[i].at_end() && cursors[i].position().tag == tag; cursors[i].next()) {
          TagPosition position = cursors[i].position();
          position.export_number = plan_.inputs[i].exports[position.export_number];
          if (position.export_number != MergePlan::kGone) pending.push_back(position);
        }
      std::sort(pending.begin() + before, pending.end(), [](const TagPosition& a, const TagPosition& b) {
        return std::tie(a.export_number, a.row) < std::tie(b.export_number, b.row);
      });
      if (pending.size() >= kPendingPositions) flush(kMostPositionsInPage);
    }
    flush(0);
    writer.flush();
  }

  const MergeOptions& options_;
  const MergePlan plan_;
  RunOutput output_;
  RunManifest manifest_;
  std::vector<std::vector<StripePages>> stripes_;  // one a section
  SetCounts::Dictionary sets_;
  GonePrefixes gone_;
  bool counted_ = false;
};

}  // namespace

RunFile merge_runs(FileSystem& files, const RegistryKey& key, std::span<const std::shared_ptr<const Run>> runs,
                   const std::filesystem::path& path, const MergeOptions& options) {
  for (const auto& run : runs)
    if (run->epoch() != runs.front()->epoch())
      throw Error(ErrorKind::kUsage, "", "runs of different fingerprint epochs do not merge");
  RegistryKey of_epoch = key;
  of_epoch.epoch = runs.front()->epoch();
  const RunFile merged = Merging(files, of_epoch, runs, path, options).merge();
  try {
    const auto report = [&options](std::uint64_t bytes) {
      if (options.progress) options.progress(static_cast<std::size_t>(bytes));
    };
    Run::open(files, path, key)->verify(report);
  } catch (...) {
    try {
      files.remove(path);
    } catch (const Error&) {
      // The failure that led here is what the caller should hear of.
    }
    throw;
  }
  return merged;
}

}  // namespace sidik
