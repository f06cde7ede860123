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

struct ColumnReader::Prepared {
  FieldType type;
  CanonicalOptions options;
  Epoch epoch;
  ValueFingerprinter fingerprinter;
};

ColumnReader::ColumnReader(const EpochSecrets& secrets) : secrets_(secrets) {}
ColumnReader::~ColumnReader() = default;

void ColumnReader::read(const Reading& reading, std::span<const std::string_view> raw, ReadValues& out) {
  Prepared* prepared = nullptr;
  for (const auto& one : prepared_) {
    if (one->type == reading.type && one->options == reading.options && one->epoch == reading.epoch)
      prepared = one.get();
  }
  if (prepared == nullptr) {
    prepared_.push_back(std::make_unique<Prepared>(
        Prepared{reading.type, reading.options, reading.epoch,
                 ValueFingerprinter(secrets_.of(reading.epoch), reading.type, reading.options)}));
    prepared = prepared_.back().get();
  }
  out.states.resize(raw.size());
  out.fingerprints.resize(raw.size());
  out.tags.resize(raw.size());
  prepared->fingerprinter.compute(raw, out.states, out.fingerprints, out.tags);
}

}  // namespace sidik
