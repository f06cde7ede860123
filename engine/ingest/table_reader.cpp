#include "ingest/table_reader.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "ingest/binary_format.h"
#include "ingest/block_cutter.h"
#include "ingest/block_parser.h"
#include "ingest/head_rows.h"
#include "ingest/header_guess.h"
#include "ingest/printed_table.h"
#include "ingest/record_scan.h"
#include "ingest/text_encoding.h"

namespace sidik {
namespace {

constexpr std::size_t kHeadBytes = std::size_t{1} << 20;

/// The first bytes of an input.
struct Head {
  std::string bytes;
  bool whole = false;  // nothing stands behind them

  void extend(ByteSource& source, std::size_t size) {
    const std::size_t had = bytes.size();
    if (whole || had >= size) return;
    // What is small is not worth a megabyte; what has no known length is asked for in growing steps.
    std::size_t step = std::min(size, std::max(had, std::size_t{4096}));
    std::size_t filled = had;
    for (;;) {
      bytes.resize(std::min(size, filled + step));
      const std::size_t wanted = bytes.size() - filled;
      const std::size_t got = read_fully(source, std::span(bytes).subspan(filled));
      filled += got;
      step = filled;
      whole = got < wanted;
      if (whole || filled == size) break;
    }
    bytes.resize(filled);
  }
};

/// What the head says of the table, and where its rows begin.
struct Opening {
  TableLayout layout;
  std::size_t data_begin = 0;  // in the head
  TextPlace data_place;
  bool has_header = false;
  std::vector<Batch::Rejected> preamble;
  std::size_t frame_lines = 0;  // before the header
};

std::string many(std::size_t n) {
  std::string text = std::to_string(n);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

void refuse_too_many_columns(const std::string& name, const HeadRow& row, std::size_t limit, const char* at_least) {
  if (row.cells <= limit) return;
  throw Error(ErrorKind::kRefused, name + ", line " + std::to_string(row.line + 1),
              "this row has " + std::string(at_least) + many(row.cells) + " columns, expected at most " + many(limit) +
                  "; check the delimiter, or keep only the columns that matter");
}

/// Whether nine rows in ten from `first` on have so many cells, and something in the last one.
bool has_most_rows(const std::vector<HeadRow>& rows, std::size_t first, std::size_t cells) {
  std::size_t filled = 0;
  for (std::size_t r = first; r < rows.size(); ++r)
    filled += rows[r].cells == cells && (rows[r].values.size() < cells || !rows[r].values.back().empty()) ? 1U : 0U;
  return filled * 10 >= (rows.size() - first) * 9;
}

/// The number of columns, from the header and the rows under it; adapts the header where these differ for a known
/// reason.
std::size_t count_columns(const std::vector<HeadRow>& rows, std::size_t header_row, std::vector<std::string>& header) {
  const std::size_t usual = usual_cells(rows, header_row + 1);
  if (usual == 0 || usual == header.size()) return header.size();
  if (usual < header.size()) {  // "a,b,c," over "1,2,3"
    const bool rest_is_empty = std::all_of(header.begin() + static_cast<std::ptrdiff_t>(usual), header.end(),
                                           [](const auto& name) { return name.empty(); });
    if (rest_is_empty) header.resize(usual);
  } else if (usual == header.size() + 1) {
    const bool trailing_delimiter =
        std::all_of(rows.begin() + static_cast<std::ptrdiff_t>(header_row) + 1, rows.end(),
                    [&](const HeadRow& row) { return row.values.size() < usual || row.values[usual - 1].empty(); });
    // "a,b" over "1,x,y": R writes the rows' names without a name of their own.
    if (!trailing_delimiter) header.insert(header.begin(), std::string());
  } else if (has_most_rows(rows, header_row + 1, usual)) {
    header.resize(usual);  // fewer names than columns: the last have none
  }
  return header.size();
}

/// "sep=;" and a line end.
std::size_t delimiter_line(std::string_view text, char delimiter) {
  if (text.size() < 5 || !text.starts_with("sep=") || text[4] != delimiter) return 0;
  if (text.size() > 5 && text[5] != '\n' && text[5] != '\r') return 0;
  const std::size_t end = text.find_first_not_of("\r\n", 5);
  return end == std::string_view::npos ? text.size() : text[5] == '\r' && text.size() > 6 && text[6] == '\n' ? 7 : 6;
}

/// Reads on until the first record is there whole, or longer than any may be.
void complete_first_record(Head& head, std::size_t begin, ByteSource& source, const Separators& separators,
                           std::size_t longest) {
  RecordScan scan(separators);
  for (;;) {
    std::string padded = head.bytes.substr(begin);
    const std::size_t size = padded.size();
    padded.append(kTextSlack, '\0');
    scan.extend(padded.data(), size);
    if (scan.record_end() != 0 || head.whole || head.bytes.size() >= longest) return;
    head.extend(source, std::min(longest, head.bytes.size() * 4));
  }
}

/// A printed table's cells are divided by pipes, and its quotes are characters.
Frame apply_frame(std::string_view head, const DialectOverrides& said, Dialect& dialect) {
  if (said.delimiter.value_or('|') != '|') return Frame::kNone;
  const Frame frame = frame_of(head);
  if (frame == Frame::kNone) return frame;
  dialect.delimiter = '|';
  dialect.quoted = said.quoted.value_or(false);
  dialect.header = said.header.value_or(true);
  return frame;
}

Opening open_table(Head& head, ByteSource& source, const Dialect& dialect, Frame frame,
                   const TableReaderOptions& options) {
  const std::string name = source.name();
  const bool strict = options.raggedness == Raggedness::kStrict;
  std::size_t begin = head.bytes.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0;
  const std::size_t said = delimiter_line(std::string_view(head.bytes).substr(begin), dialect.delimiter);
  begin += said;

  Opening opening;
  TableLayout& layout = opening.layout;
  layout.separators = {dialect.delimiter, dialect.quoted, dialect.line_end == LineEnd::kCr};
  layout.raggedness = options.raggedness;
  layout.frame = frame;
  layout.all_windows_1252 = options.dialect.encoding == TextEncoding::kWindows1252;
  opening.data_begin = begin;
  opening.data_place = {said != 0 ? 2U : 1U, begin};

  complete_first_record(head, begin, source, layout.separators, options.longest_record);
  const HeadText text(std::string_view(head.bytes).substr(begin), head.whole);
  std::vector<HeadRow> rows = text.rows(layout.separators, {200, options.most_columns});
  const bool ruler_first = frame != Frame::kNone && !rows.empty() &&
                           is_ruler(text.text().substr(rows[0].offset, rows[0].end - rows[0].offset));
  leave_out_frame(rows, frame, text.text());
  const bool blank = head.whole && text.text().find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (rows.empty() || blank)
    throw Error(ErrorKind::kRefused, name, "there are only empty lines in it, expected rows of delimited text");
  const auto place_of = [&](const HeadRow& row) {
    return TextPlace{opening.data_place.line + row.line, begin + row.offset};
  };
  if (!rows[0].complete) {
    refuse_too_many_columns(name, rows[0], options.most_columns, "at least ");
    if (strict) refuse_long_record(name, place_of(rows[0]), options.longest_record);
  }
  if (rows[0].unclosed && strict) {
    RecordScan scan(layout.separators);
    scan.extend(text.text().data(), text.text().size());
    const TextPlace place = place_of(rows[0]);
    refuse_unclosed_quote(name, {place.line, begin + scan.last_cell()},
                          head.whole ? "by the end of the input" : "within " + size_text(options.longest_record));
  }

  std::size_t first = header_candidate(rows);
  while (first < rows.size() && rows[first].unclosed) ++first;
  if (first == rows.size()) first = 0;
  bool has_header = options.dialect.header.value_or(dialect.header);
  if (!options.dialect.header && !options.expected_header.empty() && rows[first].values == options.expected_header)
    has_header = true;
  opening.has_header = has_header && !rows[first].unclosed;
  if (opening.has_header) {
    refuse_too_many_columns(name, rows[first], options.most_columns, "");
    opening.frame_lines = ruler_first ? 1 : 0;
    layout.header = rows[first].values;
    layout.columns = count_columns(rows, first, layout.header);
    for (std::size_t r = 0; r < first; ++r)
      opening.preamble.push_back(
          {place_of(rows[r]).line, place_of(rows[r]).offset,
           rows[r].unclosed ? Batch::Rejected::Reason::kUnclosedQuote : Batch::Rejected::Reason::kTooFewCells,
           static_cast<std::uint32_t>(rows[r].cells)});
    opening.data_place.line += rows[first].end_line;
    opening.data_begin = begin + rows[first].end;
    opening.data_place.offset = opening.data_begin;
  } else {
    layout.header = options.expected_header;
    layout.columns = layout.header.empty() ? std::max<std::size_t>(usual_cells(rows), 1) : layout.header.size();
    const auto usual =
        std::find_if(rows.begin(), rows.end(), [&](const HeadRow& row) { return row.cells == layout.columns; });
    if (usual != rows.end()) refuse_too_many_columns(name, *usual, options.most_columns, "");
  }
  return opening;
}

}  // namespace

struct TableReader::State {
  TableReaderOptions options;
  Dialect dialect;
  std::string name;
  std::unique_ptr<BlockParser> parser;
  std::unique_ptr<BlockCutter> cutter;
  std::vector<Batch::Rejected> preamble;  // rows before the header
  std::size_t frame_lines = 0;            // and of a printed table's frame
};

TableReader::TableReader(std::unique_ptr<ByteSource> source, TableReaderOptions options)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  source = decompressed(std::move(source));
  options.longest_record = std::clamp(options.longest_record, std::size_t{1}, std::size_t{1} << 30);
  state.name = source->name();
  Head head;
  head.extend(*source, kHeadBytes);
  if (head.bytes.empty())
    throw Error(ErrorKind::kRefused, state.name, "there is nothing in it, expected rows of delimited text");
  refuse_what_is_no_table(head.bytes, state.name, options.dialect.delimiter);
  state.dialect = sniff_dialect(head.bytes, head.whole, options.dialect);
  state.dialect.compression = source->compression();
  if (state.dialect.encoding == TextEncoding::kUtf16Le || state.dialect.encoding == TextEncoding::kUtf16Be) {
    source = utf16_source(put_back(std::move(head.bytes), std::move(source)), state.dialect.encoding);
    head = {};
    head.extend(*source, kHeadBytes);
  }
  const Frame frame = apply_frame(head.bytes, options.dialect, state.dialect);
  Opening opening = open_table(head, *source, state.dialect, frame, options);
  state.preamble = std::move(opening.preamble);
  state.frame_lines = opening.frame_lines;
  state.dialect.header = opening.has_header;
  state.parser = std::make_unique<BlockParser>(std::move(opening.layout));
  state.cutter =
      std::make_unique<BlockCutter>(std::move(source), std::string_view(head.bytes).substr(opening.data_begin),
                                    opening.data_place, state.parser->layout().separators, options);
  state.options = std::move(options);
}

TableReader::~TableReader() = default;

const Dialect& TableReader::dialect() const { return state_->dialect; }
const std::vector<std::string>& TableReader::header() const { return state_->parser->layout().header; }
std::size_t TableReader::columns() const { return state_->parser->layout().columns; }
std::string TableReader::name() const { return state_->name; }
std::uint64_t TableReader::consumed() const { return state_->cutter->source().consumed(); }
std::uint64_t TableReader::total() const { return state_->cutter->source().total(); }
bool TableReader::read_block(TextBlock& block) { return state_->cutter->read(block); }

void TableReader::parse(const TextBlock& block, Batch& batch) const {
  state_->parser->parse(block, batch);
  if (block.number != 0) return;
  batch.rejected.insert(batch.rejected.begin(), state_->preamble.begin(), state_->preamble.end());
  batch.frame_lines += state_->frame_lines;
}

}  // namespace sidik
