// Locks that go with the process that holds them: a writer's own, by which others see that it is alive, and the
// readers'.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "registry/registry_folder.h"

namespace sidik {

/// Held by a writer from the reservation of its name to its commit. Its file is removed with the object.
/// Made and judged only inside a write transaction of the catalogue, so that no one sees a file that is not locked yet.
class WriterLock {
 public:
  WriterLock(FileSystem& files, const RegistryFolder& folder, std::string token);
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;
  ~WriterLock();
  const std::string& token() const { return token_; }

  /// 16 random bytes in hex.
  static std::string fresh_token();
  /// Whether a process holds the lock of `token`. REQUIRES: a write transaction.
  static bool is_held(FileSystem& files, const RegistryFolder& folder, const std::string& token);

 private:
  FileSystem& files_;
  RegistryFolder folder_;
  std::string token_;
  std::unique_ptr<File> file_;
};

/// Held shared by a snapshot on the generation that it reads: whoever removes files of an older generation first takes
/// the lock of that generation alone, and leaves the files to a later writer where it does not get it.
std::unique_ptr<File> hold_generation(FileSystem& files, const RegistryFolder& folder, std::int64_t generation);

/// Whether nobody reads a generation before `current`, of those whose locks are among the names `locks`: their lock
/// files are removed then. REQUIRES: a write transaction, in which `current` was read: no reader takes an older one
/// from now on.
bool leave_generations(FileSystem& files, const RegistryFolder& folder, const std::vector<std::string>& locks,
                       std::int64_t current);

}  // namespace sidik
