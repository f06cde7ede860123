#include "trace/record_pool.h"

#include <algorithm>

namespace sidik {

std::uint32_t ExportSets::intern(const ExportSet& set) {
  const auto [place, fresh] = numbers_.try_emplace(set, static_cast<std::uint32_t>(sets_.size()));
  if (fresh) sets_.push_back(&place->first);
  return place->second;
}

void RecordPool::clear() {
  // Shapes and sets stay: the next batch meets the same ones.
  records_.clear();
  codes_.clear();
}

std::vector<RecordPool::Part> RecordPool::make_room(std::span<const RecordAnswers> answers,
                                                    const ExportProjection* seen) {
  std::vector<Part> parts;
  std::size_t records = records_.size();
  std::size_t codes = codes_.size();
  for (std::size_t a = 0; a < answers.size(); ++a) {
    for (const RecordAnswers::Group& group : answers[a].groups) {
      Part part{a, &group, shape_of(group.columns, group.types), sets_of(group, seen), records, codes};
      const bool all = std::find(part.sets.begin(), part.sets.end(), kNoSet) == part.sets.end();
      const auto left_out = all ? std::ptrdiff_t{0}
                                : std::count_if(group.sets.begin(), group.sets.end(),
                                                [&](std::uint32_t set) { return part.sets[set] == kNoSet; });
      const std::size_t kept = group.tags.size() - static_cast<std::size_t>(left_out);
      records += kept;
      codes += kept * group.columns.size();
      parts.push_back(std::move(part));
    }
  }
  records_.resize(records);
  // As wide as those before, for all that are expected: growing by half would copy all of it.
  if (records > 0 && codes > codes_.capacity())
    codes_.reserve(std::max(codes, codes / records * records_.capacity() + codes % records));
  codes_.resize(codes);
  return parts;
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
  ExportSet kept;
  for (const ExportSet& set : group.export_sets) {
    if (seen == nullptr) {
      numbers.push_back(set.empty() ? kNoSet : export_sets_.intern(set));
      continue;
    }
    const auto [known, fresh] = numbers_.try_emplace(set, kNoSet);
    if (fresh) {
      seen->of(set, kept);
      if (!kept.empty() || !seen->leaves_out_others()) known->second = export_sets_.intern(kept);
    }
    numbers.push_back(known->second);
  }
  return numbers;
}

}  // namespace sidik
