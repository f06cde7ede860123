// Asking a run: every question is a walk over pages in order, each page read once.
#include <algorithm>
#include <unordered_map>

#include "registry/export_set_codec.h"
#include "registry/position_page.h"
#include "registry/run_reader.h"

namespace sidik {

/// Each set is projected on a shape's exports once, however many records have it.
class RunReader::Answering {
 public:
  Answering(const RunReader& run, std::span<const ExportShape> shapes, RecordAnswers& out, std::size_t expected)
      : run_(run), shapes_(shapes), out_(out), first_(out.groups.size()), known_(shapes.size()), found_(shapes.size()) {
    for (const ExportShape& shape : shapes) {
      RecordAnswers::Group& group = out.groups.emplace_back();
      group.columns = shape.columns;
      group.types = shape.types;
      // About one record a query, where rows are people: one touch of fresh memory instead of one a doubling.
      if (shapes.size() > 1) continue;
      group.query.reserve(expected);
      group.tags.reserve(expected);
      group.codes.reserve(expected * shape.columns.size());
      group.counts.reserve(expected);
      group.sets.reserve(expected);
    }
    for (auto& places : known_) places.assign(run.manifest_.sets.size(), kUnknown);
  }

  std::span<const ExportShape> shapes() const { return shapes_; }
  RecordAnswers::Group& group(std::size_t shape) { return out_.groups[first_ + shape]; }
  static constexpr std::uint32_t kNone = 0xffffffff;
  /// Where a record's set stands in the group of `shape`; kNone where no export of the shape has the record.
  std::uint32_t place_of(std::size_t shape, const ReadScratch& scratch, std::size_t record) {
    const std::uint16_t number = scratch.sets.numbers[record];
    const bool in_page = run_.manifest_.sets_in_pages && stands_in_page(number);
    if (!in_page && known_[shape][number] != kUnknown) return known_[shape][number];
    intersect(run_.set_of(scratch, record), shapes_[shape].exports.ranges(), projected_);
    std::uint32_t place = kNone;
    if (!projected_.empty()) {
      std::vector<ExportSet>& sets = group(shape).export_sets;
      const auto [at, fresh] = found_[shape].try_emplace(projected_, static_cast<std::uint32_t>(sets.size()));
      if (fresh) sets.push_back(projected_);
      place = at->second;
    }
    if (!in_page) known_[shape][number] = place;
    return place;
  }

  /// Scratch of append_hits.
  std::vector<std::uint32_t> records;

 private:
  static constexpr std::uint32_t kUnknown = 0xfffffffe;
  const RunReader& run_;
  std::span<const ExportShape> shapes_;
  RecordAnswers& out_;
  std::size_t first_;
  std::vector<std::vector<std::uint32_t>> known_;  // by shape and number in the dictionary
  std::vector<std::unordered_map<ExportSet, std::uint32_t, ExportSetHash>> found_;
  ExportSet projected_;
};

namespace {

/// The first query from `q` on for which `is_past` holds, as it does for all behind it: many queries may lie between
/// two entries of a small run.
template <class IsPast>
std::size_t skip_to(std::size_t q, std::size_t queries, IsPast is_past) {
  std::size_t step = 1;
  std::size_t low = q;  // all before it are not past
  while (low < queries && !is_past(std::min(low + step, queries) - 1)) {
    low = std::min(low + step, queries);
    step *= 2;
  }
  std::size_t high = std::min(low + step, queries);
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (is_past(middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

}  // namespace

void RunReader::append_hits(ReadScratch& scratch, const PageEntry& page, std::span<const Hit> hits,
                            Answering& out) const {
  if (hits.empty()) return;
  const std::size_t upto = hits.back().record + std::size_t{1};
  RecordPage& records = scratch.records;
  if (!records.counts(scratch.counts)) damaged(page.block, "holds counts that cannot be read");
  out.records.clear();
  for (const Hit& hit : hits) out.records.push_back(hit.record);
  read_sets(scratch, page, upto, out.records);
  for (std::size_t s = 0; s < out.shapes().size(); ++s) {
    const ExportShape& shape = out.shapes()[s];
    RecordAnswers::Group& group = out.group(s);
    const std::size_t before = group.tags.size();
    const std::size_t columns = shape.places.size();
    out.records.clear();
    for (const Hit& hit : hits) {
      const std::uint32_t set = out.place_of(s, scratch, hit.record);
      if (set == Answering::kNone) continue;
      out.records.push_back(hit.record);
      group.query.push_back(hit.query);
      group.tags.push_back(records.tags()[hit.record]);
      group.counts.push_back(
          static_cast<std::uint32_t>(std::min<std::uint64_t>(scratch.counts[hit.record], 0xffffffff)));
      group.sets.push_back(set);
    }
    if (out.records.empty()) continue;
    group.codes.resize((before + out.records.size()) * columns);
    records.choose(out.records);
    for (std::size_t c = 0; c < columns; ++c) {
      ColumnCode* const to = group.codes.data() + before * columns + c;
      if (!records.chosen_codes(shape.places[c], decoders_[shape.places[c]], to, columns))
        damaged(page.block, "holds codes that cannot be read");
    }
  }
}

template <class First, class Last>
void RunReader::find_ranges(std::size_t queries, First first, Last last, RecordAnswers& out) const {
  Answering answering(*this, live_shapes(), out, std::min<std::size_t>(queries, manifest_.sections.front().items));
  const SectionDirectory& pages = directory(manifest_.sections.front());
  if (pages.pages.empty()) return;
  const Lease scratch(*this);
  std::vector<Hit> hits;
  std::size_t page = 0;
  for (std::size_t q = 0; q < queries;) {
    page = std::max(page, pages.page_of(first(q)));
    // All queries that begin on this page, and the last of them that goes on behind it.
    open_record_page(*scratch, pages.pages[page]);
    const std::span<const RowTag> tags = scratch->records.tags();
    const bool is_last = page + 1 == pages.pages.size();
    hits.clear();
    std::size_t at = 0;
    while (q < queries && first(q) <= tags.back()) {
      at = static_cast<std::size_t>(
          std::lower_bound(tags.begin() + static_cast<std::ptrdiff_t>(at), tags.end(), first(q)) - tags.begin());
      for (; at < tags.size() && tags[at] <= last(q); ++at)
        hits.push_back({static_cast<std::uint32_t>(q), static_cast<std::uint32_t>(at)});
      if (at == tags.size() && !is_last && pages.first[page + 1] <= last(q)) break;  // goes on in the next page
      ++q;
      if (at < tags.size()) q = skip_to(q, queries, [&](std::size_t i) { return last(i) >= tags[at]; });
    }
    append_hits(*scratch, pages.pages[page], hits, answering);
    if (is_last) break;
    // A query behind this page's last tag but before the next page's first has no records.
    q = skip_to(q, queries, [&](std::size_t i) { return last(i) >= pages.first[page + 1]; });
    ++page;
  }
}

void RunReader::find_records(std::span<const RowTag> tags, RecordAnswers& out) const {
  const auto tag = [tags](std::size_t i) { return tags[i]; };
  find_ranges(tags.size(), tag, tag, out);
}

void RunReader::find_records_by_prefix(std::span<const std::uint32_t> prefixes, RecordAnswers& out) const {
  find_ranges(
      prefixes.size(), [prefixes](std::size_t i) { return first_tag_of(prefixes[i]); },
      [prefixes](std::size_t i) { return first_tag_of(prefixes[i] + 1) - 1; }, out);
}

void RunReader::find_records_between(RowTag from, RowTag to, RecordAnswers& out) const {
  if (from >= to) return;
  find_ranges(
      1, [from](std::size_t) { return from; }, [to](std::size_t) { return to - 1; }, out);
}

std::optional<RowTag> RunReader::scan(ExportIndex e, RowTag from, std::size_t most, RecordAnswers& out) const {
  const ExportShape shape = shape_of(e);
  Answering answering(*this, {&shape, 1}, out, 0);
  const SectionDirectory& pages = directory(manifest_.sections.front());
  if (pages.pages.empty()) return std::nullopt;
  const Lease scratch(*this);
  std::vector<Hit> hits;
  std::size_t taken = 0;
  RowTag last = 0;
  for (std::size_t page = pages.page_of(from); page < pages.pages.size(); ++page) {
    open_record_page(*scratch, pages.pages[page]);
    const std::span<const RowTag> tags = scratch->records.tags();
    read_sets(*scratch, pages.pages[page], tags.size());
    hits.clear();
    std::optional<RowTag> next;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (tags[i] < from || answering.place_of(0, *scratch, i) == Answering::kNone) continue;
      if (taken >= most && (taken == 0 || tags[i] != last)) {  // a tag's records are never parted
        next = tags[i];
        break;
      }
      last = tags[i];
      ++taken;
      hits.push_back({0, static_cast<std::uint32_t>(i)});
    }
    append_hits(*scratch, pages.pages[page], hits, answering);
    if (next) return next;
  }
  return std::nullopt;
}

std::vector<std::uint32_t> RunReader::live_prefixes(FieldType type, std::span<const std::uint32_t> prefixes) const {
  RecordAnswers answers;
  find_records_by_prefix(prefixes, answers);
  std::vector<std::uint32_t> live;
  for (std::size_t s = 0; s < live_shapes_; ++s) {
    const RecordAnswers::Group& group = answers.groups[s];
    const std::size_t columns = group.columns.size();
    for (std::size_t c = 0; c < columns; ++c) {
      if (group.types[c] != type || !shapes_[s].indexed[c]) continue;
      for (std::size_t r = 0; r < group.tags.size(); ++r)
        if (group.codes[r * columns + c] >= kFirstValueCode) live.push_back(tag_prefix(group.tags[r]));
    }
  }
  std::sort(live.begin(), live.end());
  live.erase(std::unique(live.begin(), live.end()), live.end());
  return live;
}

void RunReader::contains(FieldType type, std::span<const IndexEntry> entries, std::span<std::uint8_t> found) const {
  find_in_index(type, entries, found);
  if (all_live_) return;
  std::vector<std::uint32_t> prefixes;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (found[i]) prefixes.push_back(entry_tag_prefix(entries[i]));
  std::sort(prefixes.begin(), prefixes.end());
  prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
  const std::vector<std::uint32_t> live = live_prefixes(type, prefixes);
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (found[i] && !std::binary_search(live.begin(), live.end(), entry_tag_prefix(entries[i]))) found[i] = 0;
}

void RunReader::find_in_index(FieldType type, std::span<const IndexEntry> entries,
                              std::span<std::uint8_t> found) const {
  std::fill(found.begin(), found.end(), std::uint8_t{0});
  const RunSection* section = find_section(SectionKind::kIndex, type);
  if (section == nullptr || section->pages == 0) return;
  const SectionDirectory& pages = directory(*section);
  const Lease scratch(*this);
  std::size_t page = 0;
  for (std::size_t q = 0; q < entries.size();) {
    page = std::max(page, pages.page_of(entries[q]));
    // Entries stand once each: where the next page begins with the one asked, it is there.
    if (page + 1 < pages.pages.size() && pages.first[page + 1] == entries[q]) {
      found[q++] = 1;
      continue;
    }
    read_index_entries(*scratch, pages.pages[page]);
    const std::vector<IndexEntry>& here = scratch->entries;
    std::size_t at = 0;
    const bool is_last = page + 1 == pages.pages.size();
    for (; q < entries.size() && (is_last || entries[q] < pages.first[page + 1]); ++q) {
      at = static_cast<std::size_t>(
          std::lower_bound(here.begin() + static_cast<std::ptrdiff_t>(at), here.end(), entries[q]) - here.begin());
      if (at < here.size() && here[at] == entries[q])
        found[q] = 1;
      else if (at < here.size())
        q = skip_to(q + 1, entries.size(), [&](std::size_t i) { return entries[i] >= here[at]; }) - 1;
    }
    if (is_last) break;
  }
}

void RunReader::find_candidates(FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                                CandidateAnswers& out) const {
  if (all_live_) return find_entries(type, values, cap, out);
  // What is over the cap may be under it once the entries that removed exports left are gone: all of them are looked
  // at.
  CandidateAnswers all;
  find_entries(type, values, 0xffffffff, all);
  std::vector<std::uint32_t> prefixes = all.prefixes;
  std::sort(prefixes.begin(), prefixes.end());
  prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
  const std::vector<std::uint32_t> live = live_prefixes(type, prefixes);
  out.query.clear();
  out.prefixes.clear();
  out.totals.assign(values.size(), 0);
  for (std::size_t i = 0; i < all.prefixes.size(); ++i) {
    if (!std::binary_search(live.begin(), live.end(), all.prefixes[i])) continue;
    if (out.totals[all.query[i]]++ > cap) continue;
    out.query.push_back(all.query[i]);
    out.prefixes.push_back(all.prefixes[i]);
  }
}

void RunReader::find_entries(FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                             CandidateAnswers& out) const {
  out.query.clear();
  out.prefixes.clear();
  out.totals.assign(values.size(), 0);
  const RunSection* section = find_section(SectionKind::kIndex, type);
  if (section == nullptr || section->pages == 0) return;
  const SectionDirectory& pages = directory(*section);
  const Lease scratch(*this);
  std::size_t open = pages.pages.size();  // the page in scratch
  const auto entries_of = [&](std::size_t page) -> const std::vector<IndexEntry>& {
    if (open != page) read_index_entries(*scratch, pages.pages[page]);
    open = page;
    return scratch->entries;
  };
  const auto last_of = [&](std::size_t q) { return index_entry_of(values[q], (1U << kEntryTagBits) - 1); };
  for (std::size_t q = 0; q < values.size();) {
    const IndexEntry low = index_entry_of(values[q], 0);
    const IndexEntry high = last_of(q);
    std::uint64_t total = 0;
    std::uint32_t given = 0;
    std::optional<IndexEntry> next;  // the first entry behind this value's
    std::size_t page = pages.page_of(low);
    for (; page < pages.pages.size() && pages.first[page] <= high; ++page) {
      const bool next_within = page + 1 < pages.pages.size() && pages.first[page + 1] <= high;
      if (pages.first[page] >= low && next_within && given > cap) {  // wholly inside: counted by the directory
        total += pages.pages[page].items;
        continue;
      }
      const std::vector<IndexEntry>& here = entries_of(page);
      const auto begin = std::lower_bound(here.begin(), here.end(), low);
      const auto end = std::upper_bound(begin, here.end(), high);
      total += static_cast<std::uint64_t>(end - begin);
      for (auto at = begin; at != end && given <= cap; ++at, ++given) {
        out.query.push_back(static_cast<std::uint32_t>(q));
        out.prefixes.push_back(entry_tag_prefix(*at));
      }
      if (end != here.end()) next = *end;
    }
    out.totals[q] = static_cast<std::uint32_t>(std::min<std::uint64_t>(total, 0xffffffff));
    if (!next && page < pages.pages.size()) next = pages.first[page];
    if (!next) break;
    q = skip_to(q + 1, values.size(), [&](std::size_t i) { return last_of(i) >= *next; });
  }
}

std::vector<PositionAnswer> RunReader::positions(std::span<const RowTag> tags) const {
  std::vector<PositionAnswer> out;
  const RunSection* section = find_section(SectionKind::kPositions);
  if (section == nullptr || section->pages == 0) return out;
  const SectionDirectory& pages = directory(*section);
  const Lease scratch(*this);
  std::vector<TagPosition> here;
  std::size_t open = pages.pages.size();
  for (std::size_t q = 0; q < tags.size(); ++q) {
    if (!keeps_position(tags[q])) continue;
    for (std::size_t page = pages.page_of(tags[q]); page < pages.pages.size() && pages.first[page] <= tags[q]; ++page) {
      if (open != page) {
        read_positions(*scratch, pages.pages[page], here);
        open = page;
      }
      auto at = std::partition_point(here.begin(), here.end(), [&](const TagPosition& p) { return p.tag < tags[q]; });
      for (; at != here.end() && at->tag == tags[q]; ++at) {
        if (live_[at->export_number]) out.push_back({static_cast<std::uint32_t>(q), at->export_number, at->row});
      }
    }
  }
  return out;
}

}  // namespace sidik
