#include "seal/canary_maker.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "base/parallel.h"
#include "base/spread.h"
#include "fields/characters.h"

namespace sidik {
namespace {

constexpr std::uint64_t kEnoughForShape = 10000;  // rows that show how a column's numbers are made
constexpr std::size_t kRowsForShape = 4096;       // and what else in their rows tells of them

constexpr char kFromElsewhere = '3';  // below it are three digits of ten: so many candidates

std::vector<std::size_t> columns_where(const Schema& schema, bool (*wanted)(const ColumnSchema&)) {
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < schema.columns.size(); ++c)
    if (wanted(schema.columns[c])) columns.push_back(c);
  return columns;
}

/// A row of a batch, by its cells.
struct RowCells {
  const Batch& batch;
  std::size_t row;
  std::string_view operator[](std::size_t c) const { return batch.columns[c][row]; }
};

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
                           std::size_t count, CanaryTraps traps, std::optional<std::uint64_t> rows)
    : secrets_(secrets),
      fingerprint_secret_(fingerprint_secret),
      schema_(schema),
      count_(std::min(count, kMostCanaries)),
      traps_(std::move(traps)),
      niks_(own_nik_columns(schema)),
      household_(household_column(schema)),
      identities_(fingerprint_secret, schema),
      household_values_(household_fingerprinter(fingerprint_secret, schema, household_)),
      numbers_(secrets.recipient, "ring"),
      base_(secrets.recipient, "base", candidates_for(count_)),
      namesakes_(columns_where(schema, may_lend)),
      houses_(columns_where(schema, [](const ColumnSchema& column) { return column.type == FieldType::kAddress; })),
      order_(schema.columns.size()),
      shape_sample_(schema.columns.size(), 0, kRowsForShape) {
  if (niks_.empty()) lenders_.emplace(columns_where(schema, [](const ColumnSchema&) { return true; }), kCellLenders);
  for (std::size_t c = 0; c < schema.columns.size() && !name_; ++c)
    if (is_name(schema.columns[c])) name_ = c;
  if (rows)
    kept_.emplace(Kept{RowSample(schema.columns.size(), *rows), std::make_shared<SeenPeople>(*rows),
                       PlaceRing(place_numbers(secrets, base_.points()))});
}

std::unique_ptr<CanaryCensus> CanaryCensus::part() const {
  auto part = std::make_unique<CanaryCensus>(secrets_, fingerprint_secret_, schema_, count_, traps_);
  part->namesakes_.share(namesakes_);
  part->houses_.share(houses_);
  if (lenders_) part->lenders_->share(*lenders_);
  if (kept_) part->kept_ = kept_;
  return part;
}

void CanaryCensus::merge(CanaryCensus&& other) {
  rows_ += other.rows_;
  base_.merge(std::move(other.base_));
  namesakes_.merge(std::move(other.namesakes_));
  houses_.merge(std::move(other.houses_));
  if (lenders_) lenders_->merge(std::move(*other.lenders_));
  order_.merge(std::move(other.order_));
  shape_sample_.merge(std::move(other.shape_sample_));
  if (!kept_) return;
  kept_->sample.merge(std::move(other.kept_->sample));
  kept_->places.merge(other.kept_->places);
}

/// By the first of the row's own NIKs. Plain ones need no copy.
template <class Cells>
CanaryCensus::Origin CanaryCensus::origin_of(const Cells& cells) const {
  for (const std::size_t c : niks_) {
    std::string_view raw = cells[c];
    CanonicalValue value;
    if (raw.size() != 16 || !all_digits(raw)) {
      value = canonical(FieldType::kNik, std::string(raw));
      if (value.state != ValueState::kValid) continue;
      raw = value.text;
    }
    Origin origin;
    for (const char d : raw.substr(0, 6)) origin.district = origin.district * 10 + static_cast<std::uint32_t>(d - '0');
    origin.woman = raw[6] >= '4';
    return origin;
  }
  return {};
}

/// Rows that may lend each other names and days: of the same province and sex, for both show in names, and with as many
/// names. 0 where the row has no NIK and the table has.
template <class Cells>
std::uint32_t CanaryCensus::kind_of(const Cells& cells, const Origin& origin) const {
  const std::uint32_t first = first_kind_of(origin);
  if (first == 0 || !name_) return first;
  std::string_view name = cells[*name_];
  name = name.substr(0, name.find(','));
  return first + std::min<std::uint32_t>(kKindsByNames - 1,
                                         static_cast<std::uint32_t>(std::count(name.begin(), name.end(), ' ')));
}

/// That of rows with one name; those with more follow it.
std::uint32_t CanaryCensus::first_kind_of(const Origin& origin) const {
  if (niks_.empty()) return 1;
  return origin.district == 0 ? 0 : 1 + kKindsByNames * (origin.district / 10000 * 2 + (origin.woman ? 1 : 0));
}

/// Rows whose streets and numbers may stand in each other's addresses: of the same province, of a town or of the
/// country (a NIK's third digit tells).
std::uint32_t CanaryCensus::setting_of(const Origin& origin) {
  return origin.district / 10000 * 2 + (origin.district / 1000 % 10 == 7 ? 1 : 0);
}

/// A row's household by what it shares with the others; a row without that is one by itself. What stands in one row and
/// in the next is looked at once.
void CanaryCensus::find_households(const Batch& batch) {
  household_on_ring_ = on_ring_;
  if (!household_) return;
  const auto& column = batch.columns[*household_];
  shared_.clear();
  shared_of_.resize(batch.rows);
  for (std::size_t r = 0; r < batch.rows; ++r) {
    if (r == 0 || column[r] != column[r - 1]) shared_.push_back(column[r]);
    shared_of_[r] = shared_.size() - 1;
  }
  states_.resize(shared_.size());
  fingerprints_.resize(shared_.size());
  household_values_->compute(shared_, states_, fingerprints_, {});
  numbers_.compute(fingerprints_, shared_on_ring_);
  for (std::size_t r = 0; r < batch.rows; ++r)
    if (states_[shared_of_[r]] == ValueState::kValid) household_on_ring_[r] = shared_on_ring_[shared_of_[r]];
}

void CanaryCensus::observe(const Batch& batch, bool ascii_only) {
  identities_.compute(batch.columns, batch.rows, tags_);
  numbers_.compute(tags_, on_ring_);
  find_households(batch);
  order_.observe(batch);
  shape_sample_.observe(batch);
  rows_ += batch.rows;
  if (kept_) keep(batch);
  cells_.resize(batch.columns.size());
  for (std::size_t r = 0; r < batch.rows; ++r)
    if (tags_[r] != IdentityTags::kNone) offer(batch, r, ascii_only);
}

void CanaryCensus::keep(const Batch& batch) {
  kept_->sample.observe(batch);
  kept_->people->add(tags_);
  // Whether a block's first row begins a household is not known.
  for (std::size_t r = 1; r < batch.rows; ++r)
    if (!household_ || batch.columns[*household_][r] != batch.columns[*household_][r - 1])
      kept_->places.offer(on_ring_[r], batch.row_order[r]);
}

void CanaryCensus::offer(const Batch& batch, std::size_t row, bool ascii_only) {
  const RowCells its{batch, row};
  const std::uint64_t own = on_ring_[row], draw = spread(own), order = batch.row_order[row];
  const Origin origin = origin_of(its);
  const std::uint32_t setting = setting_of(origin), first_kind = first_kind_of(origin);
  const bool base = base_.wants(household_on_ring_[row]), house = houses_.wants(setting, draw),
             lender = lenders_ && lenders_->wants(0, draw);
  // Most rows are wanted by no kind that theirs could be: their names need not be counted.
  bool namesake = false;
  for (std::uint32_t k = 0; k < kKindsByNames; ++k) namesake |= namesakes_.wants(first_kind + k, draw);
  if (!base && !house && !lender && (first_kind == 0 || !namesake)) return;
  const std::uint32_t kind = kind_of(its, origin);
  namesake = kind != 0 && namesakes_.wants(kind, draw);
  for (std::size_t c = 0; c < cells_.size(); ++c) cells_[c] = its[c];
  const auto is_ascii = [](std::string_view cell) {
    return std::none_of(cell.begin(), cell.end(), [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
  };
  if (ascii_only && !std::all_of(cells_.begin(), cells_.end(), is_ascii)) return;
  if (base) base_.offer(household_on_ring_[row], own, order, cells_);
  if (lender) lenders_->offer(0, own, draw, order, cells_);
  if (house) houses_.offer(setting, own, draw, order, cells_);
  if (namesake) namesakes_.offer(kind, own, draw, order, cells_);
}

/// Three times as many, fewer where that would be many; some more where there are few.
std::size_t CanaryCensus::candidates_for(std::size_t count) {
  constexpr std::size_t kMostBeside = 20000;
  return count + 8 + std::max(count / 20, std::min(2 * count, kMostBeside));
}

std::size_t CanaryCensus::most(std::size_t asked) const {
  return std::min({asked, count_, static_cast<std::size_t>(rows_ / kRowsACanary)});
}

/// The rows that are kept are the same from month to month, nearly.
TableShape CanaryCensus::shape() {
  TableShape shape;
  shape.numbers.resize(schema_.columns.size());
  shape.dates.resize(schema_.columns.size());
  std::vector<std::uint64_t> long_numbers(schema_.columns.size()), regions(schema_.columns.size());
  const auto observe_numbers = [&](const Donor& row) {
    for (std::size_t c = 0; c < schema_.columns.size(); ++c) {
      const FieldType type = schema_.columns[c].type;
      if ((type == FieldType::kIdentifier || type == FieldType::kPhone) && !is_null_token(row.cells[c]))
        shape.numbers[c].observe(row.cells[c]);
      if (type != FieldType::kIdentifier || row.cells[c].size() < 16) continue;
      ++long_numbers[c];
      regions[c] += canonical(FieldType::kNik, row.cells[c]).state == ValueState::kValid ? 1U : 0U;
    }
    if (const auto nik = own_nik(niks_, row.cells)) shape.birthdays.observe(birthday_of(row.cells[*nik]));
  };
  const auto observe_dates = [&](const Donor& row) {
    for (std::size_t c = 0; c < schema_.columns.size(); ++c) {
      const ColumnSchema& column = schema_.columns[c];
      if (column.type != FieldType::kDate && column.type != FieldType::kTimestamp) continue;
      if (const auto date = canonical(column.type, row.cells[c], column.options); date.state == ValueState::kValid)
        shape.dates[c].observe(date.text.substr(0, 10));
    }
  };
  base_.for_each_row(observe_dates);
  std::uint64_t rows = 0;
  namesakes_.for_each_row([&](const Donor&) { ++rows; });
  const std::uint64_t last = ~std::uint64_t{0} / std::max<std::uint64_t>(1, rows / kEnoughForShape);
  namesakes_.for_each_row([&](const Donor& row) {
    if (row.number <= last) observe_numbers(row);
  });
  for (std::size_t c = 0; c < schema_.columns.size(); ++c)
    shape.has_regions.push_back(schema_.columns[c].type == FieldType::kNik || 2 * regions[c] > long_numbers[c]);
  learn(schema_, shape_sample_, rows_, order_.in_order(), shape);
  return shape;
}

namespace {

/// Where the rows of a family stand: nine digits twice, and room behind them.
std::uint64_t place_of(CanaryCode& code, std::size_t family) {
  return std::stoull(code.digits("place " + std::to_string(family), FieldType::kText, 0, 18)) << 4;
}

/// The same of one of its members, where they do not stand together; of large families some share one.
constexpr std::size_t kPlacesOfAFamily = 6;
std::uint64_t place_of(std::uint64_t family_place, std::size_t member) {
  constexpr std::uint64_t kPlaces = 1000000000000000000U;
  member %= kPlacesOfAFamily;
  return member == 0 ? family_place : spread(family_place + member) % kPlaces << 4;
}

}  // namespace

std::vector<std::uint64_t> CanaryCensus::place_numbers(const SealSecrets& secrets, std::size_t families) {
  CanaryCode code(secrets);
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < families; ++i) {
    const std::uint64_t place = place_of(code, i);
    for (std::size_t member = 0; member < kPlacesOfAFamily; ++member) numbers.push_back(place_of(place, member));
  }
  return numbers;
}

/// What families are made from, and alike for all.
class CanaryCensus::Making {
 public:
  explicit Making(CanaryCensus& census) : census_(census), shape_(census.shape()) {
    if (census.lenders_) lending_.emplace(census.schema_, *census.lenders_, census.rows_, shape_);
    census.namesakes_.for_each_row([&](const Donor& donor) { words_.emplace(&donor, hashes_of(donor)); });
  }

  const TableShape& shape() const { return shape_; }
  const Words& words_of(const Donor& donor) const { return words_.at(&donor); }
  /// All that names of that kind are made of.
  const std::unordered_set<std::uint64_t>& words_of(std::uint32_t kind) {
    const std::scoped_lock lock(mutex_);
    const auto [at, fresh] = by_kind_.try_emplace(kind);
    if (fresh)
      census_.namesakes_.for_each_row(kind, [&](const Donor& donor) {
        for (const std::uint64_t word : words_of(donor)) at->second.insert(word);
      });
    return at->second;
  }
  std::vector<CanaryCandidate> family(std::size_t number, CanaryCode& code, CanaryFamily& families);

 private:
  /// Of the words of a row's name, first name first.
  Words hashes_of(const Donor& row) const {
    Words words;
    for (const std::string& word : shape_.names.words(row.cells)) words.push_back(std::hash<std::string>{}(word));
    return words;
  }
  /// Of the sex, the title that names go with.
  bool may_lend_name(const Donor& donor, const Donor& row) const {
    return std::all_of(shape_.told_by_name.begin(), shape_.told_by_name.end(),
                       [&](std::size_t c) { return donor.cells[c] == row.cells[c]; });
  }
  const CanaryCensus& census_;
  const Donor nobody_{};
  TableShape shape_;
  std::optional<CellLending> lending_;
  std::unordered_map<const Donor*, Words> words_;
  std::mutex mutex_;
  std::unordered_map<std::uint32_t, std::unordered_set<std::uint64_t>> by_kind_;
};

std::vector<CanaryCandidate> CanaryCensus::Making::family(std::size_t i, CanaryCode& code, CanaryFamily& families) {
  const HouseholdRing& ring = census_.base_;
  const DonorPool& namesakes = census_.namesakes_;
  const Household base = ring.of(i);
  if (!base.found()) return {};
  // Some families have their names from another part of the country, where those of their own do not have them: names
  // that few have are found by.
  const std::string drawn = code.digits("elsewhere " + std::to_string(i), FieldType::kPersonName, 0, 9);
  const Household other = ring.of(std::stoul(drawn.substr(1)) % ring.points());
  const std::uint32_t elsewhere = other.found() ? census_.origin_of(other.rows.front().cells).district : 0;
  const bool from_elsewhere = drawn[0] < kFromElsewhere && elsewhere != 0;
  // Names go by where a family comes from: who shares one with any of it has others that fit. The first, which is
  // lent, is to be nobody's in it, and the whole not the lender's own.
  Words names;
  for (const Donor& row : base.rows)
    for (const std::uint64_t word : hashes_of(row)) names.push_back(word);
  const auto is_theirs = [&](std::uint64_t word) { return std::find(names.begin(), names.end(), word) != names.end(); };
  const auto namesake = [&](const Donor& row, std::size_t member) -> const Donor& {
    const Words own = hashes_of(row);
    const auto fitness = [&](const Donor& donor) {
      const Words& words = words_of(donor);
      if (words.empty() || is_theirs(words.front()) || !may_lend_name(donor, row)) return 0;
      const bool whole = words.size() == own.size() && std::equal(words.begin() + 1, words.end(), own.begin() + 1);
      return std::any_of(words.begin(), words.end(), is_theirs) && !(whole && words.size() > 1) ? 2 : 1;
    };
    // Another row's than the member's own, at a number of the member's own.
    const std::string number =
        code.digits("namesake " + std::to_string(i), FieldType::kPersonName, static_cast<unsigned>(member), 18);
    const DonorCells& cells = row.cells;
    const Origin origin = census_.origin_of(cells);
    const std::uint32_t kind = census_.kind_of(cells, origin);
    const auto rarity = [&](const Donor& donor) {
      const Words& words = words_of(donor);
      if (words.empty() || is_theirs(words.front()) || !may_lend_name(donor, row)) return 0;
      const auto& common = words_of(kind);
      return 1 + (common.contains(words.front()) ? 0 : 1) + (common.contains(words.back()) ? 0 : 1);
    };
    const bool foreign = from_elsewhere && origin.district != 0;
    const Donor& found = foreign ? namesakes.next(census_.kind_of(cells, {elsewhere, origin.woman}),
                                                  std::stoull(number) << 4, row.number, rarity)
                                 : namesakes.next(kind, std::stoull(number) << 4, row.number, fitness);
    // Rather nobody's name than that of another sex.
    if (found.found() && !may_lend_name(found, row)) return nobody_;
    if (found.found() && !words_of(found).empty()) names.push_back(words_of(found).front());
    return found;
  };
  const Donor& head = base.rows.front();
  const std::string number = code.digits("house " + std::to_string(i), FieldType::kAddress, 0, 18);
  const FamilyDonors donors{namesake,
                            census_.houses_.next(setting_of(census_.origin_of(head.cells)), std::stoull(number) << 4,
                                                 head.number, [](const Donor&) { return 0; }),
                            from_elsewhere};
  // Rows that stand together stay together.
  const bool together = base.rows.back().row_order - base.rows.front().row_order < base.rows.size();
  const double chance = std::stod(code.digits("family " + std::to_string(i), FieldType::kText, 0, 9)) / 1e9;
  const std::uint64_t place = place_of(code, i);
  std::size_t member = 0;
  std::vector<CanaryCandidate> made;
  for (Canary& canary : families.make(lending_ ? lending_->mixed(base, code, i) : base, donors, std::to_string(i))) {
    const auto from = std::find_if(base.rows.begin(), base.rows.end(),
                                   [&](const Donor& row) { return row.row_order == canary.before; });
    made.push_back({std::move(canary), from->cells.strings(), i, chance, place_of(place, together ? 0 : member++)});
  }
  return made;
}

std::vector<CanaryCandidate> CanaryCensus::make(std::size_t wanted, unsigned threads) {
  constexpr std::size_t kAtOnce = 32;  // families a thread makes before it is seen whether there are enough
  const std::size_t most = candidates_for(wanted);
  Making making(*this);
  std::vector<CanaryCandidate> canaries;
  std::vector<std::vector<CanaryCandidate>> made;
  for (std::size_t first = 0; first < base_.points() && canaries.size() < most; first += made.size()) {
    made.assign(std::min(kAtOnce * threads, base_.points() - first), {});
    parallel_for(threads, (made.size() + kAtOnce - 1) / kAtOnce, [&](std::size_t part) {
      CanaryCode code(secrets_);
      CanaryFamily families(schema_, code, traps_, making.shape());
      for (std::size_t i = part * kAtOnce; i < std::min(made.size(), (part + 1) * kAtOnce); ++i)
        made[i] = making.family(first + i, code, families);
    });
    for (auto& family : made)
      for (CanaryCandidate& each : family)
        if (canaries.size() < most) canaries.push_back(std::move(each));
  }
  return canaries;
}

}  // namespace sidik
