// What opening a registry of many merged exports costs: a new process traces a handful of rows. Register keys wrote the
// exports, a compact key merged them, and the investigators' key asks.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "base/error.h"
#include "base/parallel.h"
#include "child_process.h"
#include "fixtures/feeds.h"
#include "measure.h"
#include "registry/certificate.h"
#include "registry/compaction.h"
#include "registry/registration.h"

namespace {

using namespace sidik;
using namespace sidik::bench;
namespace fs = std::filesystem;

struct Options {
  fs::path folder, sidik;
  std::uint64_t rows = 2000, sample = 20;
  unsigned exports = 1000, runs = 21, threads = default_threads();
};

/// What the processes work on, in `folder`: made once and kept.
struct House {
  fs::path registry, key, sample;
};

void register_months(const Options& options, const RegistryOptions& place, const RegistryKey& key,
                     const fs::path& sample) {
  fixtures::PopulationOptions people;
  people.people = options.rows;
  const fixtures::Population population(people);
  const fixtures::Feed& feed = fixtures::feed_named("nightly");
  for (unsigned e = 0; e < options.exports; ++e) {
    fixtures::FeedRun run;
    run.month = e * std::min(options.exports, fixtures::kMaxMonth) / options.exports;
    const std::string text = fixtures::feed_text(population, feed, run);
    RegistrationOptions registration;
    registration.description.name = "nightly-" + std::to_string(e);
    registration.description.feed = "nightly";
    registration.description.at = 1600000000 + static_cast<UtcSeconds>(e) * 86400;
    registration.threads = options.threads;
    registration.memory = std::size_t{64} << 20;
    std::vector<std::unique_ptr<ByteSource>> sources;
    sources.push_back(memory_source(text, registration.description.name));
    Registry registry = Registry::open(place);
    register_export(registry, key, std::move(sources), registration);
    if (e != options.exports / 2) continue;
    std::size_t end = 0;
    for (std::uint64_t line = 0; line <= options.sample && end < text.size(); ++line) end = text.find('\n', end) + 1;
    std::ofstream(sample) << text.substr(0, end);
  }
}

House prepare(const Options& options) {
  const fs::path folder =
      options.folder / ("opening-" + std::to_string(options.exports) + "x" + std::to_string(options.rows));
  House house{folder / "registry", folder / "key", folder / "sample.csv"};
  const fs::path done = folder / "done";
  if (fs::exists(done)) return house;
  fs::remove_all(folder);
  fs::create_directories(folder);
  RegistryOptions place;
  place.directory = house.registry;
  const RegistryKey investigators = RegistryKey::generate();
  Registry::create(place, investigators);
  write_key_file(investigators, house.key);
  const auto exported = [&](KeyRole role, const char* name) {
    RegistryKey key = exported_key(investigators, role, name, std::nullopt, utc_now());
    Registry::open(place).add_key(investigators, key);
    return key;
  };
  const RegistryKey etl = exported(KeyRole::kRegister, "etl");
  const RegistryKey merger = exported(KeyRole::kCompact, "merger");
  const Cost registered = measure([&] { register_months(options, place, etl, house.sample); });
  CompactionReport report;
  const Cost merged = measure([&] {
    Registry registry = Registry::open(place);
    CompactionOptions how;
    how.threads = options.threads;
    report = compact(registry, merger, how);
  });
  std::printf("registered in %.0f s, merged in %.0f s: %llu runs, %.1f MB\n", registered.wall, merged.wall,
              static_cast<unsigned long long>(report.runs_after), 1e-6 * static_cast<double>(report.bytes_after));
  std::ofstream(done) << "\n";
  return house;
}

void report(const char* what, const Options& options, const std::vector<std::string>& words) {
  run_child(words);  // warms the cache
  std::vector<Cost> costs;
  for (unsigned i = 0; i < options.runs; ++i) costs.push_back(run_child(words).cost);
  const auto median_of = [&](double Cost::*part) {
    std::sort(costs.begin(), costs.end(), [&](const Cost& a, const Cost& b) { return a.*part < b.*part; });
    return std::pair(1e3 * (costs[costs.size() / 2].*part), 1e3 * (costs.front().*part));
  };
  const auto [wall, least_wall] = median_of(&Cost::wall);
  const auto [processor, least_processor] = median_of(&Cost::processor);
  std::printf("%-28s %6.1f ms (least %.1f), processor %6.1f ms (least %.1f)\n", what, wall, least_wall, processor,
              least_processor);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("What opening a registry of many merged exports costs a new process.");
  app.add_option("--folder", options.folder, "Where to make the registry; one of an earlier call is used again")
      ->required();
  app.add_option("--sidik", options.sidik, "The program to run")->required();
  app.add_option("--rows", options.rows, "People behind an export")->capture_default_str();
  app.add_option("--exports", options.exports)->capture_default_str();
  app.add_option("--sample", options.sample, "Rows of the sample")->capture_default_str();
  app.add_option("--runs", options.runs, "Processes, of which the median counts")->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  try {
    app.parse(argc, argv);
    const House house = prepare(options);
    const std::string sidik = options.sidik.string(), registry = house.registry.string(), key = house.key.string();
    std::printf("%s, %u exports of %llu rows, %u processes each\n", machine().c_str(), options.exports,
                static_cast<unsigned long long>(options.rows), options.runs);
    report("version", options, {sidik, "--version"});
    report("list", options, {sidik, "list", "-r", registry});
    report("opening (canary list)", options, {sidik, "canary", "list", "-q", "-r", registry, "--key-file", key});
    report(("trace of " + std::to_string(options.sample) + " rows").c_str(), options,
           {sidik, "trace", house.sample.string(), "--json", "-r", registry, "--key-file", key});
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const Error& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
