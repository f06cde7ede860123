#include "seal/canary_family.h"

#include <algorithm>

#include "base/utc_time.h"
#include "fields/canonical.h"
#include "fields/column_names.h"
#include "fields/null_token.h"
#include "seal/canary_identities.h"
#include "seal/cell_like.h"
#include "seal/email_like.h"

namespace sidik {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string nik_of(std::string_view raw) {
  const auto value = canonical(FieldType::kNik, std::string(raw));
  return value.state == ValueState::kValid ? value.text : std::string();
}

}  // namespace

std::string birthday_of(std::string_view raw) {
  const std::string nik = nik_of(raw);
  if (nik.empty()) return nik;
  const unsigned day = (unsigned(nik[6] - '0') * 10 + unsigned(nik[7] - '0')) % 40;
  return nik.substr(8, 2) + "-" + two_digits(day);
}

std::vector<std::size_t> own_nik_columns(const Schema& schema) {
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < schema.columns.size(); ++c)
    if (schema.columns[c].type == FieldType::kNik && meaning_of(schema.columns[c].name) != HeaderMeaning::kFamilyCard)
      columns.push_back(c);
  return columns;
}

/// One canary in the making.
class CanaryFamily::Member {
 public:
  Member(CanaryFamily& family, const Donor& base, std::string number)
      : family_(family),
        schema_(family.schema_),
        cells_(base.cells.strings()),
        original_(cells_),
        nik_(own_nik(family.niks_, base.cells)),
        number_(std::move(number)) {}

  /// The base row's district, year and serial (serials go by how many a district has), the namesake's day and month;
  /// birth dates follow.
  void birth(const Donor& namesake) {
    if (!nik_) return;
    const std::string own = nik_of(original_[*nik_]);
    const auto lender = namesake.found() ? own_nik(family_.niks_, namesake.cells) : std::nullopt;
    const std::string other = lender ? nik_of(namesake.cells[*lender]) : drawn_nik(own);
    if (own.empty() || other.empty()) return;
    const std::string lent = birthday_of(other);
    const auto lent_day = static_cast<unsigned>(std::stoul(lent.substr(3)));
    const std::string month = lent.substr(0, 2);
    const unsigned day = other_day(lent, month == "02" ? std::min(lent_day, 28U) : lent_day);  // of another year
    bool dated = day > 0;
    std::map<std::size_t, std::string> dates;
    for (std::size_t c = 0; c < cells_.size() && dated; ++c) {
      if (!is_birth_date(c, own)) continue;
      const auto written = moved_date(c, month + "-" + two_digits(day));
      if (written)
        dates[c] = *written;
      else
        dated = false;
    }
    std::string nik = own.substr(0, 6);
    nik += dated ? two_digits(day + (own[6] >= '4' ? 40 : 0)) + month + own.substr(10, 2) : own.substr(6, 6);
    nik += own.substr(12);
    if (nik_of(nik) != nik) return;
    if (dated)
      for (auto& [c, text] : dates) cells_[c] = text;
    root_ = nik;
    family_.renamed_[original_[*nik_]] = with_digits(original_[*nik_], nik);
  }

  /// Numbers that several of the family share are made once. Without a NIK the first is drawn by the canary's own
  /// number, and is what the others hang on.
  void identifiers(const Donor& namesake) {
    unsigned place = 0;
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const ColumnSchema& column = schema_.columns[c];
      if (column.type != FieldType::kNik && column.type != FieldType::kIdentifier) continue;
      const unsigned own_place = c == nik_ ? 0 : place++;
      if (is_null_token(original_[c]) || !(column.indexed || column.identity)) continue;
      auto known = family_.renamed_.find(original_[c]);
      if (known == family_.renamed_.end()) {
        std::optional<std::string> made = number_like(c, own_place, namesake);
        if (!made) continue;
        known = family_.renamed_.emplace(original_[c], std::move(*made)).first;
      }
      cells_[c] = known->second;
    }
  }

  /// Numbers and codes that identify nobody here and are a row's own all the same: two rows with one would be found.
  void other_numbers() {
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      if (!family_.shape_.own_number[c] || is_null_token(original_[c])) continue;
      auto known = family_.renamed_.find(original_[c]);
      if (known == family_.renamed_.end()) {
        auto made = drawn_number(c, kOtherNumbers + static_cast<unsigned>(c % kOtherNumbers), true);
        if (!made) continue;
        known = family_.renamed_.emplace(original_[c], std::move(*made)).first;
      }
      cells_[c] = known->second;
    }
  }

  /// Numbers that nothing was made of, for others tell all of them.
  void follow_others() {
    if (!family_.shape_.ties) return;
    for (std::size_t c = 0; c < cells_.size(); ++c)
      if (cells_[c] == original_[c] && !is_null_token(original_[c]))
        cells_[c] = family_.shape_.ties->following(c, cells_[c], original_, cells_);
  }

  void phones() {
    unsigned phones = 0;
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      if (schema_.columns[c].type != FieldType::kPhone) continue;
      const unsigned place = phones++;
      if (is_null_token(original_[c])) continue;
      auto known = family_.renamed_.find(original_[c]);
      if (known == family_.renamed_.end()) {
        std::string made = family_.code_.number(root(), FieldType::kPhone, place, original_[c],
                                                family_.shape_.numbers[c].free_digits(original_[c]));
        if (const std::string& prefix = family_.traps_.phone_prefix; !prefix.empty()) made = trap_phone(prefix, place);
        known = family_.renamed_.emplace(original_[c], std::move(made)).first;
      }
      cells_[c] = known->second;
    }
  }

  void name(const Donor& namesake, bool from_elsewhere) {
    if (!namesake.found()) return;
    const NameColumns& names = family_.shape_.names;
    for (std::size_t n = 0; n < names.all.size(); ++n) {
      const std::size_t c = names.all[n];
      if (is_null_token(original_[c]) || is_null_token(namesake.cells[c])) continue;
      cells_[c] = names.with_first_name(n, original_[c], namesake.cells[c]);
      if (from_elsewhere && !names.first && !names.last_first[n])
        cells_[c] = with_surname(cells_[c], namesake.cells[c]);
    }
  }

  void house(const Donor& donor) {
    if (!donor.found()) return;
    for (std::size_t c = 0; c < cells_.size(); ++c)
      if (schema_.columns[c].type == FieldType::kAddress) cells_[c] = with_house_of(original_[c], donor.cells[c]);
  }

  /// All dates but those of birth by so many weeks: a day that somebody has is by one more common than it was, another
  /// is as common as days are. Days that stand out stay. So do all dates where one would change places with another, or
  /// come behind the last.
  void dates(const std::string& family) {
    if (goes_by_dates()) return;  // a day that stays would part from one that does not
    const std::string drawn = family_.code_.digits("weeks of family " + family, FieldType::kDate, 0, 2);
    const int weeks = 1 + (drawn[0] - '0') % 3;
    for (const int sign : {drawn[1] % 2 == 0 ? 1 : -1, drawn[1] % 2 == 0 ? -1 : 1})
      if (move_dates(7 * weeks * sign)) return;
  }

  /// To the second a time is as good as a number of one's own.
  void times() {
    unsigned times = 0;
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      if (schema_.columns[c].type != FieldType::kTimestamp) continue;
      const unsigned place = times++;
      auto known = times_.find(original_[c]);
      if (known == times_.end()) {
        const std::string drawn = family_.code_.digits(root(), FieldType::kTimestamp, place, 4);
        // In a table that goes by its times a row's lies between its neighbours'.
        auto made = family_.shape_.in_order[c]
                        ? seconds_later(cells_[c], std::stoul(drawn) % (1 + family_.shape_.step[c] / 16))
                        : other_minutes(cells_[c], drawn);
        if (!made || canonical(FieldType::kTimestamp, *made, schema_.columns[c].options).state != ValueState::kValid)
          continue;
        known = times_.emplace(original_[c], std::move(*made)).first;
      }
      cells_[c] = known->second;
    }
  }

  void emails() {
    const NameColumns& names = family_.shape_.names;
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      if (schema_.columns[c].type != FieldType::kEmail || is_null_token(original_[c])) continue;
      const EmailDigits other{
          [&](std::size_t count) { return family_.code_.digits(root(), FieldType::kEmail, 0, count); },
          [&](const std::string& year) { return is_a_year(year); }};
      const auto [known, fresh] = family_.renamed_.try_emplace(original_[c]);
      if (fresh)
        known->second =
            email_like(original_[c], names.words(original_), names.words(cells_), other, family_.traps_.email_domain);
      cells_[c] = known->second;
    }
  }

  /// Somebody new: what identifies the row is not what identifies the base row.
  bool is_new() const {
    const auto own = identity_of(schema_, cells_), was = identity_of(schema_, original_);
    return own && was && (own->type != was->type || own->value != was->value);
  }
  Canary take(std::uint64_t before) {
    for (std::size_t c = 0; c < cells_.size(); ++c) pad_like(original_[c], cells_[c]);
    return {std::move(cells_), before};
  }

 private:
  /// `name` with a last word that is lent; the same for all of the family who had that one.
  std::string with_surname(const std::string& name, std::string_view lender) {
    const std::vector<std::string> own = name_words(name), lent = name_words(lender);
    if (own.size() < 2 || lent.size() < 2) return name;
    const std::string& surname = family_.surnames_.emplace(own.back(), lent.back()).first->second;
    return name.substr(0, name.size() - own.back().size()) + surname;
  }

  static constexpr unsigned kOtherNumbers = 100;  // places of theirs, that no identity has

  std::string root() const { return root_.empty() ? "canary " + number_ : root_; }

  /// Another number like the one of column c; nothing where there is no way to make one.
  std::optional<std::string> number_like(std::size_t c, unsigned place, const Donor& namesake) {
    const ColumnSchema& column = schema_.columns[c];
    const std::string& raw = original_[c];
    // A second NIK, or a family card's number, which has a region and a date as well: another's date.
    if (const std::string own = family_.shape_.has_regions[c] ? nik_of(raw) : std::string(); !own.empty()) {
      const std::string lent = namesake.found() ? nik_of(namesake.cells[c]) : std::string();
      std::string made = lent.empty() ? own : own.substr(0, 6) + lent.substr(6, 6) + own.substr(12);
      if (made == own || nik_of(made) != made)
        made = own.substr(0, 12) + family_.code_.digits(root(), column.type, place, 4);
      return nik_of(made) == made ? std::optional(with_digits(raw, made)) : std::nullopt;
    }
    if (column.type == FieldType::kNik || !column.identity) return std::nullopt;
    // Where a number has nothing that is its own, one that fits its row's sex or branch less is better than none.
    for (const bool categories : {true, false})
      if (auto made = drawn_number(c, place, categories); made && *made != raw) {
        if (root_.empty()) root_ = canonical(column.type, *made, column.options).text;
        return made;
      }
    return std::nullopt;
  }

  /// In a table that goes by its dates as well as by its numbers: one between the row's and the next. Where numbers
  /// are dense there is none, and what is made is found to be somebody's.
  std::optional<std::string> next_number(std::size_t c, unsigned place) {
    const std::string& raw = original_[c];
    const auto number = digits_value(raw);
    if (!number) return std::nullopt;
    const std::string drawn = family_.code_.digits(root(), schema_.columns[c].type, place, 9);
    std::string text = std::to_string(*number + 1 + std::stoull(drawn) % (1 + family_.shape_.step[c] / 8));
    const auto width = static_cast<std::size_t>(std::count_if(raw.begin(), raw.end(), is_digit));
    if (text.size() > width) return std::nullopt;
    text.insert(0, width - text.size(), '0');
    return with_digits(raw, text);
  }

  /// Whether another number of the row has all digits of this one.
  bool is_told(std::size_t c) const {
    if (!family_.shape_.ties) return false;
    const std::string& raw = original_[c];
    const std::vector<bool> tied = family_.shape_.ties->tied_to_numbers(c, raw);
    for (std::size_t i = 0; i < raw.size(); ++i)
      if (is_digit(raw[i]) && !tied[i]) return false;
    return std::any_of(tied.begin(), tied.end(), [](bool each) { return each; });
  }

  bool goes_by_dates_too(std::size_t c) const { return family_.shape_.in_order[c] && goes_by_dates(); }
  bool goes_by_dates() const {
    for (std::size_t d = 0; d < cells_.size(); ++d)
      if (family_.shape_.in_order[d] &&
          (schema_.columns[d].type == FieldType::kDate || schema_.columns[d].type == FieldType::kTimestamp))
        return true;
    return false;
  }

  std::optional<std::string> drawn_number(std::size_t c, unsigned place, bool categories) {
    if (goes_by_dates_too(c)) return next_number(c, place);
    if (is_told(c)) return std::nullopt;  // follow_others() makes it
    const FieldType type = schema_.columns[c].type;
    const std::string& raw = original_[c];
    const NumberShape& shape = family_.shape_.numbers[c];
    std::vector<bool> tied(raw.size());
    if (family_.shape_.ties) tied = family_.shape_.ties->tied(c, raw, categories);
    const std::string like =
        shape.with_other_letters(raw, family_.code_.digits(root() + " letters", type, place, 3 * raw.size()), tied);
    std::vector<bool> free = shape.free_digits(like);
    for (std::size_t i = 0; i < free.size(); ++i) free[i] = free[i] && !tied[i];
    std::string made = family_.code_.number(root(), type, place, like, free);
    if (family_.shape_.ties) made = family_.shape_.ties->following(c, std::move(made), original_, cells_);
    return shape.with_check_digits(std::move(made), free);
  }

  /// Day, month and serial by the key, where nobody is there to lend them.
  std::string drawn_nik(const std::string& own) const {
    if (own.empty()) return own;
    const std::string drawn = family_.code_.digits("canary " + number_, FieldType::kNik, 0, 5);
    return own.substr(0, 6) + two_digits(1 + unsigned(std::stoul(drawn.substr(0, 2))) % 28) +
           two_digits(1 + unsigned(std::stoul(drawn.substr(2, 2))) % 12) + own.substr(10, 2) + "000" +
           std::string(1, drawn[4] == '0' ? '5' : drawn[4]);
  }

  /// Another day of that month, 1 to 28, where the birthday is a usual one.
  unsigned other_day(const std::string& birthday, unsigned day) const {
    if (day == 0 || day > 28 || !family_.shape_.birthdays.is_usual(birthday)) return day;
    const std::string drawn = family_.code_.digits("birthday " + number_, FieldType::kDate, 0, 6);
    return 1 + (day - 1 + static_cast<unsigned>(std::stoul(drawn)) % 28) % 28;
  }

  bool move_dates(int days) {
    struct Dated {
      std::size_t column;
      std::string before, after;  // days
    };
    std::vector<Dated> dated;
    std::map<std::size_t, std::string> written;
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const ColumnSchema& column = schema_.columns[c];
      if (column.type != FieldType::kDate && column.type != FieldType::kTimestamp) continue;
      const auto was = canonical(column.type, original_[c], column.options);
      const auto is = canonical(column.type, cells_[c], column.options);
      if (was.state != ValueState::kValid || is.state != ValueState::kValid) continue;
      Dated date{c, was.text.substr(0, 10), is.text.substr(0, 10)};
      if (cells_[c] == original_[c] && !is_own_birth(c) && family_.shape_.dates[c].is_usual(date.before)) {
        date.after = format_date(*parse_utc(date.before) + 86400 * days);
        const auto text =
            date.after.substr(0, 4) == date.before.substr(0, 4) && family_.shape_.dates[c].spans(date.after)
                ? moved_date(c, date.after.substr(5))
                : std::nullopt;
        if (!text) return false;
        written[c] = *text;
      }
      dated.push_back(std::move(date));
    }
    for (const Dated& a : dated)
      for (const Dated& b : dated)
        if ((a.before < b.before) != (a.after < b.after)) return false;
    for (auto& [c, text] : written) cells_[c] = std::move(text);
    return true;
  }

  bool is_own_birth(std::size_t c) const {
    const std::string own = nik_ ? nik_of(original_[*nik_]) : std::string();
    return !own.empty() && is_birth_date(c, own);
  }

  bool is_birth_date(std::size_t c, const std::string& nik) const {
    const ColumnSchema& column = schema_.columns[c];
    if (column.type != FieldType::kDate) return false;
    const auto date = canonical(column.type, original_[c], column.options);
    if (date.state != ValueState::kValid || date.text.size() < 10) return false;
    const unsigned day = (unsigned(nik[6] - '0') * 10 + unsigned(nik[7] - '0')) % 40;
    const unsigned written = unsigned(date.text[8] - '0') * 10 + unsigned(date.text[9] - '0');
    return date.text.substr(2, 2) == nik.substr(10, 2) && date.text.substr(5, 2) == nik.substr(8, 2) && day == written;
  }

  /// The date of column c with another month and day ("06-16"), spelled as it is; nothing where its layout cannot be
  /// told.
  std::optional<std::string> moved_date(std::size_t c, const std::string& to) const {
    const ColumnSchema& column = schema_.columns[c];
    const std::string& raw = original_[c];
    const std::string date = canonical(column.type, raw, column.options).text;
    const std::string month = to.substr(0, 2), day = to.substr(3, 2);
    const std::string wanted = date.substr(0, 5) + to + date.substr(10);
    // All layouts of two two-digit groups: try which places hold them.
    for (std::size_t m = 0; m + 2 <= raw.size(); ++m)
      for (std::size_t d = 0; d + 2 <= raw.size(); ++d) {
        if ((m < d ? d - m : m - d) < 2) continue;
        if (raw.compare(m, 2, date, 5, 2) != 0 || raw.compare(d, 2, date, 8, 2) != 0) continue;
        std::string moved = raw;
        moved.replace(m, 2, month).replace(d, 2, day);
        const auto value = canonical(column.type, moved, column.options);
        if (value.state == ValueState::kValid && value.text == wanted) return moved;
      }
    return std::nullopt;
  }

  /// Prefix and keyed digits, as long as the base row's number and spelled like it where that can be.
  std::string trap_phone(const std::string& prefix, unsigned place) {
    const std::string made = prefix + family_.code_.digits(root(), FieldType::kPhone, place, 12);
    std::size_t digits = 0;
    for (const char c : made) digits += is_digit(c) ? 1U : 0U;
    const std::size_t of_a_mobile = prefix.find("62") <= 1 ? 13 : 12;
    return made.substr(0, made.size() - (digits - std::min(digits, of_a_mobile)));
  }

  /// Whether `digits` are the year, or its last two digits, of one of the row's dates.
  bool is_a_year(const std::string& digits) const {
    if (digits.size() != 2 && digits.size() != 4) return false;
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      if (schema_.columns[c].type != FieldType::kDate) continue;
      const auto date = canonical(FieldType::kDate, cells_[c], schema_.columns[c].options);
      if (date.state == ValueState::kValid && date.text.substr(4 - digits.size(), digits.size()) == digits) return true;
    }
    return false;
  }

  CanaryFamily& family_;
  const Schema& schema_;
  std::vector<std::string> cells_;
  const std::vector<std::string> original_;
  const std::optional<std::size_t> nik_;  // the column of its own NIK
  const std::string number_;
  std::string root_;
  std::map<std::string, std::string> times_;
};

namespace {

/// By row, the first with the same cells in all of `columns`, or itself where those are empty.
std::vector<std::size_t> first_alike(const std::vector<Donor>& rows, const std::vector<std::size_t>& columns) {
  std::vector<std::size_t> first(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto same = [&](const Donor& other) {
      bool all = !columns.empty();
      for (const std::size_t c : columns)
        all = all && rows[r].cells[c] == other.cells[c] && !is_null_token(rows[r].cells[c]);
      return all;
    };
    first[r] = r;
    for (std::size_t other = 0; other < r && first[r] == r; ++other)
      if (same(rows[other])) first[r] = other;
  }
  return first;
}

}  // namespace

std::vector<Canary> CanaryFamily::make(const Household& base, const FamilyDonors& donors, const std::string& number) {
  renamed_.clear();
  surnames_.clear();
  std::vector<Canary> family;
  // Rows of one person stay one person's, and a row that stands twice stands twice.
  std::vector<std::size_t> all;
  for (std::size_t c = 0; c < schema_.columns.size(); ++c) all.push_back(c);
  const std::vector<std::size_t> person = first_alike(base.rows, shape_.names.all), twin = first_alike(base.rows, all);
  std::vector<const Donor*> namesakes;
  for (std::size_t m = 0; m < base.rows.size(); ++m) {
    namesakes.push_back(person[m] < m ? namesakes[person[m]] : &donors.namesake(base.rows[m], m));
    const Donor& namesake = *namesakes[m];
    Member member(*this, base.rows[m], twin[m] == 0 ? number : number + "/" + std::to_string(twin[m]));
    member.birth(namesake);
    member.dates(number);  // numbers may have them within
    member.identifiers(namesake);
    if (!shape_.keeps_people) member.name(namesake, donors.from_elsewhere);
    member.other_numbers();
    member.follow_others();
    member.phones();
    if (!shape_.keeps_people) member.emails();
    member.house(donors.house);
    member.times();
    if (!member.is_new()) continue;
    family.push_back(member.take(base.rows[m].row_order));
  }
  return family;
}

}  // namespace sidik
