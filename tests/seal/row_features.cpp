#include "seal/row_features.h"

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <unordered_map>

#include "fields/canonical.h"

namespace sidik::looks {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

std::string canonical_text(const ColumnSchema& column, const std::string& raw) {
  const CanonicalValue value = canonical(column.type, raw, column.options);
  return value.state == ValueState::kValid ? value.text : std::string();
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text)
    if (c == ' ')
      words.emplace_back();
    else
      words.back() += c;
  return words;
}

float number(const std::string& text, std::size_t from, std::size_t size) {
  if (from + size > text.size()) return kMissing;
  float value = 0;
  for (std::size_t i = from; i < from + size; ++i) {
    if (text[i] < '0' || text[i] > '9') return kMissing;
    value = value * 10 + static_cast<float>(text[i] - '0');
  }
  return value;
}

std::string without_digits(std::string text) {
  std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return text;
}

float count_digits(const std::string& text) {
  float digits = 0;
  for (const char c : text) digits += c >= '0' && c <= '9' ? 1.0F : 0.0F;
  return digits;
}

/// How often each text was seen.
class Counts {
 public:
  void add(const std::string& text) { ++counts_[text]; }
  float of(const std::string& text) const {
    const auto found = counts_.find(text);
    return found == counts_.end() ? 0.0F : std::log1p(static_cast<float>(found->second));
  }
  float exactly(const std::string& text) const {
    const auto found = counts_.find(text);
    return found == counts_.end() ? 0.0F : static_cast<float>(found->second);
  }

 private:
  std::unordered_map<std::string, unsigned> counts_;
};

/// One row with all that several features need.
struct Seen {
  std::vector<std::string> values;  // canonical; empty where null or invalid
  std::string nik, address, first_name, last_name;
};

class Measure {
 public:
  explicit Measure(const Table& table) : schema_(table.schema) {
    for (const auto& cells : table.rows) seen_.push_back(look(cells));
    for (const Seen& row : seen_) count(row);
    for (std::size_t r = 0; r < seen_.size(); ++r)
      if (!seen_[r].address.empty()) household_[seen_[r].address].push_back(r);
  }

  std::vector<Features> all() const {
    std::vector<Features> out;
    for (std::size_t r = 0; r < seen_.size(); ++r) out.push_back(of(r));
    return out;
  }

 private:
  Seen look(const std::vector<std::string>& cells) const {
    Seen row;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const ColumnSchema& column = schema_.columns[c];
      row.values.push_back(canonical_text(column, cells[c]));
      const std::string& value = row.values.back();
      if (column.type == FieldType::kNik && row.nik.empty()) row.nik = value;
      if (column.type == FieldType::kAddress && row.address.empty()) row.address = value;
      if (column.type == FieldType::kPersonName && row.first_name.empty() && !value.empty()) {
        const auto words = words_of(value);
        row.first_name = words.front();
        row.last_name = words.back();
      }
    }
    return row;
  }

  static std::string province(const Seen& row) { return row.nik.substr(0, 2); }
  static std::string sex(const Seen& row) { return row.nik.size() == 16 ? (row.nik[6] >= '4' ? "P" : "L") : "?"; }

  void count(const Seen& row) {
    values_.resize(row.values.size());
    shapes_.resize(row.values.size());
    for (std::size_t c = 0; c < row.values.size(); ++c) {
      values_[c].add(row.values[c]);
      shapes_[c].add(without_digits(row.values[c]));
    }
    names_.add("1 " + row.first_name);
    names_.add("2 " + row.last_name);
    names_.add("3 " + row.first_name + " " + row.last_name);
    names_.add("4 " + row.first_name + " " + province(row));
    names_.add("5 " + row.last_name + " " + province(row));
    names_.add("6 " + row.first_name + " " + sex(row));
    niks_.add("1 " + row.nik.substr(0, 6));
    if (row.nik.size() == 16) {
      niks_.add("2 " + row.nik.substr(0, 12));
      niks_.add("3 " + row.nik.substr(12));
      niks_.add("4 " + row.nik.substr(6, 4));
    }
  }

  Features of(std::size_t r) const {
    const Seen& row = seen_[r];
    Features out;
    for (std::size_t c = 0; c < row.values.size(); ++c) add_value(c, row, out);
    for (const char* key : {"1 ", "2 ", "3 ", "4 "}) {
      const std::size_t from = key[0] == '3' ? 12 : key[0] == '4' ? 6 : 0;
      const std::size_t size = key[0] == '1' ? 6 : key[0] == '2' ? 12 : 4;
      out.push_back(row.nik.size() == 16 ? niks_.of(key + row.nik.substr(from, size)) : kMissing);
    }
    out.push_back(names_.of("1 " + row.first_name));
    out.push_back(names_.of("2 " + row.last_name));
    out.push_back(names_.of("3 " + row.first_name + " " + row.last_name));
    out.push_back(names_.of("4 " + row.first_name + " " + province(row)) - names_.of("1 " + row.first_name));
    out.push_back(names_.of("5 " + row.last_name + " " + province(row)) - names_.of("2 " + row.last_name));
    out.push_back(names_.of("6 " + row.first_name + " " + sex(row)) - names_.of("1 " + row.first_name));
    out.push_back(row.first_name == row.last_name ? 1.0F : 0.0F);
    add_household(r, out);
    return out;
  }

  void add_value(std::size_t c, const Seen& row, Features& out) const {
    const std::string& value = row.values[c];
    out.push_back(values_[c].of(value));
    out.push_back(static_cast<float>(value.size()));
    if (value.empty()) {
      for (int i = 0; i < 8; ++i) out.push_back(kMissing);
      return;
    }
    out.push_back(shapes_[c].of(without_digits(value)));
    out.push_back(count_digits(value));
    std::array<float, 6> parts;
    parts.fill(kMissing);
    switch (schema_.columns[c].type) {
      case FieldType::kNik:
        for (std::size_t i = 0; i < 6; ++i) parts[i] = number(value, 2 * i, 2);
        parts[0] = number(value, 12, 4);
        break;
      case FieldType::kIdentifier:
        parts = {number(value, 0, 1),
                 number(value, 1, 1),
                 value.size() > 3 ? number(value, value.size() - 1, 1) : kMissing,
                 value.size() > 3 ? number(value, value.size() - 4, 4) : kMissing,
                 number(value, 0, 3),
                 value.size() == 16 ? number(value, 6, 2) : kMissing};
        break;
      case FieldType::kPhone:
        parts = {
            number(value, 3, 3), number(value, value.size() - 4, 4), number(value, 6, 3), kMissing, kMissing, kMissing};
        break;
      case FieldType::kDate:
      case FieldType::kTimestamp: {
        parts = {
            number(value, 0, 4), number(value, 5, 2), number(value, 8, 2), number(value, 11, 2), kMissing, kMissing};
        if (row.nik.size() == 16 && parts[0] > 0)
          parts[4] = number(row.nik, 10, 2) - std::fmod(parts[0], 100.0F) + number(row.nik, 8, 2) - parts[1] +
                     std::fmod(number(row.nik, 6, 2), 40.0F) - parts[2];
        break;
      }
      case FieldType::kAddress: {
        const std::size_t no = value.find(" NO ");
        parts[0] = static_cast<float>(words_of(value).size());
        parts[1] = no == std::string::npos ? kMissing : number(value, no + 4, 1);
        parts[2] = no == std::string::npos ? kMissing : count_digits(words_of(value.substr(no + 4)).front());
        break;
      }
      default:
        parts[0] = number(value, 0, value.size());
        parts[1] = static_cast<float>(words_of(value).size());
        parts[2] = row.nik.starts_with(value) && value.size() >= 4 ? 1.0F : 0.0F;
        break;
    }
    out.insert(out.end(), parts.begin(), parts.end());
  }

  /// Size, ages, sexes and names of those at the same address, and whether they stand together.
  void add_household(std::size_t r, Features& out) const {
    const Seen& row = seen_[r];
    const auto found = household_.find(row.address);
    if (found == household_.end()) {
      out.insert(out.end(), 8, kMissing);
      return;
    }
    const auto year = [&](std::size_t other) { return number(seen_[other].nik, 10, 2); };
    float older = 0, women = 0, same_name = 0, near = 0, same_district = 0, twins = 0;
    for (const std::size_t other : found->second) {
      const float gap = std::fmod(year(r) - year(other) + 200.0F, 100.0F);
      older += gap > 0 && gap < 60 ? 1.0F : 0.0F;
      women += sex(seen_[other]) == "P" ? 1.0F : 0.0F;
      same_name += seen_[other].last_name == row.last_name ? 1.0F : 0.0F;
      near += other + 12 > r && other < r + 12 ? 1.0F : 0.0F;
      same_district += seen_[other].nik.substr(0, 6) == row.nik.substr(0, 6) ? 1.0F : 0.0F;
      twins += seen_[other].nik.substr(6, 4) == row.nik.substr(6, 4) ? 1.0F : 0.0F;
    }
    out.insert(out.end(), {static_cast<float>(found->second.size()), older, women, same_name, near, same_district,
                           twins, r > 0 && seen_[r - 1].address == row.address ? 1.0F : 0.0F});
  }

  const Schema& schema_;
  std::vector<Seen> seen_;
  std::vector<Counts> values_, shapes_;
  Counts names_, niks_;
  std::unordered_map<std::string, std::vector<std::size_t>> household_;
};

}  // namespace

std::vector<std::uint64_t> households_of(const Table& table) {
  std::vector<std::uint64_t> out;
  for (const auto& cells : table.rows) {
    std::string shared = "row " + std::to_string(out.size());
    for (const FieldType type : {FieldType::kPhone, FieldType::kAddress})
      for (std::size_t c = 0; c < cells.size(); ++c)
        if (table.schema.columns[c].type == type)
          if (std::string value = canonical_text(table.schema.columns[c], cells[c]); !value.empty())
            shared = std::move(value);
    out.push_back(std::hash<std::string>{}(shared));
  }
  return out;
}

std::vector<std::string> feature_names(const Schema& schema) {
  std::vector<std::string> names;
  for (const ColumnSchema& column : schema.columns)
    for (const char* each : {"how common", "length", "how common its shape is", "digits", "part 1", "part 2", "part 3",
                             "part 4", "part 5", "part 6"})
      names.push_back(column.name + ": " + each);
  for (const char* each :
       {"NIK: rows of its district", "NIK: rows of its district and birth", "NIK: how common its serial is",
        "NIK: rows of its day and month", "first name: how common", "last name: how common", "both names: how common",
        "first name: in the province", "last name: in the province", "first name: of the sex", "first name is the last",
        "household: rows", "household: older than it", "household: women", "household: of its last name",
        "household: close by", "household: of its district", "household: born on its day", "household: next to it"})
    names.emplace_back(each);
  return names;
}

std::vector<Features> features_of(const Table& table) { return Measure(table).all(); }

}  // namespace sidik::looks
