#include "seal/canary_maker.h"

#include <algorithm>
#include <cmath>

#include "seal/canary_placing.h"

namespace sidik {
namespace {

constexpr std::uint64_t kRowsACanary = 100;
constexpr double kRisesFrom = 0.3;  // of a sorted column's steps: a constant one sorts nothing

/// What the members of a household have in common: the address, else the phone.
std::optional<std::size_t> household_column(const Schema& schema) {
  for (const FieldType type : {FieldType::kAddress, FieldType::kPhone})
    for (std::size_t c = 0; c < schema.columns.size(); ++c)
      if (schema.columns[c].type == type) return c;
  return std::nullopt;
}

std::optional<ValueFingerprinter> household_fingerprinter(const Secret& secret, const Schema& schema,
                                                          std::optional<std::size_t> column) {
  if (!column) return std::nullopt;
  return ValueFingerprinter(secret, schema.columns[*column].type, schema.columns[*column].options);
}

}  // namespace

std::uint64_t canaries_to_detect(double chance, std::uint64_t rows, std::uint64_t all) {
  const double share = -std::expm1(std::log1p(-chance) / static_cast<double>(rows));
  return static_cast<std::uint64_t>(std::ceil(static_cast<double>(all) * share / (1 - share)));
}

CanaryCensus::CanaryCensus(const SealSecrets& secrets, const Secret& fingerprint_secret, const Schema& schema,
                           std::size_t count, CanaryTraps traps)
    : secrets_(secrets),
      schema_(schema),
      count_(std::min(count, kMostCanaries)),
      traps_(std::move(traps)),
      household_(household_column(schema)),
      identities_(fingerprint_secret, schema),
      household_values_(household_fingerprinter(fingerprint_secret, schema, household_)),
      numbers_(secrets.recipient, "ring"),
      draws_(secrets.recipient, "draw"),
      base_(secrets.recipient, "base", count_ + kSpare + count_ / 20),
      houses_(secrets.recipient, "house", base_.points()),
      places_(secrets.recipient, "place", base_.points() * kPlaces),
      orders_(schema.columns.size()) {
  for (std::size_t c = 0; c < schema.columns.size() && !nik_; ++c)
    if (schema.columns[c].type == FieldType::kNik) nik_ = c;
}

/// Rows that may lend each other names and days: of the same province and sex, for both show in names. 0 where the row
/// has no NIK and the table has.
std::uint32_t CanaryCensus::kind_of(std::string_view nik) const {
  if (!nik_) return 1;
  const auto value = canonical(FieldType::kNik, std::string(nik));
  if (value.state != ValueState::kValid) return 0;
  const auto digit = [&](std::size_t i) { return static_cast<std::uint32_t>(value.text[i] - '0'); };
  return 1 + (digit(0) * 10 + digit(1)) * 2 + (digit(6) >= 4 ? 1 : 0);
}

/// A row's household by what it shares with the others; a row without that is one by itself.
void CanaryCensus::find_households(const Batch& batch) {
  household_of_ = tags_;
  if (!household_) return;
  states_.resize(batch.rows);
  fingerprints_.resize(batch.rows);
  some_.resize(batch.rows);
  household_values_->compute(batch.columns[*household_], states_, fingerprints_, some_);
  for (std::size_t r = 0; r < batch.rows; ++r)
    if (states_[r] == ValueState::kValid) household_of_[r] = fingerprints_[r];
}

void CanaryCensus::observe(const Batch& batch, bool ascii_only) {
  identities_.compute(batch.columns, batch.rows, tags_);
  find_households(batch);
  numbers_.compute(tags_, on_ring_);
  draws_.compute(tags_, drawn_);
  numbers_.compute(household_of_, household_on_ring_);
  follow_order(batch);
  rows_ += batch.rows;
  std::vector<std::string_view> cells(batch.columns.size());
  for (std::size_t r = 0; r < batch.rows; ++r) {
    if (tags_[r] == IdentityTags::kNone) continue;
    for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = batch.columns[c][r];
    if (ascii_only && std::any_of(cells.begin(), cells.end(), [](std::string_view cell) {
          return std::any_of(cell.begin(), cell.end(),
                             [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
        }))
      continue;
    const std::uint64_t own = on_ring_[r], order = batch.row_order[r];
    base_.offer(household_on_ring_[r], own, order, cells);
    if (const std::uint32_t kind = kind_of(nik_ ? cells[*nik_] : std::string_view()); kind != 0)
      namesakes_.offer(kind, own, drawn_[r], order, cells);
    houses_.offer(own, order, cells);
    // A family is planted before another, not into one.
    if (household_of_[r] != last_household_) places_.offer(own, order, cells);
    last_household_ = household_of_[r];
  }
}

void CanaryCensus::follow_order(const Batch& batch) {
  for (std::size_t c = 0; c < orders_.size(); ++c) {
    Order& order = orders_[c];
    for (std::size_t r = 0; r < batch.rows && order.rising; ++r) {
      const std::string_view cell = batch.columns[c][r];
      if (rows_ + r > 0) {
        if (sorts_before(cell, order.last)) order.rising = false;
        order.rises += sorts_before(order.last, cell) ? 1U : 0U;
      }
      order.last.assign(cell);
    }
  }
}

std::optional<std::size_t> CanaryCensus::sorted_by() const {
  for (std::size_t c = 0; c < orders_.size(); ++c)
    if (orders_[c].rising && static_cast<double>(orders_[c].rises) >= kRisesFrom * static_cast<double>(rows_) &&
        rows_ > 2)
      return c;
  return std::nullopt;
}

std::size_t CanaryCensus::most_of(std::uint64_t rows) const {
  return std::min<std::size_t>(count_, static_cast<std::size_t>(rows / kRowsACanary));
}

std::vector<Canary> CanaryCensus::make() const {
  const std::size_t most = most_of(rows_) + kSpare + most_of(rows_) / 20;
  std::vector<Canary> canaries;
  CanaryCode code(secrets_);
  CanaryFamily families(schema_, code, nik_, traps_);
  for (std::size_t i = 0; i < base_.points() && canaries.size() < most; ++i) {
    const Household base = base_.of(i);
    if (!base.found()) break;
    const auto namesake = [&](const Donor& row, std::size_t member) -> const Donor& {
      // Another row's than the member's own, at a number of the member's own.
      const std::string number =
          code.digits("namesake " + std::to_string(i), FieldType::kPersonName, static_cast<unsigned>(member), 18);
      return namesakes_.next(kind_of(nik_ ? row.cells[*nik_] : std::string_view()), std::stoull(number) << 4,
                             row.number);
    };
    const FamilyDonors donors{namesake, houses_.of(i)};
    // Rows that stand together stay together.
    const bool together = base.rows.back().row_order - base.rows.front().row_order < base.rows.size();
    std::size_t member = 0;
    for (Canary& canary : families.make(base, donors, std::to_string(i))) {
      canary.before = places_.of(i * kPlaces + (together ? 0 : member++ % kPlaces)).row_order;
      if (canaries.size() < most) canaries.push_back(std::move(canary));
    }
  }
  return canaries;
}

}  // namespace sidik
