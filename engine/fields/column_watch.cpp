#include "fields/column_watch.h"

#include <xxhash.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/utc_time.h"
#include "fields/date.h"

namespace sidik {

namespace {

// More of a value than this says nothing about its type.
constexpr std::size_t kSampledBytes = 1024;
// The sample is fewer bytes where the values are long: text columns have few rows of a kilobyte in it, and need no
// more.
constexpr std::size_t kFewestForType = 200;
// So many rows are looked at in full; later ones are thinned.
constexpr std::uint64_t kRowsInFull = 32'768;
constexpr std::size_t kLateSketchEntries = 8'192;
constexpr std::size_t kFewDistinct = 1'024;
constexpr std::size_t kThinned = 16;
constexpr int kFirstYear = 1990;
constexpr int kDays = 120 * 366;

bool is_dated(FieldType type) { return type == FieldType::kDate || type == FieldType::kTimestamp; }

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::int64_t day_of(std::string_view form) {
  const auto part = [form](std::size_t from, std::size_t size) {
    int value = 0;
    for (std::size_t i = from; i < from + size; ++i) value = value * 10 + (form[i] - '0');
    return value;
  };
  return days_from_civil(part(0, 4), static_cast<unsigned>(part(5, 2)), static_cast<unsigned>(part(8, 2))) -
         days_from_civil(kFirstYear, 1, 1);
}

}  // namespace

void ValueSample::add(std::string_view value) {
  std::size_t size = std::min(value.size(), kSampledBytes);
  // Not in the middle of a character: the rest would be no UTF-8.
  while (size < value.size() && size > 0 && (static_cast<unsigned char>(value[size]) & 0xc0) == 0x80) --size;
  std::string kept;
  kept.reserve(size + kTextSlack);
  kept.assign(value.substr(0, size));
  kept.append(kTextSlack, '\0');
  values_.push_back(std::move(kept));
}

void ValueSample::thin() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values_.size(); i += 2, ++kept)
    if (i != kept) values_[kept] = std::move(values_[i]);
  values_.resize(kept);
}

std::vector<std::string_view> ValueSample::views() const {
  std::vector<std::string_view> views;
  views.reserve(values_.size());
  for (const std::string& value : values_) views.emplace_back(value.data(), value.size() - kTextSlack);
  return views;
}

void DateSpan::add(std::string_view form) {
  if (is_placeholder_date(form)) return;
  if (oldest_.empty() || form < oldest_) oldest_ = form;
  if (newest_.empty() || form > newest_) newest_ = form;
  const std::int64_t day = day_of(form);
  if (day < 0) return;
  if (days_.empty()) days_.resize(kDays + 1);
  ++days_[static_cast<std::size_t>(std::min<std::int64_t>(day, kDays))];
}

void DateSpan::add_invalid(std::string_view written) { impossible_ += looks_like_date(written) ? 1 : 0; }

std::uint64_t DateSpan::after(std::string_view newest_plausible) const {
  const std::optional<UtcSeconds> limit = parse_utc(newest_plausible);
  if (!limit) return 0;
  const std::int64_t day = day_of(format_date(*limit));
  std::uint64_t count = 0;
  for (std::int64_t d = std::max<std::int64_t>(day + 1, 0); d < static_cast<std::int64_t>(days_.size()); ++d)
    count += days_[static_cast<std::size_t>(d)];
  return count;
}

ColumnWatch::ColumnWatch(std::string header, std::size_t sketch_capacity)
    : header_(std::move(header)), meaning_(meaning_of(header_)), sketch_(sketch_capacity) {}

void ColumnWatch::observe(std::span<const std::string_view> values, std::uint64_t first_row, std::size_t stride,
                          WatchScratch& scratch) {
  const std::uint64_t phase = first_row % stride;
  for (std::size_t i = phase == 0 ? 0 : stride - static_cast<std::size_t>(phase); i < values.size(); i += stride)
    sample_.add(values[i]);
  if (!settled_) settle_provisional_type(stride);
  choose(values, scratch.chosen);
  values_ += values.size();
  canonicalise(type_, options_, scratch.chosen, scratch.forms);
  const CanonicalColumn& forms = scratch.forms;
  const bool dated = is_dated(type_);
  const std::size_t step = dated && values_ > kRowsInFull ? kThinned : 1;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    if (forms.state[i] == ValueState::kNull) continue;
    if (i % step == 0) sketch_.add(hash_of(forms.value(i)));
    if (dated && forms.state[i] == ValueState::kValid) dates_.add(forms.value(i));
    if (dated && forms.state[i] == ValueState::kInvalid) dates_.add_invalid(scratch.chosen[i]);
  }
  if (values_ > kRowsInFull) sketch_.shrink(kLateSketchEntries);
}

void ColumnWatch::choose(std::span<const std::string_view> values, std::vector<std::string_view>& chosen) {
  chosen.clear();
  // Every date is looked at, for the newest may be the last. Of other columns, once enough rows were: where there are
  // few distinct values every sixteenth value; else those whose written hash the sketch keeps, told before any form is
  // made.
  const bool all = is_dated(type_) || values_ < kRowsInFull;
  const bool few = sketch_.kept() < kFewDistinct;
  std::size_t number = 0;
  for (const std::string_view value : values) {
    if (is_null_token(value)) {
      ++nulls_;
    } else if (all || (few ? number++ % kThinned == 0 : sketch_.keeps(hash_of(value)))) {
      chosen.push_back(value);
    }
  }
}

void ColumnWatch::settle_provisional_type(std::size_t stride) {
  const std::vector<std::string_view> views = sample_.views();
  const ColumnEvidence evidence = observe_column(views, stride);
  const ColumnDecision decision =
      decide_column(evidence, meaning_, static_cast<double>(evidence.distinct), evidence.distinct_share);
  type_ = decision.type;
  options_ = evidence.options;
  settled_ = evidence.values >= kFewestForType;
}

ColumnWatch::Findings ColumnWatch::findings(std::size_t stride, const FieldType* given, const CanonicalOptions* options,
                                            std::string_view newest_plausible) const {
  const std::vector<std::string_view> views = sample_.views();
  Findings found;
  found.evidence = observe_column(views, stride);
  if (options != nullptr) found.evidence.options = *options;
  const bool whole = stride == 1;
  found.distinct = whole ? static_cast<double>(found.evidence.distinct) : sketch_.distinct();
  found.distinct_share = whole ? found.evidence.distinct_share : sketch_.distinct_share();
  found.decision = decide_column(found.evidence, meaning_, found.distinct, found.distinct_share);
  if (given != nullptr) found.decision = {*given, "given in the schema", false};

  CanonicalColumn forms;
  canonicalise(found.decision.type, found.evidence.options, views, forms);
  std::size_t valid = 0;
  DateSpan sampled_dates;
  DistinctSketch distinct(std::max<std::size_t>(views.size(), 16));
  for (std::size_t i = 0; i < forms.size(); ++i) {
    if (forms.state[i] == ValueState::kNull) continue;
    distinct.add(hash_of(forms.value(i)));
    if (is_dated(found.decision.type) && forms.state[i] == ValueState::kInvalid) sampled_dates.add_invalid(views[i]);
    if (forms.state[i] != ValueState::kValid) continue;
    ++valid;
    if (is_dated(found.decision.type)) sampled_dates.add(forms.value(i));
  }
  if (found.evidence.values != 0)
    found.evidence.valid[static_cast<std::size_t>(found.decision.type)] =
        static_cast<double>(valid) / static_cast<double>(found.evidence.values);
  if (whole) {
    found.distinct = distinct.distinct();
    found.distinct_share = distinct.distinct_share();
  }
  const bool as_watched = !whole && type_ == found.decision.type && options_ == found.evidence.options;
  const DateSpan& dates = as_watched ? dates_ : sampled_dates;
  if (is_dated(found.decision.type)) {
    found.oldest = dates.oldest();
    found.newest = dates.newest();
    found.future = dates.after(newest_plausible);
    found.impossible = dates.impossible();
  }
  return found;
}

}  // namespace sidik
