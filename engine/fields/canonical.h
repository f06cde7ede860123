// Raw values to canonical forms: all spellings of one value become one string, whatever tool wrote them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "fields/field_type.h"

namespace sidik {

/// How a column writes what cannot be told from one value. Pinned by inference or the schema.
enum class DateOrder : std::uint8_t { kDayFirst, kMonthFirst };
enum class DecimalSign : std::uint8_t { kPoint, kComma };

struct CanonicalOptions {
  DateOrder date_order = DateOrder::kDayFirst;     // of 03/04/1985; ISO and Y/M/D need no telling
  DecimalSign decimal_sign = DecimalSign::kPoint;  // of 1.234
  std::uint16_t newest_year = 2029;                // two-digit years mean the latest year not after this one
  bool operator==(const CanonicalOptions&) const = default;
};

enum class ValueState : std::uint8_t {
  kValid,    // the canonical form is of the column's type
  kNull,     // no value: empty, or a null token (NULL, \N, N/A, -, ...); no canonical form
  kInvalid,  // not of the type: the canonical form is that of kText
};

/// Canonical forms of one column of a batch, in one buffer. Reused: keeps its capacity. kTextSlack bytes stand behind
/// the last.
class CanonicalColumn {
 public:
  std::size_t size() const { return state.size(); }
  std::string_view value(std::size_t i) const {
    return {reinterpret_cast<const char*>(text.data()) + begin[i], begin[i + 1] - begin[i]};
  }
  void clear();

  Bytes text;                        // all forms, one after another, then the slack; may be longer than both
  std::vector<std::uint32_t> begin;  // size() + 1 offsets into text
  std::vector<ValueState> state;
};

/// Fills `out` with the canonical form of each raw value (UTF-8; what is no UTF-8 is read byte by byte as
/// Windows-1252). REQUIRES: kTextSlack readable bytes behind each raw value (Batch sees to it); all raw values together
/// under 4 GiB. Every form is total (no value throws), idempotent and stable: canonical(canonical(v)) == canonical(v)
/// with state kValid, and a change of any form is a change of format (tests/fields/golden). Forms are never empty and
/// at most 4 times as long as the value + 16.
void canonicalise(FieldType type, const CanonicalOptions& options, std::span<const std::string_view> raw,
                  CanonicalColumn& out);

/// One value, for tests and small work.
struct CanonicalValue {
  ValueState state;
  std::string text;
};
CanonicalValue canonical(FieldType type, std::string_view raw, const CanonicalOptions& options = {});

/// Whether `raw` stands for "no value": empty, white space, NULL, \N, N/A, NA, NaN, NIL, NONE, -, --, #N/A, (null), ...
/// (any case).
bool is_null_token(std::string_view raw);

}  // namespace sidik
