// What waits for a key, as `list` and `check` say it.
#pragma once

#include <string>

#include "json.h"
#include "registry/waiting.h"

namespace sidik::command {

/// {"merging": [names], "vacancy": [names]}
Json waiting_json(const WaitingWork& waiting);
/// A line for each kind of work, with the command that does it; empty where nothing waits.
std::string waiting_text(const WaitingWork& waiting);

}  // namespace sidik::command
