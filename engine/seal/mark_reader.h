// Reads the marks of a leak: which spelling each value has in each channel, and how that fits a recipient's code.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "fields/canonical.h"
#include "seal/accusation.h"
#include "seal/mark_code.h"
#include "seal/sealing.h"

namespace sidik {

/// Collects what is seen, position by position; a position that many rows show counts once. Not thread-safe.
class MarkReader {
 public:
  explicit MarkReader(const Secret& shared);
  /// Values of one column, as written; the same column may come in pieces. REQUIRES: as canonicalise().
  void read(FieldType type, const CanonicalOptions& options, std::span<const std::string_view> raw);

  struct Seen {
    MarkPosition position;
    FieldType type;
    bool symbol;
  };
  /// Rising by position. Where rows disagree the majority counts; a position without one is left out.
  std::vector<Seen> seen() const;
  /// Positions that were seen in both spellings: copies of several recipients, or somebody who re-spelled.
  std::size_t mixed() const;

 private:
  struct Counts {
    FieldType type;
    std::uint32_t symbols[2] = {0, 0};
  };
  MarkBiases biases_;
  std::map<MarkPosition, Counts> counts_;
  CanonicalColumn canonical_;
  std::vector<std::uint64_t> places_;
};

/// What a leak shows in the channels of one sealing, and its biases.
struct MarkEvidence {
  std::vector<MarkPosition> positions;
  std::vector<SeenMark> seen;
};
MarkEvidence evidence_under(const Sealing& sealing, const Secret& shared, std::span<const MarkReader::Seen> seen);

/// One recipient's symbols at the positions of `evidence`.
std::vector<std::uint8_t> symbols_of(const Secret& recipient, const MarkEvidence& evidence);

}  // namespace sidik
