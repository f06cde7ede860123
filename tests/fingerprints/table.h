// A small table for tests: values of its own with the slack that views of a batch have.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fields/schema.h"

namespace sidik::test {

class Table {
 public:
  Table& column(std::string name, FieldType type, std::vector<std::string> values, bool identity = false) {
    ColumnSchema column;
    column.name = std::move(name);
    column.type = type;
    column.identity = identity;
    schema.columns.push_back(column);
    rows = values.size();
    auto& views = columns.emplace_back();
    for (std::string& value : values) {
      const std::size_t size = value.size();
      value.append(64, '#');  // rubbish behind each value: none of it may count
      views.push_back(std::string_view(kept_.emplace_back(std::move(value))).substr(0, size));
    }
    return *this;
  }

  Schema schema;
  std::vector<std::vector<std::string_view>> columns;
  std::size_t rows = 0;

 private:
  std::deque<std::string> kept_;  // never moves what it holds
};

}  // namespace sidik::test
