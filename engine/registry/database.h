// SQLite with its handles owned and its failures thrown: the one place where the catalogue's file is opened.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace sidik {

/// One prepared statement. Columns and parameters are counted from 1 when bound and from 0 when read, as SQLite does.
class Statement {
 public:
  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, std::int64_t number);
  Statement& bind_or_null(int parameter, const std::optional<std::string>& text);
  /// True with the next row, false after the last.
  bool step();
  /// For statements that give no row.
  void run();

  std::int64_t number(int column) const;
  std::string text(int column) const;
  std::optional<std::string> optional_text(int column) const;

 private:
  friend class Database;
  Statement(sqlite3* database, const std::string& place, std::string_view sql);
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement_;
  sqlite3* database_;
  std::string place_;
};

/// A connection: rollback journal, synchronous EXTRA, foreign keys. One thread at a time.
/// Throws Error(kBusy) when a lock is not to be had within `wait`, Error(kDamaged) for a file that is no database or a
/// damaged one, Error(kFailed) for the rest.
class Database {
 public:
  struct Options {
    std::chrono::milliseconds wait{10000};
    std::string vfs;  // SQLite's name of the file layer to use; its default where empty
  };
  /// The file must exist (an empty one is an empty database).
  Database(const std::filesystem::path& path, const Options& options);

  Statement prepare(std::string_view sql) const;
  /// One or more statements that give no rows.
  void execute(const char* sql) const;
  const std::string& place() const { return place_; }

 private:
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection_;
  std::string place_;
};

/// A transaction that is rolled back unless committed.
class Transaction {
 public:
  /// kRead sees one state of the database; kWrite keeps all other writers out from the start.
  enum class Kind { kRead, kWrite };
  Transaction(const Database& database, Kind kind);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  /// Durable when this returns. After a throw it may be either: whoever needs to know looks again.
  void commit();

 private:
  const Database& database_;
  bool open_ = true;
};

}  // namespace sidik
