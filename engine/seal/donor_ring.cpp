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

std::vector<std::uint64_t> drawn_points(const Secret& secret, std::string_view role, std::size_t points) {
  Cmac cmac(derive(secret, "sidik/1/seal/donor/" + std::string(role), 16));
  std::vector<std::uint64_t> numbers(points);
  std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
  std::vector<std::uint64_t> drawn;
  numbers_of(cmac, numbers, drawn);
  return drawn;
}

}  // namespace

RingPoints::RingPoints(const Secret& secret, std::string_view role, std::size_t points)
    : RingPoints(drawn_points(secret, role, points)) {}

RingPoints::RingPoints(std::span<const std::uint64_t> drawn) {
  const std::size_t points = drawn.size();
  std::vector<std::size_t> by_number(points);
  std::iota(by_number.begin(), by_number.end(), std::size_t{0});
  std::sort(by_number.begin(), by_number.end(), [&](std::size_t a, std::size_t b) { return drawn[a] < drawn[b]; });
  order_.resize(points);
  for (std::size_t place = 0; place < points; ++place) {
    points_.push_back(drawn[by_number[place]]);
    order_[by_number[place]] = place;
  }
  std::size_t buckets = 2;
  for (shift_ = 63; buckets < points; buckets *= 2) --shift_;
  for (std::size_t b = 0, at = 0; b < buckets; ++b) {
    while (at < points && (points_[at] >> shift_) < b) ++at;
    bucket_.push_back(static_cast<std::uint32_t>(at));
  }
}

std::optional<std::uint64_t> PlaceRing::of(std::size_t point) const { return row_of(places_[points_.place_of(point)]); }

std::optional<std::uint64_t> PlaceRing::of_number(std::uint64_t number) const {
  return row_of(places_[points_.first_after(number) - 1]);
}

std::optional<std::uint64_t> PlaceRing::row_of(const Place& next) const {
  if (next.found()) return next.row_order;
  return smallest_.found() ? std::optional(smallest_.row_order) : std::nullopt;
}

void PlaceRing::merge(const PlaceRing& other) {
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (other.places_[i] < places_[i]) places_[i] = other.places_[i];
  if (other.smallest_ < smallest_) smallest_ = other.smallest_;
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

void HouseholdRing::merge(Household& household, Household&& other) {
  if (!other.found() || other.number > household.number) return;
  if (other.number < household.number) {
    household = std::move(other);
    return;
  }
  for (Donor& row : other.rows) household.rows.push_back(std::move(row));
  std::sort(household.rows.begin(), household.rows.end(), [](const Donor& a, const Donor& b) {
    return a.number != b.number ? a.number < b.number : a.row_order < b.row_order;
  });
  if (household.rows.size() > kLargestHousehold + 1) household.rows.resize(kLargestHousehold + 1);
}

void HouseholdRing::merge(HouseholdRing&& other) {
  for (std::size_t i = 0; i < households_.size(); ++i) merge(households_[i], std::move(other.households_[i]));
  merge(smallest_, std::move(other.smallest_));
}

DonorPool::DonorPool(std::vector<std::size_t> columns, std::size_t rows_of_a_kind)
    : columns_(std::move(columns)), rows_of_a_kind_(rows_of_a_kind), largest_(std::make_shared<Largest>()) {
  for (auto& each : *largest_) each.store(~std::uint64_t{0}, std::memory_order_relaxed);
}

void DonorPool::offer(std::uint32_t kind, std::uint64_t own, std::uint64_t draw, std::uint64_t row_order,
                      std::span<const std::string_view> cells) {
  if (kinds_.size() <= kind) kinds_.resize(kind + 1);
  const Draw its(draw, row_order);
  if (its >= kinds_[kind].last) return;
  next_of(kinds_[kind], its).take(own, row_order, cells, columns_);
  settle(kind);
}

Donor& DonorPool::next_of(Kind& kind, const Draw& draw) {
  auto& drawn = kind.drawn;
  if (drawn.size() == rows_of_a_kind_) {
    std::pop_heap(drawn.begin(), drawn.end());
    drawn.back().first = draw;
  } else {
    drawn.emplace_back(draw, static_cast<std::uint32_t>(kind.rows.size()));
    kind.rows.emplace_back();
  }
  return kind.rows[drawn.back().second];
}

void DonorPool::settle(std::uint32_t kind) {
  auto& drawn = kinds_[kind].drawn;
  std::push_heap(drawn.begin(), drawn.end());
  if (drawn.size() != rows_of_a_kind_) return;
  kinds_[kind].last = drawn.front().first;
  if (kind >= kShared) return;
  std::atomic<std::uint64_t>& largest = (*largest_)[kind];
  std::uint64_t before = largest.load(std::memory_order_relaxed);
  while (kinds_[kind].last.first < before &&
         !largest.compare_exchange_weak(before, kinds_[kind].last.first, std::memory_order_relaxed)) {
  }
}

void DonorPool::merge(DonorPool&& other) {
  if (kinds_.size() < other.kinds_.size()) kinds_.resize(other.kinds_.size());
  for (std::size_t k = 0; k < other.kinds_.size(); ++k)
    for (const auto& [draw, row] : other.kinds_[k].drawn)
      if (draw < kinds_[k].last) {
        next_of(kinds_[k], draw) = std::move(other.kinds_[k].rows[row]);
        settle(static_cast<std::uint32_t>(k));
      }
}

const Donor& DonorPool::next(std::uint32_t kind, std::uint64_t number, std::uint64_t but,
                             const std::function<int(const Donor&)>& fitness) const {
  static const Donor kNobody;
  const Donor* best = &kNobody;
  if (kind >= kinds_.size()) return *best;
  int most = 0;
  for (const Donor& donor : kinds_[kind].rows) {
    if (donor.number == but) continue;
    const int fits = fitness(donor);
    if (best->found() && fits < most) continue;
    // On the ring the distance to what comes next, behind the last the first.
    const auto turn = [number](const Donor& row) { return std::pair(row.number - number, row.row_order); };
    if (best->found() && fits == most && turn(donor) >= turn(*best)) continue;
    best = &donor;
    most = fits;
  }
  return *best;
}

void DonorPool::for_each_row(const std::function<void(const Donor&)>& work) const {
  for (const Kind& kind : kinds_)
    for (const Donor& donor : kind.rows) work(donor);
}

void DonorPool::for_each_row(std::uint32_t kind, const std::function<void(const Donor&)>& work) const {
  if (kind >= kinds_.size()) return;
  for (const Donor& donor : kinds_[kind].rows) work(donor);
}

RingNumbers::RingNumbers(const Secret& secret, std::string_view name)
    : cmac_(derive(secret, "sidik/1/seal/" + std::string(name), 16)) {}

void RingNumbers::compute(std::span<const std::uint64_t> tags, std::vector<std::uint64_t>& out) {
  numbers_of(cmac_, tags, out);
}

}  // namespace sidik
