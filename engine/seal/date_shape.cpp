#include "seal/date_shape.h"

#include <algorithm>

namespace sidik {
namespace {

constexpr std::uint64_t kManyTimesUsual = 5;
constexpr std::uint64_t kFewestOfADay = 8;

}  // namespace

void DateShape::observe(const std::string& day) {
  ++days_[day];
  ++observed_;
  latest_ = std::max(latest_, day);
}

bool DateShape::is_usual(const std::string& day) const {
  const auto found = days_.find(day);
  return found == days_.end() || found->second < kFewestOfADay ||
         found->second * days_.size() < kManyTimesUsual * observed_;
}

}  // namespace sidik
