#include "fields/check_digits.h"

#include <algorithm>
#include <array>

namespace sidik {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
unsigned digit(char c) { return static_cast<unsigned>(c - '0'); }
char in_capitals(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c; }
char as_digit(unsigned n) { return static_cast<char>('0' + n); }
/// A = 10 to Z = 35, as IBAN, LEI and ISIN count letters.
unsigned counted(char c) { return is_digit(c) ? digit(c) : static_cast<unsigned>((c | 0x20) - 'a') + 10; }

unsigned remainder_of(std::string_view plain, unsigned modulus) {
  unsigned rest = 0;
  for (const char c : plain) {
    const unsigned value = counted(c);
    rest = (rest * (value < 10 ? 10 : 100) + value) % modulus;
  }
  return rest;
}

/// The sum of Luhn's digits (ISO/IEC 7812-1, annex B) of all before the check digit.
unsigned luhn_sum(std::string_view digits) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const unsigned value = digit(digits[digits.size() - 1 - i]) * (i % 2 == 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum;
}

/// What is different from system to system.
struct System {
  std::string_view name;
  std::size_t shortest, longest;  // letters and digits
  bool letters;                   // may stand among them, beside those that the checks are written with
  int at;                         // the first check character, from the front or, below zero, from the end
  std::size_t checks;
  /// Makes them right in `plain`, which is of the length and has no letters it may not have; false where there are
  /// none.
  bool (*complete)(const System& system, std::string& plain);
  bool official = true;  // of a state, or of a trade that all know its numbers of; else anybody's own may be so

  // Of a sum of products:
  enum class From : std::uint8_t { kRest, kModulusLess, kElevenLess };  // r; (m - r) % m; (11 - r) % 10
  std::array<std::string_view, 2> weights{};                            // for each check: of all digits, base 36
  unsigned modulus = 0;
  From from = From::kRest;
  char ten = 0;  // instead of ten; 0: no number has it
};

std::size_t first_check(const System& system, std::size_t size) {
  return system.at >= 0 ? static_cast<std::size_t>(system.at) : size - static_cast<std::size_t>(-system.at);
}

bool weighted(const System& system, std::string& plain) {
  for (std::size_t step = 0; step < system.checks; ++step) {
    const std::string_view weights = system.weights[step];
    unsigned sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += counted(weights[i]) * digit(plain[i]);
    const unsigned rest = sum % system.modulus;
    unsigned check = rest;
    if (system.from == System::From::kModulusLess) check = (system.modulus - rest) % system.modulus;
    if (system.from == System::From::kElevenLess) check = (11 - rest) % 10;
    if (check >= 10 && system.ten == 0) return false;
    plain[first_check(system, plain.size()) + step] = check >= 10 ? system.ten : as_digit(check);
  }
  return true;
}

bool luhn(const System&, std::string& plain) {
  plain.back() = as_digit((10 - luhn_sum(std::string_view(plain).substr(0, plain.size() - 1)) % 10) % 10);
  return true;
}

/// Letters do not count, wherever they stand.
bool luhn_of_digits(const System&, std::string& plain) {
  std::string digits;
  std::copy_if(plain.begin(), plain.end() - 1, std::back_inserter(digits), is_digit);
  if (digits.size() < 5 || digits.size() + 1 == plain.size() || !is_digit(plain.back())) return false;
  plain.back() = as_digit((10 - luhn_sum(digits) % 10) % 10);
  return true;
}

/// A personal number with its century: that does not count.
bool luhn_without_century(const System&, std::string& plain) {
  plain.back() = as_digit((10 - luhn_sum(std::string_view(plain).substr(2, plain.size() - 3)) % 10) % 10);
  return true;
}

/// Letters count as two digits (ISO 6166).
bool luhn_of_letters(const System&, std::string& plain) {
  std::string digits;
  for (const char c : plain.substr(0, plain.size() - 1)) digits += std::to_string(counted(c));
  plain.back() = as_digit((10 - luhn_sum(digits) % 10) % 10);
  return true;
}

/// Of goods and books (GS1 General Specifications, 7.9).
bool gs1(const System&, std::string& plain) {
  unsigned sum = 0;
  for (std::size_t i = 1; i < plain.size(); ++i) sum += digit(plain[plain.size() - 1 - i]) * (i % 2 == 1 ? 3 : 1);
  plain.back() = as_digit((10 - sum % 10) % 10);
  return true;
}

/// Verhoeff 1969: the dihedral group of ten elements, of which `product` is the table.
unsigned product(unsigned a, unsigned b) {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + (a + b) % 5;
  return b < 5 ? 5 + (a - b + 5) % 5 : (a - b + 10) % 5;
}
bool verhoeff(const System&, std::string& plain) {
  constexpr std::array<unsigned, 10> kMove{1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
  unsigned sum = 0;
  for (std::size_t i = 1; i < plain.size(); ++i) {
    unsigned value = digit(plain[plain.size() - 1 - i]);
    for (std::size_t move = 0; move < i % 8; ++move) value = kMove[value];
    sum = product(sum, value);
  }
  unsigned inverse = 0;
  while (product(sum, inverse) != 0) ++inverse;
  plain.back() = as_digit(inverse);
  return true;
}

/// ISO/IEC 7064, modulo 11,10.
bool iso_11_10(const System&, std::string& plain) {
  unsigned product = 10;
  for (std::size_t i = 0; i + 1 < plain.size(); ++i) {
    const unsigned sum = (digit(plain[i]) + product) % 10;
    product = (sum == 0 ? 10 : sum) * 2 % 11;
  }
  plain.back() = as_digit((11 - product) % 10);
  return true;
}

/// ISO/IEC 7064, modulo 11-2.
bool iso_11_2(const System&, std::string& plain) {
  unsigned rest = 0;
  for (std::size_t i = 0; i + 1 < plain.size(); ++i) rest = (rest + digit(plain[i])) * 2 % 11;
  const unsigned check = (12 - rest) % 11;
  plain.back() = check == 10 ? 'X' : as_digit(check);
  return true;
}

void write_two(std::string& plain, std::size_t at, unsigned number) {
  plain[at] = as_digit(number / 10);
  plain[at + 1] = as_digit(number % 10);
}

/// ISO/IEC 7064, modulo 97-10: the last two.
bool iso_97_10(const System&, std::string& plain) {
  const std::size_t at = plain.size() - 2;
  write_two(plain, at, 98 - remainder_of(plain.substr(0, at) + "00", 97));
  return true;
}

/// ISO 13616: the country and its check digits are counted last.
bool iban(const System&, std::string& plain) {
  if (!is_letter(plain[0]) || !is_letter(plain[1])) return false;
  write_two(plain, 2, 98 - remainder_of(plain.substr(4) + plain.substr(0, 2) + "00", 97));
  return true;
}

/// What is missing to a multiple of 97 (French and Belgian numbers of the insured).
bool to_97(const System&, std::string& plain) {
  const std::size_t at = plain.size() - 2;
  write_two(plain, at, 97 - remainder_of(plain.substr(0, at), 97));
  return true;
}
/// Born from 2000 on.
bool to_97_with_2(const System&, std::string& plain) {
  const std::size_t at = plain.size() - 2;
  write_two(plain, at, 97 - remainder_of("2" + plain.substr(0, at), 97));
  return true;
}

/// Two sums, the second where the first has the rest ten (Estonia, Lithuania).
bool two_sums(const System&, std::string& plain) {
  for (const std::string_view weights : {"1234567891", "3456789123"}) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += digit(weights[i]) * digit(plain[i]);
    plain.back() = as_digit(sum % 11 % 10);
    if (sum % 11 < 10) break;
  }
  return true;
}

bool snils(const System&, std::string& plain) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < 9; ++i) sum += digit(plain[i]) * static_cast<unsigned>(9 - i);
  write_two(plain, 9, sum % 101 % 100);
  return true;
}

/// A letter for the rest (Spain: 23, of which foreigners' first letter is 0 to 2; Finland: 31).
bool spanish_letter(const System&, std::string& plain) {
  constexpr std::string_view kFirst = "XYZ", kLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
  std::string digits = plain.substr(0, 8);
  if (const std::size_t at = kFirst.find(in_capitals(digits[0])); at != std::string_view::npos)
    digits[0] = as_digit(static_cast<unsigned>(at));
  if (!std::all_of(digits.begin(), digits.end(), is_digit)) return false;
  plain.back() = kLetters[remainder_of(digits, 23)];
  return true;
}
bool finnish_letter(const System&, std::string& plain) {
  constexpr std::string_view kSigns = "0123456789ABCDEFHJKLMNPRSTUVWXY";
  // The century's sign is a letter, or no letter at all and left out.
  std::string digits = plain.substr(0, plain.size() - 1);
  if (digits.size() == 10) digits.erase(6, 1);
  if (!std::all_of(digits.begin(), digits.end(), is_digit)) return false;
  plain.back() = kSigns[remainder_of(digits, 31)];
  return true;
}

/// ISO 3779 and 49 CFR 565: the ninth of a vehicle's number.
bool vehicle(const System&, std::string& plain) {
  constexpr std::string_view kLetters = "ABCDEFGHJKLMNPRSTUVWXYZ", kValues = "12345678123457923456789";
  constexpr std::array<unsigned, 17> kWeights{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  unsigned sum = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const std::size_t letter = kLetters.find(in_capitals(plain[i]));
    if (!is_digit(plain[i]) && letter == std::string_view::npos) return false;
    sum += kWeights[i] * digit(is_digit(plain[i]) ? plain[i] : kValues[letter]);
  }
  plain[8] = sum % 11 == 10 ? 'X' : as_digit(sum % 11);
  return true;
}

System sum(std::string_view name, std::string_view weights, unsigned modulus, System::From from, char ten) {
  const std::size_t length = weights.size() + 1;
  return {name, length, length, false, -1, 1, weighted, true, {weights, {}}, modulus, from, ten};
}
System two_checks(std::string_view name, std::string_view first, std::string_view second, unsigned modulus,
                  System::From from, char ten) {
  const std::size_t length = second.size() + 1;
  return {name, length, length, false, -2, 2, weighted, true, {first, second}, modulus, from, ten};
}
System own(std::string_view name, std::size_t shortest, std::size_t longest, bool letters, int at, std::size_t checks,
           bool (*complete)(const System&, std::string&), bool official = true) {
  return {name, shortest, longest, letters, at, checks, complete, official};
}

const std::vector<System>& systems() {
  using From = System::From;
  static const std::vector<System> all = {
      own("luhn", 6, 24, false, -1, 1, luhn, false),
      own("gs1", 8, 18, false, -1, 1, gs1, false),
      own("verhoeff", 6, 24, false, -1, 1, verhoeff, false),
      own("iban", 15, 34, true, 2, 2, iban),
      own("iso 7064 mod 97-10", 8, 34, true, -2, 2, iso_97_10, false),
      own("iso 7064 mod 11,10", 8, 24, false, -1, 1, iso_11_10, false),
      own("iso 7064 mod 11-2", 8, 24, false, -1, 1, iso_11_2, false),
      own("luhn behind letters", 6, 24, true, -1, 1, luhn_of_digits, false),
      own("imei", 15, 15, false, -1, 1, luhn),
      own("ean 13", 13, 13, false, -1, 1, gs1),
      own("aadhaar", 12, 12, false, -1, 1, verhoeff),
      own("lei", 20, 20, true, -2, 2, iso_97_10),
      own("steuer-id", 11, 11, false, -1, 1, iso_11_10),
      own("resident id", 18, 18, false, -1, 1, iso_11_2),
      own("isin", 12, 12, true, -1, 1, luhn_of_letters),
      own("vehicle", 17, 17, true, 8, 1, vehicle),
      own("personnummer", 12, 12, false, -1, 1, luhn_without_century),
      own("97 less", 11, 15, false, -2, 2, to_97),
      own("97 less, 2000", 11, 11, false, -2, 2, to_97_with_2),
      own("isikukood", 11, 11, false, -1, 1, two_sums),
      own("snils", 11, 11, false, -2, 2, snils),
      own("dni", 9, 9, true, -1, 1, spanish_letter),
      own("hetu", 10, 11, true, -1, 1, finnish_letter),
      two_checks("cpf", "a98765432", "ba98765432", 11, From::kModulusLess, '0'),
      two_checks("cnpj", "543298765432", "6543298765432", 11, From::kModulusLess, '0'),
      two_checks("fodselsnummer", "376189452", "5432765432", 11, From::kModulusLess, 0),
      two_checks("tc kimlik", "797979797", "1111111111", 10, From::kRest, 0),
      two_checks("inn 12", "724a359468", "3724a359468", 11, From::kRest, '0'),
      sum("inn 10", "24a359468", 11, From::kRest, '0'),
      // The one without a sign for ten first: where none was seen, none is to be made.
      sum("nhs", "a98765432", 11, From::kModulusLess, 0),
      sum("isbn 10", "a98765432", 11, From::kModulusLess, 'X'),
      sum("kode melli", "a98765432", 11, From::kModulusLess, '1'),
      sum("pesel", "1379137913", 10, From::kModulusLess, 0),
      sum("nip", "657234567", 11, From::kRest, 0),
      sum("regon", "89234567", 11, From::kRest, '0'),
      sum("bsn", "98765432", 11, From::kRest, 0),
      sum("nif", "98765432", 11, From::kModulusLess, '0'),
      sum("cuit", "5432765432", 11, From::kModulusLess, 0),
      sum("rut 8", "2765432", 11, From::kModulusLess, 'K'),
      sum("rut 9", "32765432", 11, From::kModulusLess, 'K'),
      sum("egn", "2485a9736", 11, From::kRest, '0'),
      sum("cnp", "279146358279", 11, From::kRest, '1'),
      sum("rrn", "234567892345", 11, From::kElevenLess, 0),
      sum("thai", "dcba98765432", 11, From::kElevenLess, 0),
      sum("jmbg", "765432765432", 11, From::kModulusLess, 0),
      sum("rnokpp", "a57946a57", 11, From::kRest, '0'),
      sum("rodne cislo", "1a1a1a1a1", 11, From::kRest, '0'),
      sum("aba", "37137137", 10, From::kModulusLess, 0),
      sum("taj", "37373737", 10, From::kRest, 0),
      sum("afm", "379a5842", 11, From::kRest, '0'),
      sum("uid", "54327654", 11, From::kModulusLess, 0),
      sum("tfn", "14375869", 11, From::kRest, 0),
      sum("pis", "3298765432", 11, From::kModulusLess, '0'),
      sum("my number", "65432765432", 11, From::kModulusLess, '0'),
  };
  return all;
}

/// `plain` is of the system's form, but for the check characters themselves.
bool is_of_form(const System& system, std::string_view plain) {
  if (plain.size() < system.shortest || plain.size() > system.longest) return false;
  if (system.letters) return true;
  const std::size_t first = first_check(system, plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i)
    if (!is_digit(plain[i]) && (i < first || i >= first + system.checks)) return false;
  return true;
}

/// A letter as the number has its letters.
char in_case_of(char check, char was) {
  return is_letter(check) && was >= 'a' && was <= 'z' ? static_cast<char>(check | 0x20) : check;
}

}  // namespace

bool is_letter_or_digit(char c) { return is_digit(c) || is_letter(c); }

std::string letters_and_digits(std::string_view number) {
  std::string plain;
  std::copy_if(number.begin(), number.end(), std::back_inserter(plain), is_letter_or_digit);
  return plain;
}

std::size_t check_system_count() { return systems().size(); }

std::string_view check_system_name(std::size_t system) { return systems()[system].name; }

bool is_official(std::size_t system) { return systems()[system].official; }

std::optional<std::size_t> checked_by(std::span<const std::uint32_t> counts, double least) {
  const auto stricter = [](std::size_t a, std::size_t b) {
    const System &one = systems()[a], &other = systems()[b];
    const auto lengths = [](const System& system) { return system.longest - system.shortest; };
    return one.checks != other.checks ? one.checks > other.checks : lengths(one) < lengths(other);
  };
  std::optional<std::size_t> best;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] < least) continue;
    if (!best || counts[s] > counts[*best] || (counts[s] == counts[*best] && stricter(s, *best))) best = s;
  }
  return best;
}

void count_checked(std::string_view number, std::span<std::uint32_t> counts) {
  const std::string plain = letters_and_digits(number);
  std::string completed;
  for (std::size_t s = 0; s < systems().size(); ++s) {
    const System& system = systems()[s];
    if (!is_of_form(system, plain)) continue;
    completed = plain;
    if (!system.complete(system, completed)) continue;
    const auto same = [](char a, char b) { return a == b || (is_letter(a) && in_case_of(a, b) == b); };
    counts[s] += std::equal(plain.begin(), plain.end(), completed.begin(), completed.end(),
                            [&](char was, char is) { return same(is, was); })
                     ? 1U
                     : 0U;
  }
}

std::vector<bool> check_places(std::size_t system, std::string_view number) {
  std::vector<bool> places(number.size());
  const std::string plain = letters_and_digits(number);
  const System& its = systems()[system];
  if (!is_of_form(its, plain)) return places;
  const std::size_t first = first_check(its, plain.size());
  for (std::size_t i = 0, at = 0; i < number.size(); ++i) {
    if (!is_letter_or_digit(number[i])) continue;
    places[i] = at >= first && at < first + its.checks;
    ++at;
  }
  return places;
}

std::optional<std::string> with_checks(std::size_t system, std::string_view number) {
  const System& its = systems()[system];
  std::string plain = letters_and_digits(number);
  if (!is_of_form(its, plain) || !its.complete(its, plain)) return std::nullopt;
  std::string out(number);
  std::size_t at = 0;
  for (char& c : out)
    if (is_letter_or_digit(c)) c = in_case_of(plain[at++], c);
  return out;
}

}  // namespace sidik
