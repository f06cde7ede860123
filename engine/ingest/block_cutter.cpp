#include "ingest/block_cutter.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace sidik {
std::string size_text(std::size_t bytes) {
  if (bytes >= (1U << 20) && bytes % (1U << 20) == 0) return std::to_string(bytes >> 20) + " MiB";
  if (bytes >= (1U << 10) && bytes % (1U << 10) == 0) return std::to_string(bytes >> 10) + " KiB";
  return std::to_string(bytes) + " bytes";
}

void refuse_unclosed_quote(const std::string& name, TextPlace quote, std::string_view within) {
  throw Error(ErrorKind::kRefused, name + ", line " + std::to_string(quote.line),
              "a quote opened on line " + std::to_string(quote.line) + " (byte " + std::to_string(quote.offset) +
                  ") is not closed " + std::string(within) +
                  "; close it, or give --no-quotes if this text does not quote its cells");
}

void refuse_long_record(const std::string& name, TextPlace record, std::size_t limit) {
  throw Error(ErrorKind::kRefused, name + ", line " + std::to_string(record.line),
              "the row that begins on line " + std::to_string(record.line) + " (byte " + std::to_string(record.offset) +
                  ") is longer than " + size_text(limit) +
                  ", expected rows of delimited text; check that this is a table and how its lines end");
}

BlockCutter::BlockCutter(std::unique_ptr<ByteSource> source, std::string_view head, TextPlace place,
                         const Separators& separators, const TableReaderOptions& options)
    : source_(std::move(source)),
      separators_(separators),
      lenient_(options.raggedness == Raggedness::kLenient),
      block_bytes_(std::clamp(options.block_bytes, std::size_t{1}, std::size_t{1} << 30)),
      longest_(std::clamp(options.longest_record, block_bytes_, std::size_t{1} << 30)),
      left_(head.begin(), head.end()),
      place_(place) {}

std::size_t BlockCutter::fill(TextBlock& block, std::size_t filled, std::size_t wanted) {
  if (block.bytes.size() < wanted + kTextSlack) block.bytes.resize(wanted + kTextSlack);
  const std::size_t from_left = std::min(wanted - filled, left_.size() - left_begin_);
  if (from_left != 0) std::memcpy(block.bytes.data() + filled, left_.data() + left_begin_, from_left);
  left_begin_ += from_left;
  filled += from_left;
  while (filled < wanted && !ended_) {
    const std::size_t size =
        source_->read(std::span(reinterpret_cast<char*>(block.bytes.data()) + filled, wanted - filled));
    if (size == 0) ended_ = true;
    filled += size;
  }
  return filled;
}

bool BlockCutter::read(TextBlock& block) {
  block.size = block.lines = 0;
  block.too_long = false;
  RecordScan scan(separators_);
  std::size_t filled = 0;
  std::size_t wanted = block_bytes_;
  for (;;) {
    filled = fill(block, filled, wanted);
    if (after_return_ && filled != 0) {
      after_return_ = false;
      if (block.bytes[0] == '\n') {  // the second half of the line end that the last block was cut behind
        std::memmove(block.bytes.data(), block.bytes.data() + 1, --filled);
        ++place_.offset;
        if (filled == 0) continue;
      }
    }
    const bool at_end = ended_ && left_begin_ == left_.size();
    if (filled == 0) {
      if (at_end) return false;
      continue;
    }
    scan.extend(reinterpret_cast<const char*>(block.bytes.data()), filled);
    if (at_end && !scan.inside_quotes()) {
      cut(block, filled, filled, scan.all_lines());
      return true;
    }
    if (scan.record_end() != 0) {
      cut(block, filled, scan.record_end(), scan.lines());
      return true;
    }
    if (at_end || filled >= longest_) {
      cut_at_unclosed(block, filled, scan);
      return true;
    }
    wanted = std::min(longest_, std::max(filled * 2, std::size_t{4096}));
  }
}

/// Makes the first `size` of `filled` bytes the block; the others are left for the next.
void BlockCutter::cut(TextBlock& block, std::size_t filled, std::size_t size, std::size_t lines) {
  const std::size_t rest = filled - size;
  if (left_begin_ == left_.size()) {
    left_.clear();
    left_begin_ = 0;
  }
  const char* tail = reinterpret_cast<const char*>(block.bytes.data()) + size;
  if (left_begin_ >= rest) {
    left_begin_ -= rest;
    if (rest != 0) std::memcpy(left_.data() + left_begin_, tail, rest);
  } else {
    left_.insert(left_.begin() + static_cast<std::ptrdiff_t>(left_begin_), tail, tail + rest);
  }
  block.number = number_++;
  block.first_line = place_.line;
  block.first_offset = place_.offset;
  block.size = size;
  block.lines = lines;
  place_.line += lines;
  place_.offset += size;
  after_return_ = separators_.carriage_return && size != 0 && block.bytes[size - 1] == '\r';
}

std::size_t BlockCutter::line_end_after(const TextBlock& block, std::size_t from, std::size_t filled) const {
  for (std::size_t i = from; i < filled; ++i)
    if (block.bytes[i] == '\n' || (separators_.carriage_return && block.bytes[i] == '\r')) return i + 1;
  return 0;
}

/// No record ends in the bytes at hand, and there are no more or may be no more.
void BlockCutter::cut_at_unclosed(TextBlock& block, std::size_t filled, const RecordScan& scan) {
  const bool at_end = filled < longest_ || (ended_ && left_begin_ == left_.size());
  const auto lines_before = [&](std::size_t end) {
    return count_line_breaks(as_text(ByteSpan(block.bytes).first(end)), separators_.carriage_return);
  };
  if (!lenient_) {
    if (!scan.inside_quotes()) refuse_long_record(source_->name(), place_, longest_);
    refuse_unclosed_quote(source_->name(),
                          {place_.line + lines_before(scan.last_cell()), place_.offset + scan.last_cell()},
                          at_end ? "by the end of the input" : "within " + size_text(longest_));
  }
  std::size_t end = scan.inside_quotes() ? line_end_after(block, scan.last_cell(), filled) : 0;
  if (end == 0 && at_end) end = filled;
  if (end == 0)
    skip_line(block, filled, scan.last_cell());
  else  // the block ends within a quoted cell: this is how the parser knows that its last row is none
    cut(block, filled, end, lines_before(end));
}

/// Leaves out a row that is too long, up to the first line end from byte `from` on, and says so by a block without
/// text.
void BlockCutter::skip_line(TextBlock& block, std::size_t filled, std::size_t from) {
  const TextPlace record = place_;
  place_.line += count_line_breaks(as_text(ByteSpan(block.bytes).first(from)), separators_.carriage_return);
  std::size_t end = line_end_after(block, from, filled);
  while (end == 0 && filled != 0) {
    place_.offset += filled;
    filled = fill(block, 0, block_bytes_);
    end = line_end_after(block, 0, filled);
  }
  cut(block, filled, end, end == 0 ? 0 : 1);
  block.size = block.lines = 0;
  block.too_long = true;
  block.first_line = record.line;
  block.first_offset = record.offset;
}

}  // namespace sidik
