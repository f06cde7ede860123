// Writes a recipient's marks into the values of a batch, and finds which channels a column has to write them in.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fields/schema.h"
#include "seal/mark_code.h"
#include "seal/seal_secrets.h"
#include "seal/spelling_choices.h"

namespace sidik {

/// A column and the channels that it is marked in, by their bits.
struct MarkedColumn {
  std::size_t column = 0;
  std::uint32_t channels = 0;
  bool uses(Channel channel) const { return ((channels >> static_cast<unsigned>(channel)) & 1) != 0; }
  bool operator==(const MarkedColumn&) const = default;
};

/// Those of the columns or types that `allowed` names which nothing was marked of: no column is of that type, or none
/// of its values has a choice.
std::vector<std::string> allowed_in_vain(const Schema& schema, const std::vector<MarkedColumn>& marked,
                                         const std::vector<std::string>& allowed);

/// How often the values of a table's columns have which spelling. Decides on channels.
class ChannelSurvey {
 public:
  explicit ChannelSurvey(const Schema& schema);
  void observe(std::span<const std::vector<std::string_view>> columns);

  /// The channels to use: all that the data vary in (each spelling in 2 % of the values that have the choice), and, of
  /// the columns or types that `allowed` names, all that values have. Error(kUsage, "--marks") for a name that is
  /// neither a column nor a type with channels, and for a column of a type that has none.
  std::vector<MarkedColumn> decide(const std::vector<std::string>& allowed) const;

 private:
  struct Counts {
    std::uint64_t values = 0;
    std::uint64_t symbols[kChannels][2] = {};
  };
  Schema schema_;
  std::vector<Counts> counts_;
  std::vector<SpellingChoice> choices_;  // of one value
};

/// A value that is to be written otherwise.
struct Respelled {
  std::size_t column = 0, row = 0;
  std::string_view text;  // valid until the next batch
};

/// Writes one recipient's marks. One object a thread.
class Marker {
 public:
  Marker(const SealSecrets& secrets, const Schema& schema, std::vector<MarkedColumn> marked, unsigned coalition);
  ~Marker();

  /// The values of a batch that marks change, column by column, rows rising. Null and invalid values and those that are
  /// not plain ASCII are left as they are, and so is any whose canonical form would not be the same. Nothing written
  /// holds a byte of `forbidden` (delimiter, quote, line end) that the value did not hold.
  std::span<const Respelled> mark(std::span<const std::vector<std::string_view>> columns, std::string_view forbidden);

  /// So many positions were written so far (respelled or right already).
  std::uint64_t positions() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sidik
