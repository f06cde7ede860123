// Addresses of mail made of their owners' names as a table's are.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace sidik {

/// Where an address's digits come from.
struct EmailDigits {
  std::function<std::string(std::size_t count)> drawn;
  std::function<bool(const std::string& digits)> is_a_year;  // of the row: it stays
};

/// The address of who is called `now` as `like` is that of who is called `before` (words, first name first): of the
/// same words or their initials in the same order, with the same joint, as many digits, the same domain, or `domain`
/// where that is not empty. An address that is made of no name has other last letters.
std::string email_like(const std::string& like, const std::vector<std::string>& before,
                       const std::vector<std::string>& now, const EmailDigits& digits, const std::string& domain);

}  // namespace sidik
