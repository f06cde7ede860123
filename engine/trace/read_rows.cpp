#include "trace/read_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "trace/distinct_rows.h"
#include "trace/misread_number.h"
#include "trace/row_finding.h"

namespace sidik {
namespace {

constexpr std::size_t kCodes = std::size_t{1} << 16;

// In 256ths of a step. A row has whole steps, rounded up or down by its digest, so that sums are right on average:
// rounded to the nearest step, a thousand rows whose values are all equally rare would be off by fifty nats together.
std::uint16_t in_fractions(double nats) {
  return static_cast<std::uint16_t>(std::lround(std::clamp(nats / kNatsPerStep * 256, 0.0, 65280.0)));
}

std::uint8_t in_steps(std::uint16_t fractions, std::uint64_t digest) {
  return static_cast<std::uint8_t>((fractions + (mixed(digest) & 0xff)) >> 8);
}

template <typename T>
void add_all(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

FieldPlan::FieldPlan(const ColumnMap& map, const std::vector<FieldRole>& roles, const ValueFrequencies& frequencies,
                     const std::vector<FieldType>& indexed)
    : fields_(map.mapped.size()), zeroed_(map.zeroed) {
  std::vector<Compared> sets;
  for (std::uint32_t f = 0; f < fields_; ++f) {
    first_reading_.push_back(static_cast<std::uint32_t>(readings_.size()));
    held_.push_back(0);
    for (const PartialColumn& partial : map.partial) {
      if (partial.column == map.mapped[f].column) held_.back() = partial.held;
    }
    // One population, one frequency: a value is as common as the largest export has it.
    ColumnId best = 0;
    std::uint32_t best_reading = first_reading_.back();
    double most = -1;
    for (const auto& as : map.mapped[f].as) {
      const FieldType type = as.reading.type;
      const auto reading = static_cast<std::uint32_t>(readings_.size());
      readings_.push_back(as.reading);
      field_of_.push_back(f);
      gives_tags_.push_back(identity_rank(type).has_value());
      links_.push_back(gives_tags_.back() || std::find(indexed.begin(), indexed.end(), type) != indexed.end());
      for (const ColumnId column : as.columns) {
        compared_.push_back({column, f, reading, false});
        if (frequencies.rows(column) <= most) continue;
        most = frequencies.rows(column);
        best = column;
        best_reading = reading;
      }
      for (const ColumnId column : as.also) sets.push_back({column, f, reading, true});
      if (type == FieldType::kNik) nik_fields_ |= FieldMask{1} << f;
    }
    Worth worth{best, best_reading, {}, false, 0, roles[f].follows_nik};
    worth.fractions.resize(kCodes);
    const std::uint16_t rest = in_fractions(frequencies.usual_information(best));
    std::fill(worth.fractions.begin(), worth.fractions.end(), rest);
    for (const auto& [code, nats] : frequencies.frequent(best)) worth.fractions[code] = in_fractions(nats);
    worth.tag_counts = readings_[best_reading].type == FieldType::kNik || frequencies.gives_tags(best);
    worth.tag_fractions = in_fractions(frequencies.tag_information(best));
    worth_.push_back(std::move(worth));
  }
  add_all(compared_, sets);
}

void ReadRows::reserve(const FieldPlan& plan, std::size_t most) {
  values.resize(plan.readings().size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    values[k].states.reserve(most);
    values[k].fingerprints.reserve(most);
    if (plan.gives_tags(k)) values[k].tags.reserve(most);
  }
  codes.reserve(most * values.size());
  information.reserve(most * plan.fields());
  for (auto* const column : {&open, &visible, &value_digest, &row_digest, &place}) column->reserve(most);
}

void ReadRows::append(const ReadRows& other) {
  values.resize(other.values.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    add_all(values[k].states, other.values[k].states);
    add_all(values[k].fingerprints, other.values[k].fingerprints);
    add_all(values[k].tags, other.values[k].tags);
  }
  add_all(codes, other.codes);
  add_all(information, other.information);
  add_all(open, other.open);
  add_all(visible, other.visible);
  add_all(value_digest, other.value_digest);
  add_all(row_digest, other.row_digest);
  add_all(place, other.place);
  for (const OpenCell& cell : other.open_cells) {
    open_cells.push_back(cell);
    open_cells.back().row += static_cast<std::uint32_t>(rows);
  }
  for (const OpenCell& cell : other.doubtful) {
    doubtful.push_back(cell);
    doubtful.back().row += static_cast<std::uint32_t>(rows);
  }
  untried += other.untried;
  rows += other.rows;
}

void ReadRows::clear() {
  for (ReadValues& one : values) {
    one.states.clear();
    one.fingerprints.clear();
    one.tags.clear();
  }
  codes.clear();
  information.clear();
  open.clear();
  visible.clear();
  value_digest.clear();
  row_digest.clear();
  place.clear();
  open_cells.clear();
  doubtful.clear();
  untried = 0;
  rows = 0;
}

std::vector<LinkColumn> ReadRows::link_columns(const FieldPlan& plan) const {
  std::vector<LinkColumn> columns;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (plan.links(k)) columns.push_back({&plan.readings()[k], &values[k]});
  }
  return columns;
}

std::size_t ReadRows::bytes_a_row(const FieldPlan& plan) {
  std::size_t bytes = plan.fields() + 5 * sizeof(std::uint64_t);
  for (std::size_t k = 0; k < plan.readings().size(); ++k) {
    bytes += sizeof(ValueState) + sizeof(Fingerprint) + sizeof(ColumnCode) + (plan.gives_tags(k) ? sizeof(RowTag) : 0);
  }
  return bytes;
}

namespace {

/// Whether a value that was read so may be a part of one.
bool may_be_partial(const Reading& reading, ValueState state, unsigned zeroed) {
  switch (reading.type) {
    case FieldType::kNik:
    case FieldType::kPhone:
      return state == ValueState::kInvalid || (state == ValueState::kValid && zeroed > 0);
    case FieldType::kIdentifier:
    case FieldType::kEmail:
    case FieldType::kPersonName:
    case FieldType::kAddress:
      return state != ValueState::kNull;
    default:
      return false;
  }
}

RowHints hints_of(std::span<const Reading> readings, std::span<const std::vector<std::string_view>> columns,
                  std::size_t row) {
  RowHints hints;
  for (const Reading& reading : readings) {
    const bool dated = reading.type == FieldType::kDate || reading.type == FieldType::kTimestamp;
    if (!dated && reading.type != FieldType::kPersonName) continue;
    CanonicalValue value = canonical(reading.type, columns[reading.column][row], reading.options);
    std::vector<std::string>& of = dated ? hints.dates : hints.names;
    if (value.state == ValueState::kValid && std::find(of.begin(), of.end(), value.text) == of.end())
      of.push_back(std::move(value.text));
  }
  return hints;
}

}  // namespace

/// Takes values of which a part is lost for no value so far.
void RowsReader::find_open_cells(std::span<const std::vector<std::string_view>> columns, std::size_t first,
                                 ReadRows& out) const {
  const std::size_t readings = plan_.readings().size();
  const double threshold = std::ldexp(completed_share_, 64);
  for (std::size_t r = 0; r < out.rows; ++r) {
    if (out.open[r] == 0) continue;
    const bool drawn = completed_share_ >= 1 || static_cast<double>(mixed(out.row_digest[r])) < threshold;
    std::optional<RowHints> hints;
    for (FieldMask left = out.open[r]; left != 0; left &= left - 1) {
      const auto f = static_cast<std::uint32_t>(std::countr_zero(left));
      OpenCell cell;
      for (std::size_t k = plan_.first_reading(f); k < readings && plan_.field_of(k) == f; ++k) {
        const Reading& reading = plan_.readings()[k];
        ReadValues& values = out.values[k];
        cell.column = reading.column;
        const FieldType type = reading.type;
        if (cell.loss == Loss::kNone && type != FieldType::kPersonName && type != FieldType::kAddress) {
          cell.loss = loss_of(type, columns[reading.column][first + r], plan_.zeroed()[reading.column]);
        }
        values.states[r] = ValueState::kNull;
        values.fingerprints[r] = 0;
        values.tags[r] = 0;
        out.codes[r * readings + k] = kNullCode;
      }
      if (cell.loss == Loss::kNone) continue;
      if (!drawn) {
        ++out.untried;
        continue;
      }
      if (!hints) hints = hints_of(plan_.readings(), columns, first + r);
      cell.row = static_cast<std::uint32_t>(r);
      cell.zeroed = plan_.zeroed()[cell.column];
      cell.raw = columns[cell.column][first + r];
      cell.hints = *hints;
      out.open_cells.push_back(std::move(cell));
    }
  }
}

void RowsReader::find_doubtful(std::span<const std::vector<std::string_view>> columns, std::size_t first,
                               ReadRows& out) const {
  const std::vector<Reading>& readings = plan_.readings();
  for (std::size_t r = 0; r < out.rows; ++r) {
    if (out.open[r] != 0) continue;
    for (std::uint32_t f = 0; f < plan_.fields(); ++f) {
      for (std::size_t k = plan_.first_reading(f); k < readings.size() && plan_.field_of(k) == f; ++k) {
        const std::size_t column = readings[k].column;
        if (!plan_.links(k) || !may_be_misread(readings[k].type, columns[column][first + r])) continue;
        OpenCell cell;
        cell.row = static_cast<std::uint32_t>(r);
        cell.column = column;
        cell.loss = Loss::kMisread;
        cell.raw = columns[column][first + r];
        out.doubtful.push_back(std::move(cell));
        break;
      }
    }
  }
}

void RowsReader::read(std::span<const std::vector<std::string_view>> columns, std::size_t first, std::size_t rows,
                      std::span<const std::uint64_t> places, ReadRows& out) {
  const std::size_t readings = plan_.readings().size();
  out.rows = rows;
  out.values.resize(readings);
  out.codes.resize(rows * readings);
  out.information.assign(rows * plan_.fields(), 0);
  out.open.assign(rows, 0);
  out.open_cells.clear();
  out.doubtful.clear();
  out.untried = 0;
  out.visible.assign(rows, 0);
  out.value_digest.resize(rows);
  out.row_digest.resize(rows);
  out.place.assign(places.begin() + static_cast<std::ptrdiff_t>(first),
                   places.begin() + static_cast<std::ptrdiff_t>(first + rows));
  cells_.resize(columns.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) cells_[c] = columns[c][first + r];
    out.row_digest[r] = row_digest(cells_);
  }
  bool any_open = false;
  for (std::size_t k = 0; k < readings; ++k) {
    const Reading& reading = plan_.readings()[k];
    ReadValues& values = out.values[k];
    reader_.read(reading, std::span(columns[reading.column]).subspan(first, rows), values);
    const FieldMask bit = FieldMask{1} << plan_.field_of(k);
    const unsigned zeroed = plan_.zeroed()[reading.column];
    for (std::size_t r = 0; r < rows; ++r) {
      const bool shown = values.states[r] != ValueState::kNull;
      out.codes[r * readings + k] = shown ? value_code(values.fingerprints[r]) : kNullCode;
      out.visible[r] |= shown ? bit : 0;
      if (may_be_partial(reading, values.states[r], zeroed) &&
          loss_of(reading.type, columns[reading.column][first + r], zeroed) != Loss::kNone) {
        out.open[r] |= bit;
        any_open = true;
      }
    }
  }
  if (any_open) {
    find_open_cells(columns, first, out);
    for (std::size_t r = 0; r < rows; ++r) out.visible[r] &= ~out.open[r];
  }
  if (doubt_ == Doubt::kKeep) find_doubtful(columns, first, out);
  set_worth(plan_, out, 0, rows);
  for (std::size_t k = 0; k < readings; ++k) {
    if (!plan_.gives_tags(k)) out.values[k].tags.clear();
  }
}

void set_worth(const FieldPlan& plan, ReadRows& out, std::size_t from, std::size_t to) {
  const std::size_t readings = plan.readings().size();
  const std::size_t fields = plan.fields();
  for (std::size_t r = from; r < to; ++r) out.value_digest[r] = out.visible[r];
  for (std::size_t k = 0; k < readings; ++k) {
    const ReadValues& values = out.values[k];
    for (std::size_t r = from; r < to; ++r) {
      if (values.states[r] != ValueState::kNull) {
        out.value_digest[r] = mixed(out.value_digest[r] ^ values.fingerprints[r]);
      }
    }
  }
  for (std::size_t f = 0; f < fields; ++f) {
    const FieldPlan::Worth& worth = plan.worth_[f];
    const FieldMask bit = FieldMask{1} << f;
    const FieldMask told_by = worth.follows_nik ? plan.nik_fields_ : 0;
    const std::vector<RowTag>& tags = out.values[worth.reading].tags;
    for (std::size_t r = from; r < to; ++r) {
      out.information[r * fields + f] = 0;
      if ((out.visible[r] & bit) == 0 || (out.visible[r] & told_by) != 0) continue;
      const bool tag = worth.tag_counts && tags[r] != 0;
      const std::uint16_t fractions =
          tag ? worth.tag_fractions : worth.fractions[out.codes[r * readings + worth.reading]];
      out.information[r * fields + f] = in_steps(fractions, out.value_digest[r] + f);
    }
  }
}

}  // namespace sidik
