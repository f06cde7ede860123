#include "seal/date_shape.h"

namespace sidik {
namespace {

constexpr std::uint64_t kManyTimesUsual = 5;
constexpr std::uint64_t kFewestOfADay = 8;

}  // namespace

void DateShape::observe(const std::string& day) {
  ++days_[day];
  ++observed_;
}

bool DateShape::spans(const std::string& day) const {
  return !days_.empty() && day >= days_.begin()->first && day <= days_.rbegin()->first;
}

bool DateShape::is_usual(const std::string& day) const {
  const auto found = days_.find(day);
  return found == days_.end() || found->second < kFewestOfADay ||
         found->second * days_.size() < kManyTimesUsual * observed_;
}

}  // namespace sidik
