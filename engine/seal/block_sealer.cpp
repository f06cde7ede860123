#include "seal/block_sealer.h"

#include <algorithm>

#include "seal/canary_stream.h"

namespace sidik {

IdentityTags::IdentityTags(const Secret& fingerprint_secret, const Schema& schema) : order_(schema.identity_order()) {
  for (const std::size_t c : order_)
    fingerprinters_.emplace_back(fingerprint_secret, schema.columns[c].type, schema.columns[c].options);
}

void IdentityTags::compute(std::span<const std::vector<std::string_view>> columns, std::size_t rows,
                           std::vector<RowTag>& tags) {
  tags.assign(rows, kNone);
  rows_.clear();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const auto& column = columns[order_[i]];
    std::span<const std::string_view> raw = std::span(column).first(rows);
    if (i > 0) {
      // Those that are without a tag still.
      rows_.clear();
      raw_.clear();
      for (std::size_t r = 0; r < rows; ++r)
        if (tags[r] == kNone) {
          rows_.push_back(static_cast<std::uint32_t>(r));
          raw_.push_back(column[r]);
        }
      if (rows_.empty()) return;
      raw = raw_;
    }
    states_.resize(raw.size());
    some_.resize(raw.size());
    fingerprinters_[i].compute_tags(raw, states_, some_);
    for (std::size_t k = 0; k < raw.size(); ++k)
      if (states_[k] == ValueState::kValid) tags[i == 0 ? k : rows_[k]] = some_[k];
  }
}

BlockSealer::BlockSealer(const SealInput& input, unsigned number, const PlantedRows& planted,
                         const std::vector<std::string>& lines, const Schema& schema,
                         const std::vector<MarkedColumn>& marked, const Dialect& dialect)
    : input_(input),
      number_(number),
      planted_rows_(planted),
      stream_lines_(lines),
      dialect_(dialect),
      forbidden_({dialect.delimiter, '"', '\r', '\n'}),
      line_end_(dialect.line_end == LineEnd::kLf     ? "\n"
                : dialect.line_end == LineEnd::kCrLf ? "\r\n"
                                                     : "\r"),
      marker_(input.secrets, schema, marked, input.request.coalition),
      withholding_(input.secrets, input.request.withhold),
      identities_(input.fingerprint_secret, schema) {}

void BlockSealer::seal(const TextBlock& block, const TableReader& reader, std::string& out) {
  const std::string_view text(reinterpret_cast<const char*>(block.bytes.data()), block.size);
  edits_.clear();
  lines_.clear();
  try {
    reader.parse(block, batch_);
    if (input_.stream) add_from_stream(block);
  } catch (...) {
    if (input_.stream) input_.stream->give_up();  // others wait for this block
    throw;
  }
  rows_ += batch_.rows;
  add_marks(block);
  if (input_.request.withhold > 0) add_withheld(block);
  if (!planted_rows_.empty()) add_planted(block);
  merge_edits();
  std::size_t done = 0;
  for (const Edit& edit : edits_) {
    if (edit.begin < done) continue;  // a value of a row that is left out
    out.append(text.substr(done, edit.begin - done)).append(edit.text);
    done = edit.end;
  }
  out.append(text.substr(done));
}

/// Each column's, and those of withheld and planted rows, stand in order already.
void BlockSealer::merge_edits() {
  const auto is_before = [](const Edit& a, const Edit& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    if ((a.end == a.begin) != (b.end == b.begin)) return a.end == a.begin;
    return a.end > b.end;
  };
  for (auto sorted = edits_.begin(); sorted != edits_.end();) {
    const auto next = std::is_sorted_until(sorted, edits_.end(), is_before);
    std::inplace_merge(edits_.begin(), sorted, next, is_before);
    sorted = next;
  }
}

/// A value's place is where its view points; one that had to be rewritten when it was read is left as it is.
void BlockSealer::add_marks(const TextBlock& block) {
  const char* begin = reinterpret_cast<const char*>(block.bytes.data());
  for (const Respelled& each : marker_.mark(batch_.columns, forbidden_)) {
    const std::string_view raw = batch_.columns[each.column][each.row];
    if (raw.data() < begin || raw.data() + raw.size() > begin + block.size) continue;
    const auto from = static_cast<std::size_t>(raw.data() - begin);
    edits_.push_back({from, from + raw.size(), each.text});
  }
}

void BlockSealer::add_withheld(const TextBlock& block) {
  const std::string_view text(reinterpret_cast<const char*>(block.bytes.data()), block.size);
  identities_.compute(batch_.columns, batch_.rows, tags_);
  withholding_.decide(tags_, left_out_);
  for (std::size_t r = 0; r < batch_.rows; ++r) {
    if (left_out_[r] == 0 || tags_[r] == IdentityTags::kNone) continue;
    const std::size_t from = batch_.row_offset[r] - block.first_offset;
    edits_.push_back({from, record_end(text, from), {}});
    ++withheld_;
  }
}

void BlockSealer::add_planted(const TextBlock& block) {
  if (batch_.rows == 0) return;
  const auto last = planted_rows_.upper_bound(batch_.row_order.back());
  std::size_t row = 0;
  lines_.reserve(static_cast<std::size_t>(std::distance(planted_rows_.lower_bound(batch_.row_order.front()), last)));
  for (auto each = planted_rows_.lower_bound(batch_.row_order.front()); each != last; ++each) {
    while (batch_.row_order[row] < each->first) ++row;
    const std::size_t at = batch_.row_offset[row] - block.first_offset;
    lines_.push_back(each->second + line_end_);
    edits_.push_back({at, at, lines_.back()});
    ++planted_;
  }
}

void BlockSealer::add_from_stream(const TextBlock& block) {
  const auto plantings =
      input_.stream->pass(number_, block.number, batch_, dialect_.encoding == TextEncoding::kWindows1252);
  lines_.reserve(plantings.size());
  for (const auto& [row, canary] : plantings) {
    const std::size_t at = batch_.row_offset[row] - block.first_offset;
    lines_.push_back(stream_lines_[canary] + line_end_);
    edits_.push_back({at, at, lines_.back()});
    ++planted_;
  }
}

/// Behind the line end of the record that begins at `begin`; quotes as the tokeniser has them (ingest/quote_tracker.h).
std::size_t BlockSealer::record_end(std::string_view text, std::size_t begin) const {
  bool at_cell_start = true;
  std::size_t i = begin;
  while (i < text.size()) {
    const char c = text[i];
    if (at_cell_start && c == '"' && dialect_.quoted) {
      for (++i; i < text.size(); ++i) {
        if (text[i] != '"') continue;
        if (i + 1 < text.size() && text[i + 1] == '"')
          ++i;
        else
          break;
      }
      ++i;
      at_cell_start = false;
      continue;
    }
    ++i;
    if (c == '\n') return i;
    if (c == '\r' && dialect_.line_end == LineEnd::kCr) return i < text.size() && text[i] == '\n' ? i + 1 : i;
    at_cell_start = c == dialect_.delimiter;
  }
  return text.size();
}

}  // namespace sidik
