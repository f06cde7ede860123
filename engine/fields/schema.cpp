#include "fields/schema.h"

#include <toml++/toml.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "fields/text_folding.h"

namespace sidik {

namespace {

std::string_view word(DateOrder order) { return order == DateOrder::kDayFirst ? "day-first" : "month-first"; }
std::string_view word(DecimalSign sign) { return sign == DecimalSign::kPoint ? "point" : "comma"; }

std::string in_quotes(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// A comment's line holds no control characters, or the file would not read back.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

std::string list_of_types() {
  std::string names;
  for (const FieldType type : all_field_types()) {
    if (!names.empty()) names += ", ";
    names += type_name(type);
  }
  return names;
}

bool found_by_default(FieldType type) {
  switch (type) {
    case FieldType::kNik:
    case FieldType::kIdentifier:
    case FieldType::kPhone:
    case FieldType::kEmail:
    case FieldType::kPersonName:
    case FieldType::kAddress:
      return true;
    default:
      return false;
  }
}

/// Reads one [[column]] table; every complaint names its line.
class ColumnReader {
 public:
  ColumnReader(const toml::table& table, const std::string& place) : table_(table), place_(place) {}

  ColumnSchema read() const {
    refuse_unknown_keys();
    ColumnSchema column;
    column.name = required("name");
    const std::string type = required("type");
    const std::optional<FieldType> known = type_from_name(type);
    if (!known) fail(table_.get("type"), "expected a type, one of: " + list_of_types());
    column.type = *known;
    column.options.date_order =
        choice("date_order", "day-first", "month-first") ? DateOrder::kDayFirst : DateOrder::kMonthFirst;
    column.options.decimal_sign = choice("decimal", "point", "comma") ? DecimalSign::kPoint : DecimalSign::kComma;
    column.options.newest_year = newest_year(column.options.newest_year);
    column.indexed = flag("indexed", found_by_default(column.type));
    column.identity = flag("identity", column.type == FieldType::kNik);
    if (column.identity && !identity_rank(column.type))
      fail(table_.get("identity"), "identity = true is for columns of type nik, identifier, email or phone only");
    column.reason = "given in the schema";
    return column;
  }

 private:
  [[noreturn]] void fail(const toml::node* node, const std::string& message) const {
    const toml::source_region& source = node != nullptr ? node->source() : table_.source();
    throw Error(ErrorKind::kUsage, place_ + ", line " + std::to_string(source.begin.line), message);
  }

  void refuse_unknown_keys() const {
    for (const auto& [key, node] : table_) {
      static constexpr std::string_view kKeys[] = {"name",    "type",        "date_order", "decimal",
                                                   "indexed", "newest_year", "identity"};
      if (std::find(std::begin(kKeys), std::end(kKeys), key.str()) == std::end(kKeys))
        fail(&node,
             "unknown key of a column; expected name, type, date_order, decimal, newest_year, indexed or identity");
    }
  }
  std::string required(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) fail(nullptr, "a column needs " + std::string(key) + " = \"...\"");
    const std::optional<std::string> text = node->value_exact<std::string>();
    if (!text) fail(node, std::string(key) + " is a text in quotes");
    return *text;
  }
  bool choice(std::string_view key, std::string_view first, std::string_view second) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return true;
    const std::string text = node->value_exact<std::string>().value_or("");
    if (text != first && text != second)
      fail(node, std::string(key) + " is \"" + std::string(first) + "\" or \"" + std::string(second) + "\"");
    return text == first;
  }
  bool flag(std::string_view key, bool otherwise) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return otherwise;
    const std::optional<bool> value = node->value_exact<bool>();
    if (!value) fail(node, std::string(key) + " is true or false");
    return *value;
  }
  std::uint16_t newest_year(std::uint16_t otherwise) const {
    const toml::node* node = table_.get("newest_year");
    if (node == nullptr) return otherwise;
    const std::int64_t year = node->value_exact<std::int64_t>().value_or(0);
    if (year < 1600 || year > 9999) fail(node, "newest_year is a year from 1600 to 9999");
    return static_cast<std::uint16_t>(year);
  }

  const toml::table& table_;
  const std::string& place_;
};

/// Columns by normalised name; of several of one name, by their order.
std::map<std::pair<std::string, int>, const ColumnSchema*> by_name(const Schema& schema) {
  std::map<std::pair<std::string, int>, const ColumnSchema*> columns;
  for (const ColumnSchema& column : schema.columns) {
    const std::string name = normalised_name(column.name);
    int occurrence = 0;
    while (!columns.emplace(std::pair(name, occurrence), &column).second) ++occurrence;
  }
  return columns;
}

void add_differences(const ColumnSchema& pinned, const ColumnSchema& found, std::vector<std::string>& drift) {
  const std::string column = "column " + in_quotes(pinned.name) + " ";
  const auto note = [&](std::string_view was, std::string_view is) {
    drift.push_back(column + "was " + std::string(was) + " and is now " + std::string(is));
  };
  if (pinned.type != found.type) {
    note(type_name(pinned.type), type_name(found.type));
    return;
  }
  const bool dated = pinned.type == FieldType::kDate || pinned.type == FieldType::kTimestamp;
  if (dated && pinned.options.date_order != found.options.date_order)
    note(word(pinned.options.date_order), word(found.options.date_order));
  if (dated && pinned.options.newest_year != found.options.newest_year)
    drift.push_back(column + "reads two-digit years up to " + std::to_string(found.options.newest_year) +
                    " and read them up to " + std::to_string(pinned.options.newest_year));
  const bool numeric = pinned.type == FieldType::kDecimal || pinned.type == FieldType::kInteger;
  if (numeric && pinned.options.decimal_sign != found.options.decimal_sign)
    drift.push_back(column + "had decimals with a " + std::string(word(pinned.options.decimal_sign)) +
                    " and has them with a " + std::string(word(found.options.decimal_sign)));
  if (pinned.indexed != found.indexed)
    note(pinned.indexed ? "indexed" : "not indexed", found.indexed ? "indexed" : "not indexed");
  if (pinned.identity != found.identity)
    note(pinned.identity ? "an identity" : "no identity", found.identity ? "an identity" : "no identity");
}

}  // namespace

std::vector<std::size_t> Schema::identity_order() const {
  std::vector<std::size_t> order;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (columns[c].identity && identity_rank(columns[c].type)) order.push_back(c);
  std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return *identity_rank(columns[a].type) < *identity_rank(columns[b].type);
  });
  return order;
}

std::string Schema::to_toml() const {
  std::string text;
  const CanonicalOptions usual;
  for (const ColumnSchema& column : columns) {
    if (!text.empty()) text += '\n';
    if (!column.reason.empty()) text += "# " + one_line(column.reason) + '\n';
    text += "[[column]]\n";
    text += "name = " + in_quotes(column.name) + '\n';
    text += "type = " + in_quotes(type_name(column.type)) + '\n';
    if (column.options.date_order != usual.date_order || column.type == FieldType::kDate ||
        column.type == FieldType::kTimestamp)
      text += "date_order = " + in_quotes(word(column.options.date_order)) + '\n';
    if (column.options.decimal_sign != usual.decimal_sign || column.type == FieldType::kDecimal)
      text += "decimal = " + in_quotes(word(column.options.decimal_sign)) + '\n';
    if (column.options.newest_year != usual.newest_year)
      text += "newest_year = " + std::to_string(column.options.newest_year) + '\n';
    text += std::string("indexed = ") + (column.indexed ? "true" : "false") + '\n';
    text += std::string("identity = ") + (column.identity ? "true" : "false") + '\n';
  }
  return text;
}

Schema Schema::from_toml(std::string_view text, const std::string& place) {
  toml::table document;
  try {
    document = toml::parse(text, place);
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::kUsage, place + ", line " + std::to_string(error.source().begin.line),
                "this is no TOML: " + std::string(error.description()));
  }
  Schema schema;
  for (const auto& [key, node] : document) {
    const std::string line = place + ", line " + std::to_string(node.source().begin.line);
    const toml::array* tables = node.as_array();
    if (key.str() != "column" || tables == nullptr)
      throw Error(ErrorKind::kUsage, line, "expected [[column]] tables and nothing else");
    for (const toml::node& element : *tables) {
      const toml::table* table = element.as_table();
      if (table == nullptr) throw Error(ErrorKind::kUsage, line, "expected [[column]] tables and nothing else");
      schema.columns.push_back(ColumnReader(*table, place).read());
    }
  }
  if (schema.columns.empty())
    throw Error(ErrorKind::kUsage, place, "expected at least one [[column]] table with name and type");
  return schema;
}

std::string normalised_name(std::string_view header) { return fold_letters_and_digits(header); }

std::vector<std::string> schema_drift(const Schema& pinned, const Schema& found) {
  std::vector<std::string> drift;
  const auto before = by_name(pinned);
  const auto after = by_name(found);
  for (const auto& [name, column] : before) {
    const auto same = after.find(name);
    if (same == after.end()) {
      drift.push_back("column " + in_quotes(column->name) + " is gone");
    } else {
      add_differences(*column, *same->second, drift);
    }
  }
  for (const auto& [name, column] : after)
    if (before.find(name) == before.end()) drift.push_back("column " + in_quotes(column->name) + " is new");
  return drift;
}

}  // namespace sidik
