// Columns whose values stand one for one for those of an export's column: "L" and "P" here, "1" and "2" there.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "trace/column_agreement.h"
#include "trace/link.h"

namespace sidik {

/// Which code of the sample's stands for which of the export's; one to one.
using CodeTable = std::vector<std::pair<ColumnCode, ColumnCode>>;  // by the sample's

/// The code that `code` stands for; itself where the table has none for it.
ColumnCode code_in(const CodeTable& table, ColumnCode code);

struct Recoding {
  CodeTable codes;
  double share = 0;  // of the linked rows that agree by it
  double score = 0;  // as AgreementCount::score, less what choosing among all such tables is worth
};

/// What stands beside what in linked rows, of columns of few values on both sides.
class RecodedColumns {
 public:
  RecodedColumns(std::span<const LinkColumn> readings, const Links& links);
  /// By which a reading agrees with an export column in nine of ten linked rows, and far more often than by chance;
  /// nothing where there is no such table.
  std::optional<Recoding> of(std::size_t reading, ColumnId column) const;

 private:
  using Pairs = std::map<std::pair<ColumnCode, ColumnCode>, double>;  // rows, by the sample's code and the export's
  std::map<std::pair<std::size_t, ColumnId>, Pairs> pairs_;
};

}  // namespace sidik
