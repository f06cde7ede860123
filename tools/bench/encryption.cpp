// What encryption costs: durable registration and trace, against a twin of this program in which it is compiled out, in
// pairs that take turns. Each measurement is a process of its own; registrations spill.
#include "registry/encryption.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/error.h"
#include "base/parallel.h"
#include "child_process.h"
#include "measure.h"
#include "registry/registration.h"
#include "trace/trace.h"
#include "workload.h"

namespace {

using namespace sidik;
using namespace sidik::bench;
namespace fs = std::filesystem;

struct Options {
  fs::path folder, clear, once;
  std::uint64_t rows = 5'000'000, sample = 1'000'000, memory_mib = 0;
  unsigned pairs = 10, threads = default_threads();

  /// Less than half of what a registration would like to keep.
  std::size_t memory() const {
    return memory_mib != 0 ? static_cast<std::size_t>(memory_mib) << 20 : std::max<std::size_t>(rows * 40, 24 << 20);
  }
};

/// What one process measured.
struct Measured {
  Cost registered, traced;
  std::uint64_t written = 0, run = 0;  // bytes
};

std::uint64_t bytes_written() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::uint64_t bytes = 0;
  while (file >> name >> bytes)
    if (name == "wchar:") return bytes;
  return 0;
}

/// Registers and traces once, and prints what it took: "<encrypted> <register wall> <cpu> <trace wall> <cpu> <written>
/// <run>".
void measure_once(const Options& options) {
  const Workload work = prepare_workload(options.folder, options.rows, options.sample, options.threads);
  fs::remove_all(options.once);
  const RegistryKey key = RegistryKey::generate();
  Registry::create({options.once}, key);
  Registry registry = Registry::open({options.once});
  RegistrationOptions how;
  how.description.name = "bench";
  how.threads = options.threads;
  how.memory = options.memory();
  warm(work.csv);
  warm(work.sample);
  const std::uint64_t before = bytes_written();
  Measured measured;
  measured.registered = measure([&] {
    std::vector<std::unique_ptr<ByteSource>> sources;
    sources.push_back(open_source(work.csv));
    register_export(registry, key, std::move(sources), how);
  });
  measured.written = bytes_written() - before;
  measured.run = registry.find("bench")->run.length;
  warm(registry.find("bench")->run.path);
  const std::vector<SampleInput> sample{{work.sample.string(), [&] { return open_source(work.sample); }}};
  TraceOptions asking;
  asking.threads = options.threads;
  measured.traced = measure([&] {
    const auto store = registry.snapshot(key);
    trace(sample, *store, key, asking);
  });
  fs::remove_all(options.once);
  std::printf("%d %.6f %.6f %.6f %.6f %llu %llu\n", kEncrypted ? 1 : 0, measured.registered.wall,
              measured.registered.processor, measured.traced.wall, measured.traced.processor,
              static_cast<unsigned long long>(measured.written), static_cast<unsigned long long>(measured.run));
}

Measured measure_in(const fs::path& program, bool encrypted, const Options& options) {
  std::istringstream said(run_child({program.string(), "--once", (options.folder / "registry").string(), "--folder",
                                     options.folder.string(), "--rows", std::to_string(options.rows), "--sample",
                                     std::to_string(options.sample), "--threads", std::to_string(options.threads),
                                     "--memory", std::to_string(options.memory() >> 20)})
                              .output);
  Measured measured;
  int is_encrypted = -1;
  said >> is_encrypted >> measured.registered.wall >> measured.registered.processor >> measured.traced.wall >>
      measured.traced.processor >> measured.written >> measured.run;
  if (!said || is_encrypted != (encrypted ? 1 : 0))
    throw Error(
        ErrorKind::kFailed, program.string(),
        encrypted ? "is not the program that encrypts" : "is not the twin of a build with -DSIDIK_CLEAR_BENCH=ON");
  return measured;
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void report(const char* what, const std::vector<Measured>& with, const std::vector<Measured>& without,
            Cost Measured::*work, double most_percent) {
  for (const auto& [name, part] : {std::pair("wall", &Cost::wall), std::pair("processor", &Cost::processor)}) {
    std::vector<double> ratios, ours, theirs;
    for (std::size_t i = 0; i < with.size(); ++i) {
      ours.push_back(with[i].*work.*part);
      theirs.push_back(without[i].*work.*part);
      ratios.push_back(ours.back() / theirs.back());
    }
    const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
    std::printf("%-9s %-10s encrypted %8.3f s, clear %8.3f s; of pairs the median %+.1f %% (%+.1f to %+.1f)\n", what,
                name, median_of(ours), median_of(theirs), 100 * (median_of(ratios) - 1), 100 * (*least - 1),
                100 * (*most - 1));
  }
  std::printf("%-9s goal: at most %+.0f %%\n", what, most_percent);
}

void compare(const Options& options, const fs::path& self) {
  prepare_workload(options.folder, options.rows, options.sample, options.threads);
  std::printf("%s, %u threads; %llu rows registered with %llu MiB, %llu rows traced, %u pairs\n", machine().c_str(),
              options.threads, static_cast<unsigned long long>(options.rows),
              static_cast<unsigned long long>(options.memory() >> 20), static_cast<unsigned long long>(options.sample),
              options.pairs);
  std::vector<Measured> with, without;
  for (unsigned pair = 0; pair < options.pairs; ++pair)
    for (const bool first : {true, false}) {
      const bool encrypted = first == (pair % 2 == 0);  // who goes first takes turns as well
      (encrypted ? with : without).push_back(measure_in(encrypted ? self : options.clear, encrypted, options));
    }
  std::printf("run %.1f MB; spilled about %.1f MB\n", 1e-6 * static_cast<double>(with.front().run),
              1e-6 * (static_cast<double>(with.front().written) - static_cast<double>(with.front().run)));
  report("register", with, without, &Measured::registered, 5);
  report("trace", with, without, &Measured::traced, 15);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "What encryption costs registration and trace. The twin is built by\n"
      "  cmake -S . -B build-clear -DSIDIK_CLEAR_BENCH=ON && cmake --build build-clear --target "
      "bench-encryption-clear");
  app.add_option("--folder", options.folder, "Where the files are made and kept")->required();
  app.add_option("--clear", options.clear, "The twin, bench-encryption-clear");
  app.add_option("--rows", options.rows, "Rows of the export")->capture_default_str();
  app.add_option("--sample", options.sample, "Rows of the traced sample")->capture_default_str();
  app.add_option("--memory", options.memory_mib, "MiB for a registration (else 40 bytes a row, so that it spills)");
  app.add_option("--pairs", options.pairs)->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  app.add_option("--once", options.once, "Measure once, with a registry in this folder, and print it (for the other)");
  CLI11_PARSE(app, argc, argv);
  try {
    if (!options.once.empty())
      measure_once(options);
    else if (options.clear.empty())
      throw Error(ErrorKind::kUsage, "--clear", "is missing: the twin that encryption is compiled out of");
    else
      compare(options, fs::read_symlink("/proc/self/exe"));
    return 0;
  } catch (const Error& error) {
    std::cerr << "bench-encryption: " << error.what() << "\n";
    return exit_status(error.kind());
  }
}
