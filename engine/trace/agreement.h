// What the sample's rows have in common with the registered records: classes of rows that agree and differ alike, each
// row tag once.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "registry/fingerprint_store.h"
#include "trace/column_map.h"
#include "trace/field_role.h"
#include "trace/frequencies.h"
#include "trace/link.h"

namespace sidik {

/// A set of mapped columns, by their place in ColumnMap::mapped.
using FieldMask = std::uint64_t;

/// Records that agree and differ alike with the rows of a class.
struct ClassMatch {
  FieldMask agrees = 0;
  FieldMask differs = 0;
  std::vector<ExportIndex> exports;  // rising
  double records = 1;                // how many such records a row has
};

/// Rows whose candidates agree and differ alike.
struct AgreementClass {
  FieldMask visible = 0;            // fields in which the rows have a value
  std::vector<ClassMatch> matches;  // those of most agreement first
  double rows = 0;                  // distinct row tags (rows, where nothing was linked)
  std::vector<double> information;  // mean ln(1/u) of the rows' values, one a field
};

struct Agreement {
  std::vector<AgreementClass> classes;  // in a fixed order, whatever the threads
  std::uint64_t rows = 0;               // distinct rows looked at
  std::uint64_t linked = 0;
  std::uint64_t not_linkable = 0;
  std::uint64_t repeated_tags = 0;   // rows left out because their tag was there already
  std::vector<double> seen, unseen;  // one a field: values that the registry's index holds, and does not hold
};

/// What rows are compared with, and how.
struct AgreementTask {
  const FingerprintStore& store;
  Epoch epoch;
  const Secret& fingerprint_secret;
  const ColumnMap& map;
  const std::vector<FieldRole>& roles;
  const ValueFrequencies& frequencies;
  std::vector<char> exports;     // by export: whether it counts; empty for all
  bool look_for_values = false;  // fill Agreement::seen and unseen
  std::size_t memory = std::size_t{64} << 20;
};

/// Collects the rows of batches. `examine` may be called by several threads, each with its own `thread` number.
/// Rows are kept as far as `memory` goes; of more, those with the smallest digests of their tags, and counts are scaled
/// up.
class AgreementTable {
 public:
  AgreementTable(AgreementTask task, unsigned threads);
  ~AgreementTable();
  void examine(unsigned thread, std::size_t rows, std::span<const std::vector<std::string_view>> columns);
  Agreement finish();

 private:
  struct Shared;
  class Worker;
  std::unique_ptr<Shared> shared_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace sidik
