#include "seal/donor_ring.h"

#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "fingerprints/key.h"

namespace sidik {
namespace {

void numbers_of(Cmac& cmac, std::span<const std::uint64_t> values, std::vector<std::uint64_t>& out) {
  Bytes text(values.size() * 8 + kTextSlack);
  std::vector<std::uint32_t> begin(values.size() + 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    begin[i] = static_cast<std::uint32_t>(8 * i);
    store_u64(text.data() + 8 * i, values[i]);
  }
  begin[values.size()] = static_cast<std::uint32_t>(8 * values.size());
  out.resize(values.size());
  cmac.compute(text.data(), begin, out);
}

}  // namespace

DonorRing::DonorRing(const Secret& secret, std::string_view role, std::size_t points) {
  Cmac cmac(derive(secret, "sidik/1/seal/donor/" + std::string(role), 16));
  std::vector<std::uint64_t> numbers(points);
  std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
  std::vector<std::uint64_t> drawn;
  numbers_of(cmac, numbers, drawn);
  std::vector<std::size_t> by_number(points);
  std::iota(by_number.begin(), by_number.end(), std::size_t{0});
  std::sort(by_number.begin(), by_number.end(), [&](std::size_t a, std::size_t b) { return drawn[a] < drawn[b]; });
  order_.resize(points);
  for (std::size_t place = 0; place < points; ++place) {
    points_.push_back(drawn[by_number[place]]);
    order_[by_number[place]] = place;
  }
  donors_.resize(points);
}

std::size_t DonorRing::first_after(std::uint64_t number) const {
  return static_cast<std::size_t>(std::upper_bound(points_.begin(), points_.end(), number) - points_.begin());
}

const Donor& DonorRing::of(std::size_t point) const {
  const Donor& donor = donors_[order_[point]];
  return donor.found() ? donor : smallest_;
}

RingNumbers::RingNumbers(const Secret& secret) : cmac_(derive(secret, "sidik/1/seal/ring", 16)) {}

void RingNumbers::compute(std::span<const std::uint64_t> tags, std::vector<std::uint64_t>& out) {
  numbers_of(cmac_, tags, out);
}

}  // namespace sidik
