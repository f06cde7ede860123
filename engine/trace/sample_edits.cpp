#include "trace/sample_edits.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/utc_time.h"
#include "fields/characters.h"

namespace sidik {
namespace {

constexpr UtcSeconds kDay = 86400;

std::vector<std::string_view> pieces_of(std::string_view cell, std::string_view separator) {
  std::vector<std::string_view> pieces;
  for (std::size_t from = 0;;) {
    const std::size_t at = cell.find(separator, from);
    pieces.push_back(trim_blanks(cell.substr(from, at - from)));
    if (at == std::string_view::npos) return pieces;
    from = at + separator.size();
  }
}

std::string_view taken(const CellPart& part, std::string_view cell) {
  cell = trim_blanks(cell);
  if (part.take == CellPart::Take::kWhole) return cell;
  const std::size_t first = cell.find(part.separator);
  const std::size_t last = cell.rfind(part.separator);
  switch (part.take) {
    case CellPart::Take::kAfterFirst:
      return first == std::string_view::npos ? std::string_view()
                                             : trim_blanks(cell.substr(first + part.separator.size()));
    case CellPart::Take::kBeforeLast:
      return last == std::string_view::npos ? std::string_view() : trim_blanks(cell.substr(0, last));
    default:
      break;
  }
  const std::vector<std::string_view> pieces = pieces_of(cell, part.separator);
  if (part.number >= pieces.size()) return {};
  return part.take == CellPart::Take::kPart ? pieces[part.number] : pieces[pieces.size() - 1 - part.number];
}

std::string moved_date(const std::string& text, const DerivedColumn& derived) {
  const CanonicalValue date = canonical(FieldType::kDate, text, derived.options);
  if (date.state != ValueState::kValid) return {};
  const auto at = parse_utc(date.text);
  return at ? format_date(*at + derived.days * kDay) : std::string();
}

/// The bytes that a base64 text stands for, as hexadecimal digits; "" where it is none.
std::string hexadecimal(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  Bytes bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t value = kLetters.find(c == '-' ? '+' : c == '_' ? '/' : c);
    if (value == std::string_view::npos) return {};
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return to_hex(bytes);
}

std::string derived_cell(const DerivedColumn& derived, const std::vector<std::vector<std::string_view>>& columns,
                         std::size_t row) {
  std::string text;
  for (const CellPart& part : derived.parts) {
    const std::string_view piece = taken(part, columns[part.column][row]);
    if (piece.empty() || is_null_token(piece)) continue;
    if (!text.empty()) text += derived.glue;
    text += piece;
  }
  if (derived.from_base64) return hexadecimal(text);
  return derived.days == 0 || text.empty() ? text : moved_date(text, derived);
}

}  // namespace

std::size_t SampleEdits::events() const {
  std::set<std::pair<int, std::uint64_t>> moved;
  for (const ColumnShift& shift : shifts) moved.emplace(shift.by, shift.from);
  std::set<std::vector<std::size_t>> made;
  for (const DerivedColumn& column : derived) {
    std::vector<std::size_t> of;
    for (const CellPart& part : column.parts) of.push_back(part.column);
    std::sort(of.begin(), of.end());
    of.erase(std::unique(of.begin(), of.end()), of.end());
    made.insert(of);
  }
  return moved.size() + made.size();
}

bool SampleEdits::uses(std::size_t column) const {
  for (std::size_t d = 0; d < derived.size(); ++d) {
    if (shows(given + d, column)) return true;
  }
  return false;
}

bool SampleEdits::shows(std::size_t column, std::size_t given_column) const {
  if (column < given) return column == given_column;
  const auto& parts = derived[column - given].parts;
  return std::any_of(parts.begin(), parts.end(), [&](const CellPart& part) { return part.column == given_column; });
}

void append_derived(const std::vector<DerivedColumn>& derived, std::size_t rows,
                    std::vector<std::vector<std::string_view>>& columns, EditedText& text) {
  for (const DerivedColumn& one : derived) {
    std::string all;
    std::vector<std::size_t> ends;
    for (std::size_t r = 0; r < rows; ++r) {
      all += derived_cell(one, columns, r);
      ends.push_back(all.size());
    }
    auto kept = std::make_unique<char[]>(all.size() + kTextSlack);
    std::copy(all.begin(), all.end(), kept.get());
    std::vector<std::string_view>& column = columns.emplace_back();
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t begin = r == 0 ? 0 : ends[r - 1];
      column.emplace_back(kept.get() + begin, ends[r] - begin);
    }
    text.push_back(std::move(kept));
  }
}

void undo_shifts(const std::vector<ColumnShift>& shifts, std::span<const std::uint64_t> places,
                 std::vector<std::vector<std::string_view>>& columns) {
  for (const ColumnShift& shift : shifts) {
    const std::vector<std::string_view> shown = columns[shift.column];
    for (std::size_t r = 0; r < places.size(); ++r) {
      if (places[r] < shift.from || places[r] >= shift.end) continue;
      const auto at = static_cast<std::ptrdiff_t>(r) + shift.by;
      const bool inside = at >= 0 && at < static_cast<std::ptrdiff_t>(places.size());
      columns[shift.column][r] = inside ? shown[static_cast<std::size_t>(at)] : std::string_view();
    }
  }
}

}  // namespace sidik
