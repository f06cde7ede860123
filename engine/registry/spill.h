// Items scattered over many streams in bounded memory: chunks from one pool, and when that is used up, encrypted chunks
// in one file.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/file_system.h"
#include "base/secret.h"

namespace sidik {

/// Memory that is aligned for direct I/O and neither zeroed nor freed before its owner goes.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) { reserve(size); }
  /// At least `size` bytes; what was there is lost when it has to grow.
  void reserve(std::size_t size);
  std::uint8_t* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(std::uint8_t* p) const;
  };
  std::unique_ptr<std::uint8_t, Free> data_;
  std::size_t size_ = 0;
};

/// A part of a stream, as handed over: in memory, or in the spill file.
struct SpillPiece {
  std::uint8_t* memory = nullptr;      // null when spilled
  std::uint32_t size = 0;              // bytes of items
  bool pooled = false;                 // memory is a whole chunk of the pool
  std::uint64_t place = 0;             // spilled: chunk number in the file, which is its nonce as well
  std::array<std::uint8_t, 16> tag{};  // spilled: GCM tag; kept here and not in the file
};

/// Pool and spill file of one build. Thread-safe.
///
/// The file is encrypted (AES-256-GCM) under a key that is drawn for this object and kept in memory only; it is
/// unlinked as soon as it is open, so nothing is left of it whatever becomes of the process.
class SpillStore {
 public:
  /// Chunks are spilled, those of the fullest streams first, when those in memory exceed `memory` bytes. `writers`
  /// streams are being written at a time: chunks are small enough for all to have one.
  SpillStore(FileSystem& files, std::filesystem::path directory, std::size_t memory, std::size_t writers);
  ~SpillStore();

  std::size_t chunk_size() const { return chunk_size_; }
  /// Numbers for `count` new streams, the first of them.
  std::size_t add_streams(std::size_t count);

  /// Room for items: small the first time, then whole chunks. May spill.
  std::span<std::uint8_t> take_small();
  std::span<std::uint8_t> take();
  /// Hands over room taken, with `size` bytes of items in it.
  void add(std::size_t stream, std::span<std::uint8_t> room, std::size_t size);

  std::uint64_t bytes(std::size_t stream) const;
  /// The pieces of a stream, which forgets them; waits for those that another thread is spilling. Whoever has them
  /// gives them back.
  std::vector<SpillPiece> pieces(std::size_t stream);
  /// Reads spilled pieces, neighbours in the file together; out has room for chunk_size() aligned bytes a piece, and
  /// piece i comes to stand at out + i * chunk_size(). Orders the pieces by their place. Throws Error(kFailed) where
  /// the file does not give back what was written.
  void load(std::span<SpillPiece> pieces, std::uint8_t* out) const;
  void give_back(const SpillPiece& piece);

  std::uint64_t spilled_bytes() const;

 private:
  struct Stream {
    std::vector<SpillPiece> pieces;
    std::uint64_t bytes = 0;
    std::uint32_t pooled = 0;   // pieces that are chunks of the pool
    std::uint32_t leaving = 0;  // pieces that some thread is writing to the file just now
  };
  std::uint8_t* allocate_locked(std::size_t size);
  struct Victim {
    std::size_t stream;
    SpillPiece piece;
  };
  void spill(std::unique_lock<std::mutex>& lock);
  std::vector<Victim> choose_victims_locked();
  void write_chunks(std::span<Victim> victims, std::uint64_t first);
  void open_file_locked();

  FileSystem& files_;
  std::filesystem::path directory_;
  std::size_t memory_;
  std::size_t chunk_size_;
  Secret key_;

  mutable std::mutex mutex_;
  std::condition_variable written_;  // a spill is over
  std::vector<Stream> streams_;
  std::vector<AlignedBuffer> slabs_;
  std::size_t slab_left_ = 0;
  std::size_t in_use_ = 0;           // bytes of chunks handed out or filed
  std::vector<std::uint8_t*> free_;  // whole chunks
  std::unique_ptr<File> file_;
  std::uint64_t chunks_written_ = 0;
};

/// One thread's writing end of 256 streams of items of one size.
class Scatter {
 public:
  static constexpr std::size_t kFan = 256;

  Scatter(SpillStore& store, std::size_t first_stream, std::size_t item_size)
      : store_(&store), first_stream_(first_stream), item_size_(item_size), cursors_(kFan) {}

  /// Where the next item of a partition goes: item_size bytes.
  std::uint8_t* next(std::size_t partition) {
    Cursor& cursor = cursors_[partition];
    if (cursor.left < item_size_) [[unlikely]]
      refill(partition);
    std::uint8_t* const place = cursor.at;
    cursor.at += item_size_;
    cursor.left -= item_size_;
    return place;
  }
  /// The same place again and again until advance() says that what was written there counts: spares a branch that
  /// depends on the data.
  std::uint8_t* room(std::size_t partition) {
    if (cursors_[partition].left < item_size_) [[unlikely]]
      refill(partition);
    return cursors_[partition].at;
  }
  void advance(std::size_t partition, bool counts) {
    const std::size_t step = counts ? item_size_ : 0;
    cursors_[partition].at += step;
    cursors_[partition].left -= step;
  }
  /// Hands everything over; the object may be used again.
  void flush();
  std::size_t first_stream() const { return first_stream_; }
  std::size_t item_size() const { return item_size_; }

 private:
  struct Cursor {
    std::uint8_t* at = nullptr;
    std::size_t left = 0;
    std::span<std::uint8_t> room;
  };
  void refill(std::size_t partition);
  void hand_over(std::size_t partition);

  SpillStore* store_;
  std::size_t first_stream_;
  std::size_t item_size_;
  std::vector<Cursor> cursors_;
};

}  // namespace sidik
