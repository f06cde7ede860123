// The file that a sealed copy is written to, behind the back of who seals: past the page cache where the file system
// has it, by a thread of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

#include "base/file_system.h"

namespace sidik::command {

class SealedFile {
 public:
  /// Makes the file, with the permissions that the user's other files get, of these no more than `most`; it must not
  /// exist. Error(kFailed).
  SealedFile(const std::filesystem::path& path, std::filesystem::perms most);
  /// Waits for what is being written; removes nothing.
  ~SealedFile();
  SealedFile(const SealedFile&) = delete;
  SealedFile& operator=(const SealedFile&) = delete;

  /// Takes the bytes; Error(kFailed) for these or earlier ones, where the disk is full.
  void write(std::string_view bytes);
  /// All bytes and the file's length are on the disk when this returns.
  void sync();

 private:
  struct Freed {
    void operator()(std::uint8_t* memory) const { std::free(memory); }
  };
  using Buffer = std::unique_ptr<std::uint8_t, Freed>;
  void work();
  void hand_over();
  void wait_idle(std::unique_lock<std::mutex>& lock);

  std::unique_ptr<File> file_;
  Buffer filling_, writing_;
  std::size_t filled_ = 0, to_write_ = 0;  // bytes of each
  std::uint64_t offset_ = 0;               // of writing_
  std::uint64_t length_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace sidik::command
