// A table's schema: each column's type, what it is good for, and why it was decided so. Inferred, or read from a TOML
// file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields/canonical.h"
#include "fields/field_type.h"

namespace sidik {

struct ColumnSchema {
  /// The header as written; "column_3" (from 1) where there is none.
  std::string name;
  FieldType type = FieldType::kText;
  CanonicalOptions options;
  /// Identifying: its values get index entries, so that a row is found by them.
  bool indexed = false;
  /// Its valid value may give the row's identity; of several such columns in a row the one whose type has the smallest
  /// identity_rank gives it, then the leftmost.
  bool identity = false;
  /// Why, in a phrase for the user: "97 % are NIKs with a known region", "given in the schema". Holds no values.
  std::string reason;
};

struct Schema {
  std::vector<ColumnSchema> columns;

  /// The columns that may give the identity, first choice first. Empty: rows are identified by all their values.
  std::vector<std::size_t> identity_order() const;

  /// A schema file that from_toml reads back to the same schema, with the reasons as comments.
  std::string to_toml() const;
  /// `[[column]]` tables with name, type, and optionally date_order ("day-first", "month-first"), decimal ("point",
  /// "comma"), indexed, identity. Throws Error(kUsage) naming `place`, line and what was expected.
  static Schema from_toml(std::string_view text, const std::string& place);
};

/// A column's name as columns are matched by it: NFKC, folded, everything but letters and digits left out ("Tgl. Lahir"
/// and "TGL_LAHIR" are "tgllahir").
std::string normalised_name(std::string_view header);

/// Where two schemas differ, one sentence a difference, for the user (drift of a feed); empty where they do not. Order
/// of the columns does not matter, nor do reasons.
std::vector<std::string> schema_drift(const Schema& pinned, const Schema& found);

}  // namespace sidik
