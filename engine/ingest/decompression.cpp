// gzip and zstd as byte sources: several members or frames in a row, and never a silent end of a file that was cut
// short.
#define ZLIB_CONST  // next_in points to constant bytes
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "ingest/byte_source.h"

namespace sidik {
namespace {

constexpr std::size_t kChunk = std::size_t{256} * 1024;

/// Compressed bytes as they come, with the place of the next one for messages.
class CompressedInput {
 public:
  explicit CompressedInput(std::unique_ptr<ByteSource> source) : source_(std::move(source)), buffer_(kChunk) {}

  /// The bytes at hand, after reading more where there were none; empty at the end.
  std::span<const char> available() {
    if (used_ == filled_) {
      used_ = 0;
      filled_ = source_->read(buffer_);
    }
    return std::span<const char>(buffer_).subspan(used_, filled_ - used_);
  }
  void take(std::size_t size) {
    used_ += size;
    position_ += size;
  }
  std::uint64_t position() const { return position_; }
  const ByteSource& source() const { return *source_; }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorKind::kRefused, source_->name() + ", byte " + std::to_string(position_), what);
  }
  [[noreturn]] void refuse_cut(const std::string& format) const {
    refuse("the " + format + " data end here, before their end mark: the file was cut short; copy or make it again");
  }
  [[noreturn]] void refuse_damaged(const std::string& format, const std::string& detail) const {
    refuse("the " + format + " data are damaged at or before this byte (" + detail + "); copy or make the file again");
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t position_ = 0;
};

/// What both have in common: the compressed bytes underneath.
class DecompressingSource : public ByteSource {
 public:
  explicit DecompressingSource(std::unique_ptr<ByteSource> source) : input_(std::move(source)) {}
  std::string name() const override { return input_.source().name(); }
  std::uint64_t consumed() const override { return input_.position(); }
  std::uint64_t total() const override { return input_.source().total(); }

 protected:
  CompressedInput& input() { return input_; }

 private:
  CompressedInput input_;
};

class GzipSource final : public DecompressingSource {
 public:
  explicit GzipSource(std::unique_ptr<ByteSource> source) : DecompressingSource(std::move(source)) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK)
      throw Error(ErrorKind::kFailed, name(), "cannot decompress: not enough memory");
  }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override { inflateEnd(&stream_); }
  Compression compression() const override { return Compression::kGzip; }

  std::size_t read(std::span<char> out) override {
    const std::size_t room = std::min(out.size(), std::size_t{1} << 30);
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(room);
    while (stream_.avail_out == room && room != 0) {
      const std::span<const char> bytes = input().available();
      if (bytes.empty()) {
        if (in_member_) input().refuse_cut("gzip");
        break;
      }
      if (!in_member_ && !next_member(bytes)) continue;
      stream_.next_in = reinterpret_cast<const Bytef*>(bytes.data());
      stream_.avail_in = static_cast<uInt>(bytes.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      input().take(bytes.size() - stream_.avail_in);
      if (status == Z_STREAM_END)
        in_member_ = false;
      else if (status != Z_OK && status != Z_BUF_ERROR)
        input().refuse_damaged("gzip", stream_.msg != nullptr ? stream_.msg : "no valid stream");
    }
    return room - stream_.avail_out;
  }

 private:
  /// Begins with the member at the front of `bytes`; false where padding was skipped instead. gzip's own tools allow
  /// zeros behind the last member, as tapes leave them; anything else there is a sign of damage.
  bool next_member(std::span<const char> bytes) {
    if (bytes.front() == '\0' && !first_) {
      const auto end = std::find_if(bytes.begin(), bytes.end(), [](char c) { return c != '\0'; });
      input().take(static_cast<std::size_t>(end - bytes.begin()));
      padding_ = true;
      return false;
    }
    if (padding_ || bytes.front() != '\x1F')
      input().refuse("there are other bytes behind the end of the gzip data; cut them off, or make the file again");
    if (!first_) inflateReset(&stream_);
    first_ = false;
    in_member_ = true;
    return true;
  }

  z_stream stream_ = {};
  bool in_member_ = false;
  bool first_ = true;
  bool padding_ = false;
};

class ZstdSource final : public DecompressingSource {
 public:
  explicit ZstdSource(std::unique_ptr<ByteSource> source)
      : DecompressingSource(std::move(source)), context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw Error(ErrorKind::kFailed, name(), "cannot decompress: not enough memory");
  }
  ZstdSource(const ZstdSource&) = delete;
  ZstdSource& operator=(const ZstdSource&) = delete;
  ~ZstdSource() override { ZSTD_freeDCtx(context_); }
  Compression compression() const override { return Compression::kZstd; }

  std::size_t read(std::span<char> out) override {
    ZSTD_outBuffer into = {out.data(), out.size(), 0};
    while (into.pos == 0 && into.size != 0) {
      const std::span<const char> bytes = input().available();
      ZSTD_inBuffer from = {bytes.data(), bytes.size(), 0};
      if (bytes.empty() && !in_frame_) break;
      const std::size_t left = ZSTD_decompressStream(context_, &into, &from);
      input().take(from.pos);
      if (ZSTD_isError(left) != 0) input().refuse_damaged("zstd", ZSTD_getErrorName(left));
      // At the input's end what is left in the decoder may still come out; when nothing does, the frame has no end.
      if (bytes.empty() && into.pos == 0 && left != 0) input().refuse_cut("zstd");
      in_frame_ = left != 0;
    }
    return into.pos;
  }

 private:
  ZSTD_DCtx* context_;
  bool in_frame_ = false;
};

bool is_gzip(std::string_view head) { return head.starts_with("\x1F\x8B"); }

bool is_zstd(std::string_view head) {
  if (head.starts_with("\x28\xB5\x2F\xFD")) return true;
  // A skippable frame in front.
  return head.size() >= 4 && (static_cast<unsigned char>(head[0]) & 0xF0) == 0x50 &&
         head.substr(1, 3) == "\x2A\x4D\x18";
}

}  // namespace

std::unique_ptr<ByteSource> decompressed(std::unique_ptr<ByteSource> source, Compression* compression) {
  if (source->compression() == Compression::kNone) {
    std::string head(4, '\0');
    head.resize(read_fully(*source, head));
    source = put_back(head, std::move(source));
    if (is_gzip(head))
      source = std::make_unique<GzipSource>(std::move(source));
    else if (is_zstd(head))
      source = std::make_unique<ZstdSource>(std::move(source));
  }
  if (compression != nullptr) *compression = source->compression();
  return source;
}

}  // namespace sidik
