// SQLite's file layer (a VFS) over our FileSystem, so that a test disk sees every write, sync and removal of the
// catalogue as well. Locks are those of this process: one program, any number of connections.
#pragma once

#include <string>

#include "base/file_system.h"

namespace sidik::test {

/// Registers the layer under a name of its own as long as the object lives; all connections are closed before it goes.
class SqliteFiles {
 public:
  explicit SqliteFiles(FileSystem& files);
  ~SqliteFiles();
  SqliteFiles(const SqliteFiles&) = delete;
  SqliteFiles& operator=(const SqliteFiles&) = delete;
  /// For RegistryOptions::sqlite_vfs.
  const std::string& name() const;

 private:
  struct Layer;
  Layer* layer_;
};

}  // namespace sidik::test
