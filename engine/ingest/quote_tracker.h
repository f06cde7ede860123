// Which delimiters and line ends really separate: the one place that knows the grammar of quoting.
//
// The grammar. A quote that is the first byte of a cell opens a quoted cell (where the dialect has quoting); in it, two
// quotes stand for one, and any other quote closes it. Text behind the closing quote, quotes included, is plain text up
// to the next separator. Quotes in a cell that did not begin with one are plain text. Outside of quoted cells, the
// delimiter ends a cell; a line feed, and in texts whose lines end so a carriage return, ends a record.
//
// The fast path. Where every quote behaves, the parity of quotes says what is inside. That is so exactly when each
// quote that turns the parity to "inside" stands behind a separator that is outside, or right behind a quote that
// turned it to "outside" (the two are one doubled quote). Any other such quote is a bare one: then these 64 bytes are
// gone through quote by quote. tests/ingest holds both against a naive reader on all short strings.
#pragma once

#include <bit>
#include <cstdint>

#include "ingest/byte_masks.h"

namespace sidik {

/// What of a dialect the tokeniser needs.
struct Separators {
  char delimiter = ',';
  bool quoted = true;
  /// Whether a carriage return ends a record, with or without a line feed behind it; else it is text but at a record's
  /// end.
  bool carriage_return = false;

  bool operator==(const Separators&) const = default;
};

/// Goes through a text from the start of a record, 64 bytes at a time.
class QuoteTracker {
 public:
  explicit QuoteTracker(const Separators& separators)
      : quoted_(separators.quoted ? ~std::uint64_t{0} : 0),
        carriage_return_(separators.carriage_return ? ~std::uint64_t{0} : 0) {}

  /// Of the 64 bytes: those that end a cell; of these, those that end a record; and bytes that show that a cell which
  /// begins with a quote is not simply text between two quotes (the byte lies in that cell).
  struct Boundaries {
    std::uint64_t cell_ends = 0;
    std::uint64_t record_ends = 0;
    std::uint64_t irregular = 0;
    std::uint64_t line_breaks = 0;  // line ends of any kind, also inside quotes; the line feed behind a return is none
  };

  Boundaries next(const ByteMasks& masks) {
    const std::uint64_t returns = masks.carriage_return & carriage_return_;
    const std::uint64_t lines = masks.line_feed | returns;
    const std::uint64_t quotes = masks.quote & quoted_;
    Boundaries out;
    out.line_breaks = returns | (masks.line_feed & ~(returns << 1 | after_return_));
    after_return_ = returns >> 63;
    if (quotes == 0) {  // nearly always
      out.cell_ends = (masks.delimiter | lines) & ~inside_;
      out.irregular = after_closing_ & ~out.cell_ends & ~line_end_returns(masks);
      after_closing_ = 0;
    } else {
      resolve(masks, lines, quotes, out);
    }
    after_separator_ = out.cell_ends >> 63;
    out.record_ends = out.cell_ends & lines;
    return out;
  }

  /// Whether the text so far ends within a quoted cell.
  bool inside() const { return inside_ != 0; }

 private:
  /// A return between a closing quote and a line feed is nothing irregular (of the last byte one cannot tell).
  static std::uint64_t line_end_returns(const ByteMasks& masks) { return masks.carriage_return & masks.line_feed >> 1; }

  static std::uint64_t prefix_xor(std::uint64_t x) {
    x ^= x << 1;
    x ^= x << 2;
    x ^= x << 4;
    x ^= x << 8;
    x ^= x << 16;
    x ^= x << 32;
    return x;
  }

  void resolve(const ByteMasks& masks, std::uint64_t lines, std::uint64_t quotes, Boundaries& out) {
    const std::uint64_t inside = prefix_xor(quotes) ^ inside_;
    const std::uint64_t opening = quotes & inside;
    const std::uint64_t closing = quotes & ~inside;
    const std::uint64_t cell_ends = (masks.delimiter | lines) & ~inside;
    const std::uint64_t behind_closing = closing << 1 | after_closing_;
    if ((opening & ~(cell_ends << 1 | after_separator_ | behind_closing)) != 0) {
      step_by_step(masks.delimiter | lines, quotes, out);
      return;
    }
    out.cell_ends = cell_ends;
    out.irregular = behind_closing & ~cell_ends & ~line_end_returns(masks);
    inside_ = std::uint64_t{0} - (inside >> 63);
    after_closing_ = closing >> 63;
  }

  void step_by_step(std::uint64_t separators, std::uint64_t quotes, Boundaries& out) {
    enum class At { kCellStart, kPlain, kQuoted, kBehindQuote };
    At at = inside_ != 0            ? At::kQuoted
            : after_separator_ != 0 ? At::kCellStart
            : after_closing_ != 0   ? At::kBehindQuote
                                    : At::kPlain;
    int next = 0;  // the first byte not gone through
    const auto skip_text = [&](int end) {
      if (next == end) return;
      if (at == At::kBehindQuote) out.irregular |= std::uint64_t{1} << next;
      if (at != At::kQuoted) at = At::kPlain;
    };
    for (std::uint64_t left = separators | quotes; left != 0; left &= left - 1) {
      const int i = std::countr_zero(left);
      const std::uint64_t bit = std::uint64_t{1} << i;
      skip_text(i);
      if ((quotes & bit) == 0) {
        if (at != At::kQuoted) {
          out.cell_ends |= bit;
          at = At::kCellStart;
        }
      } else if (at == At::kQuoted) {
        at = At::kBehindQuote;
      } else {
        if (at != At::kCellStart) out.irregular |= bit;
        if (at != At::kPlain) at = At::kQuoted;
      }
      next = i + 1;
    }
    skip_text(64);
    inside_ = at == At::kQuoted ? ~std::uint64_t{0} : 0;
    after_closing_ = at == At::kBehindQuote ? 1 : 0;
  }

  std::uint64_t quoted_;           // all ones where quotes mean something
  std::uint64_t carriage_return_;  // all ones where it ends records
  std::uint64_t inside_ = 0;       // all ones within a quoted cell
  std::uint64_t after_separator_ = 1;
  std::uint64_t after_closing_ = 0;
  std::uint64_t after_return_ = 0;
};

}  // namespace sidik
