// How an export was sealed, as its encrypted manifest says it. Secrets are no part of it: they are derived again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields/field_type.h"
#include "fingerprints/record.h"
#include "seal/channel.h"
#include "seal/mark_code.h"

namespace sidik {

struct Sealing {
  /// A column type and the channels that are marked in columns of it, by their bits.
  struct Marked {
    FieldType type;
    std::uint32_t channels;
    bool operator==(const Marked&) const = default;
  };
  std::vector<Marked> marked;
  unsigned coalition = kUsualCoalition;  // that biases are laid out for
  double withhold = 0;                   // share of rows left out
  std::uint64_t withheld = 0;            // rows left out
  std::uint64_t canaries = 0;            // rows planted
  std::vector<RowTag> canary_tags;       // of those rows, rising
  std::string canary_identities{};       // of those rows, encrypted (canary_identities.h); empty of older seals

  bool marks(FieldType type, Channel channel) const;
  bool operator==(const Sealing&) const = default;

  std::string encode() const;
  /// Nothing for an export that was not sealed, or by a newer version in a way that this one does not know.
  static std::optional<Sealing> decode(std::string_view bytes);
};

}  // namespace sidik
