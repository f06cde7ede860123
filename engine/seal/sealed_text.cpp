#include "seal/sealed_text.h"

#include <algorithm>
#include <deque>
#include <span>

#include "base/error.h"
#include "base/parallel.h"
#include "base/utf8.h"
#include "fields/canonical.h"
#include "fields/inference.h"
#include "ingest/text_encoding.h"
#include "registry/schema_decision.h"
#include "seal/canary_identities.h"
#include "seal/canary_stream.h"
#include "seal/sealing_line.h"

namespace sidik {
namespace {

constexpr std::size_t kLookedAtForEncoding = 4096;

/// UTF-8 as UTF-16 of that byte order, appended.
void append_utf16(std::string_view text, TextEncoding encoding, std::string& out) {
  const auto unit = [&](std::uint32_t value) {
    const char low = static_cast<char>(value & 0xff);
    const char high = static_cast<char>(value >> 8);
    out += encoding == TextEncoding::kUtf16Le ? low : high;
    out += encoding == TextEncoding::kUtf16Le ? high : low;
  };
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t point = size == 1 ? lead : lead & (0xffU >> (size + 1));
    for (std::size_t k = 1; k < size && i + k < text.size(); ++k)
      point = (point << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
    i += size;
    if (point < 0x10000) {
      unit(point);
    } else {
      unit(0xd800 + ((point - 0x10000) >> 10));
      unit(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
}

}  // namespace

struct SealedText::State {
  explicit State(SealInput given) : input(std::move(given)) {}

  SealInput input;
  Compression compression = Compression::kNone;
  std::optional<TextEncoding> utf16;
  std::string preamble;  // all that was read until the first block came
  bool begun = false;
  std::unique_ptr<TableReader> reader;
  std::deque<TextBlock> head;
  std::shared_ptr<const SchemaDecision> decision;
  Schema schema;
  std::vector<MarkedColumn> marked;
  PlantedRows planted;
  std::vector<std::string> stream_lines;  // of canaries that the stream finds places for
  std::vector<RowTag> planted_tags;
  std::vector<std::optional<CanaryIdentity>> planted_identities;
  std::uint64_t planted_at_end = 0;
  std::unique_ptr<SealingLine> line;
  bool read_through = false;
  std::uint64_t next_offset = 0;  // of the text that is not sealed yet
  std::string ready;              // sealed, not handed out yet
  std::size_t ready_begin = 0;
  bool ended = false;
  bool ends_with_line_end = true;

  void open(std::unique_ptr<ByteSource> raw) {
    auto source = decompressed(std::move(raw), &compression);
    std::string start(kLookedAtForEncoding, '\0');
    start.resize(read_fully(*source, start));
    utf16 = utf16_of(start);
    if (input.reader.dialect.encoding == TextEncoding::kUtf16Le ||
        input.reader.dialect.encoding == TextEncoding::kUtf16Be)
      utf16 = input.reader.dialect.encoding;
    const bool mark = start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF");
    source = put_back(std::move(start), std::move(source));
    if (utf16) {
      source = utf16_source(std::move(source), *utf16);
      input.reader.dialect.encoding.reset();
      if (mark) emit_raw(*utf16 == TextEncoding::kUtf16Le ? "\xFF\xFE" : "\xFE\xFF");
    }
    source = teed(std::move(source), [this](std::span<const char> bytes) {
      if (!begun) preamble.append(bytes.data(), bytes.size());
    });
    reader = std::make_unique<TableReader>(std::move(source), input.reader);
    look_at_head();
  }

  void emit_raw(std::string_view bytes) { ready.append(bytes); }
  void emit(std::string_view text) { utf16 ? append_utf16(text, *utf16, ready) : void(ready.append(text)); }

  /// Decides on types and channels.
  void look_at_head() {
    const unsigned threads = std::max(1U, input.threads);
    const std::vector<std::string> names = input.known.names(reader->header(), reader->columns());
    Inference inference(names, reader->columns(), threads);
    std::vector<Batch> batches(2 * threads);
    std::size_t bytes = 0;
    for (bool more = true; more && bytes < kHeadBytes;) {
      const std::size_t first = head.size();
      while (head.size() - first < batches.size() && bytes < kHeadBytes) {
        TextBlock block;
        if (more = reader->read_block(block); !more) break;
        if (!begun) begin(block);
        bytes += block.size;
        head.push_back(std::move(block));
      }
      if (input.decided) continue;
      const std::size_t count = head.size() - first;
      parallel_for(threads, count, [&](std::size_t i) { reader->parse(head[first + i], batches[i]); });
      for (const Batch& batch : std::span(batches).first(count)) inference.observe(batch.columns);
    }
    decision =
        input.decided
            ? input.decided
            : std::make_shared<const SchemaDecision>(decide_schema(inference, names, input.known, reader->name()));
    schema = decision->inference.schema;
    Batch batch;
    if (input.request.marks != SealRequest::Marks::kNone) choose_channels(batch);
    if (input.stream) begin_stream();
    write_canaries(quoted_columns());
    std::vector<std::unique_ptr<BlockSealer>> sealers;
    for (unsigned t = 0; t < std::max(1U, input.threads); ++t)
      sealers.push_back(
          std::make_unique<BlockSealer>(input, t, planted, stream_lines, schema, marked, reader->dialect()));
    line = std::make_unique<SealingLine>(std::move(sealers), *reader);
    if (!begun) emit(preamble);  // a header and nothing else
    begun = true;
  }

  /// Some blocks, spread over the head.
  void begin_stream() {
    constexpr std::size_t kBlocks = 8;
    std::vector<Batch> batches;
    const std::size_t step = std::max<std::size_t>(1, head.size() / kBlocks);
    for (std::size_t b = 0; b < head.size(); b += step) reader->parse(head[b], batches.emplace_back());
    std::vector<const Batch*> views;
    for (const Batch& batch : batches) views.push_back(&batch);
    input.canaries = input.stream->begin(schema, reader->name(), views);
  }

  void begin(const TextBlock& block) {
    begun = true;
    emit(std::string_view(preamble).substr(0, block.first_offset));
    preamble.clear();
    preamble.shrink_to_fit();
    next_offset = block.first_offset;
  }

  void choose_channels(Batch& batch) {
    ChannelSurvey survey(schema);
    // Some blocks, spread over the head, say what the spellings are.
    const std::size_t step = std::max<std::size_t>(1, head.size() / 8);
    for (std::size_t b = 0; b < head.size(); b += step) {
      reader->parse(head[b], batch);
      survey.observe(batch.columns);
    }
    marked = survey.decide(input.request.allowed);
  }

  /// What a column writes in quotes: values, empty cells and words for "no value" each for themselves. Tables are
  /// written with all of them in quotes, with none, or without those that are no value.
  struct Quoted {
    bool values = false, empty = false, tokens = false;
    bool of(std::string_view cell) const { return cell.empty() ? empty : is_null_token(cell) ? tokens : values; }
  };

  std::vector<Quoted> quoted_columns() {
    std::vector<Quoted> quoted(schema.columns.size());
    if (head.empty() || input.canaries.empty()) return quoted;
    Batch batch;
    reader->parse(head.front(), batch);
    const char* begin = reinterpret_cast<const char*>(head.front().bytes.data());
    struct Count {
      std::size_t all = 0, in_quotes = 0;
      bool mostly(bool unseen) const { return all > 0 ? in_quotes * 10 >= all * 9 : unseen; }
    };
    for (std::size_t c = 0; c < quoted.size(); ++c) {
      Count values, empty, tokens;
      for (const std::string_view value : batch.columns[c]) {
        if (value.data() <= begin || value.data() >= begin + head.front().size) continue;
        Count& of = value.empty() ? empty : is_null_token(value) ? tokens : values;
        ++of.all;
        of.in_quotes += value.data()[-1] == '"' ? 1U : 0U;
      }
      quoted[c].values = values.mostly(false);
      quoted[c].empty = empty.mostly(false);
      quoted[c].tokens = tokens.mostly(quoted[c].values);
    }
    return quoted;
  }

  /// The canaries' lines, marked as all other rows are.
  void write_canaries(const std::vector<Quoted>& quoted) {
    if (input.canaries.empty()) return;
    const Dialect& dialect = reader->dialect();
    std::vector<std::vector<std::string>> values(schema.columns.size());
    std::vector<std::vector<std::string_view>> columns(schema.columns.size());
    for (std::size_t c = 0; c < values.size(); ++c) {
      for (const Canary& canary : input.canaries) values[c].push_back(canary.cells[c] + std::string(kTextSlack, '\0'));
      for (const std::string& value : values[c]) columns[c].emplace_back(value.data(), value.size() - kTextSlack);
    }
    IdentityTags(input.fingerprint_secret, schema).compute(columns, input.canaries.size(), planted_tags);
    for (const Canary& canary : input.canaries) planted_identities.push_back(identity_of(schema, canary.cells));
    Marker marker(input.secrets, schema, marked, input.request.coalition);
    const std::string forbidden = {dialect.delimiter, '"', '\r', '\n'};
    for (const Respelled& each : marker.mark(columns, forbidden))
      input.canaries[each.row].cells[each.column] = each.text;
    for (const Canary& canary : input.canaries) {
      std::string line;
      for (std::size_t c = 0; c < canary.cells.size(); ++c) {
        if (c > 0) line += dialect.delimiter;
        const std::string& cell = canary.cells[c];
        const bool in_quotes =
            dialect.quoted && (quoted[c].of(cell) || cell.find_first_of(forbidden) != std::string::npos);
        if (in_quotes) line += '"';
        for (const char each : cell) line.append(in_quotes && each == '"' ? 2 : 1, each);
        if (in_quotes) line += '"';
      }
      if (input.stream)
        stream_lines.push_back(std::move(line));
      else
        planted.emplace(canary.before, std::move(line));
    }
  }

  /// Canaries that sort behind the last row.
  void plant_at_end() {
    const char* const line_end = reader->dialect().line_end == LineEnd::kLf     ? "\n"
                                 : reader->dialect().line_end == LineEnd::kCrLf ? "\r\n"
                                                                                : "\r";
    const auto plant = [&](const std::string& line) {
      emit(ends_with_line_end ? line + line_end : line_end + line);
      ++planted_at_end;
    };
    const auto [from, to] = planted.equal_range(kAtTheEnd);
    for (auto each = from; each != to; ++each) plant(each->second);
    if (input.stream)
      for (const std::size_t canary : input.stream->left()) plant(stream_lines[canary]);
  }

  std::vector<bool> taken() const {
    return input.stream ? input.stream->taken() : std::vector<bool>(planted_tags.size());
  }

  void read_ahead() {
    while (line->has_room() && !read_through) {
      SealedBlock next = line->spare();
      if (!head.empty()) {
        next.block = std::move(head.front());
        head.pop_front();
      } else if (!reader->read_block(next.block)) {
        read_through = true;
        return;
      }
      line->put(std::move(next));
    }
  }

  void seal_some() {
    read_ahead();
    if (line->empty()) {
      ended = true;
      return plant_at_end();
    }
    SealedBlock sealed = line->take();
    // The reader leaves out the line feed of a line end that it cut a block behind the return of.
    if (sealed.block.first_offset > next_offset) emit(std::string(sealed.block.first_offset - next_offset, '\n'));
    next_offset = sealed.block.first_offset + sealed.block.size;
    if (!sealed.text.empty()) ends_with_line_end = sealed.text.back() == '\n' || sealed.text.back() == '\r';
    if (ready.empty() && !utf16)
      ready.swap(sealed.text);
    else
      emit(sealed.text);
    line->recycle(std::move(sealed));
    read_ahead();
  }
};

SealedText::SealedText(std::unique_ptr<ByteSource> raw, SealInput input)
    : state_(std::make_unique<State>(std::move(input))) {
  state_->open(std::move(raw));
}
SealedText::~SealedText() = default;

std::size_t SealedText::read(std::span<char> out) {
  State& state = *state_;
  while (state.ready_begin == state.ready.size() && !state.ended) {
    state.ready.clear();
    state.ready_begin = 0;
    state.seal_some();
  }
  const std::size_t size = std::min(out.size(), state.ready.size() - state.ready_begin);
  std::copy_n(state.ready.data() + state.ready_begin, size, out.data());
  if (state.input.sink && size > 0) state.input.sink({out.data(), size});
  state.ready_begin += size;
  return size;
}

std::string SealedText::name() const { return state_->reader->name(); }
std::uint64_t SealedText::consumed() const { return state_->reader->consumed(); }
std::uint64_t SealedText::total() const { return state_->reader->total(); }
Compression SealedText::found_compression() const { return state_->compression; }
const Schema& SealedText::schema() const { return state_->schema; }
std::shared_ptr<const SchemaDecision> SealedText::decision() const { return state_->decision; }
const std::vector<MarkedColumn>& SealedText::marked_columns() const { return state_->marked; }

Sealing SealedText::sealing() const {
  Sealing out;
  for (const MarkedColumn& column : state_->marked) {
    const FieldType type = state_->schema.columns[column.column].type;
    const auto same = std::find_if(out.marked.begin(), out.marked.end(), [&](const auto& m) { return m.type == type; });
    if (same == out.marked.end())
      out.marked.push_back({type, column.channels});
    else
      same->channels |= column.channels;
  }
  out.coalition = state_->input.request.coalition;
  out.withhold = state_->input.request.withhold;
  out.canaries = state_->planted_at_end;
  // Somebody's number is no canary's.
  const std::vector<bool> taken = state_->taken();
  std::vector<CanaryIdentity> identities;
  for (std::size_t i = 0; i < state_->planted_tags.size(); ++i) {
    if (taken[i]) continue;
    out.canary_tags.push_back(state_->planted_tags[i]);
    if (const auto& identity = state_->planted_identities[i]) identities.push_back(*identity);
  }
  std::sort(out.canary_tags.begin(), out.canary_tags.end());
  if (!state_->planted_tags.empty()) out.canary_identities = encrypt_identities(identities, state_->input.secrets);
  for (const auto& sealer : state_->line->sealers()) {
    out.withheld += sealer->withheld();
    out.canaries += sealer->planted();
  }
  return out;
}

std::uint64_t SealedText::void_canaries() const {
  const std::vector<bool> taken = state_->taken();
  return static_cast<std::uint64_t>(std::count(taken.begin(), taken.end(), true));
}

std::uint64_t SealedText::rows_read() const {
  std::uint64_t rows = 0;
  for (const auto& sealer : state_->line->sealers()) rows += sealer->rows();
  return rows;
}

std::uint64_t SealedText::marked_positions() const {
  std::uint64_t positions = 0;
  for (const auto& sealer : state_->line->sealers()) positions += sealer->positions();
  return positions;
}

}  // namespace sidik
