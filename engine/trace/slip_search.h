// Cells of a sample that differ from the records that their rows are linked to, held against these by all texts that
// are one slip away.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "trace/agreement.h"
#include "trace/sample_reader.h"
#include "trace/slip_odds.h"

namespace sidik {

/// What was found, by how rows and records agree: those of some rows, so that what they say is said once.
class CountedSlips {
 public:
  /// Of records that differ in `own` of rows whose best record differs in `best`.
  void add(const ClassMatch& best, const ClassMatch& own, std::uint32_t field, const Slips& slips);
  /// Sets ClassMatch::slips, so that all rows of `classes` together have what was counted. What is no slip of a class
  /// that has both is split off, into classes behind the given ones.
  void attach(std::vector<AgreementClass>& classes) const;

 private:
  using Key = std::array<FieldMask, 4>;
  static Key key_of(const ClassMatch& best, const ClassMatch& own) {
    return {best.agrees, best.differs, own.agrees, own.differs};
  }
  std::map<Key, std::vector<FieldSlips>> counts_;
};

/// Looks at screened rows whose best record differs in something: at most 80 cells of a field, and 500. `agreement` is
/// of the screened rows, with Agreement::rows_by_place. The same whatever the threads. Throws what the store throws.
CountedSlips find_slips(const SampleSurvey& survey, const Agreement& agreement, const AgreementTask& task);

}  // namespace sidik
