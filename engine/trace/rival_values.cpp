#include "trace/rival_values.h"

#include <algorithm>
#include <vector>

#include "trace/outside.h"
#include "trace/singled_out.h"

namespace sidik {

RivalValues rival_values(const RowTerms& terms, const Agreement& agreement) {
  const double scale = agreement.rows > 0 ? terms.rows() / static_cast<double>(agreement.rows) : 0;
  RivalValues values;
  std::vector<FoundValues> found;
  std::vector<FoundValues> strange;  // of others than the row's person
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const double there = agreement.seen[f] * scale;
    const double gone = agreement.unseen[f] * scale;
    double unlinked = 0;
    for (const AgreementClass& rows : terms.classes())
      unlinked += rows.matches.empty() && (rows.visible >> f & 1) != 0 ? rows.rows : 0;
    values.invented += log_invented(there, gone);
    values.invented_beside += log_invented(there, std::max(0.0, gone - unlinked));
    if (singles_out(terms, f) && there + gone > 0) {
      found.push_back({there, gone});
      values.clues.strangers_found += log_strangers_found(there, gone);
    }
    if (!singles_out(terms, f) && terms.roles()[f].agreement != ForeignAgreement::kContact) continue;
    if (terms.strange_seen(f) + terms.strange_unseen(f) == 0) continue;
    strange.push_back({terms.strange_seen(f), terms.strange_unseen(f)});
    values.clues.same_found += log_strangers_found(terms.strange_seen(f), terms.strange_unseen(f));
  }
  // Where nothing can be told from values that are ours or new, rivals share the odds as they are.
  RivalClues& clues = values.clues;
  clues.strangers_found = found.empty() ? 0 : clues.strangers_found - log_forger_found(found) + values.invented;
  clues.same_found = strange.empty() ? 0 : clues.same_found - log_forger_found(strange) + values.invented_beside;
  clues.numbers_unknown = numbers_unknown(terms, agreement);
  return values;
}

}  // namespace sidik
