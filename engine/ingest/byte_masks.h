// The bytes that structure a delimited text, as bit masks over 64 bytes at a time: the vectorised bottom of the
// tokeniser.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sidik {

/// Bit i speaks of byte i of 64.
struct ByteMasks {
  std::uint64_t quote = 0;
  std::uint64_t delimiter = 0;
  std::uint64_t line_feed = 0;
  std::uint64_t carriage_return = 0;
  std::uint64_t non_ascii = 0;

  /// Forgets all bytes whose bit is not in `valid`.
  void keep(std::uint64_t valid) {
    quote &= valid;
    delimiter &= valid;
    line_feed &= valid;
    carriage_return &= valid;
    non_ascii &= valid;
  }
};

/// The ways to compute the masks; all give the same. kPortable runs everywhere.
enum class MaskKernel { kPortable, kSse2, kAvx2, kAvx512 };

/// Whether this build and this processor have it.
bool available(MaskKernel kernel);

/// Fills out[0 .. chunks) with the masks of text[0 .. 64 * chunks), by the fastest kernel that the processor has.
/// REQUIRES: all 64 * chunks bytes readable.
void classify(const char* text, std::size_t chunks, char delimiter, ByteMasks* out);

/// The same by a kernel that is available; for tests and measurements.
void classify_with(MaskKernel kernel, const char* text, std::size_t chunks, char delimiter, ByteMasks* out);

}  // namespace sidik
