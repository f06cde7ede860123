#include "seal/canary_selection.h"

#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <set>

#include "base/parallel.h"
#include "fields/null_token.h"
#include "seal/canary_family.h"

namespace sidik {
namespace {

constexpr std::size_t kFewestCandidates = 40;  // less show no distribution
constexpr std::size_t kFewValues = 24;         // of a column: one more of them is not seen
constexpr std::size_t kBins = 12;
constexpr std::size_t kSlice = 4096;  // rows that a thread counts at a time
constexpr int kRounds = 24;
constexpr double kLargestWeight = 6;  // mean weights are 1
constexpr double kStep = 0.5;

/// What of a row is counted, or measured.
struct Part {
  enum class What : std::uint8_t {
    kValue,
    kFirstWord,
    kLastWord,
    kDigits,
    kLength,
    kNumber,
    kShape,
    kBothNames
  } what = What::kValue;
  std::size_t column = 0;
  std::size_t from = 0, size = 0;       // of kDigits and kNumber
  std::optional<std::size_t> beside{};  // another column, whose first two digits are looked at together with it
  bool is_counted() const { return what != What::kLength && what != What::kNumber; }

  std::string_view of(std::string_view raw) const {
    switch (what) {
      case What::kFirstWord:
        return raw.substr(0, raw.find_first_of(" ,"));
      case What::kLastWord: {
        raw = raw.substr(0, raw.find(','));
        const std::size_t space = raw.find_last_of(' ');
        return space == std::string_view::npos ? raw : raw.substr(space + 1);
      }
      case What::kDigits:
      case What::kNumber:
        return raw.size() < from + size ? std::string_view() : raw.substr(from, size);
      default:
        return raw;
    }
  }
  double measured(std::string_view raw) const {
    if (what == What::kLength) return static_cast<double>(raw.size());
    double number = 0;
    for (const char c : of(raw)) number = number * 10 + (c >= '0' && c <= '9' ? c - '0' : 0);
    return number;
  }
};

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

/// Of what is counted; `beside` is the row's cell in Part::beside.
std::uint64_t hash_of(const Part& part, std::string_view raw, std::string_view beside) {
  if (part.beside) return hash_of(part.of(raw)) + hash_of(beside.substr(0, 2)) * 31;
  if (part.what == Part::What::kBothNames)
    return hash_of(Part{Part::What::kFirstWord}.of(raw)) + hash_of(Part{Part::What::kLastWord}.of(raw)) * 31;
  if (part.what != Part::What::kShape) return hash_of(part.of(raw));
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a of all but the digits
  for (const char c : raw)
    if (c < '0' || c > '9') hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

/// Counts of the hashes that are asked for.
class Tally {
 public:
  void ask(std::uint64_t hash) { asked_.push_back(hash); }
  void begin() {
    std::sort(asked_.begin(), asked_.end());
    asked_.erase(std::unique(asked_.begin(), asked_.end()), asked_.end());
    std::size_t slots = 1024;
    while (slots < 4 * asked_.size()) slots *= 2;
    mask_ = slots - 1;
    slots_.assign(slots, {});
    for (const std::uint64_t hash : asked_) {
      std::size_t at = hash & mask_;
      while (slots_[at].used) at = (at + 1) & mask_;
      slots_[at] = {hash, 0, true};
    }
  }
  void count(std::uint64_t hash) {
    for (std::size_t at = hash & mask_; slots_[at].used; at = (at + 1) & mask_)
      if (slots_[at].hash == hash) {
        std::atomic_ref(slots_[at].count).fetch_add(1, std::memory_order_relaxed);
        return;
      }
  }
  std::uint64_t of(std::uint64_t hash) const {
    for (std::size_t at = hash & mask_; slots_[at].used; at = (at + 1) & mask_)
      if (slots_[at].hash == hash) return slots_[at].count;
    return 0;
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t count = 0;
    bool used = false;
  };
  std::vector<std::uint64_t> asked_;
  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
};

}  // namespace

struct CanarySelection::State {
  struct Feature {
    Part part;
    Tally tally;
    std::vector<std::uint64_t> of_canary, of_base;  // hashes
    std::vector<double> canary_value, base_value;   // of those that are measured
    std::vector<std::uint32_t> in_family;           // how many of its family have the canary's
  };
  std::vector<Feature> features;
  std::uint64_t one_in = 1;         // of so many rows one is counted
  std::vector<std::size_t> family;  // by candidate

  void add(const Part& part, const std::vector<CanaryCandidate>& candidates) {
    Feature feature{part, {}, {}, {}, {}, {}, {}};
    for (const CanaryCandidate& each : candidates) {
      const std::string &own = each.canary.cells[part.column], &base = each.base[part.column];
      if (!part.is_counted()) {
        feature.canary_value.push_back(part.measured(own));
        feature.base_value.push_back(part.measured(base));
        continue;
      }
      const std::size_t beside = part.beside.value_or(part.column);
      feature.of_canary.push_back(hash_of(part, own, each.canary.cells[beside]));
      feature.of_base.push_back(hash_of(part, base, each.base[beside]));
      feature.tally.ask(feature.of_canary.back());
      feature.tally.ask(feature.of_base.back());
    }
    for (std::size_t i = 0; i < feature.of_canary.size(); ++i) {
      std::uint32_t same = 0;
      for (std::size_t j = i; j-- > 0 && family[j] == family[i];) same += feature.of_canary[j] == feature.of_canary[i];
      for (std::size_t j = i; j < family.size() && family[j] == family[i]; ++j)
        same += feature.of_canary[j] == feature.of_canary[i];
      feature.in_family.push_back(same);
    }
    feature.tally.begin();
    features.push_back(std::move(feature));
  }

  /// Weighing families must leave them as large as they are.
  void add_household_sizes() {
    Feature feature{{Part::What::kLength, 0}, {}, {}, {}, {}, {}, {}};
    for (std::size_t i = 0; i < family.size(); ++i)
      feature.base_value.push_back(static_cast<double>(std::upper_bound(family.begin(), family.end(), family[i]) -
                                                       std::lower_bound(family.begin(), family.end(), family[i])));
    feature.canary_value = feature.base_value;
    features.push_back(std::move(feature));
  }

  /// Bins of equally many base rows; which each canary, and each base row, is in.
  struct Binned {
    std::vector<std::uint8_t> canary, base;
  };
  Binned binned(const Feature& feature) const {
    std::vector<double> own = feature.canary_value, base = feature.base_value;
    for (std::size_t i = 0; i < feature.of_canary.size(); ++i) {
      own.push_back(static_cast<double>(feature.tally.of(feature.of_canary[i])) +
                    static_cast<double>(feature.in_family[i]) / static_cast<double>(one_in));
      base.push_back(static_cast<double>(feature.tally.of(feature.of_base[i])));
    }
    std::vector<double> sorted = base, edges;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t b = 1; b < kBins; ++b) {
      const double edge = sorted[b * sorted.size() / kBins];
      if (edges.empty() || edge > edges.back()) edges.push_back(edge);
    }
    const auto bin = [&](double value) {
      return static_cast<std::uint8_t>(std::upper_bound(edges.begin(), edges.end(), value) - edges.begin());
    };
    Binned out;
    for (const double value : own) out.canary.push_back(bin(value));
    for (const double value : base) out.base.push_back(bin(value));
    return out;
  }
};

CanarySelection::CanarySelection(const Schema& schema, std::optional<std::size_t> nik, std::optional<std::size_t> name,
                                 const std::vector<CanaryCandidate>& candidates)
    : state_(std::make_unique<State>()) {
  for (const CanaryCandidate& each : candidates) {
    state_->family.push_back(each.family);
  }
  if (candidates.size() < kFewestCandidates) return;
  using What = Part::What;
  for (std::size_t c = 0; c < schema.columns.size(); ++c) {
    const FieldType type = schema.columns[c].type;
    if (type == FieldType::kEmail || type == FieldType::kAddress) state_->add({What::kLength, c}, candidates);
    if (type == FieldType::kAddress) state_->add({What::kShape, c}, candidates);
    std::set<std::string_view> values;
    std::size_t kept = 0;
    for (const CanaryCandidate& each : candidates) {
      values.insert(each.base[c]);
      kept += each.base[c] == each.canary.cells[c] ? 1U : 0U;
    }
    // What is each one's own is made anew, and as rare as theirs.
    const bool own = 2 * kept < candidates.size() && type != FieldType::kPersonName && type != FieldType::kText;
    if (!own && values.size() > kFewValues) state_->add({What::kValue, c}, candidates);
  }
  if (nik) {
    state_->add({What::kDigits, *nik, 0, 6}, candidates);   // its district
    state_->add({What::kDigits, *nik, 0, 12}, candidates);  // with the day of birth
    state_->add({What::kDigits, *nik, 6, 4}, candidates);   // the day and month of a man, or of a woman
    state_->add({What::kDigits, *nik, 12, 4}, candidates);  // its serial, and how large that is
    state_->add({What::kNumber, *nik, 12, 4}, candidates);
  }
  if (name)
    for (const What what : {What::kFirstWord, What::kLastWord, What::kBothNames, What::kLength}) {
      state_->add({what, *name}, candidates);
      if (nik && what != What::kLength && what != What::kBothNames)
        state_->add({what, *name, 0, 0, nik}, candidates);  // in the province
    }
  state_->add_household_sizes();
}
CanarySelection::~CanarySelection() = default;

void CanarySelection::observe(const RowSample& sample, unsigned threads) {
  state_->one_in = sample.one_in();
  if (state_->features.empty()) return;
  const auto columns = sample.columns();
  parallel_for(threads, (sample.rows() + kSlice - 1) / kSlice, [&](std::size_t slice) {
    observe(columns, slice * kSlice, std::min(sample.rows(), (slice + 1) * kSlice));
  });
}

void CanarySelection::observe(const std::vector<std::vector<std::string_view>>& columns, std::size_t from,
                              std::size_t to) {
  using What = Part::What;
  // Several features look at the same words.
  struct Words {
    What what;
    std::size_t column;
    std::vector<std::uint64_t> hashes;
  };
  std::vector<Words> words;
  words.reserve(2 * state_->features.size());  // they stay where they are
  const auto words_of = [&](What what, std::size_t column) -> const std::vector<std::uint64_t>& {
    for (const Words& each : words)
      if (each.what == what && each.column == column) return each.hashes;
    Words& made = words.emplace_back(Words{what, column, {}});
    const Part part{what, column};
    for (std::size_t r = from; r < to; ++r) made.hashes.push_back(hash_of(part.of(columns[column][r])));
    return made.hashes;
  };
  for (State::Feature& feature : state_->features) {
    const Part& part = feature.part;
    if (!part.is_counted()) continue;
    const auto& cells = columns[part.column];
    const auto& beside = columns[part.beside.value_or(part.column)];
    if (part.what == What::kBothNames) {
      const auto& first = words_of(What::kFirstWord, part.column);
      const auto& last = words_of(What::kLastWord, part.column);
      for (std::size_t i = 0; i < first.size(); ++i) feature.tally.count(first[i] + last[i] * 31);
    } else if (part.what == What::kFirstWord || part.what == What::kLastWord) {
      const auto& word = words_of(part.what, part.column);
      for (std::size_t i = 0; i < word.size(); ++i)
        feature.tally.count(part.beside ? word[i] + hash_of(beside[from + i].substr(0, 2)) * 31 : word[i]);
    } else {
      for (std::size_t r = from; r < to; ++r) feature.tally.count(hash_of(part, cells[r], beside[r]));
    }
  }
}

std::vector<double> CanarySelection::weights() const {
  const std::size_t all = state_->family.size();
  if (state_->features.empty()) return std::vector<double>(all, 1);
  std::vector<State::Binned> binned;
  for (const State::Feature& feature : state_->features) binned.push_back(state_->binned(feature));

  std::vector<double> weight(all, 1);
  const auto members = [&](std::size_t from) {
    std::size_t to = from;
    while (to < all && state_->family[to] == state_->family[from]) ++to;
    return to - from;
  };
  for (int round = 0; round < kRounds; ++round) {
    for (const State::Binned& feature : binned) {
      const double sum = std::accumulate(weight.begin(), weight.end(), 0.0);
      std::vector<double> now(kBins), then(kBins);
      for (std::size_t i = 0; i < all; ++i) {
        now[feature.canary[i]] += weight[i] / sum;
        then[feature.base[i]] += 1.0 / static_cast<double>(all);
      }
      for (std::size_t i = 0; i < all; i += members(i)) {
        double mean = 0;
        const std::size_t size = members(i);
        for (std::size_t m = i; m < i + size; ++m)
          mean += std::log(std::max(then[feature.canary[m]], 1e-4) / std::max(now[feature.canary[m]], 1e-4));
        const double changed =
            std::clamp(weight[i] * std::exp(kStep * mean / static_cast<double>(size)), 0.01, kLargestWeight);
        for (std::size_t m = i; m < i + size; ++m) weight[m] = changed;
      }
    }
  }
  return weight;
}

std::vector<std::uint8_t> planting_turns(const std::vector<double>& weights, const std::vector<double>& chances,
                                         const std::vector<bool>& lived, std::size_t wanted) {
  const auto living = static_cast<std::size_t>(std::count(lived.begin(), lived.end(), true));
  wanted -= std::min(wanted, living);
  // A family is taken with its share of what is wanted; the scale is found by halving.
  double low = 0, high = 1e4;
  for (int i = 0; i < 60; ++i) {
    const double scale = (low + high) / 2;
    double expected = 0;
    for (std::size_t c = 0; c < weights.size(); ++c) expected += lived[c] ? 0 : std::min(1.0, scale * weights[c]);
    (expected < static_cast<double>(wanted) ? low : high) = scale;
  }
  std::vector<std::uint8_t> turns;
  for (std::size_t c = 0; c < weights.size(); ++c)
    turns.push_back(lived[c] ? 0 : chances[c] < high * weights[c] && wanted > 0 ? 1 : 2);
  return turns;
}

}  // namespace sidik
