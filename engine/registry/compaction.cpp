#include "registry/compaction.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/export_set_codec.h"
#include "registry/merge_commit.h"
#include "registry/run_sample.h"

namespace sidik {
namespace {

/// A run joins others where that saves this share of its bytes.
constexpr double kLeastSaved = 0.1;
/// Runs that one step takes in: what is open and decoded at a time.
constexpr std::size_t kFanIn = 64;
/// After a registration: so many runs of one size at least, within this factor, and no more bytes than this.
constexpr std::size_t kTier = 8;
constexpr double kTierFactor = 4;
constexpr std::uint64_t kCheapBytes = std::uint64_t{256} << 20;
constexpr std::size_t kMostLookedAt = 4 * kTier;

/// Runs that gain by standing together.
struct Group {
  Epoch epoch = 0;
  std::vector<const RunInUse*> runs;
  std::vector<std::string> exports;
  bool holds_removed = false;
  std::optional<RunSample> sample;
  std::uint64_t bytes = 0;
};

/// What grouping needs to know of one run.
struct Candidate {
  const RunInUse* use;
  RunSample sample;
  bool holds_removed;
};

Candidate examine(const Registry::State& state, const RunInUse& use, const RegistryKey& key) {
  const auto run = open_for_merge(state, use, key);
  return {&use, RunSample(*run), run->exports().size() != use.exports.size()};
}

/// Largest first, each run joins the group where it saves most, or begins one.
std::vector<Group> group(std::vector<Candidate> candidates) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.use->file.length > b.use->file.length; });
  std::vector<Group> groups;
  for (Candidate& candidate : candidates) {
    Group* best = nullptr;
    double saved = kLeastSaved;
    for (Group& known : groups) {
      if (known.epoch != candidate.use->file.epoch ||
          known.exports.size() + candidate.use->exports.size() > kMostExportsInRun)
        continue;
      const double here = known.sample->saves(candidate.sample);
      if (here < saved) continue;
      best = &known;
      saved = here;
    }
    if (best == nullptr) {
      best = &groups.emplace_back();
      best->epoch = candidate.use->file.epoch;
      best->sample.emplace(std::move(candidate.sample));
    } else {
      best->sample->unite(candidate.sample);
    }
    best->runs.push_back(candidate.use);
    best->holds_removed |= candidate.holds_removed;
    best->bytes += candidate.use->file.length;
    for (const StoredExport& stored : candidate.use->exports)
      best->exports.push_back(stored.envelope.entry.description.name);
  }
  return groups;
}

std::vector<Candidate> examine_all(const Registry::State& state, const RunsInUse& in_use, const RegistryKey& key) {
  std::vector<Candidate> candidates;
  for (const RunInUse& use : in_use.runs) candidates.push_back(examine(state, use, key));
  return candidates;
}

CompactionStep step_of(const Group& group) {
  CompactionStep step;
  for (const RunInUse* use : group.runs) step.runs.push_back(to_hex(use->file.id));
  step.exports = group.exports;
  step.bytes_before = group.bytes;
  step.bytes_after = static_cast<std::uint64_t>(std::min(group.sample->bytes(), static_cast<double>(group.bytes)));
  return step;
}

/// Holds what is read down to a speed.
class Throttle {
 public:
  explicit Throttle(std::uint64_t bytes_a_second) : speed_(bytes_a_second) {}

  void take(std::size_t bytes) {
    if (speed_ == 0) return;
    std::chrono::duration<double> ahead{};
    {
      const std::lock_guard lock(mutex_);
      bytes_ += bytes;
      const std::chrono::duration<double> due(static_cast<double>(bytes_) / static_cast<double>(speed_));
      ahead = due - (std::chrono::steady_clock::now() - begin_);
    }
    if (ahead.count() > 0) std::this_thread::sleep_for(ahead);
  }

 private:
  std::uint64_t speed_;
  std::mutex mutex_;
  std::uint64_t bytes_ = 0;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// Merges one group, in as many steps as its runs need.
class Compaction {
 public:
  Compaction(MergeTurn& turn, const CompactionOptions& options) : turn_(turn), options_(options) {}

  std::uint64_t merge(std::vector<std::pair<std::string, std::uint64_t>> runs) {
    for (;;) {
      std::vector<std::pair<std::string, std::uint64_t>> merged;
      for (std::size_t from = 0; from < runs.size(); from += kFanIn) {
        const std::size_t to = std::min(runs.size(), from + kFanIn);
        if (to - from == 1 && runs.size() > 1) {
          merged.push_back(runs[from]);
          continue;
        }
        std::set<std::string> ids;
        std::uint64_t bytes = 0;
        for (std::size_t r = from; r < to; ++r) {
          ids.insert(runs[r].first);
          bytes += runs[r].second;
        }
        const RunFile file = step(ids, bytes);
        merged.emplace_back(to_hex(file.id), file.length);
      }
      if (merged.size() == 1) return merged.front().second;
      runs = std::move(merged);
    }
  }

  std::size_t number = 0, all = 0;

 private:
  RunFile step(const std::set<std::string>& ids, std::uint64_t bytes) {
    Throttle throttle(options_.bytes_a_second);
    std::mutex mutex;
    CompactionProgress progress{number, all, 0, 3 * bytes};  // records are read twice, and what was written once
    MergeOptions merge;
    merge.threads = options_.threads;
    merge.progress = [&](std::size_t read) {
      throttle.take(read);
      if (!options_.progress) return;
      const std::lock_guard lock(mutex);
      progress.bytes += read;
      options_.progress(progress);
    };
    return turn_.merge(ids, merge);
  }

  MergeTurn& turn_;
  const CompactionOptions& options_;
};

CompactionReport report_on(const RunsInUse& in_use) {
  CompactionReport report;
  report.runs_before = in_use.runs.size();
  for (const RunInUse& use : in_use.runs) report.bytes_before += use.file.length;
  report.runs_after = report.runs_before;
  report.bytes_after = report.bytes_before;
  return report;
}

/// What a look at all runs is noted with: registrations behind it wait for the next one (waiting.h).
std::string state_head(const Registry::State& state) {
  const Transaction transaction = state.catalogue.read();
  return state.catalogue.audit_tip().state_head;
}

std::vector<Group> groups_worth_merging(const Registry::State& state, const RunsInUse& in_use, const RegistryKey& key) {
  std::vector<Group> groups = group(examine_all(state, in_use, key));
  std::erase_if(groups, [](const Group& g) { return g.runs.size() < 2 && !g.holds_removed; });
  return groups;
}

}  // namespace

CompactionReport plan_compaction(Registry& registry, const RegistryKey& key) {
  registry.require_key(key);
  require_may_merge(registry.state(), key);
  RunsInUse in_use = runs_in_use(registry.state());
  CompactionReport report = report_on(in_use);
  report.set_aside = leave_out_set_aside(registry.state(), in_use);
  for (const Group& g : groups_worth_merging(registry.state(), in_use, key)) {
    report.steps.push_back(step_of(g));
    report.runs_after -= g.runs.size() - 1;
    report.bytes_after -= report.steps.back().bytes_before - report.steps.back().bytes_after;
  }
  return report;
}

CompactionReport compact(Registry& registry, const RegistryKey& key, const CompactionOptions& options) {
  registry.require_key(key);
  const auto turn = MergeTurn::await(registry.state(), key);
  if (!turn)
    throw Error(ErrorKind::kBusy, registry.directory().string(),
                "another process is merging runs just now; wait for it (longer with --wait) and run the same command "
                "again");
  CompactionReport report;
  std::vector<CompactionStep> steps;
  std::vector<std::vector<std::pair<std::string, std::uint64_t>>> runs;
  const std::string seen = state_head(registry.state());
  {
    RunsInUse in_use = runs_in_use(registry.state());
    report = report_on(in_use);
    report.set_aside = leave_out_set_aside(registry.state(), in_use);
    for (const Group& g : groups_worth_merging(registry.state(), in_use, key)) {
      steps.push_back(step_of(g));
      auto& of_step = runs.emplace_back();
      for (const RunInUse* use : g.runs) of_step.emplace_back(to_hex(use->file.id), use->file.length);
    }
  }  // nobody holds the generation any more: what each step replaces can go at once
  Compaction compaction(*turn, options);
  compaction.all = steps.size();
  for (std::size_t s = 0; s < steps.size(); ++s) {
    compaction.number = s + 1;
    steps[s].bytes_after = compaction.merge(runs[s]);
    report.runs_after -= steps[s].runs.size() - 1;
    report.bytes_after += steps[s].bytes_after;
    report.bytes_after -= steps[s].bytes_before;
    report.steps.push_back(std::move(steps[s]));
  }
  registry.note(key, "compact", "", seen);
  return report;
}

void compact_after_registration(Registry& registry, const RegistryKey& key, unsigned threads) noexcept {
  try {
    if (!key.can_open()) return;
    Registry::State& state = registry.state();
    std::vector<std::pair<std::string, std::uint64_t>> chosen;
    {
      RunsInUse in_use = runs_in_use(state);
      leave_out_set_aside(state, in_use);
      const auto sequence = [](const RunInUse& use) { return use.exports.back().envelope.sequence; };
      std::sort(in_use.runs.begin(), in_use.runs.end(),
                [&](const RunInUse& a, const RunInUse& b) { return sequence(a) > sequence(b); });
      if (in_use.runs.size() < kTier || sequence(in_use.runs.front()) % kTier != 0) return;
      const RunInUse& newest = in_use.runs.front();
      std::vector<Candidate> candidates;
      std::uint64_t bytes = 0;
      for (const RunInUse& use : in_use.runs) {
        const double times = static_cast<double>(use.file.length) / static_cast<double>(newest.file.length);
        if (times > kTierFactor || times * kTierFactor < 1 || use.file.epoch != newest.file.epoch) continue;
        bytes += use.file.length;
        if (candidates.size() == kMostLookedAt || bytes > kCheapBytes) break;
        candidates.push_back(examine(state, use, key));
      }
      if (candidates.size() < kTier) return;
      for (const Group& g : group(std::move(candidates))) {
        if (g.runs.size() < kTier || std::find(g.runs.begin(), g.runs.end(), &newest) == g.runs.end()) continue;
        for (const RunInUse* use : g.runs) chosen.emplace_back(to_hex(use->file.id), use->file.length);
      }
    }
    if (chosen.empty()) return;
    const auto turn = MergeTurn::take(state, key);
    if (!turn) return;
    CompactionOptions options;
    options.threads = threads;
    Compaction(*turn, options).merge(std::move(chosen));
  } catch (...) {
    // The registration is done; `sidik compact` says what keeps runs from merging.
  }
}

}  // namespace sidik
