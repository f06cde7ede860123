#include "trace/finding_heaps.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <tuple>

#include "base/parallel.h"

namespace sidik {
namespace {

/// Tells which of a heap's findings have their key to themselves: nearly all. Reused.
class SharedKeys {
 public:
  /// shared[i] becomes 1 where another of `places` has the key of places[i].
  void find(std::span<const Place> places, std::vector<std::uint8_t>& shared) {
    shared.assign(places.size(), 0);
    slots_.assign(std::bit_ceil(2 * places.size() + 1), kFree);
    const std::size_t mask = slots_.size() - 1;
    for (std::uint32_t i = 0; i < places.size(); ++i) {
      // All keys of a heap are alike in the last bits of what they are dealt out by.
      std::size_t at = mixed(places[i].key) / FindingHeaps::kHeaps & mask;
      while (slots_[at] != kFree && places[slots_[at]].key != places[i].key) at = (at + 1) & mask;
      if (slots_[at] == kFree) {
        slots_[at] = i;
      } else {
        shared[i] = shared[slots_[at]] = 1;
      }
    }
  }

 private:
  static constexpr std::uint32_t kFree = 0xffffffff;
  std::vector<std::uint32_t> slots_;
};

/// Findings of one identity stand together, in an order that does not depend on who found them.
bool comes_before(const Place& a, const Place& b) {
  const Finding& x = *a.finding;
  const Finding& y = *b.finding;
  if (a.key != b.key) return a.key < b.key;
  return std::tuple(y.clean, y.agreeing, x.values, a.row_class) <
         std::tuple(x.clean, x.agreeing, y.values, b.row_class);
}

}  // namespace

FindingHeaps::FindingHeaps(std::size_t fields, std::size_t expected) : fields_(fields) {
  const std::size_t each = expected / kHeaps;
  if (each < 64) return;
  for (Heap& heap : heaps_) {
    heap.findings.reserve(each + each / 8);
    heap.information.reserve((each + each / 8) * fields);
  }
}

void FindingHeaps::add(const Finding& finding, const std::uint8_t* information) {
  const std::uint64_t key = mixed(finding.key);
  if (!wanted(key)) return;
  Heap& heap = heaps_[key % kHeaps];
  heap.findings.push_back(finding);
  heap.information.insert(heap.information.end(), information, information + fields_);
  ++size_;
}

void FindingHeaps::thin_out(unsigned level) {
  if (level <= level_) return;
  level_ = level;
  size_ = 0;
  for (Heap& heap : heaps_) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < heap.findings.size(); ++i) {
      if (!wanted(mixed(heap.findings[i].key))) continue;
      heap.findings[kept] = heap.findings[i];
      std::copy_n(heap.information.begin() + static_cast<std::ptrdiff_t>(i * fields_), fields_,
                  heap.information.begin() + static_cast<std::ptrdiff_t>(kept * fields_));
      ++kept;
    }
    heap.findings.resize(kept);
    heap.information.resize(kept * fields_);
    size_ += kept;
  }
}

ClassSums count_tags(std::span<const FindingHeaps* const> of, std::span<const std::vector<std::uint32_t>> numbers,
                     std::size_t classes, std::size_t fields, unsigned threads) {
  std::vector<ClassSums> sums(std::max(1U, threads));
  std::atomic<std::size_t> next{0};
  run_on_threads(static_cast<unsigned>(sums.size()), [&](unsigned thread) {
    ClassSums& own = sums[thread];
    own.rows.resize(classes);
    own.information.resize(classes * fields);
    SharedKeys keys;
    std::vector<Place> places, together;
    std::vector<std::uint8_t> shared;
    const auto count = [&](const Place& place) {
      ++own.rows[place.row_class];
      std::uint64_t* const sum = own.information.data() + place.row_class * fields;
      for (std::size_t f = 0; f < fields; ++f) sum[f] += place.information[f];
    };
    for (std::size_t h = next++; h < FindingHeaps::kHeaps; h = next++) {
      places.clear();
      together.clear();
      for (std::size_t w = 0; w < of.size(); ++w) {
        const FindingHeaps::Heap& heap = of[w]->heaps_[h];
        for (std::size_t i = 0; i < heap.findings.size(); ++i) {
          const Finding& finding = heap.findings[i];
          places.push_back(
              {finding.key, &finding, heap.information.data() + i * fields, numbers[w][finding.row_class]});
        }
      }
      keys.find(places, shared);
      for (std::size_t i = 0; i < places.size(); ++i) {
        if (shared[i] != 0)
          together.push_back(places[i]);
        else
          count(places[i]);
      }
      std::sort(together.begin(), together.end(), comes_before);
      own.repeated += each_tag_once(together, count);
    }
  });
  for (std::size_t thread = 1; thread < sums.size(); ++thread) {
    sums[0].repeated += sums[thread].repeated;
    for (std::size_t c = 0; c < classes; ++c) sums[0].rows[c] += sums[thread].rows[c];
    for (std::size_t i = 0; i < classes * fields; ++i) sums[0].information[i] += sums[thread].information[i];
  }
  return std::move(sums[0]);
}

}  // namespace sidik
