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

/// A NIK's first six digits, and whether its day is a woman's; all 0 for what is no NIK. Plain ones need no copy.
struct NikPlace {
  std::uint32_t district = 0;
  bool woman = false;
};
NikPlace nik_place(std::string_view raw) {
  CanonicalValue value;
  if (raw.size() != 16 || !std::all_of(raw.begin(), raw.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    value = canonical(FieldType::kNik, std::string(raw));
    if (value.state != ValueState::kValid) return {};
    raw = value.text;
  }
  NikPlace place;
  for (const char c : raw.substr(0, 6)) place.district = place.district * 10 + static_cast<std::uint32_t>(c - '0');
  place.woman = raw[6] >= '4';
  return place;
}

std::vector<std::string_view> views_of(const Donor& donor) { return {donor.cells.begin(), donor.cells.end()}; }

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
      base_(secrets.recipient, "base", candidates_for(count_)),
      places_(secrets.recipient, "place", base_.points() * kPlaces),
      orders_(schema.columns.size()) {
  for (std::size_t c = 0; c < schema.columns.size() && !nik_; ++c)
    if (schema.columns[c].type == FieldType::kNik) nik_ = c;
  for (std::size_t c = 0; c < schema.columns.size() && !name_; ++c)
    if (is_name(schema.columns[c])) name_ = c;
}

/// Rows that may lend each other names and days: of the same province and sex, for both show in names, and with as many
/// names. 0 where the row has no NIK and the table has.
std::uint32_t CanaryCensus::kind_of(std::span<const std::string_view> cells) const {
  std::uint32_t names = 0;
  if (name_) {
    const std::string_view name = cells[*name_].substr(0, cells[*name_].find(','));
    names = std::min<std::uint32_t>(2, static_cast<std::uint32_t>(std::count(name.begin(), name.end(), ' ')));
  }
  if (!nik_) return 1 + names;
  const NikPlace place = nik_place(cells[*nik_]);
  return place.district == 0 ? 0 : 1 + names + 3 * (place.district / 10000 * 2 + (place.woman ? 1 : 0));
}

/// Rows whose streets and numbers may stand in each other's addresses: of the same province, of a town or of the
/// country (a NIK's third digit tells).
std::uint32_t CanaryCensus::setting_of(std::span<const std::string_view> cells) const {
  if (!nik_) return 0;
  const std::uint32_t district = nik_place(cells[*nik_]).district;
  return district / 10000 * 2 + (district / 1000 % 10 == 7 ? 1 : 0);
}

std::set<std::string> CanaryCensus::names_of(const Household& household) const {
  std::set<std::string> names;
  if (name_)
    for (const Donor& row : household.rows)
      for (std::string& word : name_words(row.cells[*name_])) names.insert(std::move(word));
  return names;
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
    houses_.offer(setting_of(cells), own, drawn_[r], order, cells);
    if (const std::uint32_t kind = kind_of(cells); kind != 0) namesakes_.offer(kind, own, drawn_[r], order, cells);
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

/// Three times as many, fewer where that would be many; some more where there are few.
std::size_t CanaryCensus::candidates_for(std::size_t count) {
  constexpr std::size_t kMostBeside = 20000;
  return count + 8 + std::max(count / 20, std::min(2 * count, kMostBeside));
}

std::size_t CanaryCensus::most_of(std::uint64_t rows) const {
  return std::min<std::size_t>(count_, static_cast<std::size_t>(rows / kRowsACanary));
}

/// The rows that are kept are the same from month to month, nearly.
TableShape CanaryCensus::shape() const {
  TableShape shape;
  shape.numbers.resize(schema_.columns.size());
  shape.dates.resize(schema_.columns.size());
  const auto observe = [&](const Donor& row) {
    for (std::size_t c = 0; c < schema_.columns.size(); ++c) {
      const ColumnSchema& column = schema_.columns[c];
      if (is_null_token(row.cells[c])) continue;
      if (column.type == FieldType::kIdentifier || column.type == FieldType::kPhone)
        shape.numbers[c].observe(row.cells[c]);
      if (column.type == FieldType::kDate || column.type == FieldType::kTimestamp)
        if (const auto date = canonical(column.type, row.cells[c], column.options); date.state == ValueState::kValid)
          shape.dates[c].observe(date.text.substr(0, 10));
    }
    if (const std::string birthday = nik_ ? birthday_of(row.cells[*nik_]) : std::string(); !birthday.empty())
      shape.birthdays.observe(birthday);
  };
  base_.for_each_row(observe);
  houses_.for_each_row(observe);
  namesakes_.for_each_row(observe);
  return shape;
}

std::vector<CanaryCandidate> CanaryCensus::make() {
  const std::size_t most = candidates_for(most_of(rows_));
  std::vector<CanaryCandidate> canaries;
  CanaryCode code(secrets_);
  const TableShape table = shape();
  CanaryFamily families(schema_, code, nik_, traps_, table);
  for (std::size_t i = 0; i < base_.points() && canaries.size() < most; ++i) {
    const Household base = base_.of(i);
    if (!base.found()) break;
    // Names go by where a family comes from: who shares one with any of it has others that fit. The first, which is
    // lent, is to be nobody's in it, and the whole not the lender's own.
    std::set<std::string> names = names_of(base);
    const auto namesake = [&](const Donor& row, std::size_t member) -> const Donor& {
      const auto own = name_ ? name_words(row.cells[*name_]) : std::vector<std::string>();
      const auto fitness = [&](const Donor& donor) {
        const auto words = name_ ? name_words(donor.cells[*name_]) : std::vector<std::string>();
        if (words.empty() || names.contains(words.front())) return 0;
        const bool whole = words.size() == own.size() && std::equal(words.begin() + 1, words.end(), own.begin() + 1);
        const bool shares =
            std::any_of(words.begin(), words.end(), [&](const std::string& word) { return names.contains(word); });
        return shares && !(whole && words.size() > 1) ? 2 : 1;
      };
      // Another row's than the member's own, at a number of the member's own.
      const std::string number =
          code.digits("namesake " + std::to_string(i), FieldType::kPersonName, static_cast<unsigned>(member), 18);
      const Donor& found = namesakes_.next(kind_of(views_of(row)), std::stoull(number) << 4, row.number, fitness);
      if (name_ && found.found())
        if (auto words = name_words(found.cells[*name_]); !words.empty()) names.insert(std::move(words.front()));
      return found;
    };
    const Donor& head = base.rows.front();
    const std::string number = code.digits("house " + std::to_string(i), FieldType::kAddress, 0, 18);
    const FamilyDonors donors{namesake, houses_.next(setting_of(views_of(head)), std::stoull(number) << 4, head.number,
                                                     [](const Donor&) { return 0; })};
    // Rows that stand together stay together.
    const bool together = base.rows.back().row_order - base.rows.front().row_order < base.rows.size();
    const double chance = std::stod(code.digits("family " + std::to_string(i), FieldType::kText, 0, 9)) / 1e9;
    std::size_t member = 0;
    for (Canary& canary : families.make(base, donors, std::to_string(i))) {
      const auto from = std::find_if(base.rows.begin(), base.rows.end(),
                                     [&](const Donor& row) { return row.row_order == canary.before; });
      canary.before = places_.of(i * kPlaces + (together ? 0 : member++ % kPlaces)).row_order;
      if (canaries.size() < most) canaries.push_back({std::move(canary), from->cells, i, chance});
    }
  }
  return canaries;
}

}  // namespace sidik
