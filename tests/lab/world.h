// The lab's world: a drifting population, some thirty exports of it in a registry, and the plain data that only the lab
// may see.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "fingerprints/key.h"
#include "fixtures/feeds.h"
#include "registry/registry.h"

namespace sidik::lab {

/// An export as it was handed out, cell by cell in a spelling that all exports share (as hashes: equal values, equal
/// numbers).
struct PlainExport {
  std::string name;
  fixtures::Feed feed;
  std::uint32_t month = 0;
  std::vector<fixtures::Column> columns;
  std::vector<std::uint64_t> people;                        // in the export's order
  std::unordered_map<std::uint64_t, std::uint32_t> row_of;  // person to row
  std::vector<std::uint64_t> cells;                         // rows x columns

  std::uint64_t cell(std::size_t row, std::size_t column) const { return cells[row * columns.size() + column]; }
};

struct WorldOptions {
  std::uint64_t seed = 1;
  std::uint64_t people = 20000;
  unsigned threads = 1;
};

class World {
 public:
  /// Makes the population, registers every export in a fresh registry under `folder`.
  World(const WorldOptions& options, const std::filesystem::path& folder);

  const fixtures::Population& ours() const { return ours_; }
  const fixtures::Population& strangers() const { return strangers_; }
  const std::vector<PlainExport>& exports() const { return exports_; }
  /// A month of a feed that was never registered, as plain data.
  PlainExport unregistered(const fixtures::Feed& feed, std::uint32_t month) const;
  const FingerprintStore& store() const { return *store_; }
  const RegistryKey& key() const { return key_; }
  /// The date of a month's export.
  static UtcSeconds date_of(std::uint32_t month);

 private:
  void add(const fixtures::Feed& feed, std::uint32_t month, Registry& registry, unsigned threads);

  fixtures::Population ours_, strangers_;
  std::vector<PlainExport> exports_;
  RegistryKey key_;
  std::unique_ptr<FingerprintStore> store_;
};

}  // namespace sidik::lab
