// Which column of the sample is which column of the exports: decided jointly, by the agreement of linked rows.
//
// Counting values found will not do: every small integer is found everywhere. So rows are linked first, by what
// identifies; then each further column goes to the export column whose codes agree in the linked rows more often than
// with other rows' records. Names only break ties. A column that agrees nowhere but has the form (or the name) of one
// that is left over is mapped to it all the same: that it never agrees is evidence too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "registry/fingerprint_store.h"
#include "trace/column_counterparts.h"
#include "trace/date_columns.h"
#include "trace/link.h"
#include "trace/partial_value.h"
#include "trace/reading.h"
#include "trace/recoded_columns.h"
#include "trace/repeated_columns.h"

namespace sidik {

/// One column of the sample as the exports have it. Exports may have it under several names and types.
struct MappedColumn {
  std::size_t column = 0;  // of the sample
  struct As {
    Reading reading;
    std::vector<ColumnId> columns;  // the export columns that it is
    /// Others of the type whose values it holds at times (an old card number): a set with them.
    std::vector<ColumnId> also;
    CodeTable codes;  // where the sample's values stand for theirs: which for which; empty where they are the same
  };
  std::vector<As> as;
  std::string name;      // of the export column it agrees with best
  double agreement = 0;  // share of linked rows that agree
  bool by_form = false;  // mapped by name or form: hardly a linked row agrees
  bool leads = false;    // an index or a tag leads from its values to records
};

/// A column of the sample that shows parts of its values only.
struct PartialColumn {
  std::size_t column = 0;
  Loss loss = Loss::kNone;   // the commonest
  double share = 0;          // of its values
  double held = 0;           // share of the values that they may have had that is somebody's by chance
  unsigned digits_left = 0;  // of rounded and zeroed numbers, the commonest count
};

/// The column of an export that one of the sample's is; null where it has none.
const ExportColumn* column_in(const MappedColumn& mapped, const ExportManifest& of);

struct ColumnMap {
  static constexpr std::size_t kMost = 64;
  std::vector<MappedColumn> mapped;    // at most kMost, by sample column
  std::vector<FieldType> forms;        // one a sample column: its type by form
  std::vector<std::string> newest;     // one a sample column: newest date, "" for none
  std::vector<DateColumn> dates;       // one a sample column; empty where it is none of dates
  std::size_t rows = 0, linked = 0;    // of the rows that it was decided on
  std::vector<ColumnCut> cuts;         // one a sample column
  std::vector<PartialColumn> partial;  // by column: those of whose values a part is lost
  /// Columns of ours with numbers or contacts of people, none of which agrees though the sample has columns of their
  /// type, several of them: whichever is which, they are of others. Rising.
  std::vector<ColumnId> strangers;
  /// The same of codes, words and days of many values: columns of ours, none of which agrees though the sample has
  /// columns of their type that are nothing of ours. Rising.
  std::vector<ColumnId> unlike;
  std::vector<RepeatedColumn> repeated;  // of `mapped`, by their first readings
  ColumnCounterparts counterparts;       // of the exports' columns, mapped or not
  double completions_a_row = 0;          // of mapped columns' open cells, on average
  /// Whether a column of the sample was looked up and agrees with nothing (it was read as a type of which every column
  /// of ours leads to records, and is no column of few values), or nothing in the sample is like anything of ours. Rows
  /// that show nothing to look up speak against ours only where it is so.
  bool in_vain = false;
};

/// Decides on some 2,000 screened rows (fewer where the exports are many). The same whatever the threads.
ColumnMap map_columns(const SampleSurvey& survey, const FingerprintStore& store, const EpochSecrets& secrets,
                      unsigned threads = 1);

}  // namespace sidik
