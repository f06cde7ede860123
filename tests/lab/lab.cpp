// The lab by hand: many leaks of every kind against a world of exports, counted.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "base/error.h"
#include "base/parallel.h"
#include "fingerprints/key.h"
#include "lab/report.h"
#include "support/temporary_directory.h"

int main(int argc, char** argv) {
  using namespace sidik;
  using namespace sidik::lab;
  CLI::App app(
      "How often a trace is right, how often falsely sure, and whether its odds hold: counted on leaks whose truth is "
      "known.");
  WorldOptions options;
  options.threads = default_threads();
  std::size_t cases = 10;
  std::optional<std::size_t> outsiders;
  std::vector<std::size_t> sizes{20, 100, 500};
  std::vector<std::uint64_t> seeds{1};
  std::string only;
  bool show = false;
  double dear = 1e9;
  std::optional<std::filesystem::path> keep;
  app.add_option("--seed", seeds, "of the population and the leaks; several seeds are counted together");
  app.add_option("--people", options.people, "of the population");
  app.add_option("--cases", cases, "leaks of each kind and size");
  app.add_option("--outsiders", outsiders, "the same of kinds that are not ours");
  app.add_option("--rows", sizes, "sizes of the leaks");
  app.add_option("--only", only, "one kind of leak");
  app.add_flag("--show", show, "print each case that went wrong");
  app.add_option("--dear", dear, "print each case that costs so many bits more than the oracle's");
  app.add_option("--keep", keep, "a folder for what --show and --dear print: the registries, their keys, the samples");
  CLI11_PARSE(app, argc, argv);
  try {
    std::vector<Outcome> all;
    for (const std::uint64_t seed : seeds) {
      options.seed = seed;
      const test::TemporaryDirectory temporary;
      const std::filesystem::path folder = keep ? *keep / std::to_string(seed) : temporary.path();
      std::filesystem::create_directories(folder);
      const World world(options, folder);
      if (keep) write_key_file(world.key(), folder / "key");
      std::size_t shown = 0;
      std::printf("%zu exports and %zu other registers of a population of %llu, seed %llu\n", world.registered(),
                  world.externals().size(), static_cast<unsigned long long>(options.people),
                  static_cast<unsigned long long>(options.seed));
      for (const LeakKind kind : all_leak_kinds()) {
        if (!only.empty() && leak_name(kind) != only) continue;
        for (const std::size_t rows : sizes) {
          auto outcomes = try_leaks(world, kind, rows, is_ours(kind) ? cases : outsiders.value_or(cases), options.seed,
                                    options.threads);
          for (const Outcome& o : outcomes) {
            const bool wrong = (o.traceable && !o.right) || o.falsely_ours || o.falsely_sure || o.missed;
            if (o.excess < dear && !(show && wrong)) continue;
            std::printf("%s, %zu rows, %s: %.2f bits\n  %s\n%s", std::string(leak_name(kind)).c_str(), rows,
                        o.truly.c_str(), o.excess, o.said.c_str(), o.details.c_str());
            if (!keep) continue;
            const std::filesystem::path file = folder / ("leak-" + std::to_string(++shown) + ".csv");
            std::ofstream(file, std::ios::binary) << o.leaked;
            std::printf("    %s\n", file.c_str());
          }
          for (Outcome& o : outcomes) o.leaked.clear();
          all.insert(all.end(), outcomes.begin(), outcomes.end());
          std::fflush(stdout);
        }
      }
    }
    std::fputs(report(all).c_str(), stdout);
    return 0;
  } catch (const Error& error) {
    std::cerr << "lab: " << error.what() << "\n";
    return exit_status(error.kind());
  }
}
