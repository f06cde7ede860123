// Blocks of rows to their sealed text, some at the same time, given back in their order.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ingest/table_reader.h"
#include "seal/block_sealer.h"

namespace sidik {

/// One block on its way.
struct SealedBlock {
  TextBlock block;
  std::string text;  // of it, sealed
};

/// Threads that seal, one BlockSealer each. put() and take() are for one thread.
class SealingLine {
 public:
  /// With one sealer no thread is started: take() seals. `reader` outlives the line.
  SealingLine(std::vector<std::unique_ptr<BlockSealer>> sealers, const TableReader& reader);
  ~SealingLine();
  SealingLine(const SealingLine&) = delete;
  SealingLine& operator=(const SealingLine&) = delete;

  /// Whether another block may be put in before one is taken.
  bool has_room() const { return line_.size() < 2 * sealers_.size() + 1; }
  bool empty() const { return line_.empty(); }
  /// A block that was sealed before, to be filled again.
  SealedBlock spare();
  void put(SealedBlock block);
  /// The first of those put in; waits for it. Throws what its sealing threw. REQUIRES: not empty().
  SealedBlock take();
  /// Gives back what take() gave, so that its memory is used again.
  void recycle(SealedBlock block) { spare_.push_back(std::move(block)); }

  /// Counts are whole while empty().
  const std::vector<std::unique_ptr<BlockSealer>>& sealers() const { return sealers_; }

 private:
  struct Slot {
    SealedBlock block;
    enum class State : std::uint8_t { kWaiting, kTaken, kDone } state = State::kWaiting;
    std::exception_ptr error;
  };
  void work(std::size_t sealer);

  std::vector<std::unique_ptr<BlockSealer>> sealers_;
  const TableReader& reader_;
  std::deque<std::unique_ptr<Slot>> line_;
  std::vector<SealedBlock> spare_;
  std::mutex mutex_;
  std::condition_variable to_do_, done_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sidik
