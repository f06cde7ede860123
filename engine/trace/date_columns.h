// The dates of a sample's columns: what they bound, and what nobody should trust.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/utc_time.h"
#include "fields/canonical.h"

namespace sidik {

/// The dates of one column, over the screened rows.
struct DateColumn {
  std::vector<UtcSeconds> dates;  // rising; placeholders (9999-12-31) are none
  std::uint64_t impossible = 0;   // cells built as a date that are none (2021-02-30)
  std::uint64_t first_line = 0;   // of an impossible one, the first

  std::uint64_t after(UtcSeconds limit) const;
  /// The newest that is not after `limit`.
  std::optional<UtcSeconds> newest(UtcSeconds limit) const;
};

/// Reads `cells` as dates with times under `options`; `lines` are where they stand.
DateColumn date_column(std::span<const std::string_view> cells, std::span<const std::uint64_t> lines,
                       const CanonicalOptions& options);

}  // namespace sidik
