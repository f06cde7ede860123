#include "trace/reading.h"

#include <algorithm>

namespace sidik {

CanonicalOptions deciding_options(FieldType type, const CanonicalOptions& options) {
  CanonicalOptions deciding;
  if (type == FieldType::kDate || type == FieldType::kTimestamp) {
    deciding.date_order = options.date_order;
    deciding.newest_year = options.newest_year;
  } else if (type == FieldType::kDecimal || type == FieldType::kInteger) {
    deciding.decimal_sign = options.decimal_sign;
  }
  return deciding;
}

std::vector<Reading> readings_of(const std::vector<ExportManifest>& exports, const std::vector<Epoch>& epochs,
                                 std::size_t column) {
  std::vector<Reading> readings;
  const auto put = [&](FieldType type, const CanonicalOptions& options) {
    for (const Epoch epoch : epochs) {
      const Reading reading{column, type, deciding_options(type, options), epoch};
      if (std::find(readings.begin(), readings.end(), reading) == readings.end()) readings.push_back(reading);
    }
  };
  for (const ExportManifest& manifest : exports) {
    for (const ExportColumn& of : manifest.columns) {
      CanonicalOptions options = of.schema.options;
      put(of.schema.type, options);
      options.date_order = options.date_order == DateOrder::kDayFirst ? DateOrder::kMonthFirst : DateOrder::kDayFirst;
      put(of.schema.type, options);
      options = of.schema.options;
      options.decimal_sign = options.decimal_sign == DecimalSign::kPoint ? DecimalSign::kComma : DecimalSign::kPoint;
      put(of.schema.type, options);
    }
  }
  return readings;
}

namespace {

constexpr std::size_t kCacheBytes = std::size_t{8} << 20;  // of all columns together
/// The share of values met before from which on a look-up is cheaper than what it saves, by and large (reuse_costs.h
/// measures it where more rows go by).
constexpr double kWorthwhile = 0.5;

}  // namespace

struct ColumnReader::Prepared {
  FieldType type;
  CanonicalOptions options;
  Epoch epoch;
  ValueFingerprinter fingerprinter;
  std::vector<std::pair<std::size_t, ValueCache>> caches = {};  // by column; of values that give no tags

  ValueCache& cache_of(std::size_t column) {
    for (auto& [of, cache] : caches) {
      if (of == column) return cache;
    }
    return caches.emplace_back(column, ValueCache()).second;
  }
};

ColumnReader::ColumnReader(const EpochSecrets& secrets) : secrets_(secrets), budget_{kCacheBytes} {}
ColumnReader::~ColumnReader() = default;

ColumnReader::Prepared& ColumnReader::prepared(const Reading& reading) {
  for (const auto& one : prepared_) {
    if (one->type == reading.type && one->options == reading.options && one->epoch == reading.epoch) return *one;
  }
  prepared_.push_back(std::make_unique<Prepared>(
      Prepared{reading.type, reading.options, reading.epoch,
               ValueFingerprinter(secrets_.of(reading.epoch), reading.type, reading.options)}));
  return *prepared_.back();
}

void ColumnReader::read(const Reading& reading, std::span<const std::string_view> raw, ReadValues& out) {
  out.states.resize(raw.size());
  out.fingerprints.resize(raw.size());
  out.tags.resize(raw.size());
  read(reading, raw, out.states, out.fingerprints, out.tags);
}

void ColumnReader::read(const Reading& reading, std::span<const std::string_view> raw, std::span<ValueState> states,
                        std::span<Fingerprint> fingerprints, std::span<RowTag> tags) {
  Prepared& way = prepared(reading);
  ValueCache* const cache = identity_rank(reading.type) ? nullptr : &way.cache_of(reading.column);
  if (cache == nullptr || !cache->start_batch(raw, kWorthwhile, budget_)) {
    way.fingerprinter.compute(raw, states, fingerprints, tags);
    return;
  }
  new_values_.clear();
  pending_.clear();
  cache->find(raw, {}, states, fingerprints, new_values_, pending_);
  new_values_.states.resize(new_values_.size());
  new_values_.fingerprints.resize(new_values_.size());
  way.fingerprinter.compute(new_values_.raw, new_values_.states, new_values_.fingerprints, {});
  cache->settle(new_values_);
  for (const PendingRow& row : pending_) {
    states[row.row] = new_values_.states[row.value];
    fingerprints[row.row] = new_values_.fingerprints[row.value];
  }
  std::fill(tags.begin(), tags.end(), RowTag{0});
}

}  // namespace sidik
