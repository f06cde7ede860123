// Rows that a recipient never gets: a keyed share of them, the same rows in every export to that recipient. No
// re-formatting brings them back.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fingerprints/fingerprinter.h"
#include "fingerprints/record.h"
#include "seal/seal_secrets.h"

namespace sidik {

/// Decides by a row's tag. One object a thread.
class Withholding {
 public:
  Withholding(const SealSecrets& secrets, double share);
  /// out[i] becomes 1 where the row of tags[i] is withheld from this recipient.
  void decide(std::span<const RowTag> tags, std::vector<std::uint8_t>& out);

 private:
  Cmac cmac_;
  std::uint64_t bound_;
};

/// ln P(h of n distinct rows seen are among those withheld | this recipient's copy leaked) - ln P(the same | another's
/// did): a copy holds none of them, but a leak may have rows of other origin beside it; their share is integrated over.
double log_withheld_ratio(std::uint64_t rows, std::uint64_t withheld, double share);

}  // namespace sidik
