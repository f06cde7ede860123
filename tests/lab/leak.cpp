#include "lab/leak.h"

#include <algorithm>
#include <numeric>

#include "fixtures/cells.h"

namespace sidik::lab {
namespace {

using fixtures::Column;
using fixtures::Layout;
using fixtures::Person;
using Random = std::mt19937_64;
using Row = std::vector<std::string>;

std::size_t below(Random& random, std::size_t limit) { return static_cast<std::size_t>(random() % limit); }
bool happens(Random& random, double probability) { return static_cast<double>(random() >> 11) * 0x1p-53 < probability; }

/// The layout that the text is written in: the export's own, or another spelling of the same columns.
Layout spelling_for(LeakKind kind, const Layout& own, Random& random) {
  Layout layout = own;
  if (kind != LeakKind::kReformatted) return layout;
  using fixtures::DateStyle;
  constexpr DateStyle kDates[] = {DateStyle::kIso, DateStyle::kDaySlash, DateStyle::kDayDash, DateStyle::kMonthName};
  layout.dates = kDates[below(random, std::size(kDates))];
  constexpr fixtures::PhoneStyle kPhones[] = {fixtures::PhoneStyle::kLocal, fixtures::PhoneStyle::kPlus62,
                                              fixtures::PhoneStyle::k62, fixtures::PhoneStyle::kDashed};
  layout.phones = kPhones[below(random, std::size(kPhones))];
  layout.names = happens(random, 0.5) ? fixtures::NameStyle::kUpper : fixtures::NameStyle::kTitle;
  layout.addresses = happens(random, 0.5) ? fixtures::AddressStyle::kShort : fixtures::AddressStyle::kUpperLong;
  layout.delimiter = ",;|\t"[below(random, 4)];
  layout.null_token = happens(random, 0.5) ? "NULL" : "";
  return layout;
}

bool is_number_of_the_person(Column c) {
  switch (c) {
    case Column::kNik:
    case Column::kNikOrNothing:
    case Column::kIdCard:
    case Column::kFamilyCard:
    case Column::kCard:
    case Column::kOldCard:
    case Column::kOlderCard:
    case Column::kCustomer:
    case Column::kRegistration:
    case Column::kTaxNumber:
    case Column::kIndex:
      return true;
    default:
      return false;
  }
}

/// What another institution could hold of the same people: not our classes, segments, clinics and time stamps.
bool others_could_hold(Column c) {
  switch (c) {
    case Column::kNik:
    case Column::kNikOrNothing:
    case Column::kIdCard:
    case Column::kCard:
    case Column::kCustomer:
    case Column::kName:
    case Column::kPrintName:
    case Column::kSex:
    case Column::kBirthPlace:
    case Column::kBirthDate:
    case Column::kPhone:
    case Column::kEmail:
    case Column::kAddress:
    case Column::kDistrict:
    case Column::kDistrictName:
      return true;
    default:
      return false;
  }
}

void mask(std::string& cell, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to && i < cell.size(); ++i) {
    if (cell[i] >= '0' && cell[i] <= '9') cell[i] = '*';
  }
}

/// Which of the layout's columns the leak shows, in its order.
std::vector<std::size_t> columns_for(LeakKind kind, const Layout& layout, Random& random) {
  std::vector<std::size_t> shown(layout.columns.size());
  std::iota(shown.begin(), shown.end(), 0U);
  if (kind == LeakKind::kNoNumbers)
    shown.erase(std::remove_if(shown.begin(), shown.end(),
                               [&](std::size_t c) { return is_number_of_the_person(layout.columns[c].column); }),
                shown.end());
  if (kind == LeakKind::kForeign || kind == LeakKind::kOutsiders)
    shown.erase(std::remove_if(shown.begin(), shown.end(),
                               [&](std::size_t c) { return !others_could_hold(layout.columns[c].column); }),
                shown.end());
  if (kind == LeakKind::kFewerColumns && shown.size() > 4) {
    std::shuffle(shown.begin(), shown.end(), random);
    shown.resize(4 + below(random, shown.size() - 4));
    // Without any column that singles out people there is nothing to trace.
    const auto identifies = [&](std::size_t c) {
      const Column column = layout.columns[c].column;
      return is_number_of_the_person(column) || column == Column::kPhone;
    };
    if (std::none_of(shown.begin(), shown.end(), identifies))
      for (std::size_t c = 0; c < layout.columns.size(); ++c)
        if (identifies(c)) {
          shown.push_back(c);
          break;
        }
    std::sort(shown.begin(), shown.end());
  }
  if (kind == LeakKind::kShuffledColumns) std::shuffle(shown.begin(), shown.end(), random);
  return shown;
}

void misspell(std::string& cell, Random& random) {
  if (cell.empty()) return;
  const std::size_t at = below(random, cell.size());
  const char c = cell[at];
  const char other = (c >= '0' && c <= '9') ? static_cast<char>('0' + (c - '0' + 1 + below(random, 9)) % 10)
                                            : static_cast<char>('a' + below(random, 26));
  switch (below(random, 3)) {
    case 0:
      cell[at] = other;
      break;
    case 1:
      cell.erase(at, 1);
      break;
    default:
      cell.insert(at, 1, other);
      break;
  }
}

void append_cell(std::string& text, const std::string& cell, char delimiter) {
  if (cell.find_first_of(std::string{'"', '\n', '\r', delimiter}) == std::string::npos) {
    text += cell;
    return;
  }
  text += '"';
  for (const char c : cell) text += c == '"' ? "\"\"" : std::string(1, c);
  text += '"';
}

std::string csv(const Layout& layout, const std::vector<std::size_t>& shown, bool header,
                const std::vector<Row>& rows) {
  std::string text;
  if (header) {
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (i != 0) text += layout.delimiter;
      append_cell(text, layout.columns[shown[i]].header, layout.delimiter);
    }
    text += '\n';
  }
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i != 0) text += layout.delimiter;
      append_cell(text, row[i], layout.delimiter);
    }
    text += '\n';
  }
  return text;
}

Row render(const fixtures::RowWriter& writer, const Person& person, const std::vector<std::size_t>& shown) {
  const std::vector<std::string> cells = writer.cells(person);
  Row row;
  for (const std::size_t c : shown) row.push_back(cells[c]);
  return row;
}

std::vector<std::uint32_t> draw_rows(LeakKind kind, std::size_t available, std::size_t rows, Random& random) {
  std::vector<std::uint32_t> drawn(available);
  std::iota(drawn.begin(), drawn.end(), 0U);
  rows = std::min(rows, available);
  if (kind == LeakKind::kSlice) {
    const std::size_t first = below(random, available - rows + 1);
    return {drawn.begin() + static_cast<std::ptrdiff_t>(first),
            drawn.begin() + static_cast<std::ptrdiff_t>(first + rows)};
  }
  if (kind == LeakKind::kFrontLoaded) {
    // Two of the export's rows are drawn, and the earlier one is leaked.
    std::vector<char> taken(available);
    std::vector<std::uint32_t> early;
    while (early.size() < rows) {
      const std::size_t row = std::min(below(random, available), below(random, available));
      const std::size_t free = taken[row] ? below(random, available) : row;
      if (taken[free]++ == 0) early.push_back(static_cast<std::uint32_t>(free));
    }
    return early;
  }
  std::shuffle(drawn.begin(), drawn.end(), random);
  drawn.resize(rows);
  return drawn;
}

std::vector<Row> stranger_rows(const World& world, const fixtures::RowWriter& writer, const fixtures::Feed& feed,
                               std::uint32_t month, const std::vector<std::size_t>& shown, std::size_t rows,
                               Random& random) {
  std::vector<Row> out;
  for (std::size_t tries = 0; out.size() < rows && tries < rows * 2000; ++tries) {
    const auto person = world.strangers().person(below(random, world.strangers().options().people), month);
    if (person && feed.filter.keeps(*person)) out.push_back(render(writer, *person, shown));
  }
  return out;
}

void shuffle_each_column(std::vector<Row>& rows, Random& random) {
  if (rows.empty()) return;
  for (std::size_t c = 0; c < rows[0].size(); ++c)
    for (std::size_t r = rows.size() - 1; r > 0; --r) std::swap(rows[r][c], rows[below(random, r + 1)][c]);
}

void invent_all_but_identity(std::vector<Row>& rows, const Layout& layout, const std::vector<std::size_t>& shown,
                             Random& random) {
  std::vector<Row> shuffled = rows;
  shuffle_each_column(shuffled, random);
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const Column column = layout.columns[shown[i]].column;
      if (column == Column::kNik || column == Column::kName || column == Column::kBirthDate || column == Column::kSex)
        continue;
      rows[r][i] = shuffled[r][i];
      if (is_number_of_the_person(column) || column == Column::kPhone)
        for (char& c : rows[r][i])
          if (c >= '0' && c <= '9' && happens(random, 0.5)) c = static_cast<char>('0' + below(random, 10));
    }
}

/// Rows of another feed's export, of whose columns only those are shown that both have.
std::size_t choose_partner(const World& world, std::size_t chosen, Random& random) {
  const PlainExport& source = world.exports()[chosen];
  std::size_t other = chosen;
  for (int tries = 0; tries < 1000; ++tries) {
    other = below(random, world.exports().size());
    const PlainExport& partner = world.exports()[other];
    const auto shared = std::count_if(source.columns.begin(), source.columns.end(), [&](Column c) {
      return std::find(partner.columns.begin(), partner.columns.end(), c) != partner.columns.end();
    });
    if (partner.feed.name != source.feed.name && shared >= 5) break;
  }
  return other;
}

void mask_numbers(std::vector<Row>& rows, const std::vector<Column>& columns) {
  for (Row& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (columns[c] == Column::kNik && row[c].size() == 16) mask(row[c], 12, 16);
      if (columns[c] == Column::kPhone && row[c].size() >= 10) mask(row[c], 4, row[c].size() - 4);
    }
}

void damage(LeakKind kind, std::vector<Row>& rows, Random& random) {
  if (kind == LeakKind::kMisread && !rows.empty()) {
    const std::size_t column = below(random, rows.front().size());
    for (Row& row : rows)
      if (happens(random, 0.3)) misspell(row[column], random);
  }
  const double typos = kind == LeakKind::kTypos ? 0.03 : 0;
  const double blanks = kind == LeakKind::kBlanks ? 0.15 : 0;
  const double bad_rows = kind == LeakKind::kBadRows ? 0.01 : 0;
  if (typos + blanks + bad_rows == 0) return;
  for (Row& row : rows) {
    if (happens(random, bad_rows))
      for (std::string& cell : row)
        if (happens(random, 0.5)) misspell(cell, random);
    for (std::string& cell : row) {
      if (happens(random, typos)) misspell(cell, random);
      if (happens(random, blanks)) cell.clear();
    }
  }
}

}  // namespace

std::span<const LeakKind> all_leak_kinds() {
  static constexpr LeakKind kAll[] = {
      LeakKind::kVerbatim,    LeakKind::kHeaderless,   LeakKind::kShuffledColumns, LeakKind::kFewerColumns,
      LeakKind::kReformatted, LeakKind::kTypos,        LeakKind::kBadRows,         LeakKind::kBlanks,
      LeakKind::kSlice,       LeakKind::kRepeated,     LeakKind::kNoNumbers,       LeakKind::kPadded,
      LeakKind::kStale,       LeakKind::kMisread,      LeakKind::kMasked,          LeakKind::kFrontLoaded,
      LeakKind::kMixture,     LeakKind::kUnregistered, LeakKind::kStrangers,       LeakKind::kForeign,
      LeakKind::kShuffled,    LeakKind::kInvented,     LeakKind::kOutsiders};
  return kAll;
}

std::string_view leak_name(LeakKind kind) {
  switch (kind) {
    case LeakKind::kVerbatim:
      return "verbatim";
    case LeakKind::kHeaderless:
      return "headerless";
    case LeakKind::kShuffledColumns:
      return "shuffled columns";
    case LeakKind::kFewerColumns:
      return "fewer columns";
    case LeakKind::kReformatted:
      return "re-formatted";
    case LeakKind::kTypos:
      return "typos";
    case LeakKind::kBadRows:
      return "bad rows";
    case LeakKind::kBlanks:
      return "blanks";
    case LeakKind::kSlice:
      return "slice";
    case LeakKind::kRepeated:
      return "repeated rows";
    case LeakKind::kNoNumbers:
      return "no numbers";
    case LeakKind::kPadded:
      return "padded";
    case LeakKind::kStale:
      return "stale rows";
    case LeakKind::kMisread:
      return "misread column";
    case LeakKind::kMasked:
      return "masked";
    case LeakKind::kFrontLoaded:
      return "front-loaded";
    case LeakKind::kMixture:
      return "mixture of two";
    case LeakKind::kUnregistered:
      return "unregistered";
    case LeakKind::kStrangers:
      return "strangers";
    case LeakKind::kForeign:
      return "foreign";
    case LeakKind::kShuffled:
      return "shuffled values";
    case LeakKind::kInvented:
      return "invented values";
    case LeakKind::kOutsiders:
      return "foreign, strangers";
  }
  return "";
}

bool is_ours(LeakKind kind) { return kind < LeakKind::kStrangers; }

Leak draw_leak(const World& world, LeakKind kind, std::size_t rows, Random& random) {
  Leak leak;
  leak.kind = kind;
  leak.rows_asked = rows;
  std::size_t chosen = below(random, world.exports().size());
  // A stale row needs a month before it; an unregistered month is one after the feed's last but one.
  while (kind == LeakKind::kStale && world.exports()[chosen].month == 0) chosen = below(random, world.exports().size());
  const PlainExport* source = &world.exports()[chosen];
  PlainExport missing;
  if (kind == LeakKind::kUnregistered) {
    missing = world.unregistered(source->feed, 6 + static_cast<std::uint32_t>(below(random, 6)));
    source = &missing;
  }
  const Layout layout = spelling_for(kind, source->feed.layout, random);
  const fixtures::RowWriter writer(layout);
  std::vector<std::size_t> shown = columns_for(kind, layout, random);
  if (kind == LeakKind::kMixture) {
    leak.partner = choose_partner(world, chosen, random);
    const auto& theirs = world.exports()[*leak.partner].columns;
    std::erase_if(shown, [&](std::size_t c) {
      return std::find(theirs.begin(), theirs.end(), layout.columns[c].column) == theirs.end();
    });
  }
  for (const std::size_t c : shown) leak.columns.push_back(layout.columns[c].column);

  leak.source_rows = draw_rows(kind, source->people.size(), leak.partner ? rows * 3 / 5 : rows, random);
  std::vector<Row> cells;
  for (const std::uint32_t row : leak.source_rows) {
    std::uint32_t month = source->month;
    if (kind == LeakKind::kStale && happens(random, 0.03)) --month;
    auto person = world.ours().person(source->people[row], month);
    if (!person) person = world.ours().person(source->people[row], source->month);
    if (kind == LeakKind::kForeign || kind == LeakKind::kOutsiders) {
      fixtures::ForeignView view;
      view.address_agreement = 0.4;
      if (auto seen = fixtures::seen_elsewhere(*person, view, world.ours())) person = seen;
    }
    cells.push_back(render(writer, *person, shown));
  }
  switch (kind) {
    case LeakKind::kStrangers:
      cells = stranger_rows(world, writer, source->feed, source->month, shown, cells.size(), random);
      break;
    case LeakKind::kPadded: {
      const auto more = stranger_rows(world, writer, source->feed, source->month, shown, cells.size() / 4, random);
      cells.insert(cells.end(), more.begin(), more.end());
      break;
    }
    case LeakKind::kMixture: {
      const PlainExport& partner = world.exports()[*leak.partner];
      leak.partner_rows = draw_rows(kind, partner.people.size(), rows - rows * 3 / 5, random);
      for (const std::uint32_t row : leak.partner_rows) {
        const auto person = world.ours().person(partner.people[row], partner.month);
        if (person) cells.push_back(render(writer, *person, shown));
      }
      break;
    }
    case LeakKind::kOutsiders: {
      cells.resize((cells.size() + 1) / 2);
      const auto more = stranger_rows(world, writer, source->feed, source->month, shown, cells.size(), random);
      cells.insert(cells.end(), more.begin(), more.end());
      break;
    }
    case LeakKind::kMasked:
      mask_numbers(cells, leak.columns);
      break;
    case LeakKind::kRepeated: {
      const std::vector<Row> once = cells;
      for (int i = 0; i < 5; ++i) cells.insert(cells.end(), once.begin(), once.end());
      break;
    }
    case LeakKind::kShuffled:
      shuffle_each_column(cells, random);
      break;
    case LeakKind::kInvented:
      invent_all_but_identity(cells, layout, shown, random);
      break;
    default:
      break;
  }
  damage(kind, cells, random);
  if (kind != LeakKind::kSlice) std::shuffle(cells.begin(), cells.end(), random);
  const bool header = kind != LeakKind::kHeaderless && kind != LeakKind::kShuffledColumns;
  leak.text = csv(layout, shown, header, cells);
  if (is_ours(kind) && kind != LeakKind::kUnregistered) leak.source = chosen;
  return leak;
}

}  // namespace sidik::lab
