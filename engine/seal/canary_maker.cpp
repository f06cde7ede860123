#include "seal/canary_maker.h"

#include <algorithm>
#include <cmath>

namespace sidik {
namespace {

constexpr std::uint64_t kRowsACanary = 100;
constexpr double kRisesFrom = 0.3;  // of a sorted column's steps: a constant one sorts nothing

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const char c : text) {
    if (c == ' ')
      words.emplace_back();
    else if (words.empty())
      words.emplace_back(1, c);
    else
      words.back() += c;
  }
  words.erase(std::remove(words.begin(), words.end(), std::string()), words.end());
  return words;
}

/// The first word of `donor` and the others of `base`; degrees behind a comma stay with nobody.
std::string joined_name(std::string_view donor, std::string_view base) {
  const auto first = words_of(donor.substr(0, donor.find(',')));
  auto rest = words_of(base.substr(0, base.find(',')));
  if (first.empty() || rest.empty()) return std::string(base);
  rest[0] = first[0];
  std::string out;
  for (const std::string& word : rest) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// The digits behind "No" in an address.
std::optional<std::pair<std::size_t, std::size_t>> house_number(std::string_view raw) {
  for (std::size_t i = 0; i + 2 < raw.size(); ++i) {
    if ((i > 0 && raw[i - 1] != ' ') || (raw[i] | 0x20) != 'n' || (raw[i + 1] | 0x20) != 'o') continue;
    std::size_t from = i + 2;
    while (from < raw.size() && (raw[from] == '.' || raw[from] == ' ')) ++from;
    std::size_t end = from;
    while (end < raw.size() && is_digit(raw[end])) ++end;
    if (end > from) return std::pair(from, end);
  }
  return std::nullopt;
}

std::string with_house_of(std::string_view base, std::string_view donor) {
  const auto at = house_number(base);
  const auto from = house_number(donor);
  if (!at || !from) return std::string(base);
  return std::string(base.substr(0, at->first)) + std::string(donor.substr(from->first, from->second - from->first)) +
         std::string(base.substr(at->second));
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return text;
}

/// One canary in the making.
class Row {
 public:
  Row(const Schema& schema, CanaryCode& code, std::optional<std::size_t> nik, const Donor& base)
      : schema_(schema), code_(code), nik_(nik), cells_(base.cells), original_(base.cells) {}

  void birth(const Donor& birth, const Donor& serial) {
    if (!nik_) return;
    const auto own = nik_of(original_);
    const auto other = nik_of(birth.cells);
    const auto third = nik_of(serial.cells);
    if (!own || !other || !third) return;
    const bool woman = (*own)[6] >= '4';
    const unsigned day = std::min((unsigned((*other)[6] - '0') * 10 + unsigned((*other)[7] - '0')) % 40, 28U);
    const std::string month = other->substr(8, 2);
    const std::string year = own->substr(10, 2);
    const auto two = [](unsigned n) {
      return std::string{static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
    };
    bool dated = day > 0;
    std::map<std::size_t, std::string> dates;
    for (std::size_t c = 0; c < cells_.size() && dated; ++c) {
      if (!is_birth_date(c, original_, *own)) continue;
      const auto written = moved_date(c, month + "-" + two(day));
      if (written)
        dates[c] = *written;
      else
        dated = false;
    }
    std::string nik = own->substr(0, 6);
    nik += dated ? two(day + (woman ? 40 : 0)) + month + year : own->substr(6, 6);
    nik += third->substr(12);
    if (!canonical_is(FieldType::kNik, nik)) return;
    if (dated)
      for (auto& [c, text] : dates) cells_[c] = text;
    root_ = nik;
    set_all(original_[*nik_], with_digits(original_[*nik_], nik));
  }

  /// Without a NIK the first identifier is drawn by the canary's own number, and is what the others hang on.
  void identifiers(const std::string& number) {
    unsigned place = 0;
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const ColumnSchema& column = schema_.columns[c];
      const bool second_nik = column.type == FieldType::kNik && c != nik_;
      if (column.type != FieldType::kIdentifier && !second_nik) continue;
      if (column.type == FieldType::kIdentifier && !column.indexed && !column.identity) continue;
      const unsigned own_place = place++;
      if (done_.contains(original_[c]) || is_null_token(original_[c])) continue;
      std::size_t keyed = 0;
      std::string text;
      if (second_nik) {
        const auto canonical_nik = canonical(FieldType::kNik, original_[c]);
        if (canonical_nik.state != ValueState::kValid) continue;
        text = with_digits(original_[c],
                           canonical_nik.text.substr(0, 12) + code_.digits(root(number), column.type, own_place, 4));
      } else {
        text = code_.number(root(number), column.type, own_place, original_[c], keyed);
        if (!root_.empty()) digits_ += keyed;
        if (root_.empty()) root_ = canonical(column.type, text, column.options).text;
      }
      set_all(original_[c], text);
    }
  }

  void contact(const Donor& donor, const std::string& number) {
    unsigned phones = 0;
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const FieldType type = schema_.columns[c].type;
      if (type == FieldType::kPhone) {
        std::size_t keyed = 0;
        const unsigned place = phones++;
        cells_[c] = is_null_token(donor.cells[c]) ? donor.cells[c]
                                                  : code_.number(root(number), type, place, donor.cells[c], keyed);
        digits_ += keyed;
      } else if (type == FieldType::kEmail) {
        cells_[c] = email(donor.cells[c], number);
      }
    }
  }

  void name(const Donor& donor) {
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      if (schema_.columns[c].type != FieldType::kPersonName || is_null_token(original_[c])) continue;
      cells_[c] = is_null_token(donor.cells[c]) ? original_[c] : joined_name(donor.cells[c], original_[c]);
      if (name_.empty()) name_ = cells_[c];
    }
  }

  void house(const Donor& donor) {
    for (std::size_t c = 0; c < cells_.size(); ++c)
      if (schema_.columns[c].type == FieldType::kAddress) cells_[c] = with_house_of(original_[c], donor.cells[c]);
  }

  bool is_woman() const {
    const auto own = nik_ ? nik_of(original_) : std::nullopt;
    return own && (*own)[6] >= '4';
  }
  /// Somebody new: at least one identity differs from the base row's.
  bool is_new() const { return !root_.empty(); }
  Canary take(std::uint64_t before) { return {std::move(cells_), before, digits_}; }

 private:
  std::optional<std::string> nik_of(const std::vector<std::string>& cells) const {
    const auto value = canonical(FieldType::kNik, cells[*nik_]);
    return value.state == ValueState::kValid ? std::optional(value.text) : std::nullopt;
  }
  static bool canonical_is(FieldType type, const std::string& text) {
    const auto value = canonical(type, text);
    return value.state == ValueState::kValid && value.text == text;
  }

  bool is_birth_date(std::size_t c, const std::vector<std::string>& cells, const std::string& nik) const {
    const ColumnSchema& column = schema_.columns[c];
    if (column.type != FieldType::kDate) return false;
    const auto date = canonical(column.type, cells[c], column.options);
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
    const std::string wanted = date.substr(0, 5) + to;
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

  /// The digits of `like` replaced by `digits`, whatever stands between them.
  static std::string with_digits(std::string_view like, std::string_view digits) {
    std::string out(like);
    std::size_t at = 0;
    for (char& c : out)
      if (is_digit(c) && at < digits.size()) c = digits[at++];
    return at == digits.size() ? out : std::string(digits);
  }

  std::string root(const std::string& number) const { return root_.empty() ? "canary " + number : root_; }

  std::string email(const std::string& like, const std::string& number) {
    const std::size_t at = like.find('@');
    if (is_null_token(like) || at == std::string::npos || name_.empty()) return like;
    const auto words = words_of(lower(name_));
    std::string local = words.front();
    const std::size_t join = std::string_view(like).substr(0, at).find_first_of("._");
    if (join != std::string::npos && words.size() > 1) local += like[join] + words.back();
    const auto count =
        static_cast<std::size_t>(std::count_if(like.begin(), like.begin() + static_cast<std::ptrdiff_t>(at), is_digit));
    local += code_.digits(root(number), FieldType::kEmail, 0, std::max<std::size_t>(count, 2));
    local.erase(std::remove_if(local.begin(), local.end(),
                               [](char c) { return !is_digit(c) && !(c >= 'a' && c <= 'z') && c != '.' && c != '_'; }),
                local.end());
    return local + like.substr(at);
  }

  /// One number stands in several columns at times: it does so in the canary as well.
  void set_all(const std::string& from, const std::string& to) {
    done_.insert(from);
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const FieldType type = schema_.columns[c].type;
      if (original_[c] == from && (type == FieldType::kNik || type == FieldType::kIdentifier)) cells_[c] = to;
    }
  }

  const Schema& schema_;
  CanaryCode& code_;
  std::optional<std::size_t> nik_;
  std::vector<std::string> cells_;
  std::vector<std::string> original_;
  std::string root_, name_;
  std::set<std::string> done_;
  std::size_t digits_ = 0;
};

}  // namespace

std::uint64_t canaries_to_detect(double chance, std::uint64_t rows, std::uint64_t all) {
  const double share = -std::expm1(std::log1p(-chance) / static_cast<double>(rows));
  return static_cast<std::uint64_t>(std::ceil(static_cast<double>(all) * share / (1 - share)));
}

bool sorts_before(std::string_view a, std::string_view b) {
  const auto is_number = [](std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
  };
  if (is_number(a) && is_number(b) && a.size() != b.size()) {
    const auto plain = [](std::string_view text) {
      const std::size_t first = text.find_first_not_of('0');
      return first == std::string_view::npos ? std::string_view() : text.substr(first);
    };
    a = plain(a);
    b = plain(b);
    if (a.size() != b.size()) return a.size() < b.size();
  }
  return a < b;
}

CanaryCensus::CanaryCensus(const SealSecrets& secrets, const Secret& fingerprint_secret, const Schema& schema,
                           std::size_t count)
    : secrets_(secrets),
      schema_(schema),
      count_(std::min(count, kMostCanaries)),
      identities_(fingerprint_secret, schema),
      numbers_(secrets.recipient),
      orders_(schema.columns.size()) {
  static constexpr std::string_view kNames[kRoles] = {"base",   "man",     "woman", "birth",
                                                      "serial", "contact", "house", "place"};
  for (const std::string_view name : kNames) rings_.emplace_back(secrets.recipient, name, count_);
  for (std::size_t c = 0; c < schema.columns.size() && !nik_; ++c)
    if (schema.columns[c].type == FieldType::kNik) nik_ = c;
}

void CanaryCensus::observe(const Batch& batch, bool ascii_only) {
  identities_.compute(batch.columns, batch.rows, tags_);
  numbers_.compute(tags_, on_ring_);
  follow_order(batch);
  rows_ += batch.rows;
  std::vector<std::string_view> cells(batch.columns.size());
  for (std::size_t r = 0; r < batch.rows; ++r) {
    if (tags_[r] == IdentityTags::kNone) continue;
    for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = batch.columns[c][r];
    if (ascii_only && std::any_of(cells.begin(), cells.end(), [](std::string_view cell) {
          return std::any_of(cell.begin(), cell.end(),
                             [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
        }))
      continue;
    bool woman = false;
    if (nik_) {
      const std::string_view nik = batch.columns[*nik_][r];
      woman = nik.size() == 16 && nik[6] >= '4';
    }
    for (std::size_t role = 0; role < kRoles; ++role) {
      if (role == (woman ? kMan : kWoman)) continue;
      rings_[role].offer(on_ring_[r], batch.row_order[r], cells);
    }
  }
}

void CanaryCensus::follow_order(const Batch& batch) {
  for (std::size_t c = 0; c < orders_.size(); ++c) {
    Order& order = orders_[c];
    for (std::size_t r = 0; r < batch.rows && order.rising; ++r) {
      const std::string_view cell = batch.columns[c][r];
      if (rows_ + r > 0) {
        if (sorts_before(cell, order.last)) order.rising = false;
        order.rises += sorts_before(order.last, cell) ? 1U : 0U;
      }
      order.last.assign(cell);
    }
  }
}

std::optional<std::size_t> CanaryCensus::sorted_by() const {
  for (std::size_t c = 0; c < orders_.size(); ++c)
    if (orders_[c].rising && static_cast<double>(orders_[c].rises) >= kRisesFrom * static_cast<double>(rows_) &&
        rows_ > 2)
      return c;
  return std::nullopt;
}

std::vector<Canary> CanaryCensus::make() const {
  const auto most = std::min<std::size_t>(count_, static_cast<std::size_t>(rows_ / kRowsACanary));
  std::vector<Canary> canaries;
  CanaryCode code(secrets_);
  for (std::size_t i = 0; i < most; ++i) {
    const auto donor = [&](Role role) -> const Donor& { return rings_[role].of(i); };
    if (!donor(kBase).found()) break;
    Row row(schema_, code, nik_, donor(kBase));
    const Donor& namesake = donor(row.is_woman() ? kWoman : kMan);
    const std::string number = std::to_string(i);
    row.birth(donor(kBirth), donor(kSerial));
    row.identifiers(number);
    if (!row.is_new()) continue;  // a row without any number to change is somebody's
    if (namesake.found()) row.name(namesake);
    row.contact(donor(kContact), number);
    row.house(donor(kHouse));
    canaries.push_back(row.take(donor(kPlace).row_order));
  }
  return canaries;
}

CanaryPlacing::CanaryPlacing(const Secret& fingerprint_secret, const Schema& schema, std::vector<Canary> canaries,
                             std::optional<std::size_t> sorted_by)
    : identities_(fingerprint_secret, schema), sorted_by_(sorted_by) {
  if (sorted_by)
    std::stable_sort(canaries.begin(), canaries.end(), [&](const Canary& a, const Canary& b) {
      return sorts_before(a.cells[*sorted_by], b.cells[*sorted_by]);
    });
  // Values are fingerprinted column by column, with room behind each.
  std::vector<std::vector<std::string>> values(schema.columns.size());
  std::vector<std::vector<std::string_view>> columns(schema.columns.size());
  for (std::size_t c = 0; c < values.size(); ++c)
    for (const Canary& canary : canaries) {
      values[c].push_back(canary.cells[c] + std::string(kTextSlack, '\0'));
    }
  for (std::size_t c = 0; c < values.size(); ++c)
    for (const std::string& value : values[c]) columns[c].emplace_back(value.data(), value.size() - kTextSlack);
  std::vector<RowTag> tags;
  identities_.compute(columns, canaries.size(), tags);
  for (std::size_t i = 0; i < canaries.size(); ++i) {
    by_tag_.emplace(tags[i], i);
    if (sorted_by) canaries[i].before = kAtTheEnd;
    entries_.push_back({std::move(canaries[i]), tags[i]});
  }
}

void CanaryPlacing::observe(const Batch& batch) {
  identities_.compute(batch.columns, batch.rows, tags_);
  for (const RowTag tag : tags_) {
    const auto [from, to] = by_tag_.equal_range(tag);
    for (auto each = from; each != to; ++each) entries_[each->second].taken = true;
  }
  if (!sorted_by_) return;
  for (std::size_t r = 0; r < batch.rows && next_ < entries_.size(); ++r)
    while (next_ < entries_.size() &&
           !sorts_before(batch.columns[*sorted_by_][r], entries_[next_].canary.cells[*sorted_by_]))
      entries_[next_++].canary.before = batch.row_order[r];
}

std::vector<RowTag> CanaryPlacing::tags() const {
  std::vector<RowTag> tags;
  for (const auto& [tag, entry] : by_tag_)
    if (!entries_[entry].taken && (tags.empty() || tags.back() != tag)) tags.push_back(tag);
  return tags;
}

void CanaryPlacing::drop(const std::vector<RowTag>& taken) {
  for (const RowTag tag : taken) {
    const auto [from, to] = by_tag_.equal_range(tag);
    for (auto each = from; each != to; ++each) entries_[each->second].taken = true;
  }
}

std::vector<Canary> CanaryPlacing::take() {
  std::vector<Canary> out;
  for (Entry& entry : entries_) {
    if (entry.taken)
      ++dropped_;
    else
      out.push_back(std::move(entry.canary));
  }
  return out;
}

}  // namespace sidik
