// What exports that have rows in common cost together: near-identical ones, and random subsets of one population; and
// what a trace takes against many of them beside one.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/error.h"
#include "base/parallel.h"
#include "fixtures/feeds.h"
#include "measure.h"
#include "registry/compaction.h"
#include "registry/registration.h"
#include "trace/trace.h"

namespace {

using namespace sidik;
using namespace sidik::bench;
namespace fs = std::filesystem;

struct Options {
  fs::path folder;
  std::uint64_t rows = 100000, sample = 10000, subset_rows = 100000;
  unsigned exports = 1000, subsets = 50, threads = default_threads();
  bool traces_only = false;
};

/// A registry in a folder of its own, made anew.
struct House {
  House(const fs::path& directory, unsigned use_threads) : threads(use_threads) {
    fs::remove_all(directory);
    options.directory = directory;
    Registry::create(options, key);
    fs::remove(directory.string() + ".key");
    write_key_file(key, directory.string() + ".key");
  }
  /// One that an earlier call left.
  struct Left {};
  House(const fs::path& directory, unsigned use_threads, Left) : threads(use_threads) {
    options.directory = directory;
    key = read_key_file(directory.string() + ".key");
  }
  std::uint64_t add(const std::string& name, const std::string& feed, UtcSeconds at, const std::string& text) {
    Registry registry = Registry::open(options);
    RegistrationOptions registration;
    registration.description.name = name;
    registration.description.feed = feed;
    registration.description.at = at;
    registration.threads = threads;
    registration.memory = std::size_t{256} << 20;
    std::vector<std::unique_ptr<ByteSource>> sources;
    sources.push_back(memory_source(text, name));
    return register_export(registry, key, std::move(sources), registration).entry.run.length;
  }
  CompactionReport compact() {
    Registry registry = Registry::open(options);
    CompactionOptions how;
    how.threads = threads;
    sidik::compact(registry, key, how);
    return plan_compaction(registry, key);
  }
  /// The whole of what a new process does: open, trace; the median of five.
  Cost trace_of(const std::string& sample) const {
    return median(5, [&] {
      const auto store = Registry::open(options).snapshot(key);
      TraceOptions how;
      how.threads = threads;
      trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, *store, key, how);
    });
  }

  RegistryKey key = RegistryKey::generate();
  RegistryOptions options;
  unsigned threads;
};

std::string text_at(const fixtures::Population& population, std::uint32_t month, const fixtures::Feed& feed,
                    unsigned threads) {
  fixtures::FeedRun run;
  run.month = month;
  run.threads = threads;
  std::string text;
  fixtures::write_feed(population, feed, run, [&text](std::string_view piece) { text += piece; });
  return text;
}

/// Rows drawn evenly, header first.
std::string sample_of(const std::string& text, std::uint64_t rows, std::uint64_t of) {
  std::string out;
  std::uint64_t number = 0, taken = 0;
  for (std::size_t at = 0; at < text.size() && taken <= rows; ++number) {
    const std::size_t end = text.find('\n', at) + 1;
    if (number == 0 || number * rows / of != (number - 1) * rows / of) {
      out.append(text, at, end - at);
      ++taken;
    }
    at = end;
  }
  return out;
}

void compare_traces(const House& one, const House& thirty, const House& all, const std::string& sample,
                    const Options& options) {
  const Cost alone = one.trace_of(sample), some = thirty.trace_of(sample), many = all.trace_of(sample);
  std::printf("  trace of %llu rows: %.3f s against one, %.3f s against 30 (%.2f x), %.3f s against %u (%.2f x)\n",
              static_cast<unsigned long long>(options.sample), alone.wall, some.wall, some.wall / alone.wall, many.wall,
              options.exports, many.wall / alone.wall);
}

/// Against the registries and by the sample of an earlier call.
void trace_again(const Options& options) {
  std::ifstream file(options.folder / "sample.csv", std::ios::binary);
  std::ostringstream sample;
  sample << file.rdbuf();
  const House one(options.folder / "one", options.threads, House::Left{}),
      thirty(options.folder / "thirty", options.threads, House::Left{}),
      all(options.folder / "all", options.threads, House::Left{});
  compare_traces(one, thirty, all, sample.str(), options);
}

void near_identical(const Options& options) {
  fixtures::PopulationOptions people;
  people.people = options.rows;
  // The fixtures reach 600 months: of more exports some stand in one month, and months change the more,
  // but for who comes and who leaves: the fixtures number only so many.
  const double months = std::min<double>(options.exports - 1, fixtures::kMaxMonth - 1);
  const double factor = static_cast<double>(options.exports - 1) / std::max(1.0, months);
  for (double* rate :
       {&people.rates.move, &people.rates.phone, &people.rates.tariff, &people.rates.status, &people.rates.name})
    *rate *= factor;
  const fixtures::Population population(people);
  const fixtures::Feed& feed = fixtures::feed_named("nightly");
  const auto month_of = [&](unsigned e) {
    return static_cast<std::uint32_t>(months * e / std::max(1U, options.exports - 1));
  };
  House one(options.folder / "one", options.threads), thirty(options.folder / "thirty", options.threads),
      all(options.folder / "all", options.threads);
  const unsigned middle = options.exports / 2;
  std::string sample;
  std::uint64_t first = 0, written = 0;
  const Cost registered = measure([&] {
    for (unsigned e = 0; e < options.exports; ++e) {
      const std::string text = text_at(population, month_of(e), feed, options.threads);
      const UtcSeconds at = 1600000000 + static_cast<UtcSeconds>(e) * 86400;
      const std::string name = "nightly-" + std::to_string(e);
      const std::uint64_t bytes = all.add(name, "nightly", at, text);
      written += bytes;
      if (e == 0) first = bytes;
      if (e == middle) {
        one.add(name, "nightly", at, text);
        sample = sample_of(text, options.sample, options.rows);
      }
      if (e + 15 >= middle && e < middle + 15) thirty.add(name, "nightly", at, text);
    }
  });
  thirty.compact();
  CompactionReport sizes;
  const Cost compacted = measure([&] { sizes = all.compact(); });
  const double further = static_cast<double>(sizes.bytes_after) - static_cast<double>(first);
  std::ofstream(options.folder / "sample.csv", std::ios::binary) << sample;
  std::printf("%u near-identical exports of %llu rows, registered in %.0f s, merged to the end in %.1f s\n",
              options.exports, static_cast<unsigned long long>(options.rows), registered.wall, compacted.wall);
  std::printf(
      "  the first %.2f MB, apart %.1f MB, merged %.2f MB in %llu run(s): %.2f %% of the first for each further\n",
      1e-6 * static_cast<double>(first), 1e-6 * static_cast<double>(written),
      1e-6 * static_cast<double>(sizes.bytes_after), static_cast<unsigned long long>(sizes.runs_after),
      100 * further / static_cast<double>(options.exports - 1) / static_cast<double>(first));
  compare_traces(one, thirty, all, sample, options);
}

void random_subsets(const Options& options) {
  fixtures::PopulationOptions people;
  people.people = options.subset_rows;
  const fixtures::Population population(people);
  House house(options.folder / "subsets", options.threads);
  std::uint64_t apart = 0;
  for (unsigned s = 0; s < options.subsets; ++s) {
    fixtures::Feed feed = fixtures::feed_named("nightly");
    feed.name = "subset-" + std::to_string(s);
    feed.filter.share = 0.4;
    feed.filter.share_key = s + 1;
    apart += house.add(feed.name, feed.name, 1600000000 + static_cast<UtcSeconds>(s) * 86400,
                       text_at(population, 0, feed, options.threads));
  }
  const CompactionReport sizes = house.compact();
  std::printf("%u random 40 %% subsets of %llu people: apart %.1f MB, merged %.1f MB in %llu run(s): 1/%.1f\n",
              options.subsets, static_cast<unsigned long long>(options.subset_rows), 1e-6 * static_cast<double>(apart),
              1e-6 * static_cast<double>(sizes.bytes_after), static_cast<unsigned long long>(sizes.runs_after),
              static_cast<double>(apart) / static_cast<double>(sizes.bytes_after));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("What exports with rows in common cost together, in bytes and in a trace's time.");
  app.add_option("--folder", options.folder,
                 "Where to make registries, their keys and the sample; those of an earlier call are removed")
      ->required();
  app.add_option("--rows", options.rows, "Rows of a near-identical export")->capture_default_str();
  app.add_option("--exports", options.exports, "Near-identical exports; 0 for none")->capture_default_str();
  app.add_option("--sample", options.sample, "Rows of the sample")->capture_default_str();
  app.add_option("--subsets", options.subsets, "Random subsets; 0 for none")->capture_default_str();
  app.add_option("--subset-people", options.subset_rows, "People that subsets are drawn from")->capture_default_str();
  app.add_option("--threads", options.threads)->capture_default_str();
  app.add_flag("--traces-only", options.traces_only,
               "Make nothing: trace again against what an earlier call with as many exports left in the folder");
  try {
    app.parse(argc, argv);
    if (!options.traces_only) fs::create_directories(options.folder);
    std::cout << machine() << ", " << options.threads << " threads" << std::endl;
    if (options.traces_only) return trace_again(options), 0;
    if (options.exports > 1) near_identical(options);
    if (options.subsets > 0) random_subsets(options);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const Error& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
