// Where bytes come from: a file, several files, standard input or a program's output; plain, gzip or zstd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ingest/dialect.h"

namespace sidik {

/// A stream of bytes, read once from front to back. Not thread-safe.
/// Throws Error(kFailed) when a read fails and Error(kRefused) when compressed data are damaged or cut short, with file
/// and byte.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills `out` from the front and returns how many bytes there were; 0 means the end (a source may give fewer than
  /// asked).
  virtual std::size_t read(std::span<char> out) = 0;
  /// For messages: the file's path, "standard input", or the program's name.
  virtual std::string name() const = 0;
  /// Bytes taken so far from what is underneath (compressed ones where it is compressed), for progress.
  virtual std::uint64_t consumed() const = 0;
  /// Length of what is underneath where it is known, else 0.
  virtual std::uint64_t total() const { return 0; }
  /// How what is underneath is compressed.
  virtual Compression compression() const { return Compression::kNone; }
};

/// Called before every wait for a file or pipe to open (with -1) and for bytes of `descriptor`, so that whoever reads
/// can watch out for something else meanwhile; may throw. `may_block` says whether it is no regular file.
using BeforeWait = std::function<void(int descriptor, bool may_block)>;

/// The bytes of a file as they are; "-" is standard input. Throws Error(kRefused) for a missing file, a directory or an
/// empty file, each with its own message.
std::unique_ptr<ByteSource> raw_source(const std::filesystem::path& path, BeforeWait before_wait = {});

/// raw_source, and decompresses what begins as gzip (also of several members) or zstd (several frames), whatever
/// its name is; `compression` tells which it was. A zip, xlsx, parquet or other binary file is refused by name with
/// what to do instead.
std::unique_ptr<ByteSource> open_source(const std::filesystem::path& path, Compression* compression = nullptr);

/// The same decompression over bytes that come from elsewhere; takes the source.
std::unique_ptr<ByteSource> decompressed(std::unique_ptr<ByteSource> source, Compression* compression = nullptr);

/// What can be read from an open file descriptor (a pipe from a program, ...), which the source closes in the end.
std::unique_ptr<ByteSource> descriptor_source(int descriptor, std::string name, BeforeWait before_wait = {});

/// Bytes in memory that the caller keeps alive.
std::unique_ptr<ByteSource> memory_source(std::string_view bytes, std::string name);

/// First `head`, which was read from `source` already, then what is left in it.
std::unique_ptr<ByteSource> put_back(std::string head, std::unique_ptr<ByteSource> source);

/// Reads until `size` bytes or the end are there, whatever pieces the source gives.
std::size_t read_fully(ByteSource& source, std::span<char> out);

/// What `source` gives, with every chunk shown to `tee` before it is handed on (for --tee, digests and the like).
std::unique_ptr<ByteSource> teed(std::unique_ptr<ByteSource> source, std::function<void(std::span<const char>)> tee);

}  // namespace sidik
