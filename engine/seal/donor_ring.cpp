#include "seal/donor_ring.h"

#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "fingerprints/key.h"

namespace sidik {
namespace {

constexpr std::size_t kDrawnOfAKind = 256;

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

RingPoints::RingPoints(const Secret& secret, std::string_view role, std::size_t points) {
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
}

std::size_t RingPoints::first_after(std::uint64_t number) const {
  return static_cast<std::size_t>(std::upper_bound(points_.begin(), points_.end(), number) - points_.begin());
}

const Donor& DonorRing::of(std::size_t point) const {
  const Donor& donor = donors_[points_.place_of(point)];
  return donor.found() ? donor : smallest_;
}

Household HouseholdRing::of(std::size_t point) const {
  const Household& next = households_[points_.place_of(point)];
  Household household = next.found() ? next : smallest_;
  if (household.rows.size() > kLargestHousehold) household.rows.resize(1);
  std::sort(household.rows.begin(), household.rows.end(),
            [](const Donor& a, const Donor& b) { return a.row_order < b.row_order; });
  return household;
}

void HouseholdRing::for_each_row(const std::function<void(const Donor&)>& work) const {
  for (const Household& household : households_)
    for (const Donor& row : household.rows) work(row);
}

void HouseholdRing::add(Household& household, std::uint64_t number, std::uint64_t own, std::uint64_t row_order,
                        std::span<const std::string_view> cells) {
  if (household.number != number) {
    household.number = number;
    household.rows.clear();
  }
  // By own numbers, so that of too many rows the same stay whatever their order.
  const auto at = std::upper_bound(household.rows.begin(), household.rows.end(), own,
                                   [](std::uint64_t value, const Donor& row) { return value < row.number; });
  if (household.rows.size() > kLargestHousehold && at == household.rows.end()) return;
  household.rows.insert(at, Donor{})->take(own, row_order, cells);
  if (household.rows.size() > kLargestHousehold + 1) household.rows.pop_back();
}

void DonorPool::offer(std::uint32_t kind, std::uint64_t own, std::uint64_t draw, std::uint64_t row_order,
                      std::span<const std::string_view> cells) {
  auto& drawn = kinds_[kind].drawn;
  const auto by_draw = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (drawn.size() == kDrawnOfAKind) {
    if (draw >= drawn.front().first) return;
    std::pop_heap(drawn.begin(), drawn.end(), by_draw);
    drawn.pop_back();
  }
  drawn.emplace_back(draw, Donor{}).second.take(own, row_order, cells);
  std::push_heap(drawn.begin(), drawn.end(), by_draw);
}

const Donor& DonorPool::next(std::uint32_t kind, std::uint64_t number, std::uint64_t but,
                             const std::function<int(const Donor&)>& fitness) const {
  static const Donor kNobody;
  const Donor* best = &kNobody;
  const auto found = kinds_.find(kind);
  if (found == kinds_.end()) return *best;
  int most = 0;
  for (const auto& [draw, donor] : found->second.drawn) {
    if (donor.number == but) continue;
    const int fits = fitness(donor);
    // On the ring the distance to what comes next, behind the last the first.
    if (best->found() && (fits < most || (fits == most && donor.number - number >= best->number - number))) continue;
    best = &donor;
    most = fits;
  }
  return *best;
}

void DonorPool::for_each_row(const std::function<void(const Donor&)>& work) const {
  for (const auto& [kind, rows] : kinds_)
    for (const auto& [draw, donor] : rows.drawn) work(donor);
}

RingNumbers::RingNumbers(const Secret& secret, std::string_view name)
    : cmac_(derive(secret, "sidik/1/seal/" + std::string(name), 16)) {}

void RingNumbers::compute(std::span<const std::uint64_t> tags, std::vector<std::uint64_t>& out) {
  numbers_of(cmac_, tags, out);
}

}  // namespace sidik
