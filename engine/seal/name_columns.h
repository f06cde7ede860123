// How a table writes its people's names: in one column, or first and last apart; first names first, or behind a comma.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields/schema.h"

namespace sidik {

/// Whether a column holds persons' names: names in capitals, or of a region that the inference does not know, may be
/// text to it.
bool is_name(const ColumnSchema& column);

/// Calls `work` with each of a name's words as they stand; degrees behind a comma are none of them.
template <class Work>
void each_name_word(std::string_view name, Work&& work) {
  std::string_view left = name.substr(0, name.find(','));
  while (!left.empty()) {
    const std::string_view word = left.substr(0, left.find(' '));
    if (!word.empty()) work(word);
    left.remove_prefix(std::min(left.size(), word.size() + 1));
  }
}
std::vector<std::string> name_words(std::string_view name);

/// Tells from "last, first" from "name, degree", by a column's names.
class CommaNames {
 public:
  void observe(std::string_view name);
  /// Most have words behind a comma that are as many as first names are.
  bool are_last_first() const;
  /// Nearly all have something there.
  bool are_everywhere() const;

 private:
  std::size_t names_ = 0, commas_ = 0, behind_comma_ = 0;
  std::vector<std::string> words_;  // different ones, up to kEnoughWords
};

/// The names of a row.
struct NameColumns {
  std::vector<std::size_t> all;
  std::vector<bool> last_first;            // by place in `all`
  std::vector<bool> degrees;               // likewise: nearly all have something behind a comma, which stays
  std::optional<std::size_t> first, last;  // columns, where one holds first names and another last names

  static NameColumns of(const Schema& schema);
  /// A column that holds names, whatever its own is.
  void add(std::size_t column);
  /// `base` with the first name of `donor`, both of the `place`-th column, as that writes names.
  std::string with_first_name(std::size_t place, std::string_view base, std::string_view donor) const;
  /// The words of the row's own name, first name first; of the first column that has one.
  template <class Cells>
  std::vector<std::string> words(const Cells& cells) const {
    if (first && last) {
      std::vector<std::string> words = name_words(cells[*first]);
      for (std::string& word : name_words(cells[*last])) words.push_back(std::move(word));
      return words;
    }
    for (std::size_t n = 0; n < all.size(); ++n)
      if (auto words = spoken(n, cells[all[n]]); !words.empty()) return words;
    return {};
  }

 private:
  std::vector<std::string> spoken(std::size_t place, std::string_view name) const;
};

}  // namespace sidik
