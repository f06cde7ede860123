#include "trace/priors.h"

#include <cmath>

#include "base/error.h"

namespace sidik {
namespace {

constexpr std::pair<const char*, double Priors::*> kNames[] = {
    {"ours", &Priors::ours},
    {"mixture", &Priors::mixture},
    {"unregistered_date", &Priors::unregistered_date},
    {"unregistered_feed", &Priors::unregistered_feed},
    {"same_people_elsewhere", &Priors::same_people_elsewhere},
    {"strangers", &Priors::strangers},
    {"fabricated", &Priors::fabricated},
    {"known_leak", &Priors::known_leak},
};

}  // namespace

Priors Priors::with(const std::map<std::string, double>& overrides) {
  Priors priors;
  for (const auto& [name, value] : overrides) {
    double Priors::*member = nullptr;
    std::string known;
    for (const auto& [own, place] : kNames) {
      if (name == own) member = place;
      known += (known.empty() ? "" : ", ") + std::string(own);
    }
    if (member == nullptr)
      throw Error(ErrorKind::kUsage, "", "no prior is called \"" + name + "\"; there are " + known);
    if (!std::isfinite(value) || value < 0 || value >= 1 || (value == 0 && name == "ours")) {
      throw Error(ErrorKind::kUsage, "", "the prior " + name + " must be at least 0 and less than 1");
    }
    priors.*member = value;
  }
  if (priors.same_people_elsewhere + priors.strangers + priors.fabricated + priors.known_leak <= 0) {
    throw Error(ErrorKind::kUsage, "", "of the hypotheses that are not ours at least one needs a prior above 0");
  }
  return priors;
}

std::vector<std::pair<std::string, double>> Priors::named() const {
  std::vector<std::pair<std::string, double>> all;
  for (const auto& [name, place] : kNames) all.emplace_back(name, this->*place);
  return all;
}

double Priors::outside(Hypothesis h, bool externals) const {
  const double leak = externals ? known_leak : 0;
  const double sum = same_people_elsewhere + strangers + fabricated + leak;
  double part = 0;
  if (h == Hypothesis::kSamePeopleElsewhere) part = same_people_elsewhere;
  if (h == Hypothesis::kStrangers) part = strangers;
  if (h == Hypothesis::kFabricated) part = fabricated;
  if (h == Hypothesis::kKnownLeak) part = leak;
  return sum > 0 ? (1 - ours) * part / sum : 0;
}

}  // namespace sidik
