// Which days of a column are usual ones: a date there may be moved to a neighbouring one, and nobody sees it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace sidik {

/// Days of one column, as text that sorts by time ("2014-01-31", or "01-31" of birthdays). Not thread-safe.
class DateShape {
 public:
  void observe(const std::string& day);
  /// Whether so few have the day that it is nothing but a day: not that of a migration, of a quarter's start or of
  /// those whose birthday nobody knows.
  bool is_usual(const std::string& day) const;
  /// Whether `day` is none before the first and none behind the last that was observed.
  bool spans(const std::string& day) const;

 private:
  std::map<std::string, std::uint32_t> days_;
  std::uint64_t observed_ = 0;
};

}  // namespace sidik
