// What the sample's values tell of who made it, if not we: which of them are registered, in rows of ours and by
// themselves.
#pragma once

#include "trace/row_terms.h"

namespace sidik {

/// What tells rivals from each other and moves nothing between ours and not ours.
struct RivalClues {
  double strangers_found = 0;  // ln of strangers against fabrication: unique values that the registry holds
  double same_found = 0;       // ln of the same people elsewhere against fabrication: values of others than the person
  bool numbers_unknown = false;  // people's numbers are shown, and hardly one is registered: nobody whom we know
};

struct RivalValues {
  RivalClues clues;
  double invented = 0;         // ln of new values, where every column was put together by itself
  double invented_beside = 0;  // the same of rows of people that we know; the others pad a forgery as they pad a leak
};
RivalValues rival_values(const RowTerms& terms, const Agreement& agreement);

}  // namespace sidik
