// Rows of nobody, made from a recipient's secret and the export's own rows: every value is drawn from what its column
// holds, and fits the others in its row.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fields/schema.h"
#include "fingerprints/record.h"
#include "ingest/batch.h"
#include "seal/block_sealer.h"
#include "seal/canary_family.h"
#include "seal/canary_selection.h"
#include "seal/cell_lending.h"
#include "seal/donor_ring.h"
#include "seal/row_sample.h"
#include "seal/seen_people.h"
#include "seal/table_order.h"

namespace sidik {

/// No export gets more.
inline constexpr std::size_t kMostCanaries = 100000;

/// And none fewer rows for each.
inline constexpr std::uint64_t kRowsACanary = 100;

/// How many canaries among `all` real rows it takes that a leak of `rows` random ones holds a canary with probability
/// `chance`: some -all ln(1 - chance) / rows.
std::uint64_t canaries_to_detect(double chance, std::uint64_t rows, std::uint64_t all);

/// Finds the donors and the order of the rows. One object a thread: part() makes another for the same table, merge()
/// takes it in.
class CanaryCensus {
 public:
  /// `rows`: about how many the table has; where there is a number, what CanarySelection and CanaryPlacing need of the
  /// rows is kept as well.
  CanaryCensus(const SealSecrets& secrets, const Secret& fingerprint_secret, const Schema& schema, std::size_t count,
               CanaryTraps traps, std::optional<std::uint64_t> rows = std::nullopt);
  /// One that has seen nothing.
  std::unique_ptr<CanaryCensus> part() const;
  /// A block of the table, once; blocks in any order. `ascii_only`: rows with other bytes lend nothing (their encoding
  /// is not ours to write).
  void observe(const Batch& batch, bool ascii_only);
  /// As if all that `other` saw had been seen here.
  void merge(CanaryCensus&& other);

  std::uint64_t rows() const { return rows_; }
  /// The columns that the table is sorted by; empty where it is by none.
  std::vector<SortKey> sorted_by() { return order_.sorted_by(); }
  /// How many canaries the table gets: as asked for (at most those that the census was made for), or fewer where there
  /// are too few rows to lend (100 a canary).
  std::size_t most(std::size_t asked) const;
  /// Canaries, family by family: some times the `most` that there are to be, for CanarySelection to choose from and to
  /// take the places of those that turn out to be somebody.
  std::vector<CanaryCandidate> make(std::size_t most, unsigned threads);
  /// The columns of the rows' own NIKs and names.
  std::optional<std::size_t> nik() const { return niks_.empty() ? std::nullopt : std::optional(niks_.front()); }
  std::optional<std::size_t> name() const { return name_; }
  /// The column that the rows of a household have in common.
  std::optional<std::size_t> household() const { return household_; }
  /// Of the rows, where `rows` was given:
  const RowSample& sample() const { return kept_->sample; }
  /// Whose they are, by tags under the secret that the census has.
  const SeenPeople& people() const { return *kept_->people; }
  /// By CanaryCandidate::place, the row before which a candidate stands in a table that is not sorted; empty where no
  /// row but the first of a block begins a household.
  const PlaceRing& places() const { return kept_->places; }

 private:
  struct Kept {
    RowSample sample;
    std::shared_ptr<SeenPeople> people;  // all parts'
    PlaceRing places;
  };
  static std::vector<std::uint64_t> place_numbers(const SealSecrets& secrets, std::size_t families);
  class Making;
  static std::size_t candidates_for(std::size_t count);
  /// What a NIK says of who may lend to whom.
  struct Origin {
    std::uint32_t district = 0;  // 0 where there is no NIK
    bool woman = false;
  };
  /// `cells` are the row's, by operator[].
  template <class Cells>
  Origin origin_of(const Cells& cells) const;
  template <class Cells>
  std::uint32_t kind_of(const Cells& cells, const Origin& origin) const;
  static constexpr std::uint32_t kKindsByNames = 3;  // one name, two, more
  std::uint32_t first_kind_of(const Origin& origin) const;
  static std::uint32_t setting_of(const Origin& origin);
  /// Hashes of a name's words.
  using Words = std::vector<std::uint64_t>;
  TableShape shape();
  void find_households(const Batch& batch);
  void keep(const Batch& batch);
  void offer(const Batch& batch, std::size_t row, bool ascii_only);

  const SealSecrets secrets_;
  const Secret fingerprint_secret_;
  Schema schema_;
  std::size_t count_;
  CanaryTraps traps_;
  std::vector<std::size_t> niks_;                // columns of own NIKs
  std::optional<std::size_t> name_, household_;  // columns
  IdentityTags identities_;
  std::optional<ValueFingerprinter> household_values_;
  RingNumbers numbers_;
  HouseholdRing base_;
  DonorPool namesakes_, houses_;
  std::optional<DonorPool> lenders_;  // where rows have no NIK
  TableOrder order_;
  RowSample shape_sample_;
  std::optional<Kept> kept_;
  std::uint64_t rows_ = 0;
  // Of the block at hand.
  std::vector<RowTag> tags_;
  std::vector<std::uint64_t> on_ring_, household_on_ring_, shared_on_ring_;
  std::vector<std::string_view> shared_, cells_;
  std::vector<std::size_t> shared_of_;
  std::vector<ValueState> states_;
  std::vector<Fingerprint> fingerprints_;
};

}  // namespace sidik
