// Truth values.
#pragma once

#include <string_view>

namespace sidik {

/// Writes "true" or "false" (ya/tidak, yes/no, y/n, t/f, 1/0, benar/salah) and returns the end; nullptr for anything
/// else. REQUIRES: as write_nik.
char* write_boolean(std::string_view text, char* out);

}  // namespace sidik
