#include "trace/cell_completion.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>
#include <set>

#include "base/parallel.h"
#include "trace/asked_entries.h"
#include "trace/asked_keys.h"

namespace sidik {
namespace {

constexpr double kAtOnce = 2e6;              // completions that are held at a time
constexpr std::uint32_t kMostOfValue = 4;    // candidates of one completion's value
constexpr std::size_t kMostOfRow = 64;       // candidates of a row that is looked up by completions alone
constexpr std::uint32_t kManyRecords = 4;    // of a row: then its completions are indexed
constexpr std::uint32_t kNone = 0xffffffff;  // no record, no completion

/// A candidate record of a row.
struct Candidate {
  std::uint32_t record = kNone;
  double score = 0;                     // columns that agree, open ones by what a chance hit leaves of them
  std::size_t others = 0;               // columns that agree and were never open
  std::size_t confirmed = 0;            // open cells that agree
  std::vector<RowTag> alike;            // identities of the record and of those that fit as well
  std::vector<std::uint32_t> matching;  // by cell of the row: number of the completion, or kNone
  std::vector<char> sure;               // by cell of the row: whether more than a code agrees
  std::vector<char> comparable;         // by cell of the row: whether the record has a value to hold it against
  std::vector<char> torn;               // by cell of the row: whether a record that fits as well has another completion
};

/// The rows that have open cells, and how they stand to the records.
class Completing {
 public:
  Completing(const FingerprintStore& store, const EpochSecrets& secrets, std::span<const OpenColumn> columns,
             std::span<const OpenCell> cells, const LinkOptions& options)
      : store_(store), secrets_(secrets), columns_(columns), cells_(cells), options_(options), findings_(cells.size()) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c == 0 || cells[c].row != cells[c - 1].row) {
        rows_.push_back(cells[c].row);
        first_cell_.push_back(c);
      }
    }
    first_cell_.push_back(cells.size());
    copy_rows();
    find_indexed();
  }

  std::vector<CellFinding> run() {
    link_rows(store_, secrets_.epochs().front(), link_columns_, rows_.size(), options_, links_);
    for (std::size_t from = 0; from < rows_.size();) {
      std::size_t to = from;
      double completions = 0;
      do {
        for (std::size_t c = first_cell_[to]; c < first_cell_[to + 1]; ++c)
          completions += likely_completions(cells_[c].raw, cells_[c].loss, cells_[c].cut);
        ++to;
      } while (to < rows_.size() && completions < kAtOnce);
      complete_rows(from, to);
      from = to;
    }
    return std::move(findings_);
  }

 private:
  /// The rows' values as they are so far: what is open is null.
  void copy_rows() {
    const std::vector<FieldType> indexed = store_.indexed_types();
    values_.resize(columns_.size());
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      const ReadValues& from = *columns_[k].values;
      const FieldType type = columns_[k].reading->type;
      for (const std::uint32_t row : rows_) {
        values_[k].states.push_back(from.states[row]);
        values_[k].fingerprints.push_back(from.fingerprints[row]);
        if (!from.tags.empty()) values_[k].tags.push_back(from.tags[row]);
      }
      if (identity_rank(type) || std::find(indexed.begin(), indexed.end(), type) != indexed.end())
        link_columns_.push_back({columns_[k].reading, &values_[k]});
    }
  }

  /// Columns of which every export has an index.
  void find_indexed() {
    std::set<ColumnId> not_indexed;
    for (const ExportManifest& manifest : store_.exports()) {
      for (const ExportColumn& column : manifest.columns)
        (column.schema.indexed ? indexed_ : not_indexed).insert(column.id);
    }
    for (const ColumnId column : not_indexed) indexed_.erase(column);
  }

  void complete_rows(std::size_t from, std::size_t to) {
    const std::size_t begin = first_cell_[from];
    tried_.clear();
    tried_.resize(first_cell_[to] - begin);
    first_tried_ = begin;
    std::atomic<std::size_t> next{0};
    run_on_threads(options_.threads, [&](unsigned) {
      ColumnReader reader(secrets_);
      for (std::size_t i = next++; i < tried_.size(); i = next++)
        try_values(reader, columns_, cells_[begin + i], tried_[i]);
    });
    std::vector<Candidate> best(to - from);
    parallel_for(options_.threads, to - from, [&](std::size_t i) {
      if (!is_misread(from + i) && links_.begin[from + i + 1] - links_.begin[from + i] >= kManyRecords) index(from + i);
    });
    ask_indexes(from, to);
    parallel_for(options_.threads, to - from, [&](std::size_t i) {
      if (is_misread(from + i)) return;  // what the rest leads to needs no correcting
      for (std::uint32_t l = links_.begin[from + i]; l < links_.begin[from + i + 1]; ++l)
        weigh(from + i, links_.pool, links_.records[l], best[i]);
    });
    parallel_for(options_.threads, to - from, [&](std::size_t i) {
      if (needs_look_up(from + i, best[i])) index(from + i);
    });
    RecordPool pool;
    look_up_tags(from, best, pool);
    look_up_values(from, best, pool);
    ColumnReader reader(secrets_);
    for (std::size_t i = 0; i < best.size(); ++i) settle(reader, from + i, best[i]);
  }

  void index(std::size_t row) {
    for (std::size_t c = first_cell_[row]; c < first_cell_[row + 1]; ++c)
      for (ReadCompletions& read : tried_[c - first_tried_].readings) read.index();
  }

  /// Asks the indexes for all completions at once that some linked record's code agrees with.
  void ask_indexes(std::size_t from, std::size_t to) {
    asked_.clear();
    parallel_for(options_.threads, to - from, [&](std::size_t i) {
      if (!is_misread(from + i)) asked_.add(agreeing_by_code(from + i));
    });
    asked_.ask(store_, secrets_.epochs().front());
  }

  std::vector<AskedEntries::OfType> agreeing_by_code(std::size_t row) const {
    std::vector<AskedEntries::OfType> entries;
    for (std::uint32_t l = links_.begin[row]; l < links_.begin[row + 1]; ++l) {
      const auto& record = links_.pool[links_.records[l]];
      const RecordShape& shape = links_.pool.shape(record);
      const auto codes = links_.pool.codes(record);
      for (std::size_t k = 0; k < codes.size(); ++k) {
        if (codes[k] < kFirstValueCode || indexed_.count(shape.columns[k]) == 0) continue;
        for (std::size_t c = first_cell_[row]; c < first_cell_[row + 1]; ++c)
          for (const ReadCompletions& read : tried_[c - first_tried_].readings)
            if (shape.types[k] == read.type)
              read.find_code(codes[k], [&](std::size_t i) {
                entries.emplace_back(read.type, index_entry_of(read.values[i], tag_prefix(record.tag)));
                return false;
              });
      }
    }
    return entries;
  }

  /// Which of the cell's completions the record holds; kNone for none. Sets `comparable` where it has any such column,
  /// `confirmed` where more than a 16-bit code says so: the tag, or the index under the record's tag.
  std::uint32_t completion_in(const TriedCell& cell, const RecordShape& shape, std::span<const ColumnCode> codes,
                              RowTag tag, char& comparable, char& confirmed) const {
    for (const ReadCompletions& read : cell.readings) {
      for (std::size_t c = 0; c < codes.size(); ++c) {
        if (shape.types[c] != read.type || codes[c] == kAbsentCode || codes[c] == kNullCode) continue;
        comparable = 1;
        if (codes[c] == kTagCode) {
          std::uint32_t number = kNone;
          if (!read.find_tag(tag, [&](std::size_t i) { return (number = read.number[i]) != kNone; })) continue;
          confirmed = 1;
          return number;
        }
        // One completion in seven has a given code by chance, so that versions of a row would be mistaken.
        const bool in_index = indexed_.count(shape.columns[c]) != 0;
        std::uint32_t number = kNone;
        const bool found = read.find_code(codes[c], [&](std::size_t i) {
          if (in_index && !is_in_index(read, i, tag)) return false;
          number = read.number[i];
          return true;
        });
        if (!found) continue;
        confirmed = in_index ? 1 : 0;
        return number;
      }
    }
    return kNone;
  }

  bool is_in_index(const ReadCompletions& read, std::size_t i, RowTag tag) const {
    const IndexEntry entry = index_entry_of(read.values[i], tag_prefix(tag));
    if (const std::optional<bool> asked = asked_.find(read.type, entry)) return *asked;
    std::uint8_t found = 0;
    store_.contains(secrets_.epochs().front(), read.type, std::span(&entry, 1), std::span(&found, 1));
    return found != 0;
  }

  /// Whether the row's open cells are whole numbers that lead nowhere, rather than parts of some.
  bool is_misread(std::size_t row) const { return cells_[first_cell_[row]].loss == Loss::kMisread; }
  bool is_open(std::size_t row, std::size_t column) const {
    for (std::size_t c = first_cell_[row]; c < first_cell_[row + 1]; ++c) {
      if (cells_[c].column == column) return true;
    }
    return false;
  }

  /// How many columns of the row, none of them open, agree with the record.
  std::size_t others_agreeing(std::size_t row, const RecordShape& shape, std::span<const ColumnCode> codes,
                              RowTag tag) const {
    std::size_t agreeing = 0;
    for (std::size_t k = 0; k < columns_.size();) {
      const std::size_t column = columns_[k].reading->column;
      bool agrees = false;
      for (; k < columns_.size() && columns_[k].reading->column == column; ++k) {
        const ReadValues& values = values_[k];
        if (values.states[row] == ValueState::kNull || is_open(row, column)) continue;
        const RowTag own = values.tags.empty() ? 0 : values.tags[row];
        for (std::size_t c = 0; c < codes.size() && !agrees; ++c) {
          agrees = shape.types[c] == columns_[k].reading->type &&
                   standing(values.states[row], values.fingerprints[row], own, codes[c], tag) == Standing::kAgrees;
        }
      }
      agreeing += agrees ? 1 : 0;
    }
    return agreeing;
  }

  /// How many columns of the row show something, none of them open.
  std::size_t others_shown(std::size_t row) const {
    std::size_t shown = 0;
    for (std::size_t k = 0; k < columns_.size();) {
      const std::size_t column = columns_[k].reading->column;
      bool shows = false;
      for (; k < columns_.size() && columns_[k].reading->column == column; ++k)
        shows = shows || values_[k].states[row] != ValueState::kNull;
      shown += shows && !is_open(row, column) ? 1 : 0;
    }
    return shown;
  }

  Candidate compare(std::size_t row, const RecordPool& pool, std::uint32_t record) const {
    const auto& of = pool[record];
    const RecordShape& shape = pool.shape(of);
    const auto codes = pool.codes(of);
    Candidate one;
    one.record = record;
    one.alike = {of.tag};
    one.others = others_agreeing(row, shape, codes, of.tag);
    one.score = static_cast<double>(one.others);
    for (std::size_t c = first_cell_[row]; c < first_cell_[row + 1]; ++c) {
      const TriedCell& cell = tried_[c - first_tried_];
      char comparable = 0;
      char sure = 0;
      const std::uint32_t completion = completion_in(cell, shape, codes, of.tag, comparable, sure);
      one.matching.push_back(completion);
      one.comparable.push_back(comparable);
      one.sure.push_back(sure);
      one.torn.push_back(0);
      if (completion == kNone) continue;
      ++one.confirmed;
      one.score += sure ? 1 : 1 - static_cast<double>(cell.tried) / 65536;
    }
    return one;
  }

  void weigh(std::size_t row, const RecordPool& pool, std::uint32_t record, Candidate& best) const {
    Candidate one = compare(row, pool, record);
    if (best.record != kNone && one.score == best.score) {
      // Versions of the row that all of it fits alike, each with another value: which one is not told.
      for (std::size_t i = 0; i < one.matching.size(); ++i)
        if (one.matching[i] != kNone && best.matching[i] != kNone && one.matching[i] != best.matching[i])
          best.torn[i] = 1;
      return;
    }
    if (one.score > 0 && (best.record == kNone || one.score > best.score)) best = std::move(one);
  }

  /// A record that completions found by themselves: some other value agrees as well, or there is none, or two cells
  /// lead to it. Numbers that are one slip off somebody's are many: half of the other values must agree.
  void weigh_found(std::size_t row, const RecordPool& pool, std::uint32_t record, Candidate& best) const {
    Candidate one = compare(row, pool, record);
    if (one.confirmed == 0) return;
    const std::size_t shown = others_shown(row);
    const std::size_t least = is_misread(row) ? (shown + 1) / 2 : one.confirmed >= 2 || shown == 0 ? 0 : 1;
    if (one.others < least) return;
    if (best.record == kNone || one.score > best.score) {
      best = std::move(one);
    } else if (one.score == best.score &&
               std::find(best.alike.begin(), best.alike.end(), one.alike.front()) == best.alike.end()) {
      best.alike.push_back(one.alike.front());
    }
  }

  /// Whether the record that the rest led to leaves a cell unexplained, or there is none.
  bool needs_look_up(std::size_t row, const Candidate& best) const {
    if (is_misread(row)) return links_.begin[row] == links_.begin[row + 1];
    bool confirmed = false;
    for (std::size_t i = 0; i < best.matching.size(); ++i) {
      if (best.matching[i] != kNone)
        confirmed = true;
      else if (best.comparable[i] != 0 &&
               tried_[first_cell_[row] + i - first_tried_].completeness == Completeness::kAll)
        return true;
    }
    return !confirmed;
  }

  void look_up_tags(std::size_t from, std::vector<Candidate>& best, RecordPool& pool) {
    std::vector<AskedKey> asked;
    for (std::uint32_t i = 0; i < best.size(); ++i) {
      if (!needs_look_up(from + i, best[i])) continue;
      for (std::size_t c = first_cell_[from + i]; c < first_cell_[from + i + 1]; ++c) {
        TriedCell& cell = tried_[c - first_tried_];
        for (const ReadCompletions& read : cell.readings) {
          for (const RowTag tag : read.tags) asked.push_back({tag, i});
          cell.looked_up = cell.looked_up || !read.tags.empty();
        }
      }
    }
    sort_dealt(asked, kTagBits, options_.threads);
    const std::vector<RowTag> tags = distinct_keys(asked);
    const std::size_t batches = (tags.size() + kMostAsked - 1) / kMostAsked;
    const std::size_t wave = std::max(1U, options_.threads);
    for (std::size_t first = 0; first < batches; first += wave) {
      const std::size_t some = std::min(wave, batches - first);
      std::vector<RecordAnswers> answers(some);
      const auto batch = [&](std::size_t b) {
        return std::span<const RowTag>(tags).subspan((first + b) * kMostAsked,
                                                     std::min(kMostAsked, tags.size() - (first + b) * kMostAsked));
      };
      parallel_for(options_.threads, some,
                   [&](std::size_t b) { store_.find_records(secrets_.epochs().front(), batch(b), answers[b]); });
      for (std::size_t b = 0; b < some; ++b) {
        std::vector<std::pair<RowTag, std::uint32_t>> found;
        pool.take(answers[b], options_.seen,
                  [&](std::uint32_t query, std::uint32_t record) { found.emplace_back(batch(b)[query], record); });
        std::sort(found.begin(), found.end());
        for (const auto& [tag, record] : found) {
          for (auto at = std::lower_bound(asked.begin(), asked.end(), AskedKey{tag, 0});
               at != asked.end() && at->key == tag; ++at)
            weigh_found(from + at->place, pool, record, best[at->place]);
        }
      }
    }
  }

  /// Rows that tags did not place, by the indexes of what they may have shown.
  void look_up_values(std::size_t from, std::vector<Candidate>& best, RecordPool& pool) {
    for (const FieldType type : store_.indexed_types()) {
      std::vector<AskedKey> asked;
      for (std::uint32_t i = 0; i < best.size(); ++i) {
        if (!needs_look_up(from + i, best[i])) continue;
        for (std::size_t c = first_cell_[from + i]; c < first_cell_[from + i + 1]; ++c) {
          TriedCell& cell = tried_[c - first_tried_];
          for (const ReadCompletions& read : cell.readings) {
            if (read.type != type) continue;
            cell.looked_up = true;
            for (const IndexValue value : read.values) asked.push_back({value, i});
          }
        }
      }
      sort_dealt(asked, 64, options_.threads);
      const std::vector<IndexValue> values = distinct_keys(asked);
      std::vector<std::pair<std::uint32_t, std::uint32_t>> proposed;  // (place, prefix)
      std::mutex mutex;
      parallel_for(options_.threads, (values.size() + kMostAsked - 1) / kMostAsked, [&](std::size_t b) {
        const auto batch = std::span<const IndexValue>(values).subspan(
            b * kMostAsked, std::min(kMostAsked, values.size() - b * kMostAsked));
        CandidateAnswers answers;
        store_.find_candidates(secrets_.epochs().front(), type, batch, kMostOfValue, answers);
        const std::lock_guard lock(mutex);  // fetch_proposed sorts them: their order does not matter
        for (std::size_t a = 0; a < answers.query.size(); ++a) {
          const IndexValue value = batch[answers.query[a]];
          for (auto at = std::lower_bound(asked.begin(), asked.end(), AskedKey{value, 0});
               at != asked.end() && at->key == value; ++at)
            proposed.emplace_back(at->place, answers.prefixes[a]);
        }
      });
      fetch_proposed(from, proposed, best, pool);
    }
  }

  void fetch_proposed(std::size_t from, std::vector<std::pair<std::uint32_t, std::uint32_t>>& proposed,
                      std::vector<Candidate>& best, RecordPool& pool) const {
    std::sort(proposed.begin(), proposed.end());
    proposed.erase(std::unique(proposed.begin(), proposed.end()), proposed.end());
    // Of a row that a hundred records may be, none is named.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> few;  // (prefix, place)
    for (std::size_t a = 0; a < proposed.size();) {
      std::size_t b = a;
      while (b < proposed.size() && proposed[b].first == proposed[a].first) ++b;
      if (b - a <= kMostOfRow) {
        for (std::size_t i = a; i < b; ++i) few.emplace_back(proposed[i].second, proposed[i].first);
      }
      a = b;
    }
    std::sort(few.begin(), few.end());
    std::vector<std::uint32_t> prefixes;
    for (const auto& one : few) {
      if (prefixes.empty() || prefixes.back() != one.first) prefixes.push_back(one.first);
    }
    for (std::size_t first = 0; first < prefixes.size(); first += kMostAsked) {
      const auto batch =
          std::span<const std::uint32_t>(prefixes).subspan(first, std::min(kMostAsked, prefixes.size() - first));
      RecordAnswers answers;
      store_.find_records_by_prefix(secrets_.epochs().front(), batch, answers);
      pool.take(answers, options_.seen, [&](std::uint32_t query, std::uint32_t record) {
        for (auto at = std::lower_bound(few.begin(), few.end(), std::pair(batch[query], std::uint32_t{0}));
             at != few.end() && at->first == batch[query]; ++at)
          weigh_found(from + at->second, pool, record, best[at->second]);
      });
    }
  }

  void settle(ColumnReader& reader, std::size_t row, const Candidate& best) {
    for (std::size_t c = first_cell_[row]; c < first_cell_[row + 1]; ++c) {
      const TriedCell& cell = tried_[c - first_tried_];
      CellFinding& finding = findings_[c];
      const std::size_t i = c - first_cell_[row];
      if (best.record != kNone && best.torn[i] != 0) continue;
      if (best.record != kNone && best.matching[i] != kNone) {
        finding = {CellState::kCompleted, static_cast<double>(std::max<std::size_t>(1, cell.tried)),
                   best.sure[i] != 0 ? ComparedBy::kTag : ComparedBy::kCode, static_cast<double>(best.alike.size())};
        set_value(reader, cells_[c], cell.texts[best.matching[i]]);
        continue;
      }
      if (cell.completeness != Completeness::kAll) continue;
      const bool held_against = best.record != kNone ? best.comparable[i] != 0 : cell.looked_up;
      if (!held_against) continue;
      finding.state = CellState::kContradicted;
      set_value(reader, cells_[c], cells_[c].raw);
    }
  }

  void set_value(ColumnReader& reader, const OpenCell& cell, std::string_view text) const {
    Completions one;
    one.add(text);
    const auto views = one.views();
    ReadValues values;
    for (const OpenColumn& column : columns_) {
      if (column.reading->column != cell.column) continue;
      reader.read(*column.reading, views, values);
      column.values->states[cell.row] = values.states[0];
      column.values->fingerprints[cell.row] = values.fingerprints[0];
      if (!column.values->tags.empty()) column.values->tags[cell.row] = values.tags[0];
    }
  }

  const FingerprintStore& store_;
  const EpochSecrets& secrets_;
  std::span<const OpenColumn> columns_;
  std::span<const OpenCell> cells_;
  LinkOptions options_;
  std::vector<CellFinding> findings_;
  std::vector<std::uint32_t> rows_;      // of `columns_`, that have open cells
  std::vector<std::size_t> first_cell_;  // one a row, and the end
  std::vector<ReadValues> values_;       // of these rows, one a column
  std::vector<LinkColumn> link_columns_;
  Links links_;
  std::set<ColumnId> indexed_;
  AskedEntries asked_;
  std::vector<TriedCell> tried_;  // of the rows at hand
  std::size_t first_tried_ = 0;   // their first cell
};

}  // namespace

std::vector<CellFinding> complete_cells(const FingerprintStore& store, const EpochSecrets& secrets,
                                        std::span<const OpenColumn> columns, std::span<const OpenCell> cells,
                                        const LinkOptions& options) {
  if (cells.empty()) return {};
  return Completing(store, secrets, columns, cells, options).run();
}

}  // namespace sidik
