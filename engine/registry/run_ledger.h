// Which runs were merged into which, which were dropped, and which exports were removed: the tables of the catalogue
// beside those that a registration fills.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "registry/catalogue.h"
#include "registry/merge_statement.h"

namespace sidik {

/// What the file of a removal is named by: the first half of the SHA-256 of the export's envelope.
std::string removal_name(const std::string& envelope_text);

/// The tables are made, and the catalogue becomes one of format 2, with the first merge or removal: a registry that has
/// had none is as it was before runs could merge. All functions REQUIRE a transaction, changes a write transaction.
class RunLedger {
 public:
  explicit RunLedger(const Catalogue& catalogue) : catalogue_(catalogue) {}

  /// The signed statement of each merged run, by the run's id in hex.
  std::map<std::string, std::string> merges() const;

  /// A run that no export is in any more; its files go when no reader has its generation.
  struct Dropped {
    std::string id;
    std::int64_t generation = 0;  // the first that is without it
  };
  std::vector<Dropped> dropped() const;

  struct Removal {
    std::uint64_t sequence = 0;
    std::string name;
    std::string envelope_text;
    std::string statement;
  };
  std::vector<Removal> removals() const;

  /// The exports of the replaced runs are in the merged one from now on, in a new generation.
  void replace(const MergeStatement& statement, const std::string& text) const;
  /// The export is gone; so is its run, in a new generation, where it was the last in it.
  void remove(const StoredExport& removed, const std::string& statement) const;

 private:
  bool has_tables() const;
  void make_tables() const;
  void drop_run(const std::string& id) const;
  void next_generation() const;

  const Catalogue& catalogue_;
};

}  // namespace sidik
