// How fast each stage of the main job is by itself: tokenise, canonicalise, fingerprint, register, ask, trace.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <random>

#include "base/error.h"
#include "base/parallel.h"
#include "measure.h"
#include "pipeline.h"
#include "registry/registration.h"
#include "registry/registry.h"
#include "trace/trace.h"
#include "workload.h"

namespace {

using namespace sidik;
using namespace sidik::bench;
namespace fs = std::filesystem;

void line(const char* what, const Cost& cost, std::uint64_t rows, std::uint64_t bytes) {
  std::printf("%-36s %8.3f s  %7.1f ns wall, %7.1f ns CPU a row  %6.2f M rows/s", what, cost.wall,
              1e9 * cost.wall / static_cast<double>(rows), 1e9 * cost.processor / static_cast<double>(rows),
              1e-6 * static_cast<double>(rows) / cost.wall);
  if (bytes != 0) std::printf("  %6.2f GB/s", 1e-9 * static_cast<double>(bytes) / cost.wall);
  std::printf("\n");
  std::fflush(stdout);
}

void canonicalise_columns(const fs::path& csv, const Schema& schema) {
  TextBlock block;
  Batch batch;
  TableReader reader(open_source(csv), {});
  if (!reader.read_block(block)) return;
  reader.parse(block, batch);
  CanonicalColumn out;
  for (std::size_t c = 0; c < schema.columns.size(); ++c) {
    const ColumnSchema& column = schema.columns[c];
    const int repeats = 50;
    const Cost cost = measure([&] {
      for (int i = 0; i < repeats; ++i) canonicalise(column.type, column.options, batch.columns[c], out);
    });
    std::printf("  %-20s %-12s %6.1f ns a value\n", column.name.c_str(), std::string(type_name(column.type)).c_str(),
                1e9 * cost.wall / repeats / static_cast<double>(batch.rows));
  }
}

void ask(const FingerprintStore& store, std::uint64_t rows) {
  // Tags of records that are there, drawn by a scan, and as many that are not.
  std::vector<RowTag> tags;
  RecordAnswers answers;
  std::optional<RowTag> from = 0;
  while (from && tags.size() < std::min<std::uint64_t>(rows, 1'000'000)) {
    from = store.scan(0, *from, 65536, answers);
    for (const auto& group : answers.groups) tags.insert(tags.end(), group.tags.begin(), group.tags.end());
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  const Cost all = measure([&] {
    for (std::size_t i = 0; i < tags.size(); i += 65536)
      store.find_records(store.epoch_of(0), std::span(tags).subspan(i, std::min<std::size_t>(65536, tags.size() - i)),
                         answers);
  });
  line("records by tag, sorted batches", all, tags.size(), 0);

  std::mt19937_64 random(1);
  std::vector<RowTag> some(20000);
  for (RowTag& tag : some) tag = tags[random() % tags.size()];
  std::sort(some.begin(), some.end());
  some.erase(std::unique(some.begin(), some.end()), some.end());
  line("20,000 records by tag", measure([&] { store.find_records(store.epoch_of(0), some, answers); }), some.size(), 0);
}

void run(const fs::path& folder, std::uint64_t rows, std::uint64_t sample_rows, unsigned threads) {
  const Workload work = prepare_workload(folder, rows, sample_rows, threads);
  warm(work.csv);
  warm(work.sample);
  const std::uint64_t bytes = fs::file_size(work.csv);
  std::printf("%s, %u threads; %llu rows, %.0f bytes a row\n", machine().c_str(), threads,
              static_cast<unsigned long long>(rows), static_cast<double>(bytes) / static_cast<double>(rows));

  line("tokenise, one thread", measure([&] { parse_file(work.csv, 1, [](unsigned, const Batch&) {}); }), rows, bytes);
  line("tokenise", measure([&] { parse_file(work.csv, threads, [](unsigned, const Batch&) {}); }), rows, bytes);
  const Schema schema = infer_schema(work.csv);
  canonicalise_columns(work.csv, schema);
  const RegistryKey key = RegistryKey::generate();
  line("CSV to records and entries", measure([&] { fingerprint_file(work.csv, schema, key, threads); }), rows, bytes);

  const fs::path directory = folder / "registry";
  fs::remove_all(directory);
  Registry::create({directory}, key);
  Registry registry = Registry::open({directory});
  RegistrationOptions options;
  options.description.name = "bench";
  options.threads = threads;
  reset_peak_memory();
  const Cost registered = measure([&] {
    std::vector<std::unique_ptr<ByteSource>> sources;
    sources.push_back(open_source(work.csv));
    register_export(registry, key, std::move(sources), options);
  });
  line("register, durable", registered, rows, bytes);
  std::printf("  peak memory %.0f MiB, %.2f bytes a row on disk\n", static_cast<double>(peak_memory()) / 1048576,
              static_cast<double>(registry.find("bench")->run.length) / static_cast<double>(rows));

  const auto store = registry.snapshot(key);
  ask(*store, rows);
  TraceOptions trace_options;
  trace_options.threads = threads;
  reset_peak_memory();
  Verdict verdict;
  const std::vector<SampleInput> sample{{work.sample.string(), [&] { return open_source(work.sample); }}};
  line("trace", measure([&] { verdict = trace(sample, *store, key, trace_options); }), work.sample_rows, 0);
  std::printf("  peak memory %.0f MiB; %s\n", static_cast<double>(peak_memory()) / 1048576, verdict.summary.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("How fast each stage of Sidik's main job is.");
  fs::path folder = fs::temp_directory_path() / "sidik-bench";
  std::uint64_t rows = 5'000'000;
  std::uint64_t sample_rows = 1'000'000;
  unsigned threads = default_threads();
  app.add_option("--folder", folder, "where the files are made and kept");
  app.add_option("--rows", rows, "rows of the export");
  app.add_option("--sample", sample_rows, "rows of the traced sample");
  app.add_option("--threads", threads, "threads");
  CLI11_PARSE(app, argc, argv);
  try {
    run(folder, rows, sample_rows, threads);
    return 0;
  } catch (const Error& error) {
    std::cerr << "throughput: " << error.what() << "\n";
    return exit_status(error.kind());
  }
}
