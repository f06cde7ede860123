// Schemas for tests.
#pragma once

#include <string>

#include "fields/schema.h"

namespace sidik::testing {

inline ColumnSchema column(const std::string& name, FieldType type) {
  ColumnSchema out;
  out.name = name;
  out.type = type;
  return out;
}

}  // namespace sidik::testing
