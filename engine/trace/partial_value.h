// Cells that show only a part of their value, and the values that they may have had: digits hidden by a mask, rounded
// to a float or cut to zeros by a spreadsheet.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fields/field_type.h"
#include "trace/rounded_measure.h"

namespace sidik {

/// How a cell lost a part of its value.
enum class Loss : std::uint8_t {
  kNone,
  kHidden,   // 3273********0001, 0812xxxx7890, si***@gmail.com
  kRounded,  // 3.27306E+15
  kZeroed,   // 3273061234560000: a spreadsheet keeps 15 digits, and writes zeros for the rest
  kCoarse,   // 7340 for 7337: an amount, count or score that was rounded with all of its column
  kMisread   // 327306I2038S000l, or a digit wrong: tried where a row leads nowhere (misread_number.h)
};

/// What befell the numbers of a column throughout.
struct ColumnCut {
  unsigned zeroed = 0;               // zeroed_digits()
  std::optional<Rounding> rounding;  // of measures
};

/// How the cell stands under a type. `cut` is that of its column. Of types that hold such signs as they are, nothing is
/// lost.
Loss loss_of(FieldType type, std::string_view raw, const ColumnCut& cut);

/// How many digits at the end of a column's long numbers (16 digits and more) were written as zeros: as many as nearly
/// all of them end with, where there are eight and more; 0 where the numbers are whole.
unsigned zeroed_digits(std::span<const std::string_view> cells);

/// How many digits of a rounded or zeroed number are left.
unsigned digits_left(std::string_view raw, Loss loss, const ColumnCut& cut);

/// Whether the cell can be a part of a value of the type, as far as a look tells.
bool is_plausible(FieldType type, std::string_view raw, Loss loss, const ColumnCut& cut);

/// About how many values the cell may have had that would be tried: 1 to kMostCompletions.
double likely_completions(std::string_view raw, Loss loss, const ColumnCut& cut);

/// What else a row shows that its hidden parts follow from.
struct RowHints {
  std::vector<std::string> dates;  // canonical; the NIK holds one
  std::vector<std::string> names;  // canonical; addresses of mail are made of them
};

/// The values that a cell may have had, as text that canonicalise() reads, in a fixed order. Reused: keeps its
/// capacity. They are plain values: they stay in memory, and are printed nowhere.
class Completions {
 public:
  void clear();
  void add(std::string_view value);
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(text_).substr(begin, ends_[i] - begin);
  }
  /// All of them, with kTextSlack readable bytes behind each. Valid until the next change.
  std::vector<std::string_view> views();

 private:
  std::string text_;
  std::vector<std::size_t> ends_;
};

/// No cell is completed in more ways than this: four digits and a bit.
inline constexpr std::size_t kMostCompletions = 20000;

enum class Completeness : std::uint8_t {
  kNone,  // no value fits, or more than kMostCompletions do
  kSome,  // likely ones: that none of them is a record's proves nothing
  kAll
};

/// Fills `out` with the values of `type` that `raw` may stand for. A NIK's hidden birth date is taken from
/// `hints.dates` where there are any; addresses of mail are made of `hints.names`.
Completeness complete(FieldType type, std::string_view raw, Loss loss, const ColumnCut& cut, const RowHints& hints,
                      Completions& out);

}  // namespace sidik
