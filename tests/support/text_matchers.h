// Matchers of text that both generations of Catch2 have, under names of our own.
#pragma once

#include <string>

#include "support/catch.h"

namespace sidik::test {

inline auto holds(const std::string& part) {
#if SIDIK_CATCH2 == 2
  return Catch::Matchers::Contains(part);
#else
  return Catch::Matchers::ContainsSubstring(part);
#endif
}

inline auto begins_with(const std::string& part) { return Catch::Matchers::StartsWith(part); }

}  // namespace sidik::test
