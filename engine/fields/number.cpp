#include "fields/number.h"

#include <algorithm>
#include <array>
#include <bit>

#include "fields/characters.h"
#include "fields/spreadsheet.h"

namespace sidik {

namespace {

constexpr std::size_t kLongestNumber = 80;
constexpr std::size_t kMostDigits = 64;
constexpr std::size_t kMostIntegerDigits = 38;
constexpr int kMostPlainDigits = 30;
constexpr int kMostPlainZeros = 20;
constexpr int kLargestExponent = 400;

/// 0.d1d2d3... * 10^point, without leading and trailing zeros; no digits: zero.
struct Decimal {
  std::array<char, kMostDigits + 16> digits;
  int size = 0;
  int point = 0;
  bool negative = false;
};

std::string_view without_currency(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kSymbols = {"rp.", "rp", "idr", "usd", "eur",
                                                               "us$", "$",  "s$",  "sgd"};
  const auto starts_as = [](std::string_view from, std::string_view symbol) {
    if (from.size() <= symbol.size()) return false;
    for (std::size_t i = 0; i < symbol.size(); ++i)
      if (kLowerTable[byte_of(from[i])] != symbol[i]) return false;
    return true;
  };
  for (const std::string_view symbol : kSymbols) {
    if (starts_as(text, symbol)) return trim_blanks(text.substr(symbol.size()));
  }
  for (const std::string_view symbol : {std::string_view("idr"), std::string_view("usd"), std::string_view("eur")})
    if (text.size() > 3 && starts_as(text.substr(text.size() - 3), symbol.substr(0, 2)) &&
        kLowerTable[byte_of(text.back())] == symbol[2])
      return trim_blanks(text.substr(0, text.size() - 3));
  return text;
}

/// Signs, brackets, currency and per cent off; the bare number is left.
std::string_view bare(std::string_view text, bool& negative) {
  text = without_spreadsheet_wrapping(text);
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    negative = true;
    text = trim_blanks(text.substr(1, text.size() - 2));
  }
  if (text.size() > 1 && (text.front() == '-' || text.front() == '+')) {
    if (text.front() == '-') negative = !negative;
    text = trim_blanks(text.substr(1));
  }
  if (!text.empty() && !is_ascii_digit(text.front()) && text.front() != '.' && text.front() != ',') {
    const std::size_t size = text.size();
    text = without_currency(text);
    if (text.size() > 1 && text.size() < size && text.front() == '-') {
      negative = !negative;
      text = trim_blanks(text.substr(1));
    }
  }
  if (text.size() > 1 && text.back() == '%') text = trim_blanks(text.substr(0, text.size() - 1));
  if (text.size() > 1 && text.back() == '-') {
    // 5-, as accounting writes a negative; 1.500,-, as price tags write no cents.
    const char before = text[text.size() - 2];
    text.remove_suffix(before == ',' || before == '.' ? 2 : 1);
    if (before != ',' && before != '.') negative = !negative;
  }
  if (!text.empty() && is_ascii_letter(text.back())) text = without_currency(text);
  return text;
}

struct Signs {
  int points = 0;
  int commas = 0;
  int others = 0;        // blanks and apostrophes: grouping only
  std::size_t last = 0;  // where the last point or comma stands
  std::size_t first = 0;
  bool any = false;
};

Signs signs_of(std::string_view mantissa) {
  Signs signs;
  for (std::size_t i = 0; i < mantissa.size(); ++i) {
    const char c = mantissa[i];
    if (c == '.') ++signs.points;
    if (c == ',') ++signs.commas;
    if (c == ' ' || c == '\'') ++signs.others;
    if (c != '.' && c != ',') continue;
    if (!signs.any) signs.first = i;
    signs.any = true;
    signs.last = i;
  }
  return signs;
}

/// Whether digits stand in groups: one to three, then threes, one kind of mark between. A leading group of "0" groups
/// nothing.
bool is_grouped(std::string_view whole) {
  std::size_t group = 0;
  char mark = 0;
  for (const char c : whole) {
    if (is_ascii_digit(c)) {
      ++group;
      continue;
    }
    if (mark == 0 ? (group == 0 || group > 3) : (group != 3 || c != mark)) return false;
    mark = c;
    group = 0;
  }
  return mark == 0 || (group == 3 && whole.front() != '0');
}

constexpr std::size_t kNoFraction = static_cast<std::size_t>(-1);

/// Where the decimal sign of a mantissa stands; kNoFraction where it has none.
std::size_t decimal_position(std::string_view mantissa, const Signs& signs, DecimalSign preferred) {
  if (!signs.any) return kNoFraction;
  if (signs.points != 0 && signs.commas != 0) return signs.last;
  if (signs.points + signs.commas > 1) return kNoFraction;
  const char sign = mantissa[signs.last];
  const bool is_preferred = (sign == '.') == (preferred == DecimalSign::kPoint);
  if (is_preferred) return signs.last;
  return is_grouped(mantissa) ? kNoFraction : signs.last;
}

bool read_decimal(std::string_view text, const CanonicalOptions& options, Decimal& number) {
  if (text.size() > kLongestNumber) return false;
  text = bare(text, number.negative);
  std::size_t mantissa_size = 0;
  while (mantissa_size < text.size() &&
         (is_ascii_digit(text[mantissa_size]) || text[mantissa_size] == '.' || text[mantissa_size] == ',' ||
          text[mantissa_size] == ' ' || text[mantissa_size] == '\''))
    ++mantissa_size;
  const std::string_view mantissa = text.substr(0, mantissa_size);
  if (mantissa.empty() || mantissa.back() == ' ' || mantissa.back() == '\'') return false;

  int exponent = 0;
  if (std::string_view rest = text.substr(mantissa_size); !rest.empty()) {
    if ((rest.front() | 0x20) != 'e') return false;
    rest.remove_prefix(1);
    const bool down = !rest.empty() && rest.front() == '-';
    if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
    if (!all_digits(rest) || rest.size() > 4) return false;
    for (const char c : rest) exponent = exponent * 10 + (c - '0');
    if (down) exponent = -exponent;
  }

  const std::size_t sign_at = decimal_position(mantissa, signs_of(mantissa), options.decimal_sign);
  const std::string_view whole = mantissa.substr(0, sign_at);
  const std::string_view fraction = sign_at == kNoFraction ? std::string_view{} : mantissa.substr(sign_at + 1);
  if (!is_grouped(whole) || (whole.empty() && fraction.empty())) return false;
  if (!fraction.empty() && !all_digits(fraction)) return false;

  int whole_digits = 0;
  for (const std::string_view part : {whole, fraction}) {
    for (const char c : part) {
      if (!is_ascii_digit(c)) continue;
      if (part.data() == whole.data()) ++whole_digits;
      if (number.size == 0 && c == '0') {
        --whole_digits;  // a leading zero, on either side of the sign, moves the point
        continue;
      }
      if (number.size == static_cast<int>(kMostDigits)) return false;
      number.digits[static_cast<std::size_t>(number.size++)] = c;
    }
  }
  number.point = whole_digits + exponent;
  while (number.size > 0 && number.digits[static_cast<std::size_t>(number.size - 1)] == '0') --number.size;
  if (number.size == 0) {
    number.point = 0;
    number.negative = false;
  }
  return number.point <= kLargestExponent && number.point >= -kLargestExponent;
}

char* put_digits(const char* digits, int size, char* out) {
  return copy_loosely(out, digits, static_cast<std::size_t>(size));
}
char* put_zeros(int count, char* out) {
  for (int i = 0; i < count; ++i) *out++ = '0';
  return out;
}

/// The digits behind the point. Three of them get a zero more where they could be read as a group ("1.234" under
/// kComma): a form means the same under either sign.
char* put_fraction(const Decimal& number, int whole, char* out) {
  *out++ = '.';
  out = put_digits(number.digits.data() + whole, number.size - whole, out);
  return whole <= 3 && number.size - whole == 3 ? put_zeros(1, out) : out;
}

char* put_scientific(const Decimal& number, char* out) {
  *out++ = number.digits[0];
  if (number.size > 1) out = put_fraction(number, 1, out);
  *out++ = 'e';
  int exponent = number.point - 1;
  if (exponent < 0) *out++ = '-';
  exponent = exponent < 0 ? -exponent : exponent;
  if (exponent >= 100) *out++ = static_cast<char>('0' + exponent / 100);
  if (exponent >= 10) *out++ = static_cast<char>('0' + exponent / 10 % 10);
  *out++ = static_cast<char>('0' + exponent % 10);
  return out;
}

char* put_decimal(const Decimal& number, char* out, int most_plain_digits) {
  if (number.size == 0) {
    *out = '0';
    return out + 1;
  }
  if (number.negative) *out++ = '-';
  if (number.point > most_plain_digits || number.point < -kMostPlainZeros) return put_scientific(number, out);
  if (number.point <= 0) {
    *out++ = '0';
    *out++ = '.';
    return put_digits(number.digits.data(), number.size, put_zeros(-number.point, out));
  }
  if (number.point >= number.size)
    return put_zeros(number.point - number.size, put_digits(number.digits.data(), number.size, out));
  return put_fraction(number, number.point, put_digits(number.digits.data(), number.point, out));
}

/// Plain digits, the bulk of all numbers.
char* write_plain(std::string_view digits, char* out) {
  std::size_t zeros = 0;
  while (zeros + 1 < digits.size() && digits[zeros] == '0') ++zeros;
  return copy_loosely(out, digits.data() + zeros, digits.size() - zeros);
}

constexpr std::size_t kFastDigits = 18;

/// Digits with at most one decimal sign and a minus before: the bulk of all decimals. Their form is a piece of what is
/// written. nullptr for all others.
char* write_plain_decimal(std::string_view text, DecimalSign sign, char* out) {
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  const std::size_t size = text.size();
  if (size == 0 || size > 16) return nullptr;
  const Bytes16 bytes = load_16(text.data());
  const unsigned valid = (1U << size) - 1;
  const unsigned digits = mask_bits(is_digit_16(bytes)) & valid;
  const Bytes16 mark = all_16(sign == DecimalSign::kPoint ? '.' : ',');
  const unsigned signs = mask_bits(as_mask(bytes == mark)) & valid;
  if ((digits | signs) != valid || (signs & (signs - 1)) != 0 || (signs & 1) != 0) return nullptr;
  const unsigned above_zero = digits & ~mask_bits(as_mask(bytes == '0'));
  if (above_zero == 0) {
    *out = '0';
    return out + 1;
  }
  const unsigned whole_size = signs == 0 ? static_cast<unsigned>(size) : static_cast<unsigned>(std::countr_zero(signs));
  const unsigned from = std::min(static_cast<unsigned>(std::countr_zero(above_zero)), whole_size - 1);
  const unsigned end = static_cast<unsigned>(std::bit_width(above_zero));
  *out = '-';
  out += negative ? 1 : 0;
  std::memcpy(out, text.data() + from, 16);
  const unsigned whole = whole_size - from;
  if (end <= whole_size) return out + whole;
  out[whole] = '.';
  const unsigned fraction = end - whole_size - 1;
  out += whole + 1 + fraction;
  if (fraction != 3 || whole > 3 || text[from] == '0') return out;
  *out = '0';  // as put_fraction has it
  return out + 1;
}

}  // namespace

char* write_integer(std::string_view text, const CanonicalOptions& options, char* out) {
  if (text.size() <= kFastDigits && all_digits(text)) return write_plain(text, out);
  Decimal number;
  if (!read_decimal(text, options, number) || number.point < number.size) return nullptr;
  if (number.point > static_cast<int>(kMostIntegerDigits)) return nullptr;
  // An exponent may stand for more zeros than a form of bounded length has room for.
  if (number.point > kMostPlainDigits && number.point > static_cast<int>(text.size())) return nullptr;
  return put_decimal(number, out, static_cast<int>(kMostIntegerDigits));
}

char* write_decimal(std::string_view text, const CanonicalOptions& options, char* out) {
  if (char* end = write_plain_decimal(text, options.decimal_sign, out); end != nullptr) return end;
  if (text.size() <= kFastDigits && all_digits(text)) return write_plain(text, out);
  Decimal number;
  if (!read_decimal(text, options, number)) return nullptr;
  return put_decimal(number, out, kMostPlainDigits);
}

SignEvidence decimal_sign_of(std::string_view text) {
  if (text.empty() || text.size() > kLongestNumber) return SignEvidence::kNone;
  bool negative = false;
  text = bare(text, negative);
  const Signs signs = signs_of(text);
  if (!signs.any) return SignEvidence::kNone;
  const bool point = text[signs.last] == '.';
  if (signs.points != 0 && signs.commas != 0) return point ? SignEvidence::kPoint : SignEvidence::kComma;
  if (signs.points + signs.commas > 1) return point ? SignEvidence::kComma : SignEvidence::kPoint;
  // 1.234 may be either; 1.2, 0.234 and 1.2345 are fractions.
  if (is_grouped(text)) return SignEvidence::kNone;
  return point ? SignEvidence::kPoint : SignEvidence::kComma;
}

}  // namespace sidik
