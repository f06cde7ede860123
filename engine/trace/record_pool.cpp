#include "trace/record_pool.h"

#include <algorithm>

namespace sidik {

std::uint32_t ExportSets::intern(std::span<const ExportIndex> set) {
  std::vector<ExportIndex> key(set.begin(), set.end());
  const auto [place, fresh] = numbers_.try_emplace(std::move(key), static_cast<std::uint32_t>(sets_.size()));
  if (fresh) sets_.push_back(place->first);
  return place->second;
}

bool ExportSets::holds(std::uint32_t number, ExportIndex e) const {
  return std::binary_search(sets_[number].begin(), sets_[number].end(), e);
}

void RecordPool::clear() {
  // Shapes and sets stay: the next batch meets the same ones.
  records_.clear();
  codes_.clear();
}

std::uint32_t RecordPool::adopt(const RecordPool& other, const Record& record) {
  const RecordShape& shape = other.shape(record);
  const auto codes = other.codes(record);
  Record own = record;
  own.shape = shape_of(shape.columns, shape.types);
  own.codes = static_cast<std::uint32_t>(codes_.size());
  own.set = export_sets_.intern(other.sets().of(record.set));
  codes_.insert(codes_.end(), codes.begin(), codes.end());
  records_.push_back(own);
  return static_cast<std::uint32_t>(records_.size() - 1);
}

std::uint32_t RecordPool::shape_of(const std::vector<ColumnId>& columns, const std::vector<FieldType>& types) {
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    if (shapes_[i].columns == columns) return static_cast<std::uint32_t>(i);
  }
  shapes_.push_back({columns, types});
  return static_cast<std::uint32_t>(shapes_.size() - 1);
}

std::vector<std::uint32_t> RecordPool::sets_of(const RecordAnswers::Group& group, const ExportProjection* seen) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(group.export_sets.size());
  std::vector<ExportIndex> members, kept;
  for (const ExportSet& set : group.export_sets) {
    const auto [known, fresh] = numbers_.try_emplace(set, kNoSet);
    if (fresh) {
      members.assign(set.begin(), set.end());
      if (seen != nullptr) {
        seen->of(members, kept);
        members = kept;
      }
      if (!members.empty() || (seen != nullptr && !seen->leaves_out_others()))
        known->second = export_sets_.intern(members);
    }
    numbers.push_back(known->second);
  }
  return numbers;
}

}  // namespace sidik
