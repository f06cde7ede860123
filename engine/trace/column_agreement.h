// How often each reading of a sample's columns agrees with each export column in linked rows, and how often by chance.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "trace/link.h"

namespace sidik {

struct AgreementCount {
  double both = 0;  // linked rows in which both have a value
  double agree = 0;
  double by_chance = 0;  // agreements with the record of another row

  double share() const { return both > 0 ? agree / both : 0; }
  double chance() const { return (by_chance + 0.5) / (both + 1); }
  /// ln of the likelihood ratio "the same column" against "agrees by chance"; 0 where it agrees no more often than
  /// that.
  double score() const;
};

/// In how many of the sample's columns some reading agrees with some column of a record.
int columns_agreeing(std::span<const LinkColumn> readings, const RecordPool& pool, const RecordPool::Record& record,
                     std::size_t row);

/// The records of a row that most columns agree with, of each shape: where nothing identifies, a row has a hundred
/// candidates that share a value or two with it, and any of them would "agree" with any column.
std::vector<std::uint32_t> best_records(std::span<const LinkColumn> readings, const Links& links, std::size_t row);

/// Counts over all linked rows; each row counts once for an export column, whatever the number of its records.
class ColumnAgreement {
 public:
  ColumnAgreement(std::span<const LinkColumn> readings, const Links& links);
  /// Nothing counted: zeros.
  AgreementCount of(std::size_t reading, ColumnId column) const;

 private:
  void count_row(std::span<const LinkColumn> readings, const Links& links, std::size_t row, std::size_t values_row,
                 double AgreementCount::*sum);
  std::vector<std::unordered_map<ColumnId, AgreementCount>> counts_;  // by reading
};

}  // namespace sidik
