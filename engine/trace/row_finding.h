// One sample row that was looked at, and the rule that each row tag counts once.
#pragma once

#include <cstdint>
#include <span>

namespace sidik {

/// Spreads a tag or a digest over 64 bits (MurmurHash3's finaliser).
inline std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

/// One row that was looked at. Rows of one `key` are copies or versions of one identity.
struct Finding {
  std::uint64_t key;     // the best record's tag, or a digest of the row where nothing was linked
  std::uint64_t values;  // digest of the row's visible codes
  std::uint32_t row_class;
  std::uint16_t agreeing;  // steps of information that agree: of damaged copies the best is kept
  std::uint8_t allowed;    // how many such rows the export holds
  std::uint8_t clean;
};

/// A finding of some worker, for sorting.
struct Place {
  std::uint64_t key;  // the finding's
  const Finding* finding;
  const std::uint8_t* information;
  std::uint32_t row_class;
};

/// Rows of one identity: clean ones of different values all count (versions), each as often as it may; of damaged ones
/// the best, and none where a clean one is there.
template <typename Keep>
std::uint64_t each_tag_once(std::span<const Place> places, Keep&& keep) {
  std::uint64_t repeated = 0;
  for (std::size_t from = 0; from < places.size();) {
    std::size_t to = from;
    while (to < places.size() && places[to].key == places[from].key) ++to;
    const bool any_clean = places[from].finding->clean != 0;
    std::uint32_t copies = 0;
    for (std::size_t i = from; i < to; ++i) {
      const Finding& finding = *places[i].finding;
      const bool again = i > from && places[i - 1].finding->values == finding.values;
      copies = again ? copies + 1 : 1;
      const bool counts = any_clean ? finding.clean != 0 && copies <= finding.allowed : i == from;
      if (counts) {
        keep(places[i]);
      } else {
        ++repeated;
      }
    }
    from = to;
  }
  return repeated;
}

}  // namespace sidik
