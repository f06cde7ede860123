#include "trace/tried_values.h"

#include <algorithm>

namespace sidik {

template <typename T>
ReadCompletions::Buckets ReadCompletions::dealt(const std::vector<T>& of) {
  Buckets buckets;
  buckets.begin.resize(Buckets::kBuckets + 1);
  buckets.places.resize(of.size());
  const auto bucket_of = [](T one) { return static_cast<std::size_t>(one) % Buckets::kBuckets; };
  for (const T one : of) ++buckets.begin[bucket_of(one) + 1];
  for (std::size_t b = 0; b < Buckets::kBuckets; ++b) buckets.begin[b + 1] += buckets.begin[b];
  std::vector<std::uint32_t> next(buckets.begin.begin(), buckets.begin.end() - 1);
  for (std::uint32_t i = 0; i < of.size(); ++i) buckets.places[next[bucket_of(of[i])]++] = i;
  return buckets;
}

void ReadCompletions::index() {
  if (!by_code_.begin.empty()) return;
  by_code_ = dealt(codes);
  by_tag_ = dealt(tags);
}

void try_values(ColumnReader& reader, std::span<const OpenColumn> columns, const OpenCell& cell, TriedCell& out) {
  for (const FieldType type : {FieldType::kNik, FieldType::kPhone, FieldType::kEmail, FieldType::kIdentifier,
                               FieldType::kInteger, FieldType::kDecimal}) {
    const bool read = std::any_of(columns.begin(), columns.end(), [&](const OpenColumn& column) {
      return column.reading->column == cell.column && column.reading->type == type;
    });
    if (!read) continue;
    out.completeness = complete(type, cell.raw, cell.loss, cell.cut, cell.hints, out.texts);
    if (out.completeness != Completeness::kNone) break;
  }
  if (out.completeness == Completeness::kNone) return;
  const std::vector<std::string_view> texts = out.texts.views();
  ReadValues values;
  for (const OpenColumn& column : columns) {
    if (column.reading->column != cell.column) continue;
    reader.read(*column.reading, texts, values);
    ReadCompletions& read = out.readings.emplace_back();
    read.type = column.reading->type;
    const bool tagged = identity_rank(read.type).has_value();
    for (std::uint32_t t = 0; t < texts.size(); ++t) {
      if (values.states[t] != ValueState::kValid) continue;
      read.number.push_back(t);
      read.codes.push_back(value_code(values.fingerprints[t]));
      read.values.push_back(index_value(values.fingerprints[t]));
      if (tagged) read.tags.push_back(values.tags[t]);
    }
    out.tried = std::max(out.tried, read.number.size());
  }
  if (out.tried == 0) out.completeness = Completeness::kNone;
}

}  // namespace sidik
