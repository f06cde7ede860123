// A byte source that stays with whoever has it, lent to a reader that takes ownership of its sources.
#pragma once

#include <memory>

#include "ingest/byte_source.h"

namespace sidik {

/// Gives what `source` gives. `source` must outlive it.
std::unique_ptr<ByteSource> lent_source(ByteSource& source);

}  // namespace sidik
