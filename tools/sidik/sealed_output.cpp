#include "sealed_output.h"

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>

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

SealedOutput::SealedOutput(std::string path, Compression compression, std::filesystem::perms most)
    : path_(std::move(path)), gate_([](std::string_view bytes) { print(bytes); }) {
  if (compression != Compression::kNone) compressor_ = std::make_unique<Compressor>(compression);
  if (is_standard_output()) {
    gate_.begin_input();
    return;
  }
  partial_ = path_ + ".partial-" + std::to_string(::getpid());
  file_ = std::make_unique<SealedFile>(partial_, most);
}

SealedOutput::~SealedOutput() {
  file_.reset();
  if (!partial_.empty()) ::unlink(partial_.c_str());
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
