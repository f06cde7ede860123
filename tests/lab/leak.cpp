#include "lab/leak.h"

#include <algorithm>
#include <numeric>

#include "fixtures/cells.h"
#include "trace/priors.h"

namespace sidik::lab {
namespace {

using fixtures::Column;
using fixtures::Layout;
using fixtures::Person;
using Part = LeakedRow::Part;

std::size_t below(Random& random, std::size_t limit) { return static_cast<std::size_t>(random() % limit); }
double uniform(Random& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }
bool happens(Random& random, double probability) { return uniform(random) < probability; }

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

std::string csv(const Form& form, const std::vector<const Row*>& rows) {
  std::string text;
  if (form.header) {
    for (std::size_t i = 0; i < form.spelling.columns.size(); ++i) {
      if (i != 0) text += form.spelling.delimiter;
      append_cell(text, form.spelling.columns[i].header, form.spelling.delimiter);
    }
    text += '\n';
  }
  for (const Row* row : rows) {
    for (std::size_t i = 0; i < row->size(); ++i) {
      if (i != 0) text += form.spelling.delimiter;
      append_cell(text, (*row)[i], form.spelling.delimiter);
    }
    text += '\n';
  }
  return text;
}

Layout with_columns_as(const Layout& spelling, const std::vector<Column>& columns) {
  Layout layout = spelling;
  for (std::size_t i = 0; i < columns.size(); ++i) layout.columns[i].column = columns[i];
  return layout;
}

/// Which of `available` rows are drawn.
std::vector<std::size_t> draw_rows(LeakKind kind, std::size_t available, std::size_t rows, Random& random) {
  std::vector<std::size_t> drawn(available);
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
    std::vector<std::size_t> early;
    while (early.size() < rows) {
      const std::size_t row = std::min(below(random, available), below(random, available));
      const std::size_t free = taken[row] ? below(random, available) : row;
      if (taken[free]++ == 0) early.push_back(free);
    }
    return early;
  }
  std::shuffle(drawn.begin(), drawn.end(), random);
  drawn.resize(rows);
  return drawn;
}

std::size_t draw_book(const std::vector<Book>& books, std::size_t first, std::size_t last, Random& random) {
  double all = 0;
  for (std::size_t b = first; b < last; ++b) all += books[b].prior;
  double left = uniform(random) * all;
  for (std::size_t b = first; b < last; ++b) {
    left -= books[b].prior;
    if (left < 0) return b;
  }
  return last - 1;
}

double draw_agreement(Random& random) {  // q ~ Beta(2, 4)
  std::gamma_distribution<double> two(2), four(4);
  const double a = two(random);
  return a / (a + four(random));
}

void shuffle_each_column(std::vector<LeakedRow>& rows, Random& random) {
  if (rows.empty()) return;
  for (std::size_t c = 0; c < rows[0].cells.size(); ++c)
    for (std::size_t r = rows.size() - 1; r > 0; --r) std::swap(rows[r].cells[c], rows[below(random, r + 1)].cells[c]);
}

void invent_all_but_identity(std::vector<LeakedRow>& rows, const std::vector<Column>& columns, Random& random) {
  std::vector<LeakedRow> shuffled = rows;
  shuffle_each_column(shuffled, random);
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Column column = columns[i];
      if (column == Column::kNik || column == Column::kName || column == Column::kBirthDate || column == Column::kSex)
        continue;
      std::string& cell = rows[r].cells[i];
      cell = shuffled[r].cells[i];
      if (is_number_of_the_person(column) || column == Column::kPhone)
        for (char& c : cell)
          if (c >= '0' && c <= '9' && happens(random, 0.5)) c = static_cast<char>('0' + below(random, 10));
    }
}

/// Draws one leak.
class Drawing {
 public:
  Drawing(const World& world, LeakKind kind, std::size_t rows, Random& random) : world_(world), random_(random) {
    leak_.kind = kind;
    leak_.rows_asked = rows;
  }

  Leak run() {
    if (is_ours(leak_.kind))
      draw_ours();
    else if (leak_.kind == LeakKind::kExternal)
      draw_external();
    else
      draw_outsiders();
    damage();
    write();
    return std::move(leak_);
  }

 private:
  FormRule form_rule() const {
    switch (leak_.kind) {
      case LeakKind::kVerbatim:
        return FormRule::kKept;
      case LeakKind::kReformatted:
        return FormRule::kChanged;
      case LeakKind::kHeaderless:
      case LeakKind::kShuffledColumns:
        return FormRule::kStripped;
      default:
        return FormRule::kAny;
    }
  }

  ColumnRule column_rule() const {
    if (leak_.kind == LeakKind::kFewerColumns) return ColumnRule::kSome;
    return leak_.kind == LeakKind::kVerbatim ? ColumnRule::kAll : ColumnRule::kUsual;
  }

  void show(const Layout& own, const std::vector<Column>& columns, FormRule rule) {
    leak_.columns = draw_columns(columns, column_rule(), random_);
    if (leak_.kind == LeakKind::kShuffledColumns) std::shuffle(leak_.columns.begin(), leak_.columns.end(), random_);
    leak_.form = draw_form(own, leak_.columns, rule, random_);
  }

  void draw_ours() {
    const std::vector<Book>& books = world_.books();
    const bool mixture = leak_.kind == LeakKind::kMixture ||
                         (leak_.kind != LeakKind::kUnregistered && happens(random_, Priors{}.mixture));
    if (mixture) return draw_mixture();
    const bool unregistered = leak_.kind == LeakKind::kUnregistered;
    const std::size_t b = draw_book(books, unregistered ? world_.registered() : 0, books.size(), random_);
    const Book& book = books[b];
    leak_.books = {b};
    leak_.truth = b < world_.registered() ? Truth::kRegistered : Truth::kUnregistered;
    if (b < world_.registered()) leak_.sources = {book.name};
    leak_.shows = leak_.kind == LeakKind::kNoNumbers ? Shows::kNoNumbers : Shows::kAll;
    show(*book.layout, columns_of(*book.layout, leak_.shows), form_rule());
    add_rows(book, draw_condition(book.rows, leak_.rows_asked, random_), leak_.rows_asked, Part::kFirst);
    if (leak_.kind == LeakKind::kPadded) add_strangers(leak_.rows.size() / 4);
  }

  void draw_mixture() {
    const std::vector<Book>& books = world_.books();
    leak_.truth = Truth::kMixture;
    leak_.shows = leak_.kind == LeakKind::kNoNumbers ? Shows::kNoNumbers : Shows::kAll;
    std::size_t a = 0;
    std::size_t b = 0;
    std::vector<Column> common;
    while (common.empty()) {
      a = draw_book(books, 0, world_.registered(), random_);
      b = draw_book(books, 0, world_.registered(), random_);
      if (a == b) continue;
      const std::vector<Column> theirs = columns_of(*books[b].layout, leak_.shows);
      for (const Column column : columns_of(*books[a].layout, leak_.shows)) {
        common.push_back(column);
        if (!held_as(common, theirs)) common.pop_back();
      }
      if (common.size() < 2) common.clear();
    }
    leak_.books = {a, b};
    leak_.sources = {books[a].name, books[b].name};
    show(*books[a].layout, common, form_rule());
    const double share = kMixtureShares[below(random_, std::size(kMixtureShares))];
    std::size_t first = 0;
    for (std::size_t r = 0; r < leak_.rows_asked; ++r) first += happens(random_, share) ? 1 : 0;
    // One condition for both, where it leaves both their rows.
    std::array<std::uint32_t, kConditions + 1> left{};
    for (std::size_t c = 0; c <= kConditions; ++c) left[c] = std::min(books[a].rows[c], books[b].rows[c]);
    const std::size_t condition = draw_condition(left, leak_.rows_asked, random_);
    add_rows(books[a], condition, first, Part::kFirst);
    add_rows(books[b], condition, leak_.rows_asked - first, Part::kSecond);
    const std::size_t both = leak_.rows.size();
    if (leak_.kind == LeakKind::kPadded) add_strangers(both / 4);
    leak_.first_share = static_cast<double>(first) / static_cast<double>(leak_.rows.size());
    leak_.second_share = static_cast<double>(both - first) / static_cast<double>(leak_.rows.size());
  }

  void draw_external() {
    const Book& book = world_.externals()[draw_book(world_.externals(), 0, world_.externals().size(), random_)];
    leak_.truth = Truth::kKnownLeak;
    leak_.sources = {book.name};
    show(*book.layout, columns_of(*book.layout, Shows::kAll), FormRule::kAny);
    add_rows(book, draw_condition(book.rows, leak_.rows_asked, random_), leak_.rows_asked, Part::kOutside);
  }

  void draw_outsiders() {
    std::vector<LeakKind> parts{leak_.kind};
    leak_.truth = Truth::kSeveralOutsiders;
    switch (leak_.kind) {
      case LeakKind::kStrangers:
        leak_.truth = Truth::kStrangers;
        break;
      case LeakKind::kForeign:
        leak_.truth = Truth::kSamePeople;
        break;
      case LeakKind::kShuffled:
      case LeakKind::kInvented:
        leak_.truth = Truth::kFabricated;
        break;
      case LeakKind::kForeignStrangers:
        parts = {LeakKind::kForeign, LeakKind::kStrangers};
        break;
      default:
        parts = {LeakKind::kStrangers, LeakKind::kForeign, LeakKind::kShuffled, LeakKind::kInvented,
                 LeakKind::kExternal};
        std::shuffle(parts.begin(), parts.end(), random_);
        parts.resize(2);
    }
    const auto holds = [&](LeakKind kind) { return std::find(parts.begin(), parts.end(), kind) != parts.end(); };
    const Book* external = nullptr;
    if (holds(LeakKind::kExternal))
      external = &world_.externals()[draw_book(world_.externals(), 0, world_.externals().size(), random_)];
    const bool foreign = holds(LeakKind::kForeign) || external != nullptr;
    const auto layouts = foreign ? world_.foreign_layouts() : world_.our_layouts();
    const Layout& own = external != nullptr ? *external->layout : *layouts[below(random_, layouts.size())];
    show(own, columns_of(own, foreign ? Shows::kWhatOthersHold : Shows::kAll),
         happens(random_, kImitates) ? FormRule::kKept : FormRule::kChanged);
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const std::size_t rows =
          p == 0 ? (leak_.rows_asked + parts.size() - 1) / parts.size() : leak_.rows_asked / parts.size();
      add_outsiders(parts[p], external, rows);
    }
  }

  void add_outsiders(LeakKind kind, const Book* external, std::size_t rows) {
    if (kind == LeakKind::kStrangers) return add_strangers(rows);
    if (kind == LeakKind::kExternal)
      return add_rows(*external, draw_condition(external->rows, rows, random_), rows, Part::kOutside);
    Book book;
    static const fixtures::RowFilter everybody;
    book.filter = &everybody;
    book.layout = &leak_.form.spelling;
    book.step = static_cast<std::uint32_t>(below(random_, kSteps));
    book.rows = world_.whole(book.step);
    if (kind == LeakKind::kForeign) {
      book.view.emplace();
      book.view->address_agreement = draw_agreement(random_);
      book.view->phone_agreement = draw_agreement(random_);
      book.view->key = 100 + random_() % 1000000;
    } else {
      book = world_.books()[draw_book(world_.books(), 0, world_.registered(), random_)];
    }
    std::vector<LeakedRow> before = std::move(leak_.rows);
    leak_.rows.clear();
    add_rows(book, draw_condition(book.rows, rows, random_), rows, Part::kOutside);
    if (kind == LeakKind::kShuffled) shuffle_each_column(leak_.rows, random_);
    if (kind == LeakKind::kInvented) invent_all_but_identity(leak_.rows, leak_.columns, random_);
    leak_.rows.insert(leak_.rows.begin(), before.begin(), before.end());
  }

  void add_rows(const Book& book, std::size_t condition, std::size_t rows, Part part) {
    const std::vector<Person> members = world_.members(book, condition);
    const auto held = held_as(leak_.columns, columns_of(*book.layout, Shows::kAll));
    const Layout layout = held ? with_columns_as(leak_.form.spelling, *held) : leak_.form.spelling;
    const fixtures::RowWriter writer(layout);
    for (const std::size_t row : draw_rows(leak_.kind, members.size(), rows, random_)) {
      Person person = members[row];
      if (leak_.kind == LeakKind::kStale && book.step >= kStepsAPeriod && happens(random_, kStaleRate)) {
        if (const auto before = world_.ours().person(person.index, book.step - kStepsAPeriod)) person = *before;
      }
      leak_.rows.push_back({person.index, part, writer.cells(person)});
    }
  }

  void add_strangers(std::size_t rows) {
    const fixtures::RowWriter writer(leak_.form.spelling);
    const auto step = static_cast<std::uint32_t>(below(random_, kSteps));
    const std::size_t condition = draw_condition(world_.whole(step), rows, random_);
    std::size_t added = 0;
    for (std::size_t tries = 0; added < rows && tries < rows * 2000; ++tries) {
      const auto person = world_.strangers().person(below(random_, world_.strangers().options().people), step);
      if (!person || !World::fulfils(*person, condition)) continue;
      leak_.rows.push_back({person->index, Part::kOutside, writer.cells(*person)});
      ++added;
    }
  }

  void damage() {
    std::vector<LeakedRow>& rows = leak_.rows;
    if (leak_.kind == LeakKind::kMasked)
      for (LeakedRow& row : rows)
        for (std::size_t c = 0; c < row.cells.size(); ++c) mask_cell(leak_.kind, leak_.columns[c], row.cells[c]);
    if (leak_.kind == LeakKind::kMisread && !rows.empty()) {
      leak_.misread = below(random_, leak_.columns.size());
      for (LeakedRow& row : rows)
        if (happens(random_, kMisreadRate)) misspell(row.cells[*leak_.misread], random_);
    }
    const double typos = leak_.kind == LeakKind::kTypos ? kTypoRate : 0;
    const double blanks = leak_.kind == LeakKind::kBlanks ? kBlankRate : 0;
    const double bad_rows = leak_.kind == LeakKind::kBadRows ? kBadRowRate : 0;
    if (typos + blanks + bad_rows == 0) return;
    for (LeakedRow& row : rows) {
      if (happens(random_, bad_rows))
        for (std::string& cell : row.cells)
          if (happens(random_, kBadCellRate)) misspell(cell, random_);
      for (std::string& cell : row.cells) {
        if (happens(random_, typos)) misspell(cell, random_);
        if (happens(random_, blanks)) cell.clear();
      }
    }
  }

  void write() {
    std::vector<const Row*> order;
    const int times = leak_.kind == LeakKind::kRepeated ? 6 : 1;
    for (int i = 0; i < times; ++i)
      for (const LeakedRow& row : leak_.rows) order.push_back(&row.cells);
    if (leak_.kind != LeakKind::kSlice) std::shuffle(order.begin(), order.end(), random_);
    leak_.text = csv(leak_.form, order);
  }

  const World& world_;
  Random& random_;
  Leak leak_;
};

}  // namespace

void mask_cell(LeakKind kind, Column column, std::string& cell) {
  if (kind != LeakKind::kMasked) return;
  const auto mask = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to && i < cell.size(); ++i)
      if (cell[i] >= '0' && cell[i] <= '9') cell[i] = '*';
  };
  if (column == Column::kNik && cell.size() == 16) mask(12, 16);
  if (column == Column::kPhone && cell.size() >= 10) mask(4, cell.size() - 4);
}

std::size_t draw_condition(const std::array<std::uint32_t, kConditions + 1>& left, std::size_t rows, Random& random) {
  const auto drawn = static_cast<std::size_t>(uniform(random) / kFilterRate) + 1;
  return drawn <= kConditions && left[drawn] >= rows ? drawn : 0;
}

double condition_probability(const std::array<std::uint32_t, kConditions + 1>& left, std::size_t rows,
                             std::size_t condition) {
  if (condition > 0) return left[condition] >= rows ? kFilterRate : 0;
  double rest = 1;
  for (std::size_t c = 1; c <= kConditions; ++c) rest -= condition_probability(left, rows, c);
  return rest;
}

Leak draw_leak(const World& world, LeakKind kind, std::size_t rows, Random& random) {
  return Drawing(world, kind, rows, random).run();
}

}  // namespace sidik::lab
