// What `register` says when it is done: what was inferred and why, what was refused, what it costs.
#pragma once

#include <cstddef>
#include <string>

#include "registry/registration.h"

namespace sidik::command {

std::string registration_text(const RegistrationResult& result, std::size_t width);
std::string registration_json(const Registry& registry, const RegistrationResult& result);

}  // namespace sidik::command
