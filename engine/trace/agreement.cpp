#include "trace/agreement.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

#include "base/parallel.h"
#include "registry/position_page.h"
#include "trace/column_dependence.h"
#include "trace/completed_rows.h"
#include "trace/finding_heaps.h"
#include "trace/loose_rows.h"
#include "trace/row_finding.h"
#include "trace/row_matcher.h"
#include "trace/value_counts.h"

namespace sidik {
namespace {

constexpr double kMostExpected = 4;          // records that are a row by chance
constexpr double kCappedInformation = 10.5;  // nats: rarer values agree by codes of 16 bits
constexpr std::size_t kFindingBytes = 32;    // a finding takes beside its information
constexpr std::size_t kRowsAtOnce = 4096;

/// Rows are compared in the sample's order, records stand in the order of their tags.
[[gnu::always_inline]] inline void look_ahead(const Links& links, std::size_t row, std::size_t end) {
  constexpr std::size_t kFar = 24, kNear = 12;
  const auto first_of = [&](std::size_t ahead) -> std::optional<std::uint32_t> {
    if (row + ahead >= end || links.begin[row + ahead] == links.begin[row + ahead + 1]) return std::nullopt;
    return links.records[links.begin[row + ahead]];
  };
  if (const auto record = first_of(kFar)) links.pool.prefetch(*record);
  if (const auto record = first_of(kNear)) links.pool.prefetch_codes(*record);
}

/// By place, each tag once.
void keep_first(std::vector<PlacedTag>& placed) {
  std::sort(placed.begin(), placed.end(),
            [](const PlacedTag& a, const PlacedTag& b) { return std::tie(a.tag, a.place) < std::tie(b.tag, b.place); });
  placed.erase(
      std::unique(placed.begin(), placed.end(), [](const PlacedTag& a, const PlacedTag& b) { return a.tag == b.tag; }),
      placed.end());
  std::sort(placed.begin(), placed.end(), [](const PlacedTag& a, const PlacedTag& b) { return a.place < b.place; });
}

/// Whether the export has a column that one of the sample's was mapped to.
bool has_any(const ExportManifest& manifest, const ColumnMap& map) {
  return std::any_of(map.mapped.begin(), map.mapped.end(),
                     [&](const MappedColumn& mapped) { return column_in(mapped, manifest) != nullptr; });
}

}  // namespace

struct AgreementTable::Shared {
  explicit Shared(AgreementTask given)
      : task(std::move(given)),
        plan(task.map, task.roles, task.frequencies, task.store),
        views(plan, task.frequencies, task.store) {
    const double completions = task.map.completions_a_row * static_cast<double>(task.expected_rows);
    completed_share = completions > kCompletionBudget ? kCompletionBudget / completions : 1;
    if (task.expected_rows <= kFewRows) doubt = Doubt::kKeep;
    for (const ExportManifest& manifest : task.store.exports())
      if (has_any(manifest, task.map))
        log_largest = std::max(log_largest, std::log(static_cast<double>(std::max<std::uint64_t>(1, manifest.rows))));
    most_findings = std::max<std::size_t>(100000, task.memory / (kFindingBytes + plan.fields()));
    most_waiting = std::max<std::size_t>(kRowsAtOnce, task.waiting / ReadRows::bytes_a_row(plan));
    if (task.expected_rows > 0) most_waiting = std::clamp(task.expected_rows, kRowsAtOnce, most_waiting);
  }
  FieldMask personal() const {
    FieldMask fields = 0;
    for (std::size_t f = 0; f < plan.fields(); ++f) fields |= task.roles[f].personal ? FieldMask{1} << f : 0;
    return fields;
  }

  AgreementTask task;
  FieldPlan plan;
  ValueViews views;
  double completed_share = 1;
  double log_largest = 0;  // rows of the largest export
  Doubt doubt = Doubt::kForget;
  std::size_t most_findings = 0, most_waiting = 0;
  std::mutex mutex;
  std::condition_variable read;
  unsigned readers = 0;   // threads that read rows into their places
  std::size_t taken = 0;  // places of `waiting`
  std::uint64_t untried = 0;
  std::vector<double> lifts;  // of the rows that waited first
  ReadRows waiting;           // most_waiting places
  Links links;
};

/// One thread's share: what it read, and what it found of the rows that it compared.
class AgreementTable::Worker {
 public:
  explicit Worker(const Shared& shared)
      : findings(shared.plan.fields(),
                 std::min(shared.task.expected_rows, shared.most_findings) / std::max(1U, shared.task.threads)),
        values(shared.views),
        shared_(shared),
        reader_(shared.plan, shared.task.secrets, shared.completed_share, shared.doubt),
        matcher_(shared.plan) {}

  RowsReader& reader() { return reader_; }
  void keep(std::size_t row, const Links& links, std::size_t place);

  FindingHeaps findings;
  std::vector<PlacedTag> placed;
  std::vector<PlacedClass> by_place;
  std::uint64_t rows = 0, linked = 0, not_linkable = 0;
  ValueCounts values;
  std::vector<std::uint32_t> loose_rows;
  Links loose;  // of the rows that are linked through indexes
  const RowMatcher& matcher() const { return matcher_; }

 private:
  bool may_lead(std::size_t row) const;
  bool is_common(std::size_t row) const;

  const Shared& shared_;
  RowsReader reader_;
  RowMatcher matcher_;
};

AgreementTable::AgreementTable(AgreementTask task) : shared_(std::make_unique<Shared>(std::move(task))) {
  for (unsigned thread = 0; thread < std::max(1U, shared_->task.threads); ++thread)
    workers_.push_back(std::make_unique<Worker>(*shared_));
}

AgreementTable::~AgreementTable() = default;

/// Gives so many places of the rows that wait to a thread, to read into; when there are none left, all that wait are
/// linked first.
std::size_t AgreementTable::take_places(std::size_t rows) {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  if (shared.waiting.codes.empty()) shared.waiting.resize(shared.plan, shared.most_waiting);
  while (shared.taken + rows > shared.most_waiting) {
    if (shared.readers == 0)
      link_waiting();
    else
      shared.read.wait(lock);
  }
  ++shared.readers;
  return std::exchange(shared.taken, shared.taken + rows);
}

/// Reads some rows into places of those that wait.
void AgreementTable::read(unsigned thread, std::size_t first, std::size_t rows,
                          std::span<const std::vector<std::string_view>> columns,
                          std::span<const std::uint64_t> places) {
  Shared& shared = *shared_;
  const std::size_t at = take_places(rows);
  ReadCells cells;
  // Whatever comes of it: others wait for the places to be free again.
  const auto done = [&](const RowsReader*) {
    const std::lock_guard lock(shared.mutex);
    shared.waiting.add(std::move(cells));
    --shared.readers;
    shared.read.notify_all();
  };
  const std::unique_ptr<RowsReader, decltype(done)> reader(&workers_[thread]->reader(), done);
  cells = reader->read(columns, first, rows, places, shared.waiting, at);
}

void AgreementTable::examine(unsigned thread, std::size_t rows, std::span<const std::vector<std::string_view>> columns,
                             std::span<const std::uint64_t> places) {
  for (std::size_t first = 0; first < rows; first += kRowsAtOnce)
    read(thread, first, std::min(kRowsAtOnce, rows - first), columns, places);
}

void AgreementTable::examine_all(std::size_t rows, std::span<const std::vector<std::string_view>> columns,
                                 std::span<const std::uint64_t> places) {
  std::atomic<std::size_t> next{0};
  run_on_threads(static_cast<unsigned>(std::min(workers_.size(), rows / kRowsAtOnce + 1)), [&](unsigned thread) {
    for (std::size_t first = next.fetch_add(kRowsAtOnce); first < rows; first = next.fetch_add(kRowsAtOnce)) {
      read(thread, first, std::min(kRowsAtOnce, rows - first), columns, places);
    }
  });
}

/// Links and compares all rows that wait, on all threads.
void AgreementTable::link_waiting() {
  Shared& shared = *shared_;
  ReadRows& all = shared.waiting;
  all.rows = std::exchange(shared.taken, 0);
  const auto by_row = [](const OpenCell& a, const OpenCell& b) { return a.row < b.row; };
  std::stable_sort(all.cells.open.begin(), all.cells.open.end(), by_row);
  std::stable_sort(all.cells.doubtful.begin(), all.cells.doubtful.end(), by_row);
  const auto threads = static_cast<unsigned>(workers_.size());
  LinkOptions options;
  options.seen = shared.task.seen;
  options.threads = threads;
  const FingerprintStore& store = shared.task.store;
  shared.untried += std::exchange(all.cells.untried, 0);
  complete_rows(shared.plan, store, shared.task.secrets, options, all);
  const std::vector<LinkColumn> columns = all.link_columns(shared.plan);
  const Epoch epoch = shared.task.secrets.epochs().front();
  const IdentityReach reach(store.exports(), options.counted());
  if (shared.task.look_for_values && shared.lifts.empty())
    shared.lifts = dependence_lifts(shared.plan, all, shared.personal());
  link_by_tags(store, epoch, columns, all.rows, options, reach, shared.links);
  if (correct_rows(shared.plan, store, shared.task.secrets, options, shared.links.states, all))
    link_by_tags(store, epoch, columns, all.rows, options, reach, shared.links);

  const std::size_t stretches = (all.rows + kRowsAtOnce - 1) / kRowsAtOnce;
  const auto thin_out = [&](Worker& worker) {
    while (worker.findings.size() > shared.most_findings) worker.findings.thin_out(worker.findings.level() + 1);
  };
  std::atomic<std::size_t> next{0};
  const auto useful = static_cast<unsigned>(std::min<std::size_t>(threads, std::max<std::size_t>(1, stretches)));
  run_on_threads(useful, [&](unsigned thread) {
    Worker& worker = *workers_[thread];
    LooseTest is_loose(columns, shared.links, reach);
    for (std::size_t stretch = next++; stretch < stretches; stretch = next++) {
      const std::size_t from = stretch * kRowsAtOnce;
      const std::size_t to = std::min(all.rows, from + kRowsAtOnce);
      for (std::size_t row = from; row < to; ++row) {
        look_ahead(shared.links, row, to);
        if (is_loose(row))
          worker.loose_rows.push_back(static_cast<std::uint32_t>(row));
        else
          worker.keep(row, shared.links, row);
      }
      thin_out(worker);
    }
  });
  std::vector<std::uint32_t> loose;
  for (const auto& worker : workers_) {
    loose.insert(loose.end(), worker->loose_rows.begin(), worker->loose_rows.end());
    worker->loose_rows.clear();
  }
  std::sort(loose.begin(), loose.end());
  const std::size_t heaps = (loose.size() + kLooseRows - 1) / kLooseRows;
  next = 0;
  run_on_threads(static_cast<unsigned>(std::clamp<std::size_t>(heaps, 1, threads)), [&](unsigned thread) {
    Worker& worker = *workers_[thread];
    for (std::size_t heap = next++; heap < heaps; heap = next++) {
      const std::size_t from = heap * kLooseRows;
      const auto some = std::span(loose).subspan(from, std::min(kLooseRows, loose.size() - from));
      link_by_indexes(store, epoch, columns, some, options, shared.links, worker.loose);
      for (std::size_t i = 0; i < some.size(); ++i) worker.keep(some[i], worker.loose, i);
      thin_out(worker);
    }
  });
}

void AgreementTable::Worker::keep(std::size_t row, const Links& links, std::size_t place) {
  const ReadRows& all = shared_.waiting;
  const auto matches = matcher_.match(all, row, links, place);
  // What shows nothing but open cells that could not be tried says nothing.
  if (matches.empty() && all.visible[row] == 0 && all.open[row] != 0) return;
  // Nor does what stands in too many records, or shows nothing that leads to any: it is nobody's evidence.
  const bool leads_nowhere = links.states[place] == LinkState::kNotLinkable || !may_lead(row);
  if (is_common(row) || (matches.empty() && leads_nowhere)) {
    ++not_linkable;
    return;
  }
  ++rows;
  Finding finding{};
  finding.values = all.value_digest[row];
  if (matches.empty()) {
    finding.key = all.row_digest[row] | (std::uint64_t{1} << 63);
    finding.allowed = 1;
  } else {
    const RowMatch& best = matches.front();
    finding.key = best.tag;
    finding.agreeing = static_cast<std::uint16_t>(std::min(best.score, std::uint32_t{65535}));
    finding.allowed = static_cast<std::uint8_t>(std::clamp<std::uint32_t>(best.count, 1, 255));
    finding.clean = best.differs == 0;
    ++linked;
    if (keeps_position(best.tag)) placed.push_back({all.place[row], best.tag});
  }
  if (shared_.task.look_for_values) values.count(all, row, matches.empty() ? 0 : matches.front().agrees, links, place);
  finding.row_class = matcher_.class_of(all.visible[row], all.repeats[row]);
  if (shared_.task.look_for_values) by_place.push_back({all.place[row], finding.row_class});
  findings.add(finding, all.information.data() + row * shared_.plan.fields());
}

/// Whether several records are such a row by chance. Rows of that kind that a sample shows twice are no copies of each
/// other, and counting them once would speak against whoever has them. By what is expected, never by what is found.
bool AgreementTable::Worker::is_common(std::size_t row) const {
  double information = 0;
  for (std::size_t f = 0; f < shared_.plan.fields(); ++f) {
    if ((shared_.waiting.visible[row] >> f & 1) == 0) continue;
    const double one = shared_.waiting.information[row * shared_.plan.fields() + f] * kNatsPerStep;
    if (one > kCappedInformation) return false;
    information += one;
  }
  return information > 0 && shared_.log_largest - information > std::log(kMostExpected);
}

/// Whether the row shows something that could have led to a record. What is no value of its type (a NIK of a region
/// that there is not) stands in no index.
bool AgreementTable::Worker::may_lead(std::size_t row) const {
  if (shared_.task.map.in_vain) return true;
  const ReadRows& all = shared_.waiting;
  for (std::size_t k = 0; k < all.values.size(); ++k) {
    const std::uint32_t f = shared_.plan.field_of(k);
    if ((all.visible[row] >> f & 1) != 0 && shared_.task.map.mapped[f].leads &&
        all.values[k].states[row] == ValueState::kValid)
      return true;
  }
  return false;
}

/// Thins all workers' findings alike, until all of them together are few enough. Returns the level.
unsigned AgreementTable::thin_out_all() {
  unsigned level = 0;
  for (const auto& worker : workers_) level = std::max(level, worker->findings.level());
  while (true) {
    std::size_t findings = 0;
    for (const auto& worker : workers_) {
      worker->findings.thin_out(level);
      findings += worker->findings.size();
    }
    if (findings <= shared_->most_findings) return level;
    ++level;
  }
}

/// The workers' classes by what they are, not by whoever met them first; numbers[w][c] is class c of worker w.
std::vector<std::vector<std::uint32_t>> AgreementTable::unite_classes(std::vector<AgreementClass>& classes) const {
  std::map<ClassKey, std::uint32_t> all;
  std::vector<std::vector<std::uint32_t*>> places;
  for (const auto& worker : workers_) {
    auto& own = places.emplace_back();
    for (const ClassKey& key : worker->matcher().classes()) {
      ClassKey spelled{key[0], key[1]};
      for (std::size_t m = 2; m < key.size(); m += 4) {
        const auto& set = worker->matcher().sets().of(static_cast<std::uint32_t>(key[m + 2]));
        spelled.insert(spelled.end(), {key[m], key[m + 1], key[m + 3], set.size()});
        // Of sets of one size the longer first range comes first: as their members, spelled out, would stand.
        for (const ExportSet::Range& range : set.ranges())
          spelled.push_back(std::uint64_t{range.first} << 32 | (0xffffffff - range.last));
      }
      own.push_back(&all.emplace(std::move(spelled), 0).first->second);
    }
  }
  for (auto& [key, number] : all) {
    number = static_cast<std::uint32_t>(classes.size());
    AgreementClass one;
    one.visible = key[0];
    one.repeats = key[1];
    one.information.resize(shared_->plan.fields());
    for (std::size_t at = 2; at < key.size();) {
      ClassMatch match{key[at], key[at + 1], {}, static_cast<double>(key[at + 2])};
      std::size_t left = key[at + 3];
      for (at += 4; left > 0; ++at) {
        const auto first = static_cast<ExportIndex>(key[at] >> 32);
        const auto last = static_cast<ExportIndex>(0xffffffff - (key[at] & 0xffffffff));
        match.exports.append(first, last);
        left -= last - first + std::size_t{1};
      }
      one.matches.push_back(std::move(match));
    }
    classes.push_back(std::move(one));
  }
  std::vector<std::vector<std::uint32_t>> numbers;
  for (const auto& own : places) {
    auto& row = numbers.emplace_back();
    for (const std::uint32_t* const place : own) row.push_back(*place);
  }
  return numbers;
}

/// Fills the classes' rows and sums of information (in steps). Rows left out because their tag was there already.
std::uint64_t AgreementTable::count_classes(std::vector<AgreementClass>& classes,
                                            const std::vector<std::vector<std::uint32_t>>& numbers) const {
  const std::size_t fields = shared_->plan.fields();
  std::vector<const FindingHeaps*> findings;
  std::size_t all = 0;
  for (const auto& worker : workers_) {
    findings.push_back(&worker->findings);
    all += worker->findings.size();
  }
  const unsigned threads = all < 2 * kRowsAtOnce ? 1 : static_cast<unsigned>(workers_.size());
  const ClassSums sums = count_tags(findings, numbers, classes.size(), fields, threads);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    classes[c].rows = static_cast<double>(sums.rows[c]);
    for (std::size_t f = 0; f < fields; ++f)
      classes[c].information[f] = static_cast<double>(sums.information[c * fields + f]);
  }
  return sums.repeated;
}

/// The rows of classes that will stay, by place.
void AgreementTable::place_rows(Agreement& result, const std::vector<std::vector<std::uint32_t>>& numbers) const {
  std::vector<std::uint32_t> kept;
  std::uint32_t next = 0;
  for (const AgreementClass& one : result.classes) kept.push_back(one.rows == 0 ? ~std::uint32_t{0} : next++);
  for (std::size_t w = 0; w < workers_.size(); ++w) {
    for (const PlacedClass& row : workers_[w]->by_place) {
      const std::uint32_t row_class = kept[numbers[w][row.row_class]];
      if (row_class != ~std::uint32_t{0}) result.rows_by_place.push_back({row.place, row_class});
    }
  }
  std::sort(result.rows_by_place.begin(), result.rows_by_place.end(),
            [](const PlacedClass& a, const PlacedClass& b) { return a.place < b.place; });
}

Agreement AgreementTable::finish() {
  link_waiting();
  Agreement result;
  result.seen.resize(shared_->plan.fields());
  result.unseen.resize(shared_->plan.fields());
  std::vector<const ValueCounts*> counts;
  for (const auto& worker : workers_) {
    result.rows += worker->rows;
    result.linked += worker->linked;
    result.not_linkable += worker->not_linkable;
    result.placed.insert(result.placed.end(), worker->placed.begin(), worker->placed.end());
    counts.push_back(&worker->values);
  }
  if (shared_->task.look_for_values) {
    add_up(counts, shared_->views, shared_->task.store, shared_->task.threads, result.seen, result.unseen);
  }
  const double scale = std::ldexp(1.0, static_cast<int>(thin_out_all()));
  const std::vector<std::vector<std::uint32_t>> numbers = unite_classes(result.classes);
  result.repeated_tags = count_classes(result.classes, numbers);
  result.untried = shared_->untried;
  place_rows(result, numbers);
  std::erase_if(result.classes, [](const AgreementClass& one) { return one.rows == 0; });
  for (AgreementClass& one : result.classes) {
    for (double& information : one.information) information = information * kNatsPerStep / one.rows;
    one.alone = one.information;
    for (std::size_t f = 0; f < shared_->plan.fields(); ++f)
      if ((one.repeats >> f & 1) != 0) one.information[f] = std::min(one.alone[f], shared_->plan.repeated(f));
    one.rows *= scale;
  }
  for (std::size_t f = 0; f < shared_->plan.fields(); ++f) result.told.push_back(shared_->plan.told(f));
  result.lifts = shared_->lifts;
  count_ties_once(result.classes, result.lifts);
  keep_first(result.placed);
  return result;
}

}  // namespace sidik
