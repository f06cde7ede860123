// Bytes of files, of standard input and of a command's output, as they are; reads end when the user interrupts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ingest/byte_source.h"

namespace sidik::command {

/// The raw bytes (compressed ones too) of the file at `path`; "-" is standard input. Error(kRefused) for a missing
/// file, a directory, an empty file.
std::unique_ptr<ByteSource> open_input(const std::string& path);

/// The raw bytes that come out of `descriptor`, which is closed with the source.
std::unique_ptr<ByteSource> input_from(int descriptor, std::string name);

/// Whether the bytes at `path` can be read twice: a regular file, and not standard input.
bool can_reread(const std::string& path);

/// Error(kUsage) where "-" stands among `paths` more than once, or a path is empty.
void check_inputs(const std::vector<std::string>& paths);

}  // namespace sidik::command
