#include "sealed_output.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cerrno>

#include "base/error.h"
#include "base/file_system.h"
#include "console.h"

namespace sidik::command {

/// A stream compressor. Gives what it has to `put`.
class SealedOutput::Compressor {
 public:
  explicit Compressor(Compression how) : how_(how) {
    if (how == Compression::kGzip) {
      constexpr int kGzipWindow = 15 + 16;
      if (deflateInit2(&gzip_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) fail();
    } else {
      zstd_ = ZSTD_createCCtx();
      if (zstd_ == nullptr) fail();
    }
  }
  ~Compressor() {
    if (how_ == Compression::kGzip) deflateEnd(&gzip_);
    ZSTD_freeCCtx(zstd_);
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  template <class Put>
  void add(std::string_view bytes, bool last, const Put& put) {
    how_ == Compression::kGzip ? add_gzip(bytes, last, put) : add_zstd(bytes, last, put);
  }

 private:
  [[noreturn]] static void fail() { throw Error(ErrorKind::kFailed, "", "the compression library cannot compress"); }

  template <class Put>
  void add_gzip(std::string_view bytes, bool last, const Put& put) {
    do {
      constexpr std::size_t kMost = std::size_t{1} << 30;
      const std::string_view piece = bytes.substr(0, kMost);
      bytes.remove_prefix(piece.size());
      gzip_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
      gzip_.avail_in = static_cast<uInt>(piece.size());
      do {
        gzip_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
        gzip_.avail_out = static_cast<uInt>(buffer_.size());
        if (deflate(&gzip_, last && bytes.empty() ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR) fail();
        put(std::string_view(buffer_.data(), buffer_.size() - gzip_.avail_out));
      } while (gzip_.avail_out == 0);
    } while (!bytes.empty());
  }

  template <class Put>
  void add_zstd(std::string_view bytes, bool last, const Put& put) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
      const std::size_t left = ZSTD_compressStream2(zstd_, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left)) fail();
      put(std::string_view(buffer_.data(), out.pos));
      if (last ? left == 0 : in.pos == in.size) return;
    }
  }

  Compression how_;
  z_stream gzip_{};
  ZSTD_CCtx* zstd_ = nullptr;
  std::array<char, 1 << 16> buffer_{};
};

namespace {

constexpr const char* kPartial = ".partial-";  // and the process's number

/// Removes the unfinished copies of `path` whose processes are gone.
void remove_leftovers(const std::filesystem::path& path) {
  std::error_code ignored;
  const std::string begin = path.filename().string() + kPartial;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(begin)) continue;
    const std::string number = name.substr(begin.size());
    if (number.empty() || number.size() > 9 || number.find_first_not_of("0123456789") != std::string::npos) continue;
    if (::kill(static_cast<pid_t>(std::stol(number)), 0) == 0 || errno != ESRCH) continue;
    // Another machine's process, on a shared disk, holds its lock.
    const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) continue;
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) ::unlink(entry.path().c_str());
    ::close(file);
  }
}

}  // namespace

std::optional<Compression> compression_by_name(const std::string& path) {
  if (path.ends_with(".gz")) return Compression::kGzip;
  if (path.ends_with(".zst")) return Compression::kZstd;
  return std::nullopt;
}

SealedOutput::SealedOutput(std::string path, Compression compression, std::filesystem::perms most)
    : path_(std::move(path)), gate_([](std::string_view bytes) { print(bytes); }) {
  if (compression != Compression::kNone) compressor_ = std::make_unique<Compressor>(compression);
  if (is_standard_output()) {
    gate_.begin_input();
    return;
  }
  remove_leftovers(path_);
  const std::filesystem::path partial = path_ + kPartial + std::to_string(::getpid());
  file_ = std::make_unique<SealedFile>(partial, most);
  partial_ = partial;
  lock_ = ::open(partial_.c_str(), O_RDONLY | O_CLOEXEC);
  if (lock_ >= 0) ::flock(lock_, LOCK_SH | LOCK_NB);
}

SealedOutput::~SealedOutput() {
  file_.reset();
  if (!partial_.empty()) ::unlink(partial_.c_str());
  if (lock_ >= 0) ::close(lock_);
}

void SealedOutput::write(std::string_view plain) {
  if (!compressor_) return put(plain);
  compressor_->add(plain, false, [this](std::string_view bytes) { put(bytes); });
}

void SealedOutput::put(std::string_view bytes) {
  if (bytes.empty()) return;
  if (is_standard_output()) return gate_.add(std::span(bytes.data(), bytes.size()));
  file_->write(bytes);
}

void SealedOutput::complete() {
  if (compressor_) compressor_->add({}, true, [this](std::string_view bytes) { put(bytes); });
  if (file_) file_->sync();
}

void SealedOutput::finish() {
  if (is_standard_output()) return gate_.release();
  file_.reset();
  FileSystem& files = posix_file_system();
  files.rename(partial_, path_);
  partial_.clear();
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  files.sync_directory(folder.empty() ? std::filesystem::path(".") : folder);
}

}  // namespace sidik::command
