#include "seal/sealing_line.h"

#include <algorithm>

namespace sidik {

SealingLine::SealingLine(std::vector<std::unique_ptr<BlockSealer>> sealers, const TableReader& reader)
    : sealers_(std::move(sealers)), reader_(reader) {
  if (sealers_.size() == 1) return;
  for (std::size_t i = 0; i < sealers_.size(); ++i) threads_.emplace_back([this, i] { work(i); });
}

SealingLine::~SealingLine() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  to_do_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

SealedBlock SealingLine::spare() {
  if (spare_.empty()) return {};
  SealedBlock block = std::move(spare_.back());
  spare_.pop_back();
  return block;
}

void SealingLine::put(SealedBlock block) {
  auto slot = std::make_unique<Slot>();
  slot->block = std::move(block);
  {
    const std::lock_guard lock(mutex_);
    line_.push_back(std::move(slot));
  }
  to_do_.notify_one();
}

SealedBlock SealingLine::take() {
  std::unique_lock lock(mutex_);
  Slot& first = *line_.front();
  if (threads_.empty()) {
    first.block.text.clear();
    sealers_.front()->seal(first.block.block, reader_, first.block.text);
  } else {
    done_.wait(lock, [&] { return first.state == Slot::State::kDone; });
  }
  const std::unique_ptr<Slot> slot = std::move(line_.front());
  line_.pop_front();
  if (slot->error) std::rethrow_exception(slot->error);
  return std::move(slot->block);
}

void SealingLine::work(std::size_t sealer) {
  std::unique_lock lock(mutex_);
  for (;;) {
    Slot* next = nullptr;
    to_do_.wait(lock, [&] {
      const auto at =
          std::find_if(line_.begin(), line_.end(), [](const auto& s) { return s->state == Slot::State::kWaiting; });
      next = at == line_.end() ? nullptr : at->get();
      return stop_ || next != nullptr;
    });
    if (stop_) return;
    next->state = Slot::State::kTaken;
    lock.unlock();
    try {
      next->block.text.clear();
      sealers_[sealer]->seal(next->block.block, reader_, next->block.text);
    } catch (...) {
      next->error = std::current_exception();
    }
    lock.lock();
    next->state = Slot::State::kDone;
    done_.notify_one();
  }
}

}  // namespace sidik
