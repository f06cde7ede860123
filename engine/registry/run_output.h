// Blocks of a run on their way to the disk: sealed in large reused buffers, numbered as they are written, by several
// threads.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "base/file_system.h"
#include "base/secret.h"
#include "registry/block.h"
#include "registry/run.h"
#include "registry/run_header.h"
#include "registry/run_manifest.h"
#include "registry/spill.h"

namespace sidik {

/// A run file being written. Thread-safe up to close().
class RunOutput {
 public:
  /// Makes the file (Error(kFailed) where it exists) and draws run id and data key.
  RunOutput(FileSystem& files, const RegistryKey& key, std::filesystem::path path);
  /// Removes the file unless close() was done.
  ~RunOutput();

  BlockCipher cipher() const { return BlockCipher(data_key_, binding_); }
  std::uint64_t blocks() const;
  /// Seals blocks of pages in place and writes them behind what is there; returns the first one's number.
  /// REQUIRES: blocks.size() is a multiple of kBlockSize, the buffer aligned for direct I/O.
  std::uint64_t write(std::span<std::uint8_t> blocks, BlockCipher& cipher);
  /// Writes manifest and header; all is on the disk when this returns.
  RunFile close(const RunManifest& manifest);

 private:
  void note_trailers(std::span<const std::uint8_t> blocks, std::uint64_t first);

  FileSystem& files_;
  std::filesystem::path path_;
  std::unique_ptr<File> file_;
  RunHeader header_;
  Secret data_key_;
  BlockBinding binding_;
  mutable std::mutex mutex_;
  std::uint64_t blocks_ = 0;
  std::vector<std::array<std::uint8_t, kBlockTrailer>> trailers_;
  bool closed_ = false;
};

/// A page that does not fill a block, kept until blocks are shared out.
struct SmallPage {
  std::size_t entry;  // its place in StripePages::entries
  Bytes bytes;
};

/// The pages of a stretch of a section, in order.
struct StripePages {
  std::vector<PageEntry> entries;
  std::vector<SmallPage> small;
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
};

/// One thread's pages on their way into blocks.
class PageWriter {
 public:
  explicit PageWriter(RunOutput& output);
  /// Takes a page in. It gets a block of its own when it nearly fills one. `pages` must stay where it is until flush().
  void add(StripePages& pages, std::uint64_t first, std::size_t items, ByteSpan page);
  void flush();

 private:
  static constexpr std::size_t kBlocksAtOnce = 64;
  struct Pending {
    StripePages* pages;
    std::size_t entry;
  };
  RunOutput& output_;
  BlockCipher cipher_;
  AlignedBuffer buffer_;
  std::vector<Pending> pending_;  // one a block in the buffer
};

/// Shares blocks out among the small pages of all stretches and writes them; then the directories of `sections`, whose
/// pages are those of the stretches in `stripes` (one list a section). Fills in directory, items, bytes and pages of
/// each section.
void write_shared_blocks(RunOutput& output, std::vector<std::vector<StripePages>>& stripes,
                         std::vector<RunSection>& sections);

}  // namespace sidik
