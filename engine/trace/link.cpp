#include "trace/link.h"

#include <algorithm>
#include <utility>

#include "base/parallel.h"
#include "base/roomy_vector.h"
#include "registry/radix_sort.h"
#include "trace/index_proposals.h"
#include "trace/loose_rows.h"

namespace sidik {
namespace {

/// A key that is asked for, and by which row.
template <typename Key>
struct KeyOfRow {
  Key key;
  std::uint32_t row;
  auto operator<=>(const KeyOfRow&) const = default;
};

/// Prefixes, each once, and the proposals that asked for each.
class AskedPrefixes {
 public:
  void add(std::uint32_t prefix, std::uint32_t proposal) { pairs_.push_back({prefix, proposal}); }
  /// Puts them in order, each once. Call before looking at them.
  void finish() {
    std::sort(pairs_.begin(), pairs_.end());
    pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
    for (std::uint32_t p = 0; p < pairs_.size(); ++p) {
      if (!keys_.empty() && keys_.back() == pairs_[p].key) continue;
      keys_.push_back(pairs_[p].key);
      first_.push_back(p);
    }
    first_.push_back(static_cast<std::uint32_t>(pairs_.size()));
  }
  std::span<const std::uint32_t> keys() const { return keys_; }
  /// Calls `use(proposal)` for each that asked for key number `k`.
  template <typename Use>
  void askers_of(std::size_t k, Use&& use) const {
    for (std::uint32_t p = first_[k]; p < first_[k + 1]; ++p) use(pairs_[p].row);
  }

 private:
  std::vector<KeyOfRow<std::uint32_t>> pairs_;
  std::vector<std::uint32_t> keys_;
  std::vector<std::uint32_t> first_;  // of each key's pairs
};

constexpr std::size_t kAtOnce = 16384;  // keys in one question
constexpr std::size_t kWorthAsking = 1024;

/// The tags of rows, dealt out by their first bits: tags are as good as random, so the heaps are alike, and each is put
/// in order and asked for by itself.
class TagHeaps {
 public:
  /// `columns` give the tags.
  TagHeaps(std::span<const LinkColumn* const> columns, std::size_t rows, unsigned threads) {
    const std::size_t most = rows * columns.size();
    // Each thread has some, where they are worth a question: whatever their number, tags are met in one order.
    while (bits_ < kMostBits && ((most >> bits_) > kAtOnce || (size() < threads && (most >> bits_) > kWorthAsking)))
      ++bits_;
    const std::size_t stretches = std::min<std::size_t>(threads, rows / kAtOnce + 1);
    std::vector<std::vector<std::size_t>> places(stretches, std::vector<std::size_t>(size()));
    const auto each = [&](std::size_t stretch, auto&& use) {
      for (const LinkColumn* const column : columns) {
        const RowTag* const tags = column->values->tags.data();
        for (std::size_t r = rows * stretch / stretches; r < rows * (stretch + 1) / stretches; ++r)
          if (tags[r] != 0) use(tags[r], static_cast<std::uint32_t>(r));
      }
    };
    parallel_for(threads, stretches, [&](std::size_t stretch) {
      each(stretch, [&](RowTag tag, std::uint32_t) { ++places[stretch][heap_of(tag)]; });
    });
    begin_.assign(size() + 1, 0);
    std::size_t at = 0;
    for (std::size_t h = 0; h < size(); ++h) {
      begin_[h] = at;
      for (auto& of : places) at += std::exchange(of[h], at);
    }
    begin_[size()] = at;
    pairs_.resize(at);
    parallel_for(threads, stretches, [&](std::size_t stretch) {
      each(stretch, [&](RowTag tag, std::uint32_t row) { pairs_[places[stretch][heap_of(tag)]++] = {tag, row}; });
    });
  }
  std::size_t size() const { return std::size_t{1} << bits_; }

  /// One heap in order: keys rising, each once; rows[first[k], first[k + 1]) asked for key k. Reused.
  struct Heap {
    std::vector<RowTag> keys;
    std::vector<std::uint32_t> first, rows;
    std::vector<std::uint64_t> packed, scratch;
  };
  void put_in_order(std::size_t heap, Heap& out) const {
    const std::span<const Pair> pairs(pairs_.data() + begin_[heap], begin_[heap + 1] - begin_[heap]);
    constexpr std::size_t kMost = std::size_t{1} << kPlaceBits;
    out.keys.clear();
    out.first.clear();
    out.rows.clear();
    if (pairs.size() > kMost) {  // a sample of few tags, pasted many times
      std::vector<Pair> sorted(pairs.begin(), pairs.end());
      std::sort(sorted.begin(), sorted.end());
      for (const Pair& pair : sorted) put(pair, out);
    } else {
      out.packed.resize(pairs.size());
      out.scratch.resize(pairs.size());
      for (std::size_t i = 0; i < pairs.size(); ++i) out.packed[i] = pairs[i].key << kPlaceBits | i;
      radix_sort(out.packed, out.scratch, kPlaceBits, kPlaceBits + kTagBits);
      for (const std::uint64_t packed : out.packed) put(pairs[packed & (kMost - 1)], out);
    }
    if (!out.keys.empty()) settle_last(out);
    out.first.push_back(static_cast<std::uint32_t>(out.rows.size()));
  }

 private:
  using Pair = KeyOfRow<RowTag>;
  static constexpr unsigned kMostBits = 12;
  static constexpr unsigned kPlaceBits = 64 - kTagBits;

  std::size_t heap_of(RowTag tag) const { return static_cast<std::size_t>(tag >> (kTagBits - bits_)); }

  static void put(const Pair& pair, Heap& out) {
    if (out.keys.empty() || out.keys.back() != pair.key) {
      if (!out.keys.empty()) settle_last(out);
      out.keys.push_back(pair.key);
      out.first.push_back(static_cast<std::uint32_t>(out.rows.size()));
    }
    out.rows.push_back(pair.row);
  }
  /// A row may have asked for one tag by two columns.
  static void settle_last(Heap& out) {
    const auto begin = out.rows.begin() + out.first.back();
    if (out.rows.end() - begin == 1) return;
    std::sort(begin, out.rows.end());
    out.rows.erase(std::unique(begin, out.rows.end()), out.rows.end());
  }

  unsigned bits_ = 0;
  std::vector<std::size_t> begin_;  // of each heap's pairs
  RoomyVector<Pair> pairs_;
};

/// Rows and records that belong together, in the order of the keys that led there: heap after heap.
using FoundInHeaps = std::vector<std::vector<RowRecord>>;

/// Asks for all tags of the rows, several heaps of them at a time.
FoundInHeaps find_by_tags(const FingerprintStore& store, Epoch epoch, std::span<const LinkColumn> columns,
                          std::size_t rows, const LinkOptions& options, const IdentityReach& reach, RecordPool& pool) {
  std::vector<const LinkColumn*> asked;
  for (const LinkColumn& column : columns) {
    if (identity_rank(column.reading->type) && reach.uses(column.reading->type)) asked.push_back(&column);
  }
  const TagHeaps heaps(asked, rows, options.threads);
  FoundInHeaps found(heaps.size());
  const std::size_t at_once = std::min(heaps.size(), 8 * std::size_t{std::max(1U, options.threads)});
  std::vector<TagHeaps::Heap> in_order(at_once);
  std::vector<RecordAnswers> answers(at_once);
  pool.reserve(rows);
  for (std::size_t from = 0; from < heaps.size(); from += at_once) {
    const std::size_t some = std::min(at_once, heaps.size() - from);
    parallel_for(options.threads, some, [&](std::size_t i) {
      heaps.put_in_order(from + i, in_order[i]);
      store.find_records(epoch, in_order[i].keys, answers[i]);
    });
    pool.take_all(std::span(answers).first(some), options.seen, options.threads,
                  [&](std::size_t i, std::uint32_t query, std::uint32_t record) {
                    const TagHeaps::Heap& heap = in_order[i];
                    for (std::uint32_t r = heap.first[query]; r < heap.first[query + 1]; ++r)
                      found[from + i].push_back({heap.rows[r], record});
                  });
  }
  return found;
}

/// Whether some indexed value of the row stands in a record that was found by its prefix: a prefix is shared by other
/// rows, and exports differ in what they call and index a column as, so any value will do.
bool stands_in(const RecordPool& pool, const RecordPool::Record& record, std::span<const LinkColumn> columns,
               std::uint32_t row) {
  const auto& types = pool.shape(record).types;
  const auto codes = pool.codes(record);
  for (std::size_t c = 0; c < types.size(); ++c) {
    if (codes[c] == kNullCode || codes[c] == kAbsentCode) continue;
    for (const LinkColumn& column : columns) {
      if (column.reading->type != types[c] || column.values->states[row] == ValueState::kNull) continue;
      if (codes[c] == kTagCode ? column.values->tags[row] == record.tag
                               : codes[c] == value_code(column.values->fingerprints[row])) {
        return true;
      }
    }
  }
  return false;
}

/// Pairs of row and record to the lists of rows, each in the order in which they were found.
void list_by_row(std::size_t rows, const FoundInHeaps& found, Links& out) {
  // begin[r + 1] counts the records of row r, then is where its next one goes, at last where row r + 1 begins.
  out.begin.assign(rows + 2, 0);
  std::size_t all = 0;
  for (const auto& some : found) {
    for (const RowRecord& link : some) ++out.begin[link.row + 2];
    all += some.size();
  }
  for (std::size_t r = 1; r < rows; ++r) out.begin[r + 1] += out.begin[r];
  out.records.resize(all);
  for (const auto& some : found) {
    for (const RowRecord& link : some) {
      out.records[out.begin[link.row + 1]++] = link.record;
      out.states[link.row] = LinkState::kLinked;
    }
  }
  out.begin.pop_back();
}

}  // namespace

void link_by_tags(const FingerprintStore& store, Epoch epoch, std::span<const LinkColumn> columns, std::size_t rows,
                  const LinkOptions& options, const IdentityReach& reach, Links& out) {
  out.pool.clear();
  out.states.assign(rows, LinkState::kNone);
  list_by_row(rows, find_by_tags(store, epoch, columns, rows, options, reach, out.pool), out);
}

void link_by_indexes(const FingerprintStore& store, Epoch epoch, std::span<const LinkColumn> columns,
                     std::span<const std::uint32_t> loose, const LinkOptions& options, const Links& by_tags,
                     Links& out) {
  out.pool.clear();
  out.states.resize(loose.size());
  FoundInHeaps all(1);
  std::vector<RowRecord>& found = all.front();
  for (std::uint32_t i = 0; i < loose.size(); ++i) {
    const std::uint32_t row = loose[i];
    out.states[i] = by_tags.states[row];
    for (std::uint32_t l = by_tags.begin[row]; l < by_tags.begin[row + 1]; ++l) {
      found.push_back({i, out.pool.adopt(by_tags.pool, by_tags.pool[by_tags.records[l]])});
    }
  }
  const std::vector<IndexProposal> chosen = propose_by_indexes(store, epoch, columns, loose, options, out.states);
  AskedPrefixes asked;
  for (std::uint32_t p = 0; p < chosen.size(); ++p) asked.add(chosen[p].prefix, p);
  asked.finish();
  RecordAnswers answers;
  for (std::size_t from = 0; from < asked.keys().size(); from += kAtOnce) {
    const auto prefixes = asked.keys().subspan(from, std::min(kAtOnce, asked.keys().size() - from));
    store.find_records_by_prefix(epoch, prefixes, answers);
    std::vector<RowRecord> taken;
    out.pool.take(answers, options.seen, [&](std::uint32_t query, std::uint32_t record) {
      asked.askers_of(from + query, [&](std::uint32_t p) { taken.push_back({chosen[p].loose_row, record}); });
    });
    // What one export calls an identifier, and indexes, is a category of another: that has the row by its tag.
    std::vector<char> stands(taken.size());
    std::vector<KeyOfRow<RowTag>> rows_of;
    for (std::size_t t = 0; t < taken.size(); ++t) {
      const RecordPool::Record& record = out.pool[taken[t].record];
      stands[t] = stands_in(out.pool, record, columns, loose[taken[t].row]) ? 1 : 0;
      if (stands[t] != 0) rows_of.push_back({record.tag, taken[t].row});
    }
    std::sort(rows_of.begin(), rows_of.end());
    for (std::size_t t = 0; t < taken.size(); ++t)
      if (stands[t] != 0 || std::binary_search(rows_of.begin(), rows_of.end(),
                                               KeyOfRow<RowTag>{out.pool[taken[t].record].tag, taken[t].row}))
        found.push_back(taken[t]);
  }
  list_by_row(loose.size(), all, out);
}

void link_rows(const FingerprintStore& store, Epoch epoch, std::span<const LinkColumn> columns, std::size_t rows,
               const LinkOptions& options, Links& out) {
  const IdentityReach reach(store.exports(), options.counted());
  link_by_tags(store, epoch, columns, rows, options, reach, out);
  LooseTest is_loose(columns, out, reach);
  FoundInHeaps all(1);
  std::vector<std::uint32_t> loose;
  for (std::uint32_t r = 0; r < rows; ++r) {
    if (is_loose(r)) {
      loose.push_back(r);
      continue;
    }
    for (std::uint32_t l = out.begin[r]; l < out.begin[r + 1]; ++l) all.front().push_back({r, out.records[l]});
  }
  if (loose.empty()) return;
  Links more;
  for (std::size_t from = 0; from < loose.size(); from += kLooseRows) {
    const auto some = std::span(loose).subspan(from, std::min(kLooseRows, loose.size() - from));
    link_by_indexes(store, epoch, columns, some, options, out, more);
    for (std::size_t i = 0; i < some.size(); ++i) {
      out.states[some[i]] = more.states[i];
      for (std::uint32_t l = more.begin[i]; l < more.begin[i + 1]; ++l) {
        all.front().push_back({some[i], out.pool.adopt(more.pool, more.pool[more.records[l]])});
      }
    }
  }
  list_by_row(rows, all, out);
}

}  // namespace sidik
