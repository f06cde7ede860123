#include "fields/column_evidence.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "fields/characters.h"
#include "fields/common_names.h"
#include "fields/date.h"
#include "fields/number.h"

namespace sidik {

namespace {

double share(std::size_t part, std::size_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

/// What the characters of one value are.
struct Shape {
  std::size_t digits = 0;
  std::size_t letters = 0;
  std::size_t words = 0;
  std::size_t others = 0;  // neither digit, letter, blank nor a mark that names have
};

Shape shape_of(std::string_view text) {
  Shape shape;
  bool in_word = false;
  for (const char c : text) {
    if (is_blank(c)) {
      in_word = false;
      continue;
    }
    if (!in_word) ++shape.words;
    in_word = true;
    if (is_ascii_digit(c)) {
      ++shape.digits;
    } else if (is_ascii_letter(c) || byte_of(c) >= 0x80) {
      ++shape.letters;
    } else if (c != '.' && c != ',' && c != '\'' && c != '-' && c != '`') {
      ++shape.others;
    }
  }
  return shape;
}

/// 10.0.0.1: without its points it would be somebody else's.
bool is_dotted_quad(std::string_view text) {
  std::size_t parts = 1;
  std::size_t digits = 0;
  for (const char c : text) {
    if (is_ascii_digit(c) && digits < 3) {
      ++digits;
    } else if (c == '.' && digits != 0) {
      ++parts;
      digits = 0;
    } else {
      return false;
    }
  }
  return parts == 4 && digits != 0;
}

bool starts_like_a_mobile(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return text.starts_with("08") || text.starts_with("628") || text.starts_with("62 8") || text.starts_with("62-8") ||
         text.starts_with("(08") || text.starts_with("0062");
}

/// Counts over the values that are not null.
class Observer {
 public:
  explicit Observer(std::span<const std::string_view> values) {
    for (const std::string_view value : values)
      if (!is_null_token(value)) kept_.push_back(trim_blanks(value));
  }

  ColumnEvidence observe(std::size_t stride) {
    evidence_.values = kept_.size();
    if (kept_.empty()) return evidence_;
    settle_options();
    count_valid();
    count_shapes();
    count_order(stride);
    return evidence_;
  }

 private:
  /// M/D/Y only where a second part over 12 proves it and no first one speaks against; a comma where most values that
  /// tell have it.
  void settle_options() {
    std::size_t first_over = 0;
    std::size_t second_over = 0;
    std::size_t two_digit = 0;
    std::size_t points = 0;
    std::size_t commas = 0;
    for (const std::string_view value : kept_) {
      if (value.size() <= 40) {
        const DateParts parts = date_parts(value);
        if (parts.two_digit_year) ++two_digit;
        if (parts.open_order && parts.first > 12) ++first_over;
        if (parts.open_order && parts.second > 12) ++second_over;
        if (parts.has_time) ++timed_;
      }
      const SignEvidence sign = decimal_sign_of(value);
      if (sign == SignEvidence::kPoint) ++points;
      if (sign == SignEvidence::kComma) ++commas;
    }
    two_digit_ = two_digit;
    if (second_over != 0 && first_over == 0) evidence_.options.date_order = DateOrder::kMonthFirst;
    if (commas > points) evidence_.options.decimal_sign = DecimalSign::kComma;
    if (commas == 0 && points == 0) settle_sign_by_groups();
  }

  /// Only 1.234 and the like: thousands where amounts are rounded (25.000) or those under a thousand stand bare beside
  /// them, else fractions that a program wrote with three digits.
  void settle_sign_by_groups() {
    std::size_t marked = 0;
    std::size_t points = 0;
    std::size_t rounded = 0;
    std::size_t bare_small = 0;
    std::size_t bare_large = 0;
    for (const std::string_view value : kept_) {
      const std::size_t mark = value.size() > 20 ? std::string_view::npos : value.find_first_of(".,");
      if (mark != std::string_view::npos) {
        ++marked;
        points += value[mark] == '.' ? 1U : 0U;
        rounded += value.back() == '0' ? 1U : 0U;
      } else if (all_digits(value)) {
        ++(value.size() <= 3 ? bare_small : bare_large);
      }
    }
    if (marked == 0) return;
    const bool grouped = 2 * rounded > marked || (bare_small != 0 && bare_large == 0);
    const bool point = 2 * points > marked;
    evidence_.options.decimal_sign = point != grouped ? DecimalSign::kPoint : DecimalSign::kComma;
  }

  void count_valid() {
    CanonicalColumn column;
    for (const FieldType type : all_field_types()) {
      canonicalise(type, evidence_.options, kept_, column);
      std::size_t valid = 0;
      std::size_t women = 0;
      std::size_t written = 0;
      std::size_t fractions = 0;
      std::size_t compact = 0;
      std::size_t clock = 0;
      for (std::size_t i = 0; i < kept_.size(); ++i) {
        if (column.state[i] != ValueState::kValid) continue;
        ++valid;
        const std::string_view form = column.value(i);
        if (type == FieldType::kNik && form[6] >= '4') ++women;
        if (type == FieldType::kPhone && (starts_like_a_mobile(kept_[i]) || !all_digits(kept_[i]))) ++written;
        if (type == FieldType::kDecimal && form.find('.') != std::string_view::npos) ++fractions;
        if (type == FieldType::kDate && all_digits(kept_[i])) ++compact;
        if (type == FieldType::kDate && kept_[i].find(':') != std::string_view::npos) ++clock;
      }
      evidence_.valid[static_cast<std::size_t>(type)] = share(valid, kept_.size());
      if (type == FieldType::kNik) evidence_.women = share(women, valid);
      if (type == FieldType::kPhone) evidence_.written_phone = share(written, kept_.size());
      if (type == FieldType::kDecimal) evidence_.fraction = share(fractions, kept_.size());
      if (type == FieldType::kDate) {
        evidence_.compact_dates = share(compact, valid);
        evidence_.clock = share(clock, valid);
        evidence_.timed = share(timed_, valid);
        evidence_.two_digit_years = share(two_digit_, valid);
      }
      if (type == FieldType::kText) count_distinct(column);
    }
  }

  void count_distinct(const CanonicalColumn& column) {
    std::unordered_set<std::string_view> distinct;
    for (std::size_t i = 0; i < column.size(); ++i) distinct.insert(column.value(i));
    evidence_.distinct = distinct.size();
    evidence_.distinct_share = share(distinct.size(), kept_.size());
    evidence_.yes_and_t = distinct.count("y") != 0 && distinct.count("t") != 0;
  }

  void count_shapes() {
    std::size_t leading_zero = 0, digits_only = 0, with_digit = 0, with_letter = 0, spaced = 0, person = 0, known = 0,
                address = 0, mobiles = 0, bytes = 0, quads = 0;
    evidence_.shortest = kept_.front().size();
    for (const std::string_view value : kept_) {
      const Shape shape = shape_of(value);
      const bool digits = shape.letters == 0 && all_digits(value);
      digits_only += digits ? 1U : 0U;
      leading_zero += digits && value.size() > 1 && value.front() == '0' ? 1U : 0U;
      with_digit += shape.digits != 0 ? 1U : 0U;
      with_letter += shape.letters != 0 ? 1U : 0U;
      spaced += shape.words > 1 ? 1U : 0U;
      mobiles += starts_like_a_mobile(value) ? 1U : 0U;
      if (shape.digits == 0 && shape.others == 0 && shape.letters > 1 && shape.words <= 8 && value.size() <= 80)
        ++person;
      if (has_common_name(value)) ++known;
      if (is_address_like(value, shape)) ++address;
      bytes += value.size();
      quads += is_dotted_quad(value) ? 1U : 0U;
      evidence_.shortest = std::min(evidence_.shortest, value.size());
      evidence_.longest = std::max(evidence_.longest, value.size());
    }
    const std::size_t all = kept_.size();
    evidence_.leading_zero = share(leading_zero, all);
    evidence_.digits_only = share(digits_only, all);
    evidence_.with_digit = share(with_digit, all);
    evidence_.with_letter = share(with_letter, all);
    evidence_.spaced = share(spaced, all);
    evidence_.dotted_quads = share(quads, all);
    evidence_.mobile_digits = share(mobiles, all);
    evidence_.person_like = share(person, all);
    evidence_.known_names = share(known, all);
    evidence_.address_like = share(address, all);
    evidence_.mean_size = share(bytes, all);
  }

  /// Words of addresses: one that stands for nothing else, or two.
  static bool is_address_like(std::string_view value, const Shape& shape) {
    if (shape.words < 2 || value.size() < 8 || value.size() > 400) return false;
    std::size_t strong = 0;
    std::size_t weak = 0;
    std::string word;
    const auto judge = [&] {
      static const std::unordered_set<std::string> kStrong = {
          "jl",    "jln",    "jalan", "gg",        "gang", "rt",      "rw",     "kel", "kec",
          "dusun", "dsn",    "perum", "perumahan", "kp",   "kampung", "street", "st",  "road",
          "rd",    "avenue", "ave",   "boulevard", "blvd", "lane",    "drive"};
      static const std::unordered_set<std::string> kWeak = {
          "no",  "blok", "desa",  "ds",  "komp",  "komplek", "kompleks", "kab", "kota", "lt",    "ruko",
          "kav", "apt",  "suite", "ste", "court", "ct",      "ln",       "dr",  "way",  "place", "pl"};
      if (kStrong.count(word) != 0) ++strong;
      if (kWeak.count(word) != 0) ++weak;
      word.clear();
    };
    for (const char c : value) {
      if (is_ascii_letter(c)) {
        word.push_back(kLowerTable[byte_of(c)]);
      } else if (!word.empty()) {
        judge();
      }
    }
    if (!word.empty()) judge();
    return strong + (weak + (shape.digits != 0 ? 1U : 0U)) / 2 >= 1 && strong + weak >= 1;
  }

  /// Row numbers and numbers given out one after another.
  void count_order(std::size_t stride) {
    if (evidence_.valid[static_cast<std::size_t>(FieldType::kInteger)] < 0.88 || kept_.size() < 5) return;
    CanonicalColumn column;
    canonicalise(FieldType::kInteger, evidence_.options, kept_, column);
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < column.size(); ++i) {
      const std::string_view form = column.value(i);
      if (column.state[i] != ValueState::kValid || form.size() > 15) continue;
      std::int64_t number = 0;
      for (const char c : form) number = c == '-' ? 0 : number * 10 + (c - '0');
      numbers.push_back(form.front() == '-' ? -number : number);
    }
    if (numbers.size() < 5) return;
    std::size_t steps = 0;
    for (std::size_t i = 1; i < numbers.size(); ++i)
      if (numbers[i] - numbers[i - 1] == static_cast<std::int64_t>(stride)) ++steps;
    evidence_.counts_rows = evidence_.distinct_share >= 0.96 && share(steps, numbers.size() - 1) >= 0.95;
    const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
    const double range = static_cast<double>(*most - *least) + 1;
    evidence_.dense = evidence_.distinct_share >= 0.96 && range <= 1.5 * static_cast<double>(numbers.size() * stride);
  }

  std::vector<std::string_view> kept_;
  ColumnEvidence evidence_;
  std::size_t timed_ = 0;
  std::size_t two_digit_ = 0;
};

}  // namespace

ColumnEvidence observe_column(std::span<const std::string_view> values, std::size_t stride) {
  return Observer(values).observe(stride);
}

}  // namespace sidik
