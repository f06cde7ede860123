#include "registry/column_tally.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace sidik {
namespace {

constexpr unsigned kRegisterBits = 14;
constexpr std::size_t kRegisters = std::size_t{1} << kRegisterBits;
constexpr unsigned kRankBits = 64 - kRegisterBits;
constexpr std::size_t kExactPlaces = 4096;
constexpr std::size_t kRecent = 256;

/// Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6: sigma and tau.
double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1, z = x, previous;
  do {
    x *= x;
    previous = z;
    z += x * y;
    y += y;
  } while (z != previous);
  return z;
}
double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1, z = 1 - x, previous;
  do {
    x = std::sqrt(x);
    previous = z;
    y /= 2;
    z -= (1 - x) * (1 - x) * y;
  } while (z != previous);
  return z / 3;
}

}  // namespace

ColumnTally::ColumnTally()
    : counts_(std::size_t{1} << 16), registers_(kRegisters), exact_(kExactPlaces), recent_(kRecent) {}

void ColumnTally::add(std::span<const Fingerprint> fingerprints, std::span<const ColumnCode> codes) {
  for (const ColumnCode code : codes)
    if (++counts_[code] == 0) [[unlikely]] {
      if (wraps_.empty()) wraps_.resize(counts_.size());
      ++wraps_[code];
    }
  if (exact_.empty()) {
    for (const Fingerprint f : fingerprints) {
      if (f == 0) continue;
      std::uint8_t& known = registers_[f >> kRankBits];
      const auto rank = static_cast<std::uint8_t>(
          std::countl_zero((f << kRegisterBits) | (std::uint64_t{1} << (kRegisterBits - 1))) + 1);
      known = std::max(known, rank);
    }
    return;
  }
  for (const Fingerprint f : fingerprints) {
    Fingerprint& recent = recent_[f % kRecent];
    if (f == 0 || recent == f) continue;
    recent = f;
    add_distinct(f);
  }
}

void ColumnTally::add_distinct(Fingerprint f) {
  std::uint8_t& known = registers_[f >> kRankBits];
  const auto rank =
      static_cast<std::uint8_t>(std::countl_zero((f << kRegisterBits) | (std::uint64_t{1} << (kRegisterBits - 1))) + 1);
  known = std::max(known, rank);
  add_exact(f);
}

void ColumnTally::add_exact(Fingerprint f) {
  if (exact_.empty()) return;
  std::size_t place = (f >> 20) % kExactPlaces;
  while (exact_[place] != 0) {
    if (exact_[place] == f) return;
    place = (place + 1) % kExactPlaces;
  }
  if (exact_count_ == kExactDistinct) return exact_.clear();
  exact_[place] = f;
  ++exact_count_;
}

void ColumnTally::add(const ColumnTally& other) {
  for (std::size_t c = 0; c < counts_.size(); ++c) {
    const std::uint64_t sum = count(c) + other.count(c);
    counts_[c] = static_cast<std::uint16_t>(sum);
    if (sum >> 16 == 0) continue;
    if (wraps_.empty()) wraps_.resize(counts_.size());
    wraps_[c] = sum >> 16;
  }
  for (std::size_t r = 0; r < kRegisters; ++r) registers_[r] = std::max(registers_[r], other.registers_[r]);
  if (other.exact_.empty()) exact_.clear();
  for (const Fingerprint f : other.exact_)
    if (f != 0) add_exact(f);
}

std::vector<CodeFrequency> ColumnTally::frequencies() const {
  std::vector<CodeFrequency> out;
  for (std::size_t c = 0; c < counts_.size(); ++c)
    if (const std::uint64_t n = count(c); n > 0) out.push_back({static_cast<ColumnCode>(c), n});
  return out;
}

double ColumnTally::estimate() const {
  std::array<double, kRankBits + 2> multiplicity{};
  for (const std::uint8_t rank : registers_) ++multiplicity[rank];
  constexpr auto m = static_cast<double>(kRegisters);
  double z = m * tau(1 - multiplicity[kRankBits + 1] / m);
  for (std::size_t k = kRankBits; k >= 1; --k) z = 0.5 * (z + multiplicity[k]);
  z += m * sigma(multiplicity[0] / m);
  return m * m / (2 * std::log(2.0) * z);
}

void ColumnTally::describe(ColumnStatistics& out) const {
  out.nulls = count(kNullCode);
  out.distinct = exact_.empty() ? static_cast<std::uint64_t>(std::llround(estimate())) : exact_count_;
  out.frequent.clear();
  for (std::size_t c = kFirstValueCode; c < counts_.size(); ++c)
    if (const std::uint64_t n = count(c); n > 0) out.frequent.push_back({static_cast<ColumnCode>(c), n});
  const std::size_t most = std::min(exact_.empty() ? kMostFrequent : kExactDistinct, out.frequent.size());
  std::partial_sort(
      out.frequent.begin(), out.frequent.begin() + static_cast<std::ptrdiff_t>(most), out.frequent.end(),
      [](const CodeCount& a, const CodeCount& b) { return a.count != b.count ? a.count > b.count : a.code < b.code; });
  out.frequent.resize(most);
}

}  // namespace sidik
