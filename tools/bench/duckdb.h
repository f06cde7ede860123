// The peer of the benches: DuckDB through the handful of its C API's functions that are used, loaded at run time.
// The library comes with the npm package @duckdb/node-bindings-linux-x64; nothing of ours links it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace sidik::bench {

/// One database and one connection to it. Throws Error(kFailed) with DuckDB's own words when a statement fails.
class DuckDb {
 public:
  /// `library` is libduckdb.so; `database` a file that is made, or "" for one in memory.
  DuckDb(const std::filesystem::path& library, const std::filesystem::path& database, unsigned threads);
  ~DuckDb();
  DuckDb(const DuckDb&) = delete;
  DuckDb& operator=(const DuckDb&) = delete;

  std::string version() const;
  /// Runs the statements of `sql` in turn; returns the first value of the last one's result as text, "" where there is
  /// none.
  std::string query(const std::string& sql);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Looks for libduckdb.so: `given`, SIDIK_DUCKDB, then the folders in which `npm install` puts it below the current
/// one. Empty where there is none.
std::filesystem::path find_duckdb(const std::filesystem::path& given);

}  // namespace sidik::bench
