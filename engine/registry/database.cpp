#include "registry/database.h"

#include <sqlite3.h>

#include "base/error.h"

namespace sidik {
namespace {

[[noreturn]] void fail(sqlite3* database, const std::string& place, int result) {
  const std::string reason = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(ErrorKind::kBusy, place,
                  "another process is writing to the registry; try again, or wait longer with --wait");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:
      throw Error(ErrorKind::kDamaged, place, "the catalogue is damaged (" + reason + "); run `sidik check`");
    case SQLITE_FULL:
      throw Error(ErrorKind::kFailed, place, "the disk is full; make room and run the same command again");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      throw Error(ErrorKind::kFailed, place, "cannot be opened for writing (" + reason + "); check owner and mode");
    default:
      throw Error(ErrorKind::kFailed, place, "the catalogue cannot be read or written (" + reason + ")");
  }
}

}  // namespace

Statement::Statement(sqlite3* database, const std::string& place, std::string_view sql)
    : statement_(nullptr, &sqlite3_finalize), database_(database), place_(place) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  statement_.reset(statement);
  if (result != SQLITE_OK) fail(database_, place_, result);
}

Statement& Statement::bind(int parameter, std::string_view text) {
  const int result = sqlite3_bind_text64(statement_.get(), parameter, text.data() == nullptr ? "" : text.data(),
                                         text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (result != SQLITE_OK) fail(database_, place_, result);
  return *this;
}

Statement& Statement::bind(int parameter, std::int64_t number) {
  const int result = sqlite3_bind_int64(statement_.get(), parameter, number);
  if (result != SQLITE_OK) fail(database_, place_, result);
  return *this;
}

Statement& Statement::bind_or_null(int parameter, const std::optional<std::string>& text) {
  if (text) return bind(parameter, std::string_view(*text));
  const int result = sqlite3_bind_null(statement_.get(), parameter);
  if (result != SQLITE_OK) fail(database_, place_, result);
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  fail(database_, place_, result);
}

void Statement::run() {
  while (step()) {
  }
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::optional<std::string> Statement::optional_text(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return text(column);
}

Database::Database(const std::filesystem::path& path, const Options& options)
    : connection_(nullptr, &sqlite3_close), place_(path.string()) {
  sqlite3* connection = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX,
                                     options.vfs.empty() ? nullptr : options.vfs.c_str());
  connection_.reset(connection);
  if (result != SQLITE_OK) fail(connection, place_, result);
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, static_cast<int>(options.wait.count()));
  // EXTRA syncs the folder after the journal is gone: a commit that was reported survives a power cut. Nothing is
  // mapped (a mapped I/O error is a signal), and no temporary file is written beside the catalogue.
  execute(
      "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
      "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;");
}

Statement Database::prepare(std::string_view sql) const { return Statement(connection_.get(), place_, sql); }

void Database::execute(const char* sql) const {
  const int result = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) fail(connection_.get(), place_, result);
}

Transaction::Transaction(const Database& database, Kind kind) : database_(database) {
  database_.execute(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (...) {
    // SQLite has rolled back by itself after the failure that led here, or does so when the file is next opened.
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace sidik
