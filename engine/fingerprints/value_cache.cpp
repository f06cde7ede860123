#include "fingerprints/value_cache.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "fingerprints/aes_ecb.h"

namespace sidik {
namespace {

constexpr std::size_t kFirstSlots = 2048;
constexpr std::size_t kMostSlots = 65536;
constexpr std::size_t kGrowth = 4;
constexpr std::uint64_t kDecideAfter = 4;    // values a slot: by then the table is as warm as it gets
constexpr std::uint64_t kFirstLook = 1024;   // values that show a column of unique ones
constexpr std::size_t kFirstPause = 131072;  // values
constexpr std::size_t kLongestPause = 16 * kFirstPause;
constexpr double kWorthGrowing =
    0.05;                           // a larger table must meet so many more, for it leaves the caches of the processor
constexpr double kHopeless = 0.01;  // not worth growing for
constexpr double kCrowded = 0.05;   // share of values that replaced another: the table is too small
constexpr std::size_t kNearBytes = 256U << 10;  // a table that stays in the processor's second cache
constexpr std::size_t kAhead = 64;              // rows hashed and prefetched together

/// Multiplies to 128 bits and folds: enough to spread values over a table in which nothing can chain.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  __extension__ using Product = unsigned __int128;
  const Product product = static_cast<Product>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// A raw value of at most 16 * Blocks bytes, zeros behind it.
template <std::size_t Blocks>
struct RawKey {
  std::array<AesBlock, Blocks> bytes{};

  RawKey() = default;
  explicit RawKey(std::string_view raw) {
    for (std::size_t b = 0; b < Blocks; ++b) {
      const std::size_t rest = raw.size() > 16 * b ? std::min<std::size_t>(raw.size() - 16 * b, 16) : 0;
      bytes[b] = load_first(raw.data() + 16 * b, rest);
    }
  }
  std::uint64_t hash(std::uint32_t shape) const {
    constexpr std::array<std::uint64_t, 2> kOdd = {0x9e3779b97f4a7c15, 0xd6e8feb86659fd93};
    std::uint64_t sum = shape * kOdd[1];
    for (std::size_t b = 0; b < Blocks; ++b)
      sum = (sum << 7 | sum >> 57) + mixed(bytes[b][0] ^ kOdd[0], bytes[b][1] ^ kOdd[1]);
    return mixed(sum ^ kOdd[1], kOdd[0]);
  }
  bool operator==(const RawKey& other) const {
    AesBlock difference{};
    for (std::size_t b = 0; b < Blocks; ++b) difference |= bytes[b] ^ other.bytes[b];
    return (difference[0] | difference[1]) == 0;
  }
};

constexpr std::uint32_t kNotPending = 0xffffffff;

/// A value's length and whether it is asked for as a tag, in one number; 0 for none.
std::uint32_t shape_of(std::size_t length, bool wants_tag) {
  return static_cast<std::uint32_t>(length * 2 + (wants_tag ? 1 : 0));
}

template <std::size_t Blocks>
struct Slot {
  RawKey<Blocks> key;
  Fingerprint fingerprint = 0;
  std::uint32_t pending = kNotPending;  // index of a new value of this batch
  std::uint16_t shape = 0;              // 0: free
  ValueState state = ValueState::kNull;
  bool recent = false;  // met since it was last looked at for replacement
};

/// The two places of a value, on as few cache lines as they can.
template <std::size_t Blocks>
struct alignas(64) Pair {
  std::array<Slot<Blocks>, 2> ways;
};

}  // namespace

void NewValues::clear() {
  raw.clear();
  wants_tag.clear();
  slot.clear();
  states.clear();
  fingerprints.clear();
}

/// The table behind a width; what it counts, ValueCache decides by.
class ValueCache::Table {
 public:
  virtual ~Table() = default;
  virtual std::size_t bytes() const = 0;
  virtual void find(std::span<const std::string_view> raw, std::span<const std::uint8_t> wants_tag,
                    std::span<ValueState> states, std::span<Fingerprint> fingerprints, NewValues& new_values,
                    std::vector<PendingRow>& pending, ValueCache& counts) = 0;
  virtual void settle(const NewValues& new_values) = 0;
};

template <std::size_t Blocks>
class ValueCache::TableOf final : public ValueCache::Table {
 public:
  explicit TableOf(std::size_t slots) : pairs_(slots / 2) {}
  static constexpr std::size_t bytes_of(std::size_t slots) { return slots / 2 * sizeof(Pair<Blocks>); }
  std::size_t bytes() const override { return bytes_of(2 * pairs_.size()); }

  void find(std::span<const std::string_view> raw, std::span<const std::uint8_t> wants_tag,
            std::span<ValueState> states, std::span<Fingerprint> fingerprints, NewValues& new_values,
            std::vector<PendingRow>& pending, ValueCache& counts) override {
    if (bytes() > kNearBytes) {
      // Two passes, so that the slots of many values are on their way before the first is looked at.
      for (std::size_t at = 0; at < raw.size(); at += kAhead) {
        const std::size_t end = std::min(raw.size(), at + kAhead);
        for (std::size_t r = at; r < end; ++r)
          if (fits(raw[r])) prefetch(pair_of(RawKey<Blocks>(raw[r]), shape_at(raw, wants_tag, r)));
        find_rows(at, end, raw, wants_tag, states, fingerprints, new_values, pending, counts);
      }
    } else {
      find_rows(0, raw.size(), raw, wants_tag, states, fingerprints, new_values, pending, counts);
    }
  }

  void settle(const NewValues& new_values) override {
    for (std::size_t i = 0; i < new_values.size(); ++i) {
      auto* slot = static_cast<Slot<Blocks>*>(new_values.slot[i]);
      if (slot == nullptr || slot->pending != i) continue;  // another new value has taken its place since
      slot->pending = kNotPending;
      slot->state = new_values.states[i];
      slot->fingerprint = new_values.fingerprints[i];
    }
  }

 private:
  static bool fits(std::string_view value) { return value.size() - 1 < 16 * Blocks; }  // an empty one does not

  static void prefetch(const Slot<Blocks>* pair) {
    for (std::size_t line = 0; line < sizeof(Pair<Blocks>); line += 64)
      __builtin_prefetch(reinterpret_cast<const char*>(pair) + line);
  }

  static std::uint32_t shape_at(std::span<const std::string_view> raw, std::span<const std::uint8_t> wants_tag,
                                std::size_t r) {
    return shape_of(raw[r].size(), !wants_tag.empty() && wants_tag[r] != 0);
  }

  void find_rows(std::size_t begin, std::size_t end, std::span<const std::string_view> raw,
                 std::span<const std::uint8_t> wants_tag, std::span<ValueState> states,
                 std::span<Fingerprint> fingerprints, NewValues& new_values, std::vector<PendingRow>& pending,
                 ValueCache& counts) {
    std::size_t met = 0, empty = 0;
    for (std::size_t r = begin; r < end; ++r) {
      const std::uint32_t shape = shape_at(raw, wants_tag, r);
      if (fits(raw[r])) {
        const RawKey<Blocks> key(raw[r]);
        Slot<Blocks>* const pair = pair_of(key, shape);
        Slot<Blocks>* slot = pair;
        if (!(slot->shape == shape && slot->key == key)) ++slot;
        if (slot->shape == shape && slot->key == key) {
          ++met;
          if (!slot->recent) slot->recent = true;
        } else {
          slot = replace(pair, key, shape, raw[r], new_values, counts);
        }
        states[r] = slot->state;
        fingerprints[r] = slot->fingerprint;
        if (slot->pending != kNotPending) pending.push_back({static_cast<std::uint32_t>(r), slot->pending});
      } else if (raw[r].empty()) {
        ++empty;
        states[r] = ValueState::kNull;
        fingerprints[r] = 0;
      } else {
        pending.push_back({static_cast<std::uint32_t>(r), add(raw[r], shape, nullptr, new_values)});
      }
    }
    counts.met_ += met;
    counts.asked_ += end - begin - empty;
  }

  /// The first of the two slots that a value may stand in.
  Slot<Blocks>* pair_of(const RawKey<Blocks>& key, std::uint32_t shape) {
    return pairs_[key.hash(shape) & (pairs_.size() - 1)].ways.data();
  }

  static std::uint32_t add(std::string_view raw, std::uint32_t shape, void* slot, NewValues& new_values) {
    const auto index = static_cast<std::uint32_t>(new_values.size());
    new_values.raw.push_back(raw);
    new_values.wants_tag.push_back(shape & 1);
    new_values.slot.push_back(slot);
    return index;
  }

  /// Gives a new value the place of the one of a pair that was met less lately.
  Slot<Blocks>* replace(Slot<Blocks>* pair, const RawKey<Blocks>& key, std::uint32_t shape, std::string_view raw,
                        NewValues& new_values, ValueCache& counts) {
    Slot<Blocks>* const victim = !pair[0].recent ? pair : pair + 1;
    if (pair[0].recent && pair[1].recent) pair[0].recent = false;  // its turn comes next
    if (victim->shape != 0) ++counts.replaced_;
    victim->key = key;
    victim->shape = static_cast<std::uint16_t>(shape);
    victim->recent = false;
    victim->pending = add(raw, shape, victim, new_values);
    return victim;
  }

  std::vector<Pair<Blocks>> pairs_;  // a power of two
};

ValueCache::ValueCache() : slots_(kFirstSlots), largest_(kMostSlots), next_pause_(kFirstPause) {}
ValueCache::~ValueCache() = default;
ValueCache::ValueCache(ValueCache&&) noexcept = default;

void ValueCache::choose_width(std::span<const std::string_view> raw) {
  std::array<std::size_t, 3> fitting{};  // 16, 32, 64 bytes
  for (const std::string_view value : raw) {
    fitting[0] += value.size() <= 16;
    fitting[1] += value.size() <= 32;
    fitting[2] += value.size() <= 64;
  }
  width_ = 0;
  if (fitting[2] * 2 >= raw.size()) width_ = 4;
  if (fitting[1] * 10 >= raw.size() * 9) width_ = 2;
  if (fitting[0] * 10 >= raw.size() * 9) width_ = 1;
}

bool ValueCache::make_table(CacheBudget& budget) {
  const std::size_t bytes = width_ == 1   ? TableOf<1>::bytes_of(slots_)
                            : width_ == 2 ? TableOf<2>::bytes_of(slots_)
                                          : TableOf<4>::bytes_of(slots_);
  if (bytes > budget.left) return false;
  if (width_ == 1) table_ = std::make_unique<TableOf<1>>(slots_);
  if (width_ == 2) table_ = std::make_unique<TableOf<2>>(slots_);
  if (width_ == 4) table_ = std::make_unique<TableOf<4>>(slots_);
  budget.left -= bytes;
  return true;
}

void ValueCache::drop_table(CacheBudget& budget) {
  if (table_) budget.left += table_->bytes();
  table_.reset();
}

void ValueCache::resize_table(std::size_t slots, CacheBudget& budget) {
  drop_table(budget);
  slots_ = slots;
  make_table(budget);
}

void ValueCache::learn(double worthwhile, CacheBudget& budget) {
  const double asked = static_cast<double>(asked_);
  const double met = static_cast<double>(met_) / std::max(asked, 1.0);
  const double replaced = static_cast<double>(replaced_) / std::max(asked, 1.0);
  const bool hopeless = asked_ >= kFirstLook && (met < kHopeless || worthwhile > 1);
  if (asked_ < kDecideAfter * slots_ && !hopeless) return;
  const bool grew_in_vain = met_before_growth_ >= 0 && met < met_before_growth_ + kWorthGrowing;
  if (grew_in_vain) largest_ = slots_before_growth_;
  if (!hopeless && !grew_in_vain && replaced > kCrowded && slots_ < largest_) {
    met_before_growth_ = met;
    slots_before_growth_ = slots_;
    resize_table(std::min(slots_ * kGrowth, largest_), budget);
  } else {
    met_before_growth_ = -1;
    if (met < worthwhile)
      drop_table(budget);
    else if (grew_in_vain)
      resize_table(largest_, budget);
    next_pause_ = table_ ? kFirstPause : next_pause_;
  }
  if (!table_) {
    pause_ = next_pause_;
    next_pause_ = std::min(2 * next_pause_, kLongestPause);
    slots_ = kFirstSlots;
    largest_ = kMostSlots;
    met_before_growth_ = -1;
  }
  asked_ = met_ = replaced_ = 0;
}

bool ValueCache::start_batch(std::span<const std::string_view> raw, double worthwhile, CacheBudget& budget) {
  if (unsettled_) {  // an exception came between find and settle: pending slots point nowhere
    drop_table(budget);
    unsettled_ = false;
  }
  if (table_) learn(worthwhile, budget);
  if (pause_ > 0) {
    pause_ -= std::min(pause_, raw.size());
    return false;
  }
  if (!table_) {
    choose_width(raw);
    if (width_ == 0 || !make_table(budget)) {
      pause_ = kFirstPause;
      return false;
    }
  }
  return true;
}

void ValueCache::find(std::span<const std::string_view> raw, std::span<const std::uint8_t> wants_tag,
                      std::span<ValueState> states, std::span<Fingerprint> fingerprints, NewValues& new_values,
                      std::vector<PendingRow>& pending) {
  unsettled_ = true;
  table_->find(raw, wants_tag, states, fingerprints, new_values, pending, *this);
}

void ValueCache::settle(const NewValues& new_values) {
  table_->settle(new_values);
  unsettled_ = false;
}

}  // namespace sidik
