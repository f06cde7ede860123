#include "duckdb.h"

#include <dlfcn.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "base/error.h"

namespace sidik::bench {
namespace {

// Declared here as DuckDB's stable C API (1.0 and later) has them: its npm package carries no header.
using Index = std::uint64_t;
struct Result {
  Index deprecated_column_count;
  Index deprecated_row_count;
  Index deprecated_rows_changed;
  void* deprecated_columns;
  char* deprecated_error_message;
  void* internal_data;
};
struct Api {
  int (*open)(const char* path, void** database);
  int (*connect)(void* database, void** connection);
  int (*query)(void* connection, const char* sql, Result* result);
  const char* (*result_error)(Result* result);
  Index (*row_count)(Result* result);
  Index (*column_count)(Result* result);
  char* (*value_varchar)(Result* result, Index column, Index row);
  void (*destroy_result)(Result* result);
  void (*disconnect)(void** connection);
  void (*close)(void** database);
  void (*free)(void* pointer);
  const char* (*library_version)();
};

template <typename Function>
void load(void* library, const char* name, Function& function) {
  void* symbol = dlsym(library, name);
  if (symbol == nullptr) throw Error(ErrorKind::kFailed, "libduckdb.so", std::string("has no function ") + name);
  function = reinterpret_cast<Function>(symbol);
}

}  // namespace

struct DuckDb::State {
  Api api{};
  void* database = nullptr;
  void* connection = nullptr;
};

DuckDb::DuckDb(const std::filesystem::path& library, const std::filesystem::path& database, unsigned threads)
    : state_(std::make_unique<State>()) {
  // Never closed: DuckDB's threads may still be in it when the process ends.
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw Error(ErrorKind::kFailed, library.string(), std::string("cannot load: ") + dlerror());
  Api& api = state_->api;
  load(handle, "duckdb_open", api.open);
  load(handle, "duckdb_connect", api.connect);
  load(handle, "duckdb_query", api.query);
  load(handle, "duckdb_result_error", api.result_error);
  load(handle, "duckdb_row_count", api.row_count);
  load(handle, "duckdb_column_count", api.column_count);
  load(handle, "duckdb_value_varchar", api.value_varchar);
  load(handle, "duckdb_destroy_result", api.destroy_result);
  load(handle, "duckdb_disconnect", api.disconnect);
  load(handle, "duckdb_close", api.close);
  load(handle, "duckdb_free", api.free);
  load(handle, "duckdb_library_version", api.library_version);
  if (api.open(database.empty() ? nullptr : database.c_str(), &state_->database) != 0 ||
      api.connect(state_->database, &state_->connection) != 0)
    throw Error(ErrorKind::kFailed, database.string(), "DuckDB cannot open the database");
  query("SET threads = " + std::to_string(threads));
}

DuckDb::~DuckDb() {
  state_->api.disconnect(&state_->connection);
  state_->api.close(&state_->database);
}

std::string DuckDb::version() const { return state_->api.library_version(); }

std::string DuckDb::query(const std::string& sql) {
  const Api& api = state_->api;
  Result result{};
  if (api.query(state_->connection, sql.c_str(), &result) != 0) {
    const char* words = api.result_error(&result);
    const std::string message = words == nullptr ? "unknown error" : words;
    api.destroy_result(&result);
    throw Error(ErrorKind::kFailed, "DuckDB", message);
  }
  std::string value;
  if (api.column_count(&result) > 0 && api.row_count(&result) > 0) {
    if (char* text = api.value_varchar(&result, 0, 0); text != nullptr) {
      value = text;
      api.free(text);
    }
  }
  api.destroy_result(&result);
  return value;
}

std::filesystem::path find_duckdb(const std::filesystem::path& given) {
  if (!given.empty()) return given;
  if (const char* named = std::getenv("SIDIK_DUCKDB"); named != nullptr && *named != '\0') return named;
  const std::filesystem::path inside = "node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so";
  for (const std::filesystem::path folder : {".", "build", ".."})
    if (std::filesystem::exists(folder / inside)) return std::filesystem::absolute(folder / inside);
  return {};
}

}  // namespace sidik::bench
