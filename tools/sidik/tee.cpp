#include "tee.h"

#include <algorithm>
#include <utility>

namespace sidik::command {
namespace {

bool begins_compressed(std::span<const char> bytes) {
  const std::string_view head(bytes.data(), std::min<std::size_t>(bytes.size(), 4));
  return head.starts_with("\x1F\x8B") || head.starts_with("\x28\xB5\x2F\xFD") ||
         (head.size() == 4 && (static_cast<unsigned char>(head[0]) & 0xF0) == 0x50 && head.substr(1) == "\x2A\x4D\x18");
}

}  // namespace

LastRecordGate::LastRecordGate(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

void LastRecordGate::begin_input() {
  first_chunk_ = true;
  at_line_start_ = true;
  in_quotes_ = false;
}

void LastRecordGate::add(std::span<const char> bytes) {
  if (bytes.empty()) return;
  if (std::exchange(first_chunk_, false)) compressed_ = begins_compressed(bytes);
  const std::size_t from = held_.size();
  held_.append(bytes.data(), bytes.size());
  if (!compressed_) {
    cut(from);
    if (whole_lines_) let_go(last_begin_);
  }
  if (compressed_ || held_.size() > kMostHeld) {
    whole_lines_ = false;
    if (held_.size() > 2 * kTailHeld) let_go(held_.size() - kTailHeld);
  }
}

// Finds where the last record begins. Line ends by themselves are no record: they stay with the record before them.
void LastRecordGate::cut(std::size_t from) {
  for (std::size_t i = from; i < held_.size(); ++i) {
    const char c = held_[i];
    const bool line_end = c == '\n' || c == '\r';
    if (at_line_start_ && !line_end) {
      last_begin_ = i;
      whole_lines_ = true;
      at_line_start_ = false;
    }
    if (c == '"')
      in_quotes_ = !in_quotes_;
    else if (line_end && !in_quotes_)
      at_line_start_ = true;
  }
}

void LastRecordGate::let_go(std::size_t size) {
  if (size == 0) return;
  write_(std::string_view(held_).substr(0, size));
  held_.erase(0, size);
  last_begin_ -= std::min(last_begin_, size);
}

void LastRecordGate::release() {
  let_go(held_.size());
  begin_input();
}

/// Shows its lane what it gives, and where it ends.
class OrderedTee::Source final : public ByteSource {
 public:
  Source(std::unique_ptr<ByteSource> source, OrderedTee& tee, std::size_t lane)
      : source_(std::move(source)), tee_(tee), lane_(lane) {}
  std::size_t read(std::span<char> out) override {
    const std::size_t size = source_->read(out);
    if (size != 0)
      tee_.add(lane_, out.first(size));
    else if (!out.empty())
      tee_.end(lane_);
    return size;
  }
  std::string name() const override { return source_->name(); }
  std::uint64_t consumed() const override { return source_->consumed(); }
  std::uint64_t total() const override { return source_->total(); }

 private:
  std::unique_ptr<ByteSource> source_;
  OrderedTee& tee_;
  std::size_t lane_;
};

OrderedTee::OrderedTee(std::function<void(std::string_view)> write) : gate_(std::move(write)) {}
OrderedTee::~OrderedTee() = default;

std::unique_ptr<ByteSource> OrderedTee::wrap(std::unique_ptr<ByteSource> source) {
  lanes_.emplace_back();
  return std::make_unique<Source>(std::move(source), *this, lanes_.size() - 1);
}

void OrderedTee::add(std::size_t lane, std::span<const char> bytes) {
  if (lane == turn_)
    gate_.add(bytes);
  else
    lanes_[lane].ahead.append(bytes.data(), bytes.size());
}

void OrderedTee::end(std::size_t lane) {
  lanes_[lane].ended = true;
  while (turn_ < lanes_.size() && lanes_[turn_].ended) take_turn();
}

// The next lane's bytes follow: first those that were read already.
void OrderedTee::take_turn() {
  if (++turn_ == lanes_.size()) return;
  gate_.begin_input();
  std::string ahead;
  ahead.swap(lanes_[turn_].ahead);
  gate_.add(ahead);
}

void OrderedTee::release() {
  while (turn_ < lanes_.size()) take_turn();
  gate_.release();
}

}  // namespace sidik::command
