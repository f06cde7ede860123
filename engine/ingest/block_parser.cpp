#include "ingest/block_parser.h"

#include <algorithm>
#include <cstring>

#include "ingest/cell_index.h"
#include "ingest/cell_text.h"
#include "ingest/text_encoding.h"

namespace sidik {
namespace {

/// A value that was rewritten: `unescaped` may still move while it grows, so its view is set when all is there.
struct Rewritten {
  std::size_t column;
  std::size_t row;
  std::size_t begin;
  std::size_t size;
};

/// What a thread keeps from block to block.
struct Workplace {
  CellIndex index;
  std::vector<std::string_view*> columns;
  std::vector<Rewritten> rewritten;
};

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

/// The work on one block.
class BlockParser::Filling {
 public:
  Filling(const BlockParser& parser, const TextBlock& block, Batch& batch, Workplace& workplace)
      : parser_(parser),
        layout_(parser.layout_),
        block_(block),
        text_(reinterpret_cast<const char*>(block.bytes.data()), block.size),
        batch_(batch),
        index_(workplace.index),
        columns_(workplace.columns),
        rewritten_(workplace.rewritten),
        quoted_(parser.layout_.separators.quoted) {}

  void fill() {
    rewritten_.clear();
    batch_.columns.resize(layout_.columns);
    make_room(block_.lines + 1);
    index_.start(text_, layout_.separators);
    while (index_.advance()) {
      const std::span<const CellIndex::Record> records = index_.records();
      if (room_ - row_ < records.size()) make_room((row_ + records.size()) * 2);
      const bool last_is_open = index_.unclosed();
      if (last_is_open) reject(records.back(), Batch::Rejected::Reason::kUnclosedQuote);
      const auto rows = records.first(records.size() - (last_is_open ? 1 : 0));
      const bool quotes = layout_.separators.quoted && index_.any_quote();
      if (index_.any_non_ascii())
        fill_rows<true, true>(rows);
      else if (quotes)
        fill_rows<true, false>(rows);
      else
        fill_rows<false, false>(rows);
    }
    set_size(row_);
    batch_.rows = row_;
    settle();
  }

 private:
  /// kQuotes, kNonAscii: whether there may be quoted cells, bytes over 127.
  template <bool kQuotes, bool kNonAscii>
  void fill_rows(std::span<const CellIndex::Record> records) {
    const std::size_t columns = layout_.columns;
    const bool named = !layout_.header.empty();
    const bool printed = layout_.frame != Frame::kNone;
    for (const CellIndex::Record& record : records) {
      const std::uint32_t* starts = index_.cell_starts(record.first_cell);
      const std::uint32_t begin = starts[0];
      std::size_t cells = record.cells;
      const std::size_t rewritten = rewritten_.size();
      if (printed) [[unlikely]] {
        if (is_frame_line(starts, cells)) {
          ++batch_.frame_lines;
          continue;
        }
        leave_out_box(starts, cells);
      }
      if (cells == columns) {
        for (std::size_t c = 0; c + 1 < columns; ++c)
          put_cell<kQuotes, kNonAscii>(c, raw_cell(starts, c), irregular(starts, c));
        const std::string_view last = without_returns(raw_cell(starts, columns - 1));
        if (columns == 1 && last.empty()) continue;
        put_cell<kQuotes, kNonAscii>(columns - 1, last, irregular(starts, columns - 1));
      } else if (!put_ragged(record, starts, cells)) {
        continue;
      }
      if (printed) [[unlikely]]
        trim_row();
      if constexpr (kNonAscii) leave_out_mark();
      if (named && is_header()) {
        rewritten_.resize(rewritten);
        ++batch_.repeated_headers;
        continue;
      }
      batch_.row_offset[row_] = block_.first_offset + (begin & ~CellIndex::kIrregular);
      batch_.row_line[row_] = block_.first_line + record.line;
      ++row_;
    }
  }

  bool is_frame_line(const std::uint32_t* starts, std::size_t cells) const {
    const std::string_view line = raw_rest(starts, 0, cells);
    return is_ruler(line) || is_row_count(line);
  }

  /// The cells outside of a box's first and last pipe are none.
  void leave_out_box(const std::uint32_t*& starts, std::size_t& cells) const {
    if (layout_.frame != Frame::kBox || cells < 3) return;
    if (!is_blank(raw_cell(starts, 0)) || !is_blank(raw_rest(starts, cells - 1, cells))) return;
    ++starts;
    cells -= 2;
  }

  /// Printed values are padded to their column's width.
  void trim_row() {
    for (std::size_t c = 0; c < layout_.columns; ++c) {
      std::string_view& value = columns_[c][row_];
      if (value.data() != nullptr) value = trimmed(value);
    }
  }

  static bool irregular(const std::uint32_t* starts, std::size_t c) {
    return (starts[c + 1] & CellIndex::kIrregular) != 0;
  }

  std::string_view raw_cell(const std::uint32_t* starts, std::size_t c) const {
    const std::uint32_t begin = starts[c] & ~CellIndex::kIrregular;
    return {text_.data() + begin, (starts[c + 1] & ~CellIndex::kIrregular) - begin - 1};
  }

  std::string_view raw_rest(const std::uint32_t* starts, std::size_t c, std::size_t cells) const {
    const std::uint32_t begin = starts[c] & ~CellIndex::kIrregular;
    return without_returns({text_.data() + begin, (starts[cells] & ~CellIndex::kIrregular) - begin - 1});
  }

  template <bool kQuotes, bool kNonAscii>
  void put_cell(std::size_t column, std::string_view raw, bool irregular) {
    if constexpr (kQuotes) {
      if (!raw.empty() && raw.front() == '"' && quoted_) {
        if (irregular) [[unlikely]] {
          put_rewritten(column, raw);
          return;
        }
        raw = {raw.data() + 1, raw.size() - 2};
      }
    }
    if constexpr (kNonAscii) {
      if (is_foreign(raw)) [[unlikely]] {
        put_transcoded(column, raw);
        return;
      }
    }
    columns_[column][row_] = raw;
  }

  void put_transcoded(std::size_t column, std::string_view value) {
    const std::size_t begin = batch_.unescaped.size();
    append_windows_1252(value, batch_.unescaped);
    note_rewritten(column, begin);
    ++batch_.transcoded_values;
  }

  bool is_foreign(std::string_view value) const {
    return has_non_ascii(value) && (layout_.all_windows_1252 || !is_utf8(value));
  }

  void put_rewritten(std::size_t column, std::string_view raw) {
    Bytes& out = batch_.unescaped;
    const std::size_t begin = out.size();
    append_unquoted(raw, out);
    const std::string value(as_text(ByteSpan(out).subspan(begin)));
    const bool foreign = std::any_of(value.begin(), value.end(), [](char c) { return (c & 0x80) != 0; }) &&
                         (layout_.all_windows_1252 || !is_utf8(value));
    if (!foreign) {
      note_rewritten(column, begin);
      return;
    }
    out.resize(begin);
    put_transcoded(column, value);
  }

  void note_rewritten(std::size_t column, std::size_t begin) {
    rewritten_.push_back({column, row_, begin, batch_.unescaped.size() - begin});
    const Bytes& bytes = batch_.unescaped;
    columns_[column][row_] = {reinterpret_cast<const char*>(bytes.data()) + begin, bytes.size() - begin};
  }

  /// A row of another number of cells; false where it is no row.
  bool put_ragged(const CellIndex::Record& record, const std::uint32_t* starts, std::size_t cells) {
    const std::size_t columns = layout_.columns;
    if (cells == 1 && is_blank(raw_rest(starts, 0, 1))) return false;
    if (cells == 1 && is_row_count(raw_rest(starts, 0, 1))) {  // psql's unaligned output has no other frame
      ++batch_.frame_lines;
      return false;
    }
    bool rest_is_empty = true;
    for (std::size_t c = columns; c < cells; ++c) {
      const std::string_view raw = c + 1 == cells ? raw_rest(starts, c, cells) : raw_cell(starts, c);
      rest_is_empty = rest_is_empty && (raw.empty() || (layout_.separators.quoted && raw == "\"\""));
    }
    const bool acceptable = layout_.raggedness == Raggedness::kLenient || (cells > columns && rest_is_empty);
    if (!acceptable) {
      reject(record, cells < columns ? Batch::Rejected::Reason::kTooFewCells : Batch::Rejected::Reason::kTooManyCells);
      return false;
    }
    const bool fold = cells > columns && !rest_is_empty;
    for (std::size_t c = 0; c < columns; ++c) {
      if (c >= cells) {
        columns_[c][row_] = {};
      } else if (c + 1 == columns && fold) {
        // What is too much stays as it is written, delimiters and quotes included.
        put_cell<false, true>(c, raw_rest(starts, c, cells), false);
      } else {
        put_cell<true, true>(c, c + 1 == cells ? raw_rest(starts, c, cells) : raw_cell(starts, c),
                             irregular(starts, c));
      }
    }
    return true;
  }

  /// Whether row_ is the header again, as where exports were put one behind the other.
  bool is_header() const {
    const std::string_view telling = columns_[parser_.telling_column_][row_];
    const std::string& name = layout_.header[parser_.telling_column_];
    if (telling.size() < name.size() || telling.find(name) == std::string_view::npos) return false;
    for (std::size_t c = 0; c < layout_.header.size(); ++c) {
      if (trimmed(columns_[c][row_]) != layout_.header[c]) return false;
    }
    return true;
  }

  /// A byte order mark within the input, as where files were put one behind the other, is no part of the row's first
  /// value; the tokeniser took a quote behind it for a bare one.
  void leave_out_mark() {
    std::string_view& value = columns_[0][row_];
    if (!value.starts_with(kUtf8Mark)) return;
    value.remove_prefix(kUtf8Mark.size());
    if (layout_.separators.quoted && value.size() > 1 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
  }

  void reject(const CellIndex::Record& record, Batch::Rejected::Reason reason) {
    batch_.rejected.push_back({block_.first_line + record.line,
                               block_.first_offset + index_.cell_begin(record.first_cell), reason, record.cells});
  }

  void make_room(std::size_t rows) {
    set_size(rows);
    room_ = rows;
    columns_.resize(layout_.columns);
    for (std::size_t c = 0; c < layout_.columns; ++c) columns_[c] = batch_.columns[c].data();
  }

  void set_size(std::size_t rows) {
    for (std::vector<std::string_view>& column : batch_.columns) column.resize(rows);
    batch_.row_offset.resize(rows);
    batch_.row_line.resize(rows);
  }

  /// Gives rewritten values their final place, and rows their numbers.
  void settle() {
    batch_.unescaped.insert(batch_.unescaped.end(), kTextSlack, 0);
    const char* const text = reinterpret_cast<const char*>(batch_.unescaped.data());
    for (const Rewritten& value : rewritten_)
      batch_.columns[value.column][value.row] = {text + value.begin, value.size};
    batch_.row_order.resize(row_);
    for (std::size_t r = 0; r < row_; ++r) batch_.row_order[r] = block_.number << 32 | r;
  }

  const BlockParser& parser_;
  const TableLayout& layout_;
  const TextBlock& block_;
  std::string_view text_;
  Batch& batch_;
  CellIndex& index_;
  std::vector<std::string_view*>& columns_;
  std::vector<Rewritten>& rewritten_;
  const bool quoted_;
  std::size_t row_ = 0;
  std::size_t room_ = 0;
};

BlockParser::BlockParser(TableLayout layout) : layout_(std::move(layout)) {
  const auto named =
      std::find_if(layout_.header.begin(), layout_.header.end(), [](const auto& name) { return !name.empty(); });
  if (named == layout_.header.end() || layout_.header.size() > layout_.columns) return;
  telling_column_ = static_cast<std::size_t>(named - layout_.header.begin());
}

void BlockParser::parse(const TextBlock& block, Batch& batch) const {
  batch.rows = 0;
  batch.unescaped.clear();
  batch.rejected.clear();
  batch.repeated_headers = 0;
  batch.frame_lines = 0;
  batch.transcoded_values = 0;
  if (block.too_long)
    batch.rejected.push_back({block.first_line, block.first_offset, Batch::Rejected::Reason::kTooLong, 0});
  thread_local Workplace workplace;
  Filling(*this, block, batch, workplace).fill();
}

}  // namespace sidik
