#include "seal/name_columns.h"

#include <algorithm>

#include "fields/column_names.h"
#include "fields/null_token.h"

namespace sidik {
namespace {

constexpr std::size_t kEnoughWords = 15;  // degrees are fewer
constexpr double kNearlyAll = 0.9;
constexpr double kMostDo = 0.6;

/// Words that say which part of a name a column holds, in the languages of those who use us.
constexpr std::string_view kFirst[] = {"first", "given", "fore",  "vorname", "prenom", "nombre",
                                       "imie",  "depan", "voorn", "fornavn", "fornamn"};
constexpr std::string_view kLast[] = {"last",     "sur",       "family",  "nachname", "apellido",  "nazwisko",
                                      "belakang", "sobrenome", "cognome", "achtern",  "etternavn", "efternamn"};

template <std::size_t N>
bool holds_any(const std::string& name, const std::string_view (&words)[N]) {
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Behind the first comma, without blanks; empty where there is none.
std::string_view behind_comma(std::string_view name) {
  const std::size_t comma = name.find(',');
  return comma == std::string_view::npos ? std::string_view() : trimmed(name.substr(comma + 1));
}

}  // namespace

std::vector<std::string> name_words(std::string_view name) {
  std::vector<std::string> words;
  each_name_word(name, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

bool is_name(const ColumnSchema& column) {
  if (column.type == FieldType::kPersonName) return true;
  const HeaderMeaning meaning = meaning_of(column.name);
  const std::string name = normalised_name(column.name);
  const bool few = column.type == FieldType::kCategory;
  if ((few || column.type == FieldType::kText) && (holds_any(name, kFirst) || holds_any(name, kLast))) return true;
  if (few) return meaning == HeaderMeaning::kPersonName;
  const bool some_name = meaning == HeaderMeaning::kName || meaning == HeaderMeaning::kPersonName ||
                         meaning == HeaderMeaning::kOtherName;  // NAMA_LGKP
  return column.type == FieldType::kText && column.indexed && some_name;
}

void CommaNames::observe(std::string_view name) {
  if (is_null_token(name)) return;
  ++names_;
  const std::string_view behind = behind_comma(name);
  commas_ += behind.empty() ? 0U : 1U;
  if (behind.size() < 2 || behind.find('.') != std::string_view::npos) return;
  ++behind_comma_;
  std::string word(behind.substr(0, behind.find(' ')));
  if (words_.size() < kEnoughWords && std::find(words_.begin(), words_.end(), word) == words_.end())
    words_.push_back(std::move(word));
}

bool CommaNames::are_last_first() const {
  return words_.size() == kEnoughWords && static_cast<double>(behind_comma_) >= kMostDo * static_cast<double>(names_);
}

bool CommaNames::are_everywhere() const {
  return names_ > 0 && static_cast<double>(commas_) >= kNearlyAll * static_cast<double>(names_);
}

NameColumns NameColumns::of(const Schema& schema) {
  NameColumns names;
  for (std::size_t c = 0; c < schema.columns.size(); ++c) {
    if (!is_name(schema.columns[c])) continue;
    names.all.push_back(c);
    const std::string name = normalised_name(schema.columns[c].name);
    if (!names.first && holds_any(name, kFirst)) names.first = c;
    if (!names.last && holds_any(name, kLast)) names.last = c;
  }
  if (!names.first || !names.last || *names.first == *names.last) names.first = names.last = std::nullopt;
  names.last_first.resize(names.all.size());
  names.degrees.resize(names.all.size());
  return names;
}

void NameColumns::add(std::size_t column) {
  if (std::find(all.begin(), all.end(), column) != all.end()) return;
  all.push_back(column);
  last_first.push_back(false);
  degrees.push_back(false);
}

std::vector<std::string> NameColumns::spoken(std::size_t place, std::string_view name) const {
  if (is_null_token(name)) return {};
  if (!last_first[place]) return name_words(name);
  std::vector<std::string> words = name_words(behind_comma(name));
  for (std::string& word : name_words(name)) words.push_back(std::move(word));
  return words;
}

std::string NameColumns::with_first_name(std::size_t place, std::string_view base, std::string_view donor) const {
  if (all[place] == last) return std::string(base);
  const bool turned = last_first[place] && !behind_comma(base).empty() && !behind_comma(donor).empty();
  const std::vector<std::string> lent = name_words(turned ? behind_comma(donor) : donor);
  std::vector<std::string> own = name_words(turned ? behind_comma(base) : base);
  if (lent.empty() || own.empty()) return std::string(base);
  own[0] = lent[0];
  const std::size_t comma = base.find(',');
  if (!turned)
    return joined(own) + (degrees[place] && comma != std::string_view::npos ? std::string(base.substr(comma)) : "");
  const std::size_t at = base.find_first_not_of(' ', comma + 1);
  return std::string(base.substr(0, at)) + joined(own);
}

}  // namespace sidik
