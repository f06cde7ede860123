#include "registry/registry_lock.h"

#include <array>
#include <charconv>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret.h"

namespace sidik {

WriterLock::WriterLock(FileSystem& files, const RegistryFolder& folder, std::string token)
    : files_(files),
      folder_(folder),
      token_(std::move(token)),
      file_(files.open(folder.writer_lock(token_), OpenMode::kCreate)) {
  bool held = false;
  try {
    held = file_->try_lock(LockKind::kExclusive);
  } catch (const Error&) {
    files_.remove(folder_.writer_lock(token_));
    throw;
  }
  if (!held) throw Error(ErrorKind::kFailed, file_->path().string(), "a fresh lock file is locked by somebody else");
}

WriterLock::~WriterLock() {
  try {
    files_.remove(folder_.writer_lock(token_));
  } catch (...) {
    // The next writer finds the file unlocked and removes it.
  }
}

std::string WriterLock::fresh_token() {
  std::array<std::uint8_t, 16> token{};
  random_bytes(token);
  return to_hex(token);
}

bool WriterLock::is_held(FileSystem& files, const RegistryFolder& folder, const std::string& token) {
  const auto path = folder.writer_lock(token);
  if (!files.exists(path)) return false;
  std::unique_ptr<File> file;
  try {
    file = files.open(path, OpenMode::kRead);
  } catch (const Error&) {
    if (!files.exists(path)) return false;  // its writer ended just now
    throw;
  }
  return !file->try_lock(LockKind::kExclusive);
}

bool leave_generations(FileSystem& files, const RegistryFolder& folder, const std::vector<std::string>& locks,
                       std::int64_t current) {
  constexpr std::string_view kPrefix = "readers-";
  std::vector<std::unique_ptr<File>> held;
  for (const std::string& name : locks) {
    if (!name.starts_with(kPrefix)) continue;
    std::int64_t generation = 0;
    const char* const end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data() + kPrefix.size(), end, generation);
    if (error != std::errc{} || at != end || generation >= current) continue;
    auto file = files.open(folder.locks() / name, OpenMode::kRead);
    if (!file->try_lock(LockKind::kExclusive)) return false;
    held.push_back(std::move(file));
  }
  for (const auto& file : held) files.remove(file->path());
  return true;
}

std::unique_ptr<File> hold_generation(FileSystem& files, const RegistryFolder& folder, std::int64_t generation) {
  const auto path = folder.reader_lock(generation);
  // A reader without the right to write can still lock what is there.
  auto file = files.open(path, files.exists(path) ? OpenMode::kRead : OpenMode::kOpenOrCreate);
  if (!file->try_lock(LockKind::kShared))
    throw Error(ErrorKind::kBusy, path.string(), "old runs are being removed just now; try again");
  return file;
}

}  // namespace sidik
