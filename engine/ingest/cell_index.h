// The tokeniser: where the cells and records of a text begin, one stretch after the other, without touching a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ingest/quote_tracker.h"

namespace sidik {

/// Indexes a text that begins with a record. Reused from text to text: keeps its capacity. Not thread-safe.
class CellIndex {
 public:
  struct Record {
    std::uint32_t first_cell;  // for cell_begin() and cell_starts()
    std::uint32_t cells;
    std::uint32_t line;  // line breaks in the text before the record
  };

  /// REQUIRES: kTextSlack readable bytes behind `text`, which is shorter than 2 GiB and outlives the use of the index.
  void start(std::string_view text, const Separators& separators);

  /// Goes on by some 16 KiB; false when the text was at its end already. A record whose end was not reached yet comes
  /// with a later stretch, whole. The text's last record needs no line end.
  bool advance();

  /// The records that ended in the stretch. Their cells stay valid until the next advance().
  std::span<const Record> records() const { return {records_.data(), record_count_}; }

  /// Cell k is text[cell_begin(k), cell_begin(k + 1) - 1), its quotes and, in a record's last cell, carriage returns
  /// included.
  std::uint32_t cell_begin(std::size_t k) const { return starts_[k] & ~kIrregular; }
  /// The same as a row of numbers, each with kIrregular added where the cell *before* it, should it begin with a quote,
  /// is more than text between two quotes.
  const std::uint32_t* cell_starts(std::size_t k) const { return starts_.data() + k; }
  static constexpr std::uint32_t kIrregular = std::uint32_t{1} << 31;

  /// Whether the records of this stretch may hold quotes or bytes over 127.
  bool any_quote() const { return any_quote_; }
  bool any_non_ascii() const { return any_non_ascii_; }

  /// After the last stretch: whether the text's last record ends within a quoted cell.
  bool unclosed() const { return finished_ && unclosed_; }

 private:
  void keep_open_record();
  void finish();

  std::string_view text_;
  Separators separators_;
  QuoteTracker tracker_{Separators{}};
  std::vector<std::uint32_t> starts_;
  std::vector<Record> records_;
  std::vector<ByteMasks> masks_;
  std::size_t position_ = 0;      // bytes indexed
  std::size_t start_count_ = 0;   // cell starts known
  std::size_t record_count_ = 0;  // records that ended in this stretch
  std::size_t first_open_ = 0;    // first cell of the record that is still open
  std::uint32_t lines_ = 0;       // line breaks so far
  std::uint32_t open_line_ = 0;   // line breaks before the open record
  bool irregular_ = false;        // the open cell has shown an irregular byte
  bool quote_in_open_ = false;
  bool non_ascii_in_open_ = false;
  bool any_quote_ = false;
  bool any_non_ascii_ = false;
  bool unclosed_ = false;
  bool finished_ = true;
};

}  // namespace sidik
