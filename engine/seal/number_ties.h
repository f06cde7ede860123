// Which of a number's characters other columns of its row tell: a birth date within it, another number, a sex or branch
// that digits go with. Whoever makes a number like it has it follow them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields/schema.h"

namespace sidik {

/// Learned from rows of a table; rows that differ from what most do are borne. Not thread-safe.
class NumberTies {
 public:
  explicit NumberTies(const Schema& schema);

  /// One row's cells, by column.
  void observe(const std::vector<std::string_view>& cells);

  /// By byte of `like`, a number of that column: whether a column of the row tells it. `categories`: digits that go
  /// with a category as well as dates and numbers within it.
  std::vector<bool> tied(std::size_t column, std::string_view like, bool categories) const;

  /// By column, whether it tells any of another's numbers.
  std::vector<bool> tellers() const;

  /// Of those what other numbers of the row tell.
  std::vector<bool> tied_to_numbers(std::size_t column, std::string_view like) const;

  /// `number` of that column as it is in a row in which `before` became `after`: dates and numbers that `before` has in
  /// it are those of `after`. `number` is as long as before's.
  std::string following(std::size_t column, std::string number, const std::vector<std::string>& before,
                        const std::vector<std::string>& after) const;

 private:
  /// A part of a date, as two or four digits.
  enum class Part : std::uint8_t { kYear, kYearOfCentury, kMonth, kDay };
  static constexpr std::size_t kParts = 4;
  /// How often something of another column stands at a place of a number.
  struct Place {
    std::uint32_t hits = 0;
    std::uint32_t varied = 0;  // of those, where it is another than in the first row
  };
  struct DateTie {
    std::uint32_t rows = 0;
    std::array<std::string, kParts> first;
    std::array<std::vector<Place>, kParts> places;  // by byte of the number
  };
  struct NumberTie {
    std::uint32_t rows = 0;
    std::string first;
    std::map<std::size_t, Place> places;  // by which of the number's letters and digits it begins at
  };
  struct CategoryTie {
    std::uint32_t rows = 0;
    std::map<std::string, std::vector<std::array<std::uint32_t, 10>>, std::less<>> values;  // by byte
    bool too_many = false;
  };
  /// Of the numbers of one column that have one length, by other column.
  struct Ties {
    std::uint32_t rows = 0;
    std::map<std::size_t, DateTie> dates;
    std::map<std::size_t, NumberTie> numbers;
    std::map<std::size_t, CategoryTie> categories;
  };
  struct Written;
  static Part part(std::size_t number) { return static_cast<Part>(number); }
  static bool holds(std::string_view number, std::size_t at, Part part, std::string_view value);
  static bool is_told(const Place& place, std::uint32_t rows);
  static std::vector<bool> told_by(const CategoryTie& tie, std::size_t size);
  const Ties* ties_of(std::size_t column, std::size_t size) const;
  std::optional<std::array<std::string, kParts>> parts_of(std::size_t column, std::string_view raw) const;

  Schema schema_;
  std::vector<std::size_t> numbers_, dates_, categories_;  // columns
  std::vector<std::map<std::size_t, Ties>> ties_;          // by place in numbers_, by length
};

}  // namespace sidik
