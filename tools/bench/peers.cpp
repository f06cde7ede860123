// The same work by Sidik and by DuckDB in one run, with the ratio of the two. DuckDB gets its best SQL: hashes read
// once from the CSV into a temporary table, then sorted tables of the same records and entries, then a checkpoint.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "base/error.h"
#include "base/parallel.h"
#include "duckdb.h"
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

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

std::string read_csv(const fs::path& csv) {
  return "read_csv('" + csv.string() +
         "', header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"')";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

/// DuckDB's side of each piece of work, for one schema.
struct PeerSql {
  std::string hash, hashes, records, join;
  std::vector<std::string> indexes;

  PeerSql(const Schema& schema, const Workload& work) {
    const std::size_t identity = schema.identity_order().at(0);
    std::vector<std::string> folded, kept, codes, agreements;
    for (std::size_t c = 0; c < schema.columns.size(); ++c) {
      const std::string column = quoted(schema.columns[c].name);
      const std::string h = "h" + std::to_string(c);
      folded.push_back("bit_xor(hash(lower(" + column + ")))");
      kept.push_back("hash(lower(" + column + ")) AS " + h);
      if (c == identity) continue;
      codes.push_back("(" + h + " & 65535)::USMALLINT AS " + h);
      agreements.push_back("sum((hash(lower(s." + column + ")) & 65535 = r." + h + ")::INT)");
      if (schema.columns[c].indexed)
        indexes.push_back("CREATE TABLE index_" + std::to_string(c) + " AS SELECT (" + h +
                          " & 18446744073441116160) | (h" + std::to_string(identity) +
                          " >> 36) AS entry FROM hashes ORDER BY entry");
    }
    const std::string tag = "h" + std::to_string(identity) + " >> 16";
    hash = "SELECT " + joined(folded) + " FROM " + read_csv(work.csv);
    hashes = "CREATE TEMP TABLE hashes AS SELECT " + joined(kept) + " FROM " + read_csv(work.csv);
    records = "CREATE TABLE records AS SELECT " + tag + " AS tag, " + joined(codes) + " FROM hashes ORDER BY tag";
    join = "SELECT count(*), " + joined(agreements) + " FROM " + read_csv(work.sample) +
           " s JOIN records r ON r.tag = hash(lower(s." + quoted(schema.columns[identity].name) + ")) >> 16";
  }
};

void print(const char* what, const Cost& ours, const Cost& peer, std::uint64_t rows) {
  std::printf("%-34s  Sidik %7.3f s (%5.0f ns CPU a row)   DuckDB %7.3f s (%5.0f ns)   ratio %.2f\n", what, ours.wall,
              1e9 * ours.processor / static_cast<double>(rows), peer.wall,
              1e9 * peer.processor / static_cast<double>(rows), peer.wall / ours.wall);
  std::fflush(stdout);
}

int run(const fs::path& folder, const fs::path& library, std::uint64_t rows, std::uint64_t sample_rows,
        unsigned threads, int runs) {
  const Workload work = prepare_workload(folder, rows, sample_rows, threads);
  const Schema schema = infer_schema(work.csv);
  const RegistryKey key = RegistryKey::generate();
  const PeerSql sql(schema, work);
  warm(work.csv);
  warm(work.sample);

  const fs::path database = folder / "peer.duckdb";
  fs::remove(database);
  auto peer = std::make_unique<DuckDb>(library, database, threads);
  std::printf("%s, %u threads, DuckDB %s; %llu rows of %zu columns, %.0f bytes a row; median of %d\n",
              machine().c_str(), threads, peer->version().c_str(), static_cast<unsigned long long>(rows),
              schema.columns.size(), static_cast<double>(fs::file_size(work.csv)) / static_cast<double>(rows), runs);

  const Cost hash_ours = median(runs, [&] { fingerprint_file(work.csv, schema, key, threads); });
  const Cost hash_peer = median(runs, [&] { peer->query(sql.hash); });
  print("CSV to records and entries", hash_ours, hash_peer, rows);

  const fs::path directory = folder / "registry";
  const auto register_once = [&] {
    fs::remove_all(directory);
    Registry::create({directory}, key);
    Registry registry = Registry::open({directory});
    RegistrationOptions options;
    options.description.name = "bench";
    options.threads = threads;
    std::vector<std::unique_ptr<ByteSource>> sources;
    sources.push_back(open_source(work.csv));
    register_export(registry, key, std::move(sources), options);
  };
  const auto peer_once = [&] {
    peer.reset();
    fs::remove(database);
    peer = std::make_unique<DuckDb>(library, database, threads);
    peer->query(sql.hashes);
    peer->query(sql.records);
    for (const std::string& index : sql.indexes) peer->query(index);
    peer->query("CHECKPOINT");
  };
  const Cost register_ours = median(runs, register_once);
  const Cost register_peer = median(runs, peer_once);
  print("durable registration", register_ours, register_peer, rows);

  const Registry registry = Registry::open({directory});
  const auto store = registry.snapshot(key);
  TraceOptions options;
  options.threads = threads;
  const std::vector<SampleInput> sample{{work.sample.string(), [&] { return open_source(work.sample); }}};
  Verdict verdict;
  const Cost trace_ours = median(runs, [&] { verdict = trace(sample, *store, key, options); });
  const Cost trace_peer = median(runs, [&] { peer->query(sql.join); });
  print("trace of the sample, joined", trace_ours, trace_peer, work.sample_rows);
  std::printf("  verdict: %s\n", verdict.summary.c_str());

  const SizeBound bound = size_bound(work.csv, schema, key);
  const double bytes = static_cast<double>(registry.find("bench")->run.length);
  std::printf(
      "size: %.2f bytes a row, bound %.2f (tags %.2f, columns %.2f, entries %.2f), %.1f %% above; DuckDB's file %.2f\n",
      bytes / static_cast<double>(rows), bound.bits() / 8 / static_cast<double>(rows),
      bound.tags / 8 / static_cast<double>(rows), bound.columns / 8 / static_cast<double>(rows),
      bound.entries / 8 / static_cast<double>(rows), 100 * (bytes * 8 / bound.bits() - 1),
      static_cast<double>(fs::file_size(database)) / static_cast<double>(rows));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Sidik beside DuckDB, the same work in the same run.");
  fs::path folder = fs::temp_directory_path() / "sidik-bench";
  fs::path library;
  std::uint64_t rows = 5'000'000;
  std::uint64_t sample_rows = 1'000'000;
  unsigned threads = default_threads();
  int runs = 3;
  app.add_option("--folder", folder, "where the files are made and kept");
  app.add_option("--duckdb", library,
                 "libduckdb.so, of the npm package @duckdb/node-bindings-linux-x64 (or SIDIK_DUCKDB)");
  app.add_option("--rows", rows, "rows of the export");
  app.add_option("--sample", sample_rows, "rows of the traced sample");
  app.add_option("--threads", threads, "threads of both");
  app.add_option("--runs", runs, "runs of each, of which the median counts");
  CLI11_PARSE(app, argc, argv);
  try {
    library = find_duckdb(library);
    if (library.empty())
      throw Error(ErrorKind::kUsage, "libduckdb.so",
                  "not found; run `npm install @duckdb/node-bindings-linux-x64` here, or name it by --duckdb");
    return run(folder, library, rows, sample_rows, threads, runs);
  } catch (const Error& error) {
    std::cerr << "peers: " << error.what() << "\n";
    return exit_status(error.kind());
  }
}
