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
#include "trace/link.h"
#include "trace/reading.h"

namespace sidik {

/// One column of the sample as the exports have it. Exports may have it under several names and types.
struct MappedColumn {
  std::size_t column = 0;  // of the sample
  struct As {
    Reading reading;
    std::vector<ColumnId> columns;  // the export columns that it is
    std::vector<ColumnId>
        also;  // others of the type whose values it holds at times (an old card number): a set with them
  };
  std::vector<As> as;
  std::string name;      // of the export column it agrees with best
  double agreement = 0;  // share of linked rows that agree
  bool by_form = false;  // mapped by name or form: hardly a linked row agrees
};

struct ColumnMap {
  static constexpr std::size_t kMost = 64;
  std::vector<MappedColumn> mapped;  // at most kMost, by sample column
  std::vector<FieldType> forms;      // one a sample column: its type by form
  std::vector<std::string> newest;   // one a sample column: newest date, "" for none
  std::size_t rows = 0, linked = 0;  // of the rows that it was decided on
};

/// Decides on some 2,000 screened rows (fewer where the exports are many).
ColumnMap map_columns(const SampleSurvey& survey, const FingerprintStore& store, const EpochSecrets& secrets);

}  // namespace sidik
