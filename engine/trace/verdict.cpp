#include "trace/verdict.h"

namespace sidik {

std::string_view origin_name(Origin origin) {
  switch (origin) {
    case Origin::kOurs:
      return "ours";
    case Origin::kNotOurs:
      return "not_ours";
    case Origin::kUndetermined:
      break;
  }
  return "undetermined";
}

std::string_view hypothesis_name(Hypothesis h) {
  switch (h) {
    case Hypothesis::kRegisteredExport:
      return "registered_export";
    case Hypothesis::kMixture:
      return "mixture";
    case Hypothesis::kUnregisteredExport:
      return "unregistered_export";
    case Hypothesis::kKnownLeak:
      return "known_leak";
    case Hypothesis::kSamePeopleElsewhere:
      return "same_people_elsewhere";
    case Hypothesis::kFabricated:
      return "fabricated";
    case Hypothesis::kStrangers:
      break;
  }
  return "strangers";
}

double Evidence::total() const {
  double sum = 0;
  for (const auto& part : {membership, versions, form, parsimony, order, canaries, marks, withheld})
    sum += part.value_or(0);
  return sum;
}

}  // namespace sidik
