// What two runs have in common, estimated from the records of the smallest tags: tags are spread evenly, so that a part
// below one threshold is drawn alike from each.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "registry/run.h"

namespace sidik {

/// The records with the smallest tags of one run, or of several taken together.
class RunSample {
 public:
  explicit RunSample(const Run& run);

  /// The share of `other`'s bytes that standing in one run with this would save, as far as the records tell: equal ones
  /// are kept once, versions cost what changed. 0 where too little of one can be compared with the other.
  double saves(const RunSample& other) const;
  /// Becomes the sample of both.
  void unite(const RunSample& other);

  /// Of the run, or what one run of all would take.
  double bytes() const { return bytes_; }

 private:
  using Record = std::pair<RowTag, std::uint64_t>;  // a digest of its codes

  std::vector<Record> records_;  // rising
  RowTag bound_ = 0;             // all records below it are there
  double bytes_ = 0;
};

}  // namespace sidik
