#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "base/error.h"
#include "ingest/dialect.h"
#include "ingest/head_rows.h"
#include "ingest/header_guess.h"
#include "ingest/text_encoding.h"

namespace sidik {
namespace {

// So much of the head tells how it is written; the encoding is read off all of it.
constexpr std::size_t kBytesToWeigh = std::size_t{128} * 1024;
constexpr std::size_t kRowsToWeigh = 500;
// A reading under which rows agree less than this is chance: commas in prose.
constexpr double kLeastScore = 0.12;
constexpr std::array kDelimiters = {',', ';', '\t', '|'};
// Tried where none of these makes a table, and taken only where nearly all rows agree.
constexpr std::array kRareDelimiters = {'^', '~'};
constexpr double kLeastRareScore = 0.4;

/// One way to read the head, and how much it looks like a table.
struct Reading {
  Separators separators;
  double score = 0;
};

/// Delimiters that have a blank behind them are more likely punctuation.
double blank_behind_share(std::string_view text, char delimiter) {
  std::size_t all = 0;
  std::size_t blank = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != delimiter) continue;
    ++all;
    blank += text[i + 1] == ' ' ? 1U : 0U;
  }
  return all == 0 ? 0 : static_cast<double>(blank) / static_cast<double>(all);
}

/// Whether `cell` is one value for sure: a number, a date, a code; so a delimiter in it would have cut it for nothing.
bool is_decimal_with_comma(std::string_view cell) {
  const std::size_t comma = cell.find(',');
  const auto digits = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(),
                                        [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
  };
  if (comma == std::string_view::npos) return false;
  if (cell.starts_with('-') || cell.starts_with('+'))
    return digits(cell.substr(1, comma - 1)) && digits(cell.substr(comma + 1));
  return digits(cell.substr(0, comma)) && digits(cell.substr(comma + 1));
}

/// The share of cells that another delimiter would cut: many where the wrong one was taken.
double composite_share(const std::vector<HeadRow>& rows, char delimiter) {
  std::size_t cells = 0;
  std::size_t composite = 0;
  for (const HeadRow& row : rows) {
    for (const std::string& value : row.values) {
      ++cells;
      const bool cut = std::any_of(kDelimiters.begin(), kDelimiters.end(), [&](char other) {
        return other != delimiter && value.find(other) != std::string::npos &&
               value.find(std::string{other, ' '}) == std::string::npos;
      });
      composite += cut && !is_decimal_with_comma(value) ? 1U : 0U;
    }
  }
  return cells == 0 ? 0 : static_cast<double>(composite) / static_cast<double>(cells);
}

double score_of(const HeadText& head, const Separators& separators) {
  const std::vector<HeadRow> rows = head.rows(separators, {kRowsToWeigh, 256});
  const std::size_t usual = usual_cells(rows);
  if (usual < 2) return 0;
  std::size_t agreeing = 0;
  for (const HeadRow& row : rows) agreeing += row.cells == usual && !row.unclosed ? 1U : 0U;
  const double agreement = static_cast<double>(agreeing) / static_cast<double>(rows.size());
  const std::size_t first = header_candidate(rows);
  double score = agreement * agreement * (1 - 1 / static_cast<double>(usual));
  if (rows[first].cells != usual) score *= 0.7;
  if (blank_behind_share(head.text(), separators.delimiter) > 0.5) score *= 0.5;
  return score * (1 - composite_share(rows, separators.delimiter) / 2);
}

/// What the quotes at cells' ends say, each line by itself.
struct QuoteSigns {
  std::size_t proper = 0;  // cells opened and closed on their line
  std::size_t opened = 0;  // lines that open a cell and do not close it
  std::size_t closed = 0;  // lines that close a cell opened above

  /// Quotes are plain characters only where several lines prove it: a cell begins with a quote, and no cell from there
  /// to the line's end ends with one.
  bool may_be_plain() const { return opened >= 3 && proper < opened; }
  /// Cells of several lines are closed somewhere; stray quotes never are.
  bool never_closed() const { return may_be_plain() && closed * 4 < opened; }
};

QuoteSigns quote_signs(const HeadText& head, Separators separators) {
  constexpr std::size_t kLinesToWeigh = 4096;
  separators.quoted = false;
  QuoteSigns signs;
  for (const HeadRow& row : head.rows(separators, {kLinesToWeigh, 256})) {
    bool open = false;
    bool closed_above = false;
    for (const std::string& value : row.values) {
      const bool begins = !open && value.starts_with('"');
      const bool ends = value.ends_with('"') && !(begins && value.size() == 1);
      closed_above = closed_above || (ends && !open && !begins) || (!open && value == "\"");
      open = open || begins;
      if (!open || !ends) continue;
      open = false;
      ++signs.proper;
    }
    signs.opened += open ? 1U : 0U;
    signs.closed += closed_above ? 1U : 0U;
  }
  return signs;
}

Reading best_reading(const HeadText& head, bool carriage_return, const DialectOverrides& overrides) {
  Reading best;
  best.separators = {overrides.delimiter.value_or(','), overrides.quoted.value_or(true), carriage_return};
  bool found = false;
  for (const char delimiter : kDelimiters) {
    if (overrides.delimiter && delimiter != kDelimiters.front()) break;
    Reading reading;
    reading.separators = best.separators;
    reading.separators.delimiter = overrides.delimiter.value_or(delimiter);
    reading.separators.quoted = overrides.quoted.value_or(true);
    reading.score = score_of(head, reading.separators);
    const QuoteSigns signs = overrides.quoted ? QuoteSigns{} : quote_signs(head, reading.separators);
    if (signs.may_be_plain()) {
      Separators plain = reading.separators;
      plain.quoted = false;
      const double score = score_of(head, plain);
      // Lines that a stray quote has swallowed are missed by no score of those that are left.
      const double margin = signs.never_closed() ? -0.1 : 0.02;
      if (score > reading.score + margin) reading = {plain, score};
    }
    if (found && reading.score <= best.score + 1e-9) continue;
    best = reading;
    found = true;
  }
  if (!overrides.delimiter && best.score < kLeastScore) {
    for (const char delimiter : kRareDelimiters) {
      Reading rare = best;
      rare.separators.delimiter = delimiter;
      rare.separators.quoted = overrides.quoted.value_or(true);
      rare.score = score_of(head, rare.separators);
      if (rare.score > kLeastRareScore) return rare;
    }
    // One column: any delimiter that does not occur leaves its cells whole.
    const auto* absent = std::find_if(kDelimiters.begin(), kDelimiters.end(),
                                      [&](char c) { return head.text().find(c) == std::string_view::npos; });
    best.separators.delimiter = absent == kDelimiters.end() ? ',' : *absent;
    best.separators.quoted = overrides.quoted.value_or(true);
  }
  return best;
}

struct LineEnds {
  std::size_t feeds = 0;
  std::size_t pairs = 0;
  std::size_t lone_returns = 0;
};

LineEnds count_line_ends(std::string_view text) {
  LineEnds ends;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      const bool pair = i > 0 && text[i - 1] == '\r';
      (pair ? ends.pairs : ends.feeds) += 1;
    } else if (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) {
      ++ends.lone_returns;
    }
  }
  return ends;
}

/// The best reading, with or without carriage returns as line ends of their own.
Reading read_lines(const HeadText& head, const LineEnds& ends, const DialectOverrides& overrides) {
  if (ends.lone_returns == 0) return best_reading(head, false, overrides);
  Reading with_returns = best_reading(head, true, overrides);
  if (ends.feeds + ends.pairs == 0) return with_returns;
  Reading without = best_reading(head, false, overrides);
  return with_returns.score > without.score + 0.02 ? with_returns : without;
}

/// "sep=;" on a line of its own, as spreadsheets write and understand it.
std::optional<char> said_delimiter(std::string_view text) {
  if (text.size() < 5 || !text.starts_with("sep=") || text[4] == '\n' || text[4] == '\r') return std::nullopt;
  if (text.size() > 5 && text[5] != '\n' && text[5] != '\r') return std::nullopt;
  return text[4];
}

void check(const DialectOverrides& overrides) {
  const char delimiter = overrides.delimiter.value_or(',');
  if (delimiter == '"' || delimiter == '\n' || delimiter == '\r' || static_cast<unsigned char>(delimiter) >= 0x80)
    throw Error(ErrorKind::kUsage, "", "the delimiter must be one ASCII character, and neither a quote nor a line end");
}

}  // namespace

std::string delimiter_name(char delimiter) {
  switch (delimiter) {
    case ',':
      return "comma";
    case ';':
      return "semicolon";
    case '\t':
      return "tab";
    case '|':
      return "pipe";
    case ' ':
      return "space";
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(delimiter);
  if (byte > 32 && byte < 127) return {delimiter};
  return "byte " + std::to_string(byte);
}

const char* encoding_name(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::kUtf8:
      return "utf-8";
    case TextEncoding::kWindows1252:
      return "windows-1252";
    case TextEncoding::kUtf16Le:
      return "utf-16le";
    case TextEncoding::kUtf16Be:
      return "utf-16be";
  }
  return "utf-8";
}

const char* line_end_name(LineEnd line_end) {
  return line_end == LineEnd::kCrLf ? "crlf" : line_end == LineEnd::kCr ? "cr" : "lf";
}

const char* compression_name(Compression compression) {
  return compression == Compression::kGzip ? "gzip" : compression == Compression::kZstd ? "zstd" : "none";
}

Dialect sniff_dialect(std::string_view head, bool whole, const DialectOverrides& overrides) {
  check(overrides);
  Dialect dialect;
  const bool said_utf16 = overrides.encoding == TextEncoding::kUtf16Le || overrides.encoding == TextEncoding::kUtf16Be;
  const std::optional<TextEncoding> utf16 = said_utf16 || !overrides.encoding ? utf16_of(head) : std::nullopt;
  if (said_utf16 || utf16) {
    const TextEncoding encoding = overrides.encoding.value_or(utf16.value_or(TextEncoding::kUtf16Le));
    DialectOverrides decoded = overrides;
    decoded.encoding = TextEncoding::kUtf8;
    dialect = sniff_dialect(utf16_to_utf8(head.substr(0, head.size() & ~std::size_t{1}), encoding), whole, decoded);
    dialect.encoding = encoding;
    dialect.byte_order_mark = head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF");
    return dialect;
  }
  if (head.starts_with(kUtf8Mark)) {
    dialect.byte_order_mark = true;
    head.remove_prefix(kUtf8Mark.size());
  }
  dialect.encoding = overrides.encoding.value_or(
      (whole ? is_utf8(head) : is_utf8_cut(head)) ? TextEncoding::kUtf8 : TextEncoding::kWindows1252);
  DialectOverrides known = overrides;
  if (const std::optional<char> said = said_delimiter(head)) {
    if (!known.delimiter) known.delimiter = said;
    head.remove_prefix(5);
  }
  const bool cut = head.size() > kBytesToWeigh;
  const HeadText text(head.substr(0, kBytesToWeigh), whole && !cut);
  const LineEnds ends = count_line_ends(text.text());
  const Reading reading = read_lines(text, ends, known);
  dialect.delimiter = reading.separators.delimiter;
  dialect.quoted = reading.separators.quoted;
  dialect.line_end = reading.separators.carriage_return ? LineEnd::kCr
                     : ends.pairs > ends.feeds          ? LineEnd::kCrLf
                                                        : LineEnd::kLf;
  const std::vector<HeadRow> rows = text.rows(reading.separators, {kRowsToWeigh, 4096});
  dialect.header = overrides.header.value_or(looks_like_header(rows, header_candidate(rows)));
  return dialect;
}

}  // namespace sidik
