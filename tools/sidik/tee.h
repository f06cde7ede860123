// A copy of the input on standard output, byte for byte, whose last record goes only when the registration is
// committed: a downstream that sees a whole file knows that it was registered.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/byte_source.h"

namespace sidik::command {

/// Lets bytes through and keeps the last record of them back. A record ends at a line end outside of quotes (RFC 4180:
/// after an even number of them). Of compressed input, whose records do not show, and of a record longer than
/// kMostHeld, the last kTailHeld bytes are kept: without them the copy is cut short, which every reader of it notices.
class LastRecordGate {
 public:
  static constexpr std::size_t kMostHeld = std::size_t{8} << 20;
  static constexpr std::size_t kTailHeld = std::size_t{64} << 10;

  /// `write` takes bytes on; it throws where it cannot.
  explicit LastRecordGate(std::function<void(std::string_view)> write);
  /// A further file begins: what is held stays held, and quotes are counted afresh.
  void begin_input();
  void add(std::span<const char> bytes);
  /// Lets the rest go. Without it the rest is never written.
  void release();

 private:
  void cut(std::size_t from);
  void let_go(std::size_t size);

  std::function<void(std::string_view)> write_;
  std::string held_;
  std::size_t last_begin_ = 0;  // where in held_ the last record that has any bytes begins
  bool at_line_start_ = true;   // the next byte begins a line
  bool in_quotes_ = false;
  bool compressed_ = false;
  bool first_chunk_ = true;
  bool whole_lines_ = true;  // false while only the tail of one long record is held
};

/// Several inputs through one gate, one after another, however their reads are mixed: the heads of the later ones are
/// looked at while the first is not yet read to its end.
class OrderedTee {
 public:
  /// `write` as LastRecordGate has it.
  explicit OrderedTee(std::function<void(std::string_view)> write);
  OrderedTee(const OrderedTee&) = delete;
  OrderedTee& operator=(const OrderedTee&) = delete;
  ~OrderedTee();

  /// `source` (raw bytes), every byte of it copied on its way, behind those of all sources wrapped before. What is read
  /// ahead of its turn is kept in memory till then. This object outlives what it gives; reads of all of them are by one
  /// thread at a time.
  std::unique_ptr<ByteSource> wrap(std::unique_ptr<ByteSource> source);
  /// Lets the rest go, in the inputs' order. Without it the last record is never written.
  void release();

 private:
  class Source;
  struct Lane {
    std::string ahead;  // read before its turn
    bool ended = false;
  };

  void add(std::size_t lane, std::span<const char> bytes);
  void end(std::size_t lane);
  void take_turn();

  LastRecordGate gate_;
  std::vector<Lane> lanes_;
  std::size_t turn_ = 0;
};

}  // namespace sidik::command
