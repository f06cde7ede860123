// What somebody with the files can do to a catalogue: SQL, behind the registry's back.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <string>

#include "support/catch.h"

namespace sidik::test {

inline void edit_catalogue(const std::filesystem::path& registry, const std::string& statement) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((registry / "catalogue.sqlite").c_str(), &database) == SQLITE_OK);
  const int result = sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr);
  sqlite3_close(database);
  REQUIRE(result == SQLITE_OK);
}

}  // namespace sidik::test
