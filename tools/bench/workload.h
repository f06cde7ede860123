// The file that the benches work on: a population of the fixtures, made once and kept, with a sample drawn from it.
#pragma once

#include <cstdint>
#include <filesystem>

namespace sidik::bench {

struct Workload {
  std::filesystem::path csv;     // `rows` rows of the fixtures' nine plain columns, header first
  std::filesystem::path sample;  // every so-manieth row of it, `sample_rows` in all, header first
  std::uint64_t rows = 0;
  std::uint64_t sample_rows = 0;
};

/// Makes the files in `folder` where they are not there yet.
Workload prepare_workload(const std::filesystem::path& folder, std::uint64_t rows, std::uint64_t sample_rows,
                          unsigned threads);

/// Reads a file once, so that the page cache is warm for whoever is timed first.
void warm(const std::filesystem::path& file);

}  // namespace sidik::bench
