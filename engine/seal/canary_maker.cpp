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

std::size_t half_octave(double number) { return static_cast<std::size_t>(2 * std::log2(std::max(1.0, number))); }

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
    if (nik_) ++districts_[nik_place(cells[*nik_]).district];
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

std::size_t CanaryCensus::most_of(std::uint64_t rows) const {
  return std::min<std::size_t>(count_, static_cast<std::size_t>(rows / kRowsACanary));
}

/// Whether a family more would show where there are few. A district with n rows shows n + k of them; families are taken
/// so often that n + k is as frequent as it is among real rows.
bool CanaryCensus::stands_out(const Household& base, CanaryCode& code, std::size_t point) const {
  if (!nik_ || crowding_.empty()) return false;
  const auto found = districts_.find(nik_place(base.rows.front().cells[*nik_]).district);
  if (found == districts_.end() || found->first == 0) return false;
  constexpr double kUsualFamily = 4;  // not its own size: the sizes of families are to stay as they are
  const double now = found->second, then = now + kUsualFamily;
  const std::size_t bin = half_octave(then);
  const double ratio = (bin < crowding_.size() ? crowding_[bin] : 0) / crowding_[half_octave(now)];
  constexpr double kOftenest = 1.5;  // what ratios are cut at: more would leave too few families
  const std::string drawn = code.digits("family " + std::to_string(point), FieldType::kText, 0, 6);
  return std::stod(drawn) / 1e6 >= std::min(ratio, kOftenest) / kOftenest;
}

std::vector<Canary> CanaryCensus::make() {
  std::vector<double> rows_of;
  for (const auto& [district, count] : districts_) {
    if (district == 0) continue;
    rows_of.resize(std::max(rows_of.size(), half_octave(count) + 1));
    rows_of[half_octave(count)] += count;
  }
  crowding_.clear();
  for (std::size_t bin = 0; bin < rows_of.size(); ++bin) {
    const double first = std::ceil(std::exp2(static_cast<double>(bin) / 2)),
                 next = std::ceil(std::exp2(static_cast<double>(bin + 1) / 2));
    crowding_.push_back(rows_of[bin] / std::max(1.0, next - first));
  }
  const std::size_t most = most_of(rows_) + kSpare + most_of(rows_) / 20;
  std::vector<Canary> canaries;
  CanaryCode code(secrets_);
  CanaryFamily families(schema_, code, nik_, traps_);
  for (std::size_t i = 0; i < base_.points() && canaries.size() < most; ++i) {
    const Household base = base_.of(i);
    if (!base.found()) break;
    if (stands_out(base, code, i) && base_.points() - i > most - canaries.size()) continue;
    // Names go by where a family comes from: who shares one with any of it has others that fit. The first, which is
    // lent, is to be nobody's in it.
    std::set<std::string> names = names_of(base);
    const auto fitness = [&](const Donor& donor) {
      const auto words = name_ ? name_words(donor.cells[*name_]) : std::vector<std::string>();
      if (words.empty() || names.contains(words.front())) return 0;
      return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return names.contains(word); }) ? 2
                                                                                                                    : 1;
    };
    const auto namesake = [&](const Donor& row, std::size_t member) -> const Donor& {
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
    std::size_t member = 0;
    for (Canary& canary : families.make(base, donors, std::to_string(i))) {
      canary.before = places_.of(i * kPlaces + (together ? 0 : member++ % kPlaces)).row_order;
      if (canaries.size() < most) canaries.push_back(std::move(canary));
    }
  }
  return canaries;
}

}  // namespace sidik
