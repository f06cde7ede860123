// Which columns of ours are one and the same in exports of different layouts, whatever their names: a table put
// together from two of them shows what they have in common, and what it leaves out is counted by that.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "trace/layouts.h"
#include "trace/link.h"

namespace sidik {

/// By column the one that stands for it and all that are the same; itself where nothing else is.
class ColumnCounterparts {
 public:
  ColumnCounterparts() = default;
  /// Two columns of a type are the same where records of the sample's rows that both layouts have hold the same values
  /// far more often than by chance, those first that agree most, none with two of one layout. Where fewer than five of
  /// these rows tell, or the values cannot be compared: where each layout has but one column of a type that a person
  /// has one value of, or both have one name.
  ColumnCounterparts(std::span<const LinkColumn> readings, const Links& links, const std::vector<Layout>& layouts);
  ColumnId of(ColumnId column) const {
    const auto found = first_.find(column);
    return found == first_.end() ? column : found->second;
  }

 private:
  std::map<ColumnId, ColumnId> first_;
};

}  // namespace sidik
