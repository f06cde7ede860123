#include "trace/asked_entries.h"

#include <algorithm>

namespace sidik {

void AskedEntries::add(const std::vector<OfType>& entries) {
  const std::lock_guard lock(mutex_);
  for (const auto& [type, entry] : entries) asked_[type].push_back({entry, 0});
}

void AskedEntries::ask(const FingerprintStore& store, Epoch epoch) {
  for (auto& [type, asked] : asked_) {
    std::sort(asked.begin(), asked.end());
    asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
    std::vector<IndexEntry> entries;
    for (const auto& one : asked) entries.push_back(one.first);
    std::vector<std::uint8_t> found(entries.size());
    for (std::size_t first = 0; first < entries.size(); first += kMostAsked) {
      const std::size_t some = std::min(kMostAsked, entries.size() - first);
      store.contains(epoch, type, std::span(entries).subspan(first, some), std::span(found).subspan(first, some));
    }
    for (std::size_t i = 0; i < found.size(); ++i) asked[i].second = found[i];
  }
}

std::optional<bool> AskedEntries::find(FieldType type, IndexEntry entry) const {
  const auto asked = asked_.find(type);
  if (asked == asked_.end()) return std::nullopt;
  const auto at = std::lower_bound(asked->second.begin(), asked->second.end(), std::pair(entry, std::uint8_t{0}));
  if (at == asked->second.end() || at->first != entry) return std::nullopt;
  return at->second != 0;
}

}  // namespace sidik
