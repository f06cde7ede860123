#include "trace/index_proposals.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace sidik {
namespace {

constexpr std::uint32_t kShortList = 64;  // prefixes that are fetched unconfirmed: the records themselves decide
constexpr std::uint32_t kBlind = 8;       // the same of longer lists, the shortest first
constexpr std::size_t kMostProposals = std::size_t{1} << 21;  // at once: rows of long lists have thousands each

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// The postings of one cell's value.
struct Posting {
  std::uint32_t column;
  std::uint32_t total;
  std::span<const std::uint32_t> prefixes;
};

/// Postings of all values of the rows `loose`, by row.
class Postings {
 public:
  Postings(const FingerprintStore& store, Epoch epoch, std::span<const LinkColumn> columns,
           std::span<const std::uint32_t> loose) {
    const std::vector<FieldType> indexed = store.indexed_types();
    by_row_.resize(loose.size());
    absent_.resize(loose.size());
    for (const FieldType type : indexed) ask(store, epoch, type, columns, loose);
  }
  const std::vector<Posting>& of(std::size_t loose_row) const { return by_row_[loose_row]; }
  /// Whether some value of the row stands nowhere: then no record is the row as it is.
  bool absent(std::size_t loose_row) const { return absent_[loose_row] != 0; }

 private:
  void ask(const FingerprintStore& store, Epoch epoch, FieldType type, std::span<const LinkColumn> columns,
           std::span<const std::uint32_t> loose) {
    struct Cell {
      IndexValue value;
      std::uint32_t row, column;
      auto operator<=>(const Cell&) const = default;
    };
    std::vector<Cell> cells;
    for (std::uint32_t c = 0; c < columns.size(); ++c) {
      if (columns[c].reading->type != type) continue;
      for (std::uint32_t i = 0; i < loose.size(); ++i) {
        if (columns[c].values->states[loose[i]] == ValueState::kNull) continue;
        cells.push_back({index_value(columns[c].values->fingerprints[loose[i]]), i, c});
      }
    }
    std::sort(cells.begin(), cells.end());
    std::vector<IndexValue> values;
    for (const Cell& cell : cells) {
      if (values.empty() || values.back() != cell.value) values.push_back(cell.value);
    }
    std::size_t next = 0;
    for (std::size_t from = 0; from < values.size(); from += kMostAsked) {
      const auto batch = std::span(values).subspan(from, std::min(kMostAsked, values.size() - from));
      answers_.push_back(std::make_unique<CandidateAnswers>());
      CandidateAnswers& answers = *answers_.back();
      store.find_candidates(epoch, type, batch, kPostingCap, answers);
      std::size_t at = 0;
      for (std::size_t v = 0; v < batch.size(); ++v) {
        const std::size_t begin = at;
        while (at < answers.query.size() && answers.query[at] == v) ++at;
        const auto prefixes = std::span<const std::uint32_t>(answers.prefixes).subspan(begin, at - begin);
        for (; next < cells.size() && cells[next].value == batch[v]; ++next) {
          if (answers.totals[v] > 0)
            by_row_[cells[next].row].push_back({cells[next].column, answers.totals[v], prefixes});
          else
            absent_[cells[next].row] = 1;
        }
      }
    }
  }

  std::vector<std::vector<Posting>> by_row_;
  std::vector<char> absent_;
  std::vector<std::unique_ptr<CandidateAnswers>> answers_;
};

/// One that may be worth fetching, and how many further columns confirm it.
struct Proposal : IndexProposal {
  std::uint32_t column;  // whose list it stands in
  std::uint32_t confirmed = 0;
  std::uint32_t list = 0;  // how many stand in that list
  bool of_short_list() const { return list <= kShortList; }
};

void confirm(const FingerprintStore& store, Epoch epoch, std::span<const LinkColumn> columns,
             std::span<const std::uint32_t> loose, const Postings& postings, std::vector<Proposal>& proposals) {
  // One column confirms once, however many readings of it do.
  std::vector<std::uint64_t> confirmed_by(proposals.size());
  for (std::uint32_t c = 0; c < columns.size(); ++c) {
    std::vector<std::pair<IndexEntry, std::uint32_t>> asked;
    for (std::uint32_t p = 0; p < proposals.size(); ++p) {
      const Proposal& proposal = proposals[p];
      if (columns[proposal.column].reading->column == columns[c].reading->column) continue;
      const auto& lists = postings.of(proposal.loose_row);
      if (std::none_of(lists.begin(), lists.end(), [&](const Posting& list) { return list.column == c; })) continue;
      const Fingerprint value = columns[c].values->fingerprints[loose[proposal.loose_row]];
      asked.emplace_back(index_entry_of(index_value(value), proposal.prefix), p);
    }
    if (asked.empty()) continue;
    std::sort(asked.begin(), asked.end());
    std::vector<IndexEntry> entries;
    for (const auto& [entry, p] : asked) {
      if (entries.empty() || entries.back() != entry) entries.push_back(entry);
    }
    std::vector<std::uint8_t> found(entries.size());
    for (std::size_t from = 0; from < entries.size(); from += kMostAsked) {
      const std::size_t size = std::min(kMostAsked, entries.size() - from);
      store.contains(epoch, columns[c].reading->type, std::span(entries).subspan(from, size),
                     std::span(found).subspan(from, size));
    }
    std::size_t at = 0;
    for (const auto& [entry, p] : asked) {
      while (entries[at] != entry) ++at;
      const std::uint64_t bit = std::uint64_t{1} << (columns[c].reading->column % 64);
      if (found[at] && (confirmed_by[p] & bit) == 0) {
        confirmed_by[p] |= bit;
        ++proposals[p].confirmed;
      }
    }
  }
}

/// Which types each layout of columns indexes, each set once. Bit t of a set: type number t.
std::vector<std::uint32_t> indexed_sets(const std::vector<ExportManifest>& exports, std::span<const char> counted) {
  std::vector<std::uint32_t> sets;
  for (std::size_t e = 0; e < exports.size(); ++e) {
    if (!counted.empty() && !counted[e]) continue;
    std::uint32_t set = 0;
    for (const ExportColumn& column : exports[e].columns) {
      if (column.schema.indexed) set |= 1U << static_cast<unsigned>(column.schema.type);
    }
    sets.push_back(set);
  }
  sort_unique(sets);
  return sets;
}

/// The lists that a row is proposed from: for each layout the two shortest among the types that it indexes (a value may
/// be damaged, or of a column that only other exports index), and all that are short anyway.
std::vector<const Posting*> lists_of(const std::vector<Posting>& postings, std::span<const LinkColumn> columns,
                                     std::span<const std::uint32_t> indexed) {
  std::vector<const Posting*> lists;
  for (const std::uint32_t set : indexed) {
    const Posting* shortest[2] = {};
    for (const Posting& list : postings) {
      if (list.prefixes.empty() || (set >> static_cast<unsigned>(columns[list.column].reading->type) & 1) == 0)
        continue;
      const auto shorter = [&](const Posting* than) {
        return than == nullptr || list.prefixes.size() < than->prefixes.size();
      };
      if (shorter(shortest[0])) {
        shortest[1] = std::exchange(shortest[0], &list);
      } else if (shorter(shortest[1])) {
        shortest[1] = &list;
      }
    }
    for (const Posting* list : shortest) {
      if (list != nullptr) lists.push_back(list);
    }
  }
  for (const Posting& list : postings) {
    if (!list.prefixes.empty() && list.prefixes.size() <= kShortList) lists.push_back(&list);
  }
  sort_unique(lists);
  return lists;
}

/// Proposals of the loose rows from `next` on, as many as fit into memory; the state of rows that have none. `next`
/// becomes the row to go on from.
std::vector<Proposal> propose(const Postings& postings, std::span<const LinkColumn> columns,
                              std::span<const std::uint32_t> indexed, std::vector<LinkState>& states,
                              std::uint32_t& next) {
  std::vector<Proposal> proposals;
  for (; next < states.size() && proposals.size() < kMostProposals; ++next) {
    const std::uint32_t i = next;
    const std::vector<const Posting*> lists = lists_of(postings.of(i), columns, indexed);
    if (lists.empty() && !postings.of(i).empty() && !postings.absent(i) && states[i] == LinkState::kNone) {
      states[i] = LinkState::kNotLinkable;
    }
    for (const Posting* list : lists) {
      const auto size = static_cast<std::uint32_t>(list->prefixes.size());
      for (const std::uint32_t prefix : list->prefixes) proposals.push_back({{i, prefix}, list->column, 0, size});
    }
  }
  return proposals;
}

/// The proposals worth fetching: of each row those that most columns confirm, and those of short lists: an export may
/// have an index of one column only, so that nothing confirms its records while other exports' are confirmed often.
/// Where no column but one was found anywhere, nothing could have confirmed them.
/// A row of more equally good records than are fetched is not linkable: a part of them would be taken for all.
std::vector<Proposal> choose(std::vector<Proposal> proposals, const Postings& postings, const LinkOptions& options,
                             std::vector<LinkState>& states) {
  std::sort(proposals.begin(), proposals.end(), [](const Proposal& a, const Proposal& b) {
    return std::tuple(a.loose_row, b.confirmed, a.list, a.prefix) <
           std::tuple(b.loose_row, a.confirmed, b.list, b.prefix);
  });
  std::vector<Proposal> chosen;
  std::vector<std::uint32_t> taken;
  for (std::size_t from = 0; from < proposals.size();) {
    std::size_t to = from;
    while (to < proposals.size() && proposals[to].loose_row == proposals[from].loose_row) ++to;
    bool others = false;
    for (const Posting& list : postings.of(proposals[from].loose_row)) {
      others = others || list.column != proposals[from].column;
    }
    const std::uint32_t unconfirmed = proposals[from].confirmed == 0 && !others ? options.most_candidates : kBlind;
    taken.clear();
    if (options.surplus == LinkOptions::Surplus::kNothing && (proposals[from].confirmed > 0 || !others)) {
      for (std::size_t p = from; p < to && proposals[p].confirmed == proposals[from].confirmed; ++p)
        taken.push_back(proposals[p].prefix);
      sort_unique(taken);
      if (taken.size() > options.most_candidates) {
        // The row as it is can only stand in its shortest list. Where that is too long as well it is nobody's evidence,
        // unless one of its values is new to us.
        const std::uint32_t row = proposals[from].loose_row;
        const auto& lists = postings.of(row);
        const auto shortest = std::min_element(lists.begin(), lists.end(),
                                               [](const Posting& x, const Posting& y) { return x.total < y.total; });
        if (shortest->total <= options.most_candidates) {
          for (std::size_t p = from; p < to; ++p)
            if (proposals[p].column == shortest->column) chosen.push_back(proposals[p]);
        } else if (states[row] == LinkState::kNone && !postings.absent(row)) {
          states[row] = LinkState::kNotLinkable;
        }
        from = to;
        continue;
      }
      taken.clear();
    }
    std::uint32_t blind = 0;
    for (std::size_t p = from; p < to && taken.size() < options.most_candidates; ++p) {
      if (std::find(taken.begin(), taken.end(), proposals[p].prefix) != taken.end()) continue;
      if (proposals[p].confirmed == 0 && !proposals[p].of_short_list() && blind++ >= unconfirmed) continue;
      taken.push_back(proposals[p].prefix);
      chosen.push_back(proposals[p]);
    }
    from = to;
  }
  return chosen;
}

}  // namespace

std::vector<IndexProposal> propose_by_indexes(const FingerprintStore& store, Epoch epoch,
                                              std::span<const LinkColumn> columns, std::span<const std::uint32_t> loose,
                                              const LinkOptions& options, std::vector<LinkState>& states) {
  const Postings postings(store, epoch, columns, loose);
  const std::vector<std::uint32_t> indexed = indexed_sets(store.exports(), options.counted());
  std::vector<IndexProposal> chosen;
  for (std::uint32_t next = 0; next < states.size();) {
    std::vector<Proposal> proposals = propose(postings, columns, indexed, states, next);
    confirm(store, epoch, columns, loose, postings, proposals);
    proposals = choose(std::move(proposals), postings, options, states);
    chosen.insert(chosen.end(), proposals.begin(), proposals.end());
  }
  return chosen;
}

}  // namespace sidik
