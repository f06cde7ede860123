#include "sealed_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace sidik::command {
namespace {

constexpr std::size_t kBuffer = std::size_t{4} << 20;

std::uint8_t* aligned_buffer() {
  void* memory = std::aligned_alloc(kDirectAlignment, kBuffer);
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<std::uint8_t*>(memory);
}

std::filesystem::perms usual_permissions() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return static_cast<std::filesystem::perms>(0666 & ~mask);
}

}  // namespace

SealedFile::SealedFile(const std::filesystem::path& path, std::filesystem::perms most)
    : file_(posix_file_system().open(path, OpenMode::kCreate, Caching::kDirect)),
      filling_(aligned_buffer()),
      writing_(aligned_buffer()) {
  std::error_code ignored;  // where permissions cannot be had, the strict ones stay
  std::filesystem::permissions(path, usual_permissions() & most, ignored);
  thread_ = std::thread([this] { work(); });
}

SealedFile::~SealedFile() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SealedFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kBuffer - filled_);
    std::memcpy(filling_.get() + filled_, bytes.data(), size);
    filled_ += size;
    length_ += size;
    bytes.remove_prefix(size);
    if (filled_ == kBuffer) hand_over();
  }
}

void SealedFile::sync() {
  // Written in whole sectors, then cut to its length.
  const std::size_t whole = (filled_ + kDirectAlignment - 1) / kDirectAlignment * kDirectAlignment;
  std::memset(filling_.get() + filled_, 0, whole - filled_);
  filled_ = whole;
  hand_over();
  std::unique_lock lock(mutex_);
  wait_idle(lock);
  file_->truncate(length_);
  file_->sync();
}

void SealedFile::hand_over() {
  std::unique_lock lock(mutex_);
  wait_idle(lock);
  filling_.swap(writing_);
  to_write_ = filled_;
  filled_ = 0;
  changed_.notify_all();
}

void SealedFile::wait_idle(std::unique_lock<std::mutex>& lock) {
  changed_.wait(lock, [this] { return to_write_ == 0; });
  if (error_) std::rethrow_exception(error_);
}

void SealedFile::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || to_write_ > 0; });
    if (stop_) return;
    lock.unlock();
    std::exception_ptr error;
    try {
      file_->write_at(offset_, {writing_.get(), to_write_});
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    offset_ += to_write_;
    to_write_ = 0;
    error_ = error_ ? error_ : error;
    changed_.notify_all();
  }
}

}  // namespace sidik::command
