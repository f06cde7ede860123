#include "seal/seen_people.h"

#include <algorithm>
#include <atomic>
#include <bit>

#include "base/spread.h"

namespace sidik {
namespace {

constexpr std::uint64_t kFewestWords = 1U << 10, kMostWords = std::uint64_t{1} << 25;
constexpr std::size_t kAhead = 16;  // tags whose words are on their way from memory

}  // namespace

SeenPeople::SeenPeople(std::uint64_t rows) : words_(std::clamp(rows / 2, kFewestWords, kMostWords)) {}

/// Four bits by the last 24. A tag's own bits are 48.
std::uint64_t SeenPeople::bits_of(std::uint64_t hash) {
  std::uint64_t bits = 0;
  for (int i = 0; i < 4; ++i, hash >>= 6) bits |= std::uint64_t{1} << (hash & 63);
  return bits;
}

/// By the first 32.
std::size_t SeenPeople::word_of(std::uint64_t hash) const {
  return static_cast<std::size_t>(((hash >> 32) * words_.size()) >> 32);
}

void SeenPeople::add(std::span<const RowTag> tags) {
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (i + kAhead < tags.size()) __builtin_prefetch(&words_[word_of(spread(tags[i + kAhead]))], 1);
    const std::uint64_t hash = spread(tags[i]), bits = bits_of(hash);
    const std::atomic_ref word(words_[word_of(hash)]);
    if ((word.load(std::memory_order_relaxed) & bits) != bits) word.fetch_or(bits, std::memory_order_relaxed);
  }
}

bool SeenPeople::may_have(RowTag tag) const {
  const std::uint64_t hash = spread(tag), bits = bits_of(hash);
  return (words_[word_of(hash)] & bits) == bits;
}

bool SeenPeople::is_overfull() const {
  std::uint64_t set = 0;
  for (const std::uint64_t word : words_) set += static_cast<std::uint64_t>(std::popcount(word));
  return set > words_.size() * 32;
}

}  // namespace sidik
