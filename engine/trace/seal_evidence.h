// What marks and withheld rows of a sample say of each sealed export. How they are written and read is engine/seal's;
// here they become likelihood ratios.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fingerprints/key.h"
#include "seal/accusation.h"
#include "trace/column_map.h"
#include "trace/sample_reader.h"

namespace sidik {

/// No seal is worth more than this, in ln, for or against: who holds its secret can plant it (EVIDENCE.md has the
/// figure).
inline constexpr double kSealBound = 13.8155;  // six decades

/// Of one export; nothing where it was not sealed so, or the sample shows none of it.
struct SealScore {
  std::optional<double> marks;  // ln of the ratio against a text without marks, within kSealBound
  std::optional<double>
      withheld;  // ln of the ratio against another copy's rows; what membership says already, by itself
  std::optional<double> canaries;  // ln of the ratio of the canaries seen, or of none where some were to be expected
  std::uint64_t canaries_seen = 0;
  double tail = 1;            // chance that marks of somebody innocent fit so well, over all sealed recipients
  std::size_t positions = 0;  // marks that were read
};

/// A row of the sample that was planted.
struct CanarySighting {
  std::uint64_t line = 0;
  ExportIndex e = 0;
  std::vector<std::size_t> columns;  // of the sample, whose values found it
};

class SealEvidence {
 public:
  SealEvidence() = default;
  /// Reads the screened rows. `epochs` has the fingerprint epoch of each export. Without the key's seal secret, or
  /// where nothing was sealed, there is no evidence.
  SealEvidence(const SampleSurvey& survey, const ColumnMap& map, const std::vector<ExportManifest>& exports,
               const RegistryKey& key, const EpochSecrets& secrets, std::vector<Epoch> epochs);

  bool any() const { return !scores_.empty(); }
  const SealScore& of(ExportIndex e) const;
  /// ln of the marks' ratio for rows that came from `sources` by `shares`; 0 where none is marked.
  double mixture(std::span<const ExportIndex> sources, std::span<const double> shares) const;
  /// Exports for several recipients whose marks a sample shows at once, each beyond chance: copies that were mixed. At
  /// most one export a recipient; empty where fewer than two are.
  std::vector<ExportIndex> colluders() const;
  /// By line, then export.
  const std::vector<CanarySighting>& sightings() const { return sightings_; }
  /// Whether a record was planted in some export.
  bool planted(RowTag tag) const { return std::binary_search(planted_.begin(), planted_.end(), tag); }

 private:
  struct Code {
    std::vector<SeenMark> seen;
    std::vector<std::uint8_t> symbols;
    double ratio = 0;
  };
  const Code* code_of(ExportIndex e) const;
  void read_marks(const SampleSurvey& survey, const ColumnMap& map, const std::vector<ExportManifest>& exports,
                  const RegistryKey& key);
  void read_rows(const SampleSurvey& survey, const ColumnMap& map, const std::vector<ExportManifest>& exports,
                 const RegistryKey& key, const EpochSecrets& secrets, Epoch epoch);
  double bounded(double ratio) const;

  std::vector<Epoch> epochs_;  // one an export
  std::vector<CanarySighting> sightings_;
  std::vector<RowTag> planted_;    // rising
  std::vector<SealScore> scores_;  // one an export
  std::vector<std::optional<std::string>>
      who_;                            // one an export: its seal's recipient, where it is marked and marks were seen
  std::map<std::string, Code> codes_;  // by recipient
  double best_ = 0;                    // largest ratio of a recipient
};

}  // namespace sidik
