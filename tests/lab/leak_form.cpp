#include "lab/leak_form.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sidik::lab {
namespace {

using fixtures::Column;
using fixtures::Layout;

constexpr double kKeepsForm = 0.5;
constexpr double kRenames = 0.5;  // of those that change it; the others strip the header
constexpr double kShowsAll = 0.7;
constexpr std::size_t kFewestColumns = 4;
constexpr double kNone = -std::numeric_limits<double>::infinity();

using fixtures::AddressStyle;
using fixtures::DateStyle;
using fixtures::NameStyle;
using fixtures::PhoneStyle;
constexpr DateStyle kDates[] = {DateStyle::kIso, DateStyle::kDaySlash, DateStyle::kDayDash, DateStyle::kMonthName};
constexpr PhoneStyle kPhones[] = {PhoneStyle::kLocal, PhoneStyle::kPlus62, PhoneStyle::k62, PhoneStyle::kDashed};
constexpr char kDelimiters[] = {',', ';', '|', '\t'};
constexpr double kSpellings = 4 * 4 * 4 * 2 * 2 * 2;

std::size_t below(Random& random, std::size_t limit) { return static_cast<std::size_t>(random() % limit); }
bool happens(Random& random, double probability) { return static_cast<double>(random() >> 11) * 0x1p-53 < probability; }

bool is_nik(Column c) { return c == Column::kNik || c == Column::kNikOrNothing || c == Column::kIdCard; }

bool singles_out(Column c) { return is_number_of_the_person(c) || c == Column::kPhone; }

/// What a layout calls a column.
std::string name_in(const Layout& layout, Column column) {
  for (const auto& one : layout.columns)
    if (one.column == column) return one.header;
  return std::string(fixtures::column_name(column));
}

std::vector<std::string> names_in(const Layout& layout, std::span<const Column> columns) {
  std::vector<std::string> names;
  std::vector<std::size_t> used;
  for (const Column column : columns) {
    std::size_t at = 0;
    while (at < layout.columns.size() &&
           (layout.columns[at].column != column || std::find(used.begin(), used.end(), at) != used.end()))
      ++at;
    used.push_back(at);
    names.push_back(at < layout.columns.size() ? layout.columns[at].header : name_in(layout, column));
  }
  return names;
}

/// Names that nobody else gives.
std::vector<std::string> renamed(std::span<const Column> columns) {
  std::vector<std::string> names;
  for (const Column column : columns) names.push_back("col_" + std::string(fixtures::column_name(column)));
  return names;
}

bool has_names(const Form& form, const std::vector<std::string>& names) {
  return std::equal(
      names.begin(), names.end(), form.spelling.columns.begin(), form.spelling.columns.end(),
      [](const std::string& name, const fixtures::LayoutColumn& column) { return name == column.header; });
}

bool is_spelled_as(const Layout& spelling, const Layout& own) {
  return spelling.delimiter == own.delimiter && spelling.null_token == own.null_token && spelling.dates == own.dates &&
         spelling.phones == own.phones && spelling.names == own.names && spelling.addresses == own.addresses;
}

std::vector<Column> shown_in(const Form& form) {
  std::vector<Column> columns;
  for (const auto& one : form.spelling.columns) columns.push_back(one.column);
  return columns;
}

/// ln of the probability of a form that was made anew.
double log_changed(const Form& form) {
  double names = 1 - kRenames;
  if (form.header) {
    names = has_names(form, renamed(shown_in(form))) ? kRenames : 0;
  }
  return std::log(std::max(names, 1e-6) / kSpellings);
}

double log_choose(double n, double k) { return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1); }

}  // namespace

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

std::vector<Column> columns_of(const Layout& layout, Shows shows) {
  const auto others_hold = [](Column c) {
    switch (c) {
      case Column::kNik:
      case Column::kFamilyCard:
      case Column::kCard:
      case Column::kCustomer:
      case Column::kName:
      case Column::kSex:
      case Column::kBirthPlace:
      case Column::kBirthDate:
      case Column::kMarital:
      case Column::kPhone:
      case Column::kEmail:
      case Column::kAddress:
      case Column::kDistrict:
      case Column::kDistrictName:
        return true;
      default:
        return false;
    }
  };
  std::vector<Column> columns;
  for (const auto& one : layout.columns) {
    if (shows == Shows::kNoNumbers && is_number_of_the_person(one.column)) continue;
    if (shows == Shows::kWhatOthersHold && !others_hold(one.column)) continue;
    columns.push_back(one.column);
  }
  return columns;
}

std::optional<std::vector<Column>> held_as(std::span<const Column> shown, std::span<const Column> columns) {
  std::vector<Column> left(columns.begin(), columns.end());
  std::vector<Column> held(shown.size());
  std::vector<char> done(shown.size());
  const auto take = [&](auto&& fits) {
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (done[i]) continue;
      const auto at = std::find_if(left.begin(), left.end(), [&](Column c) { return fits(shown[i], c); });
      if (at == left.end()) continue;
      held[i] = *at;
      done[i] = 1;
      left.erase(at);
    }
  };
  take([](Column a, Column b) { return a == b; });
  take([](Column a, Column b) { return is_nik(a) && is_nik(b); });
  if (std::find(done.begin(), done.end(), 0) != done.end()) return std::nullopt;
  return held;
}

std::vector<Column> draw_columns(std::span<const Column> columns, ColumnRule rule, Random& random) {
  std::vector<Column> shown(columns.begin(), columns.end());
  const bool all = happens(random, kShowsAll);
  if (rule == ColumnRule::kAll || (rule == ColumnRule::kUsual && all) || shown.size() <= kFewestColumns) return shown;
  std::vector<std::size_t> places(columns.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  std::shuffle(places.begin(), places.end(), random);
  const std::size_t number = kFewestColumns + below(random, columns.size() - kFewestColumns);
  // Without any column that singles out people there is nothing to trace.
  if (std::none_of(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(number),
                   [&](std::size_t i) { return singles_out(columns[i]); })) {
    const auto telling =
        std::find_if(places.begin(), places.end(), [&](std::size_t i) { return singles_out(columns[i]); });
    if (telling != places.end()) std::iter_swap(places.begin(), telling);
  }
  places.resize(number);
  std::sort(places.begin(), places.end());
  shown.clear();
  for (const std::size_t i : places) shown.push_back(columns[i]);
  return shown;
}

double log_columns(std::span<const Column> shown, std::span<const Column> columns) {
  if (!held_as(shown, columns)) return kNone;
  const double all = static_cast<double>(columns.size());
  const double some = static_cast<double>(shown.size());
  if (columns.size() <= kFewestColumns) return shown.size() == columns.size() ? 0 : kNone;
  if (shown.size() == columns.size()) return std::log(kShowsAll);
  if (shown.size() < kFewestColumns) return kNone;
  return std::log(1 - kShowsAll) - std::log(all - static_cast<double>(kFewestColumns)) - log_choose(all, some);
}

Form draw_form(const Layout& own, std::span<const Column> shown, FormRule rule, Random& random) {
  Form form;
  form.spelling = own;
  std::vector<std::string> names = names_in(own, shown);
  const bool keeps = happens(random, kKeepsForm);
  if (rule == FormRule::kChanged || rule == FormRule::kStripped || (rule == FormRule::kAny && !keeps)) {
    form.spelling.dates = kDates[below(random, std::size(kDates))];
    form.spelling.phones = kPhones[below(random, std::size(kPhones))];
    form.spelling.names = happens(random, 0.5) ? NameStyle::kUpper : NameStyle::kTitle;
    form.spelling.addresses = happens(random, 0.5) ? AddressStyle::kShort : AddressStyle::kUpperLong;
    form.spelling.delimiter = kDelimiters[below(random, std::size(kDelimiters))];
    form.spelling.null_token = happens(random, 0.5) ? "NULL" : "";
    form.header = rule != FormRule::kStripped && happens(random, kRenames);
    if (form.header) names = renamed(shown);
  }
  form.spelling.columns.clear();
  for (std::size_t i = 0; i < shown.size(); ++i) form.spelling.columns.push_back({shown[i], names[i]});
  return form;
}

double log_form(const Form& form, const Layout& own, std::span<const Column> held) {
  const bool kept = form.header && is_spelled_as(form.spelling, own) && has_names(form, names_in(own, held));
  const double changed = std::log(1 - kKeepsForm) + log_changed(form);
  return kept ? std::log(kKeepsForm + std::exp(changed)) : changed;
}

double log_outsiders_form(const Form& form, std::span<const Layout* const> layouts) {
  const std::vector<Column> shown = shown_in(form);
  double imitated = 0;
  for (const Layout* layout : layouts) {
    if (is_spelled_as(form.spelling, *layout) && form.header && has_names(form, names_in(*layout, shown)))
      imitated += kImitates / static_cast<double>(layouts.size());
  }
  return std::log(imitated + (1 - kImitates) * std::exp(log_changed(form)));
}

}  // namespace sidik::lab
