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
#include "seal/canary_code.h"
#include "seal/donor_ring.h"

namespace sidik {

/// No export gets more.
inline constexpr std::size_t kMostCanaries = 100000;

/// How many canaries among `all` real rows it takes that a leak of `rows` random ones holds a canary with probability
/// `chance`: some -all ln(1 - chance) / rows.
std::uint64_t canaries_to_detect(double chance, std::uint64_t rows, std::uint64_t all);

/// First pass: finds the donors and the order of the rows. Not thread-safe.
class CanaryCensus {
 public:
  CanaryCensus(const SealSecrets& secrets, const Secret& fingerprint_secret, const Schema& schema, std::size_t count);
  /// Rows in the order of the table. `ascii_only`: rows with other bytes lend nothing (their encoding is not ours to
  /// write).
  void observe(const Batch& batch, bool ascii_only);

  std::uint64_t rows() const { return rows_; }
  /// The column that the rows are sorted by, rising; nothing where there is none.
  std::optional<std::size_t> sorted_by() const;
  /// The canaries; fewer than asked for where there are too few rows to lend (100 a canary).
  std::vector<Canary> make() const;

 private:
  struct Order {
    std::string last;
    bool rising = true;
    std::uint64_t rises = 0;
  };
  enum Role : std::size_t { kBase, kMan, kWoman, kBirth, kSerial, kContact, kHouse, kPlace, kRoles };
  void follow_order(const Batch& batch);

  const SealSecrets secrets_;
  Schema schema_;
  std::size_t count_;
  std::optional<std::size_t> nik_;
  IdentityTags identities_;
  RingNumbers numbers_;
  std::vector<DonorRing> rings_;
  std::vector<Order> orders_;
  std::uint64_t rows_ = 0;
  std::vector<RowTag> tags_;
  std::vector<std::uint64_t> on_ring_;
};

/// Whether `a` comes before `b` where a table is sorted: numbers by their size, all else by its bytes.
bool sorts_before(std::string_view a, std::string_view b);

/// Second pass: drops canaries whose identity a row has after all, and finds their places in a sorted table. Not
/// thread-safe.
class CanaryPlacing {
 public:
  CanaryPlacing(const Secret& fingerprint_secret, const Schema& schema, std::vector<Canary> canaries,
                std::optional<std::size_t> sorted_by);
  void observe(const Batch& batch);

  /// The tags of the canaries that are left, sorted; to be looked for in a registry.
  std::vector<RowTag> tags() const;
  void drop(const std::vector<RowTag>& taken);
  /// What is left; call once.
  std::vector<Canary> take();
  std::size_t dropped() const { return dropped_; }

 private:
  struct Entry {
    Canary canary;
    RowTag tag;
    bool taken = false;
  };
  IdentityTags identities_;
  std::optional<std::size_t> sorted_by_;
  std::vector<Entry> entries_;  // in the order of the sort
  std::multimap<RowTag, std::size_t> by_tag_;
  std::size_t next_ = 0;
  std::size_t dropped_ = 0;
  std::vector<RowTag> tags_;
};

}  // namespace sidik
