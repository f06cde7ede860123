// Standard input kept for reading again: in memory, and beyond a limit in a file that has no name and whose key is in
// memory only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file_system.h"
#include "base/secret.h"
#include "ingest/byte_source.h"

namespace sidik::command {

class Spool {
 public:
  struct Limits {
    std::size_t memory = std::size_t{64} << 20;  // kept as it is up to here
    /// Of the disk that is free at the start, this share may be filled and no more: samples come from strangers.
    double share_of_free_disk = 0.5;
    std::filesystem::path directory;  // the system's temporary folder where empty
  };

  /// Reads `source` to its end. Error(kRefused) for an empty one, Error(kFailed) where there is no room.
  Spool(std::unique_ptr<ByteSource> source, const Limits& limits);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// All bytes from the front, as often as asked; the spool outlives what it gives. Not thread-safe.
  std::unique_ptr<ByteSource> open() const;
  std::uint64_t size() const { return size_; }
  std::uint64_t bytes_on_disk() const { return chunks_on_disk_ * kChunkOnDisk; }
  const std::string& name() const { return name_; }

 private:
  class Reader;
  static constexpr std::size_t kChunk = std::size_t{256} << 10;
  static constexpr std::size_t kTag = 16;
  static constexpr std::size_t kChunkOnDisk = kChunk + kTag;

  void add_chunk(Bytes chunk);
  void write_chunk(const Bytes& chunk);
  Bytes read_chunk(std::uint64_t number) const;
  void make_file();

  Limits limits_;
  std::string name_;
  std::vector<Bytes> in_memory_;      // all of kChunk bytes but the last
  std::uint64_t chunks_on_disk_ = 0;  // they follow those in memory; padded
  std::uint64_t size_ = 0;
  std::uint64_t most_on_disk_ = 0;
  int descriptor_ = -1;
  Secret key_;
};

}  // namespace sidik::command
