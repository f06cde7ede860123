// Rows of nobody, made from a recipient's secret and the export's own rows: every value is drawn from what its column
// holds, and fits the others in its row.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fields/schema.h"
#include "fingerprints/record.h"
#include "ingest/batch.h"
#include "seal/block_sealer.h"
#include "seal/canary_family.h"
#include "seal/canary_selection.h"
#include "seal/donor_ring.h"

namespace sidik {

/// No export gets more.
inline constexpr std::size_t kMostCanaries = 100000;

/// How many canaries among `all` real rows it takes that a leak of `rows` random ones holds a canary with probability
/// `chance`: some -all ln(1 - chance) / rows.
std::uint64_t canaries_to_detect(double chance, std::uint64_t rows, std::uint64_t all);

/// Finds the donors and the order of the rows. Not thread-safe.
class CanaryCensus {
 public:
  CanaryCensus(const SealSecrets& secrets, const Secret& fingerprint_secret, const Schema& schema, std::size_t count,
               CanaryTraps traps);
  /// Rows in the order of the table. `ascii_only`: rows with other bytes lend nothing (their encoding is not ours to
  /// write).
  void observe(const Batch& batch, bool ascii_only);

  std::uint64_t rows() const { return rows_; }
  /// The column that the rows are sorted by, rising; nothing where there is none.
  std::optional<std::size_t> sorted_by() const;
  /// How many canaries the table gets: as asked for, or fewer where there are too few rows to lend (100 a canary).
  std::size_t most() const { return most_of(rows_); }
  /// Canaries, family by family: some times as many as there are to be, for CanarySelection to choose from and to take
  /// the places of those that turn out to be somebody.
  std::vector<CanaryCandidate> make();
  /// The columns of the rows' own NIKs and names.
  std::optional<std::size_t> nik() const { return nik_; }
  std::optional<std::size_t> name() const { return name_; }

 private:
  struct Order {
    std::string last;
    bool rising = true;
    std::uint64_t rises = 0;
  };
  /// So many places are kept for a family whose rows do not stand together.
  static constexpr std::size_t kPlaces = 4;
  static std::size_t candidates_for(std::size_t count);
  std::size_t most_of(std::uint64_t rows) const;
  std::uint32_t kind_of(std::span<const std::string_view> cells) const;
  std::uint32_t setting_of(std::span<const std::string_view> cells) const;
  std::set<std::string> names_of(const Household& household) const;
  TableShape shape() const;
  void find_households(const Batch& batch);
  void follow_order(const Batch& batch);

  const SealSecrets secrets_;
  Schema schema_;
  std::size_t count_;
  CanaryTraps traps_;
  std::optional<std::size_t> nik_, name_, household_;  // columns
  IdentityTags identities_;
  std::optional<ValueFingerprinter> household_values_;
  RingNumbers numbers_, draws_;
  HouseholdRing base_;
  DonorPool namesakes_, houses_;
  DonorRing places_;
  std::vector<Order> orders_;
  std::uint64_t rows_ = 0;
  std::uint64_t last_household_ = 0;
  std::vector<RowTag> tags_, some_;
  std::vector<std::uint64_t> on_ring_, drawn_, household_of_, household_on_ring_;
  std::vector<ValueState> states_;
  std::vector<Fingerprint> fingerprints_;
};

}  // namespace sidik
