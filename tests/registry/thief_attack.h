// Two attacks that undo pseudonymised tables (SECURITY.md, Equality is a leak), on a table of opaque codes in whatever
// order, and the people that they are tried on.
//
// *Rank matching* gives the commonest code of a column the commonest value of public statistics, and so on; the
// *known-row* attack knows the values of some rows and gives the value to every row with the same code. Either is
// scored by how many rows it names right, against what guesses in the same shares get by chance.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/bytes.h"

namespace sidik::test {

inline constexpr std::size_t kTargets = 1500;  // rows that the thief wants to name
inline constexpr std::size_t kKnown = 150;     // of them, rows that it knows beforehand

inline constexpr std::array<const char*, 3> kFields = {"KECAMATAN", "KELAS", "TGLLHR"};

struct Person {
  std::string nik;
  std::array<std::string, 3> values;  // of kFields
};

/// People with the shares that real columns have: a few large districts, three classes, and birth dates of which many
/// are the first of January of a common year.
inline std::vector<Person> people(unsigned seed, std::size_t count = kTargets) {
  std::mt19937 random(seed);
  std::vector<double> district_shares;
  for (int i = 0; i < 40; ++i) district_shares.push_back(1.0 / (1 + i));
  std::discrete_distribution<int> district(district_shares.begin(), district_shares.end());
  std::discrete_distribution<int> care({60, 28, 12});
  std::discrete_distribution<int> year({30, 20, 14, 10, 8, 6, 4, 3, 3, 2});
  std::vector<Person> all;
  for (std::size_t i = 0; i < count; ++i) {
    Person person;
    const bool unknown_day = random() % 10 < 6;
    const unsigned day = unknown_day ? 1 : 1 + static_cast<unsigned>(random() % 28);
    const unsigned month = unknown_day ? 1 : 1 + static_cast<unsigned>(random() % 12);
    char text[64];
    std::snprintf(text, sizeof text, "3273%02u%02u%02u%02u%04u", 1 + static_cast<unsigned>(i) % 28, day, month, 60U,
                  1 + static_cast<unsigned>(i) / 28);
    person.nik = text;
    person.values[0] = "KECAMATAN NOMOR " + std::to_string(100 + district(random));
    person.values[1] = "KELAS " + std::to_string(1 + care(random));
    std::snprintf(text, sizeof text, "%d-%02u-%02u", 1960 + year(random), month, day);
    person.values[2] = text;
    all.push_back(std::move(person));
  }
  return all;
}

inline std::string csv_of(const std::vector<Person>& all) {
  std::string text = "NIK,KECAMATAN,KELAS,TGLLHR\n";
  for (const Person& person : all)
    text += person.nik + "," + person.values[0] + "," + person.values[1] + "," + person.values[2] + "\n";
  return text;
}

/// A table as the thief has it: codes by field, and for scoring the true values in the same order.
struct Table {
  std::array<std::vector<std::uint16_t>, 3> codes;
  std::array<std::vector<std::string>, 3> truth;
};

/// Values of a field, the commonest first.
template <typename Value>
std::vector<Value> by_frequency(const std::vector<Value>& column) {
  std::map<Value, std::size_t> counts;
  for (const auto& value : column) ++counts[value];
  std::vector<std::pair<std::size_t, Value>> order;
  for (const auto& [value, count] : counts) order.emplace_back(count, value);
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return std::tie(b.first, a.second) < std::tie(a.first, b.second); });
  std::vector<Value> values;
  for (auto& [count, value] : order) values.push_back(std::move(value));
  return values;
}

/// Public statistics: the like of the people, not they.
inline std::array<std::vector<std::string>, 3> public_statistics(unsigned seed) {
  const std::vector<Person> others = people(seed);
  std::array<std::vector<std::string>, 3> orders;
  for (std::size_t f = 0; f < kFields.size(); ++f) {
    std::vector<std::string> column;
    for (const Person& person : others) column.push_back(person.values[f]);
    orders[f] = by_frequency(column);
  }
  return orders;
}

using Guesses = std::vector<std::string>;

inline Guesses match_ranks(const std::vector<std::uint16_t>& codes, const std::vector<std::string>& public_order) {
  std::map<std::uint16_t, std::string> value_of;
  std::size_t rank = 0;
  for (const std::uint16_t code : by_frequency(codes))
    value_of[code] = public_order[std::min(rank++, public_order.size() - 1)];
  Guesses guesses;
  for (const std::uint16_t code : codes) guesses.push_back(value_of[code]);
  return guesses;
}

/// Guesses of the rows that are not known; the known are the first kKnown.
inline Guesses link_known(const std::vector<std::uint16_t>& codes, const std::vector<std::string>& truth,
                          const std::vector<std::string>& public_order) {
  std::map<std::uint16_t, std::string> value_of;
  for (std::size_t i = 0; i < kKnown; ++i) value_of.emplace(codes[i], truth[i]);
  Guesses guesses;
  for (std::size_t i = kKnown; i < codes.size(); ++i) {
    const auto known = value_of.find(codes[i]);
    guesses.push_back(known == value_of.end() ? public_order.front() : known->second);
  }
  return guesses;
}

/// Standard deviations above what the same guesses hit where they have nothing to do with the truth.
inline double excess(const Guesses& guesses, std::span<const std::string> truth) {
  std::map<std::string, double> guessed, there;
  std::size_t hits = 0;
  for (std::size_t i = 0; i < guesses.size(); ++i) {
    ++guessed[guesses[i]];
    ++there[truth[i]];
    hits += guesses[i] == truth[i] ? 1U : 0U;
  }
  // The mean and variance of hits where one of the two is shuffled (Hoeffding's combinatorial sum).
  const auto n = static_cast<double>(guesses.size());
  double mean = 0;
  for (const auto& [value, count] : guessed)
    if (const auto own = there.find(value); own != there.end()) mean += count * own->second / (n * n);
  // Over all pairs of a guess and a truth the square of [same] + u + v, where u and v are their own parts.
  double sum_u = 0, sum_v = 0, squares_u = 0, squares_v = 0, same = 0;
  std::map<std::string, double> parts;
  for (const auto& [guess, g] : guessed) {
    const auto own = there.find(guess);
    const double u = mean - (own == there.end() ? 0 : own->second / n);
    parts[guess] = u;
    sum_u += g * u;
    squares_u += g * u * u;
  }
  for (const auto& [value, t] : there) {
    const auto guess = guessed.find(value);
    const double v = guess == guessed.end() ? 0 : -guess->second / n;
    sum_v += t * v;
    squares_v += t * v * v;
    if (guess != guessed.end()) same += guess->second * t * (1 + 2 * (parts[value] + v));
  }
  const double variance = (n * squares_u + 2 * sum_u * sum_v + n * squares_v + same) / (n - 1);
  return variance < 1e-9 ? 0 : (static_cast<double>(hits) - n * mean) / std::sqrt(variance);
}

enum class Attack { kRanks, kKnownRows };
inline constexpr std::array<Attack, 2> kAttacks = {Attack::kRanks, Attack::kKnownRows};

inline double excess_of(Attack attack, const Table& table, std::size_t field,
                        const std::vector<std::string>& public_order) {
  const auto& truth = table.truth[field];
  if (attack == Attack::kKnownRows)
    return excess(link_known(table.codes[field], truth, public_order), std::span(truth).subspan(kKnown));
  return excess(match_ranks(table.codes[field], public_order), truth);
}

/// Bytes as a table of 16-bit codes of kTargets rows: row by row, or a column after another.
enum class Layout { kRows, kColumns };
inline Table cut(const std::string& bytes, Layout layout) {
  Table table;
  const std::size_t words = bytes.size() / 2;
  for (std::size_t i = 0; i < kTargets; ++i)
    for (std::size_t f = 0; f < kFields.size(); ++f) {
      const std::size_t word = layout == Layout::kRows ? i * kFields.size() + f : f * kTargets + i;
      table.codes[f].push_back(load_u16(as_bytes(bytes).data() + 2 * (word % words)));
    }
  return table;
}

/// Pairs of places, one in each text, with `width` equal bytes, in standard deviations above what chance gives: what
/// rows of one file are linked to rows of the other by, without a word of what they mean.
inline double coincidences(const std::string& one, const std::string& other, std::size_t width) {
  const auto at = [width](const std::string& text, std::size_t i) {
    std::uint64_t word = 0;
    for (std::size_t b = 0; b < width; ++b) word = word << 8 | static_cast<std::uint8_t>(text[i + b]);
    return word;
  };
  std::vector<std::uint64_t> left, right;
  for (std::size_t i = 0; i + width <= one.size(); i += width) left.push_back(at(one, i));
  for (std::size_t i = 0; i + width <= other.size(); ++i) right.push_back(at(other, i));
  std::sort(right.begin(), right.end());
  double found = 0;
  for (const std::uint64_t word : left) {
    const auto [first, last] = std::equal_range(right.begin(), right.end(), word);
    found += static_cast<double>(last - first);
  }
  const double expected = static_cast<double>(left.size()) * static_cast<double>(right.size()) /
                          std::pow(256.0, static_cast<double>(width));
  return (found - expected) / std::sqrt(expected);
}

}  // namespace sidik::test
