#include "arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/error.h"
#include "report/plain_text.h"

namespace sidik::command {
namespace {

[[noreturn]] void refuse(const std::string& option, const std::string& text, const std::string& expected) {
  throw Error(ErrorKind::kUsage, option, "expected " + expected + ", not \"" + printable(text) + "\"");
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number at the front of `text` and what stands behind it.
std::optional<std::pair<double, std::string>> number_and_unit(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value) || value < 0) return std::nullopt;
  return std::pair{value, lower(std::string(end, text.data() + text.size()))};
}

std::optional<double> whole_number(const std::string& text) {
  const auto parsed = number_and_unit(text);
  if (!parsed || !parsed->second.empty()) return std::nullopt;
  return parsed->first;
}

}  // namespace

unsigned parse_threads(const std::string& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > 256)
    refuse("--threads", text, "a number from 1 to 256");
  return value;
}

std::size_t parse_memory(const std::string& text) {
  const char* expected = "a size of at least 32M, such as 512M or 2G";
  const auto parsed = number_and_unit(text);
  if (!parsed) refuse("--memory", text, expected);
  double factor = 0;
  const std::string& unit = parsed->second;
  for (const auto& [letter, power] : {std::pair{'k', 10}, {'m', 20}, {'g', 30}, {'t', 40}})
    if (unit == std::string(1, letter) || unit == std::string{letter, 'b'} || unit == std::string{letter, 'i', 'b'})
      factor = std::ldexp(1.0, power);
  if (unit.empty() || unit == "b") factor = 1;
  const double bytes = parsed->first * factor;
  if (!(bytes >= 32.0 * 1048576) || bytes > std::ldexp(1.0, 50)) refuse("--memory", text, expected);
  return static_cast<std::size_t>(bytes);
}

std::chrono::milliseconds parse_wait(const std::string& text) {
  const char* expected = "a time such as 0, 10, 500ms or 2m";
  const auto parsed = number_and_unit(text);
  if (!parsed) refuse("--wait", text, expected);
  double milliseconds = -1;
  for (const auto& [unit, factor] :
       {std::pair{"", 1000.0}, {"ms", 1.0}, {"s", 1000.0}, {"m", 60000.0}, {"h", 3600000.0}})
    if (parsed->second == unit) milliseconds = parsed->first * factor;
  if (milliseconds < 0 || milliseconds > 365 * 86400000.0) refuse("--wait", text, expected);
  return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds));
}

std::uint64_t parse_count(const std::string& option, const std::string& text) {
  std::string digits = text;
  for (std::size_t i = 1; i + 1 < digits.size();) {
    if ((digits[i] == ',' || digits[i] == '_') && is_digit(digits[i - 1]) && is_digit(digits[i + 1]))
      digits.erase(i, 1);
    else
      ++i;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) refuse(option, text, "a whole number");
  return value;
}

double parse_share(const std::string& option, const std::string& text) {
  const auto parsed = number_and_unit(text);
  const double value = !parsed                  ? -1
                       : parsed->second == "%"  ? parsed->first / 100
                       : parsed->second.empty() ? parsed->first
                                                : -1;
  if (value < 0 || value > 1) refuse(option, text, "a share from 0 to 1, or a percentage such as 1%");
  return value;
}

UtcSeconds parse_date(const std::string& option, const std::string& text) {
  const auto time = parse_utc(text);
  if (!time) refuse(option, text, "a date such as 2021-08-05 or 2021-08-05T12:30:00Z");
  return *time;
}

char parse_delimiter(const std::string& text) {
  for (const auto& [name, character] :
       {std::pair{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"\\t", '\t'}, {"pipe", '|'}, {"space", ' '}})
    if (lower(text) == name) return character;
  if (text.size() == 1 && text[0] != '"' && text[0] != '\n' && text[0] != '\r' && text[0] != '\0' &&
      static_cast<unsigned char>(text[0]) < 0x80)
    return text[0];
  refuse("--delimiter", text, "one character other than a quote, or comma, semicolon, tab, pipe, space");
}

TextEncoding parse_encoding(const std::string& text) {
  std::string name = lower(text);
  std::erase_if(name, [](char c) { return c == '-' || c == '_' || c == ' '; });
  if (name == "utf8") return TextEncoding::kUtf8;
  if (name == "windows1252" || name == "cp1252" || name == "latin1" || name == "iso88591")
    return TextEncoding::kWindows1252;
  if (name == "utf16le") return TextEncoding::kUtf16Le;
  if (name == "utf16be") return TextEncoding::kUtf16Be;
  refuse("--encoding", text, "utf-8, windows-1252, utf-16le or utf-16be");
}

void parse_priors(const std::string& text, std::map<std::string, double>& priors) {
  const char* expected = "NAME=NUMBER, more of them after commas (the verdict lists the names)";
  for (const std::string& pair : parse_names(text)) {
    const std::size_t sign = pair.find('=');
    if (sign == std::string::npos || sign == 0) refuse("--prior", text, expected);
    const auto value = whole_number(pair.substr(sign + 1));
    if (!value) refuse("--prior", text, expected);
    if (!priors.emplace(pair.substr(0, sign), *value).second)
      throw Error(ErrorKind::kUsage, "--prior", "names " + printable(pair.substr(0, sign)) + " twice");
  }
}

std::vector<std::string> parse_names(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::size_t first = std::min(text.find_first_not_of(' ', begin), end);
    const std::size_t last = end == first ? end : text.find_last_not_of(' ', end - 1) + 1;
    names.push_back(text.substr(first, last - first));
    begin = end + 1;
  }
  return names;
}

std::string parse_name(const std::string& option, const std::string& text) {
  const char* expected = "a name of 1 to 200 bytes of UTF-8 without control characters and without a blank at its ends";
  if (text.empty() || text.size() > 200 || text.front() == ' ' || text.back() == ' ' || printable(text) != text)
    refuse(option, text.substr(0, 200), expected);
  return text;
}

}  // namespace sidik::command
