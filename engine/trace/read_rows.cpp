#include "trace/read_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

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

std::uint8_t in_steps(std::uint16_t fractions, std::uint64_t dither) {
  return static_cast<std::uint8_t>((fractions + (dither & 0xff)) >> 8);
}

/// Takes one more value into a digest of what a row shows: a multiplication will do, for fingerprints are random.
std::uint64_t joined(std::uint64_t digest, Fingerprint fingerprint) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  const std::uint64_t product = (digest ^ fingerprint) * kOdd;
  return product ^ (product >> 32);
}

template <typename T>
void add_all(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

FieldPlan::FieldPlan(const ColumnMap& map, const std::vector<FieldRole>& roles, const ValueFrequencies& frequencies,
                     const FingerprintStore& store)
    : fields_(map.mapped.size()), repeats_(map.repeated), cuts_(map.cuts) {
  const std::vector<FieldType> indexed = store.indexed_types();
  const auto gives_tags = [&](FieldType type) {
    return std::any_of(store.exports().begin(), store.exports().end(), [&](const ExportManifest& manifest) {
      return std::any_of(manifest.identities.begin(), manifest.identities.end(),
                         [&](const IdentityCount& identity) { return identity.type == type; });
    });
  };
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
      tables_.push_back(as.codes);
      field_of_.push_back(f);
      gives_tags_.push_back(identity_rank(type).has_value() && gives_tags(type));
      links_.push_back(gives_tags_.back() || (as.codes.empty() && map.mapped[f].leads &&
                                              std::find(indexed.begin(), indexed.end(), type) != indexed.end()));
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
    Worth worth{best, best_reading, {}, false, 0, roles[f].follows_nik, {}, {}};
    worth.fractions.resize(kCodes);
    // What hardly two rows share leads to its record by itself. (Of a name there are too many to look at.)
    constexpr double kHardlyShared = 1.4;  // nats: four rows a value
    const bool leads = links_[best_reading] != 0 &&
                       frequencies.indexed_information(best) > frequencies.tag_information(best) - kHardlyShared;
    const std::uint16_t rest =
        in_fractions(leads ? frequencies.indexed_information(best) : frequencies.usual_information(best));
    std::fill(worth.fractions.begin(), worth.fractions.end(), rest);
    for (const auto& [code, nats] : frequencies.frequent(best)) worth.fractions[code] = in_fractions(nats);
    find_elsewhere(map.mapped[f], frequencies, worth);
    told_.push_back(worth.follows_nik ? -std::log(frequencies.meeting_chance(best)) : 0);
    worth.tag_counts = readings_[best_reading].type == FieldType::kNik || frequencies.gives_tags(best);
    if (worth.tag_counts) gives_tags_[best_reading] = 1;
    worth.tag_fractions = in_fractions(frequencies.tag_information(best));
    worth_.push_back(std::move(worth));
  }
  repeated_.resize(fields_, std::numeric_limits<double>::infinity());
  for (RepeatedColumn& one : repeats_) {
    const auto usual = [&](std::size_t f) { return frequencies.usual_information(worth_[f].column); };
    if (usual(one.first) > usual(one.second)) std::swap(one.first, one.second);
    repeated_[one.second] = std::min(repeated_[one.second], -std::log(one.share));
  }
  add_all(compared_, sets);
}

void FieldPlan::find_elsewhere(const MappedColumn& mapped, const ValueFrequencies& frequencies, Worth& worth) const {
  std::uint32_t reading = first_reading_.back();
  for (const auto& as : mapped.as) {
    std::vector<ColumnId> columns = as.columns;
    columns.insert(columns.end(), as.also.begin(), as.also.end());
    for (const ColumnId column : columns) {
      if (column == worth.column) continue;
      for (const auto& [code, nats] : frequencies.frequent(column)) {
        const auto fractions = in_fractions(nats);
        if (fractions >= in_fractions(frequencies.usual_information(worth.column))) continue;
        auto found = std::find_if(worth.elsewhere.begin(), worth.elsewhere.end(),
                                  [&](const Worth::Elsewhere& one) { return one.reading == reading; });
        if (found == worth.elsewhere.end()) {
          worth.elsewhere.push_back({reading, std::vector<std::uint16_t>(kCodes, 0xffff)});
          found = worth.elsewhere.end() - 1;
        }
        found->fractions[code] = std::min(found->fractions[code], fractions);
      }
    }
    ++reading;
  }
  if (worth.elsewhere.empty()) return;
  worth.listed.assign(kCodes, 0);
  for (const auto& [code, nats] : frequencies.frequent(worth.column)) worth.listed[code] = 1;
}

void ReadRows::resize(const FieldPlan& plan, std::size_t to) {
  rows = to;
  values.resize(plan.readings().size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    values[k].states.resize(to);
    values[k].fingerprints.resize(to);
    values[k].tags.resize(plan.gives_tags(k) ? to : 0);
  }
  codes.resize(to * values.size());
  information.resize(to * plan.fields());
  open.resize(to);
  visible.resize(to);
  repeats.resize(to);
  for (auto* const column : {&value_digest, &row_digest, &place}) column->resize(to);
}

void ReadRows::add(ReadCells&& some) {
  const auto move_all = [](std::vector<OpenCell>& from, std::vector<OpenCell>& to) {
    to.insert(to.end(), std::move_iterator(from.begin()), std::move_iterator(from.end()));
  };
  move_all(some.open, cells.open);
  move_all(some.doubtful, cells.doubtful);
  cells.untried += some.untried;
}

std::vector<LinkColumn> ReadRows::link_columns(const FieldPlan& plan) const {
  std::vector<LinkColumn> columns;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (!plan.links(k)) continue;
    columns.push_back({&plan.readings()[k], &values[k]});
    for (const FieldPlan::Compared& compared : plan.compared())
      if (compared.reading == k) columns.back().columns.push_back(compared.column);
  }
  return columns;
}

std::size_t ReadRows::bytes_a_row(const FieldPlan& plan) {
  std::size_t bytes = plan.fields() + 6 * sizeof(std::uint64_t);
  for (std::size_t k = 0; k < plan.readings().size(); ++k) {
    bytes += sizeof(ValueState) + sizeof(Fingerprint) + sizeof(ColumnCode) + (plan.gives_tags(k) ? sizeof(RowTag) : 0);
  }
  return bytes;
}

namespace {

/// Whether a value that was read so may be a part of one.
bool may_be_partial(const Reading& reading, ValueState state, const ColumnCut& cut) {
  switch (reading.type) {
    case FieldType::kNik:
    case FieldType::kPhone:
      return state == ValueState::kInvalid || (state == ValueState::kValid && cut.zeroed > 0);
    case FieldType::kIdentifier:
    case FieldType::kEmail:
    case FieldType::kPersonName:
    case FieldType::kAddress:
    case FieldType::kText:
    case FieldType::kCategory:
      return state != ValueState::kNull;
    case FieldType::kInteger:
    case FieldType::kDecimal:
      return state == ValueState::kInvalid || (cut.rounding && state == ValueState::kValid);
    case FieldType::kDate:
    case FieldType::kTimestamp:
      return state == ValueState::kInvalid;
    default:
      return false;
  }
}

/// Whether what is lost of such a value is tried; else it says nothing.
bool is_completed(FieldType type) {
  return type == FieldType::kInteger || type == FieldType::kDecimal || type == FieldType::kNik ||
         type == FieldType::kPhone || type == FieldType::kIdentifier || type == FieldType::kEmail;
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
void RowsReader::find_open_cells(const Batch& batch, ReadCells& cells) const {
  ReadRows& out = batch.out;
  const std::size_t readings = plan_.readings().size();
  const double threshold = std::ldexp(completed_share_, 64);
  for (std::size_t r = 0; r < batch.rows; ++r) {
    const std::size_t at = batch.at + r;
    if (out.open[at] == 0) continue;
    const bool drawn = completed_share_ >= 1 || static_cast<double>(mixed(out.row_digest[at])) < threshold;
    std::optional<RowHints> hints;
    for (FieldMask left = out.open[at]; left != 0; left &= left - 1) {
      const auto f = static_cast<std::uint32_t>(std::countr_zero(left));
      OpenCell cell;
      for (std::size_t k = plan_.first_reading(f); k < readings && plan_.field_of(k) == f; ++k) {
        const Reading& reading = plan_.readings()[k];
        ReadValues& values = out.values[k];
        cell.column = reading.column;
        const FieldType type = reading.type;
        if (cell.loss == Loss::kNone && is_completed(type)) {
          cell.loss = loss_of(type, batch.cell(reading.column, r), plan_.cuts()[reading.column]);
        }
        values.states[at] = ValueState::kNull;
        values.fingerprints[at] = 0;
        if (!values.tags.empty()) values.tags[at] = 0;
        out.codes[at * readings + k] = kNullCode;
      }
      if (cell.loss == Loss::kNone) continue;
      if (!drawn) {
        ++cells.untried;
        continue;
      }
      if (!hints) hints = hints_of(plan_.readings(), batch.columns, batch.first + r);
      cell.row = static_cast<std::uint32_t>(at);
      cell.cut = plan_.cuts()[cell.column];
      cell.raw = batch.cell(cell.column, r);
      cell.hints = *hints;
      cells.open.push_back(std::move(cell));
    }
  }
}

void RowsReader::find_doubtful(const Batch& batch, ReadCells& cells) const {
  const std::vector<Reading>& readings = plan_.readings();
  for (std::size_t r = 0; r < batch.rows; ++r) {
    if (batch.out.open[batch.at + r] != 0) continue;
    for (std::uint32_t f = 0; f < plan_.fields(); ++f) {
      for (std::size_t k = plan_.first_reading(f); k < readings.size() && plan_.field_of(k) == f; ++k) {
        const std::size_t column = readings[k].column;
        if (!plan_.links(k) || !may_be_misread(readings[k].type, batch.cell(column, r))) continue;
        OpenCell cell;
        cell.row = static_cast<std::uint32_t>(batch.at + r);
        cell.column = column;
        cell.loss = Loss::kMisread;
        cell.raw = batch.cell(column, r);
        cells.doubtful.push_back(std::move(cell));
        break;
      }
    }
  }
}

ReadCells RowsReader::read(std::span<const std::vector<std::string_view>> columns, std::size_t first, std::size_t rows,
                           std::span<const std::uint64_t> places, ReadRows& out, std::size_t at) {
  const Batch batch{columns, first, rows, out, at};
  const std::size_t readings = plan_.readings().size();
  cells_.resize(columns.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) cells_[c] = columns[c][first + r];
    out.row_digest[at + r] = row_digest(cells_);
    out.place[at + r] = places[first + r];
    out.open[at + r] = 0;
    out.visible[at + r] = 0;
  }
  bool any_open = false;
  for (std::size_t k = 0; k < readings; ++k) {
    const Reading& reading = plan_.readings()[k];
    ReadValues& values = out.values[k];
    const auto raw = std::span(columns[reading.column]).subspan(first, rows);
    const auto states = std::span(values.states).subspan(at, rows);
    const auto fingerprints = std::span(values.fingerprints).subspan(at, rows);
    reader_.read(reading, raw, states, fingerprints,
                 plan_.gives_tags(k) ? std::span(values.tags).subspan(at, rows) : std::span<RowTag>());
    const FieldMask bit = FieldMask{1} << plan_.field_of(k);
    const ColumnCut& cut = plan_.cuts()[reading.column];
    const CodeTable& table = plan_.table(k);
    for (std::size_t r = 0; r < rows; ++r) {
      const bool shown = states[r] != ValueState::kNull;
      out.codes[(at + r) * readings + k] = shown ? code_in(table, value_code(fingerprints[r])) : kNullCode;
      out.visible[at + r] |= shown ? bit : 0;
      if (may_be_partial(reading, states[r], cut) && loss_of(reading.type, raw[r], cut) != Loss::kNone) {
        out.open[at + r] |= bit;
        any_open = true;
      }
    }
  }
  ReadCells found;
  if (any_open) {
    find_open_cells(batch, found);
    for (std::size_t r = at; r < at + rows; ++r) out.visible[r] &= ~out.open[r];
  }
  if (doubt_ == Doubt::kKeep) find_doubtful(batch, found);
  set_worth(plan_, out, at, at + rows);
  return found;
}

void set_worth(const FieldPlan& plan, ReadRows& out, std::size_t from, std::size_t to) {
  const std::size_t readings = plan.readings().size();
  const std::size_t fields = plan.fields();
  // Pointers of their own: bytes are written, which might be any vector's insides.
  std::uint64_t* const digests = out.value_digest.data();
  const FieldMask* const visible = out.visible.data();
  const ColumnCode* const codes = out.codes.data();
  std::uint8_t* const information = out.information.data();
  std::copy(visible + from, visible + to, digests + from);
  for (std::size_t k = 0; k < readings; ++k) {
    const ValueState* const states = out.values[k].states.data();
    const Fingerprint* const fingerprints = out.values[k].fingerprints.data();
    for (std::size_t r = from; r < to; ++r) {
      const std::uint64_t next = joined(digests[r], fingerprints[r]);
      digests[r] = states[r] != ValueState::kNull ? next : digests[r];
    }
  }
  for (std::size_t r = from; r < to; ++r) digests[r] = mixed(digests[r]);
  for (std::size_t f = 0; f < fields; ++f) {
    const FieldPlan::Worth& worth = plan.worth_[f];
    const FieldMask bit = FieldMask{1} << f;
    const FieldMask told_by = worth.follows_nik ? plan.nik_fields_ : 0;
    const RowTag* const tags = worth.tag_counts ? out.values[worth.reading].tags.data() : nullptr;
    const std::uint16_t* const fractions_of = worth.fractions.data();
    // Each field has a byte of the digest of its own; a digest has eight.
    const auto turn = static_cast<int>(8 * (f % 8) + f / 8);
    for (std::size_t r = from; r < to; ++r) {
      const bool told = (visible[r] & bit) == 0 || (visible[r] & told_by) != 0;
      const bool tag = tags != nullptr && tags[r] != 0;
      std::uint16_t fractions = tag ? worth.tag_fractions : fractions_of[codes[r * readings + worth.reading]];
      if (!tag && !worth.listed.empty() && !worth.listed[codes[r * readings + worth.reading]]) {
        for (const FieldPlan::Worth::Elsewhere& one : worth.elsewhere)
          fractions = std::min(fractions, one.fractions[codes[r * readings + one.reading]]);
      }
      information[r * fields + f] = told ? std::uint8_t{0} : in_steps(fractions, std::rotr(digests[r], turn));
    }
  }
  std::fill(out.repeats.begin() + static_cast<std::ptrdiff_t>(from),
            out.repeats.begin() + static_cast<std::ptrdiff_t>(to), 0);
  for (const RepeatedColumn& one : plan.repeats_) {
    const ReadValues& first = out.values[plan.first_reading(one.first)];
    const ReadValues& second = out.values[plan.first_reading(one.second)];
    for (std::size_t r = from; r < to; ++r) {
      if (first.fingerprints[r] != second.fingerprints[r] || first.states[r] != ValueState::kValid ||
          second.states[r] != ValueState::kValid)
        continue;
      out.repeats[r] |= FieldMask{1} << one.second;
    }
  }
}

}  // namespace sidik
