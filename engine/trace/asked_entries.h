// Index entries that are asked for at once: one by one, each would read a page of every run.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "registry/fingerprint_store.h"

namespace sidik {

class AskedEntries {
 public:
  using OfType = std::pair<FieldType, IndexEntry>;

  /// May be called by several threads.
  void add(const std::vector<OfType>& entries);
  /// Asks for all that were added. Not for several threads, nor is what follows before it.
  void ask(const FingerprintStore& store, Epoch epoch);
  /// Whether the indexes hold an entry; nothing where it was not asked for.
  std::optional<bool> find(FieldType type, IndexEntry entry) const;
  void clear() { asked_.clear(); }

 private:
  std::mutex mutex_;
  std::map<FieldType, std::vector<std::pair<IndexEntry, std::uint8_t>>> asked_;  // and whether they are there
};

}  // namespace sidik
