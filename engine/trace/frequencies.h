// How common a value is among everything registered: u_f(v), the same under every hypothesis.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "registry/manifest.h"

namespace sidik {

/// A 16-bit code agrees by chance with these odds, so no agreement says more than 11 nats.
inline constexpr double kCodeChance = 1.0 / 65536;

/// ln(1/u) of values, from the statistics that manifests keep. Immutable.
class ValueFrequencies {
 public:
  explicit ValueFrequencies(const std::vector<ExportManifest>& exports);

  /// ln(1/(u + 2^-16)) of a value code of a column: u by its count where it is among the frequent ones, else as common
  /// as the rest are on average, and max(count, 1/2)/n at least. 0 for a column that nobody has.
  double information(ColumnId column, ColumnCode code) const;
  /// Whether a value code of a column is registered; nothing where the statistics do not list every value.
  std::optional<bool> holds(ColumnId column, ColumnCode code) const;
  /// The same of a value that is not among the frequent ones, as an index confirms it: by 36 bits and its record's 16,
  /// so that chance does not bound it.
  double indexed_information(ColumnId column) const;
  /// The information of a code that is not among the frequent ones, and of those that are.
  double usual_information(ColumnId column) const;
  const std::unordered_map<ColumnCode, double>& frequent(ColumnId column) const;
  /// The odds that two values which are drawn as a column has them are the same; 1 for a column that nobody has.
  double meeting_chance(ColumnId column) const;
  /// How many rows the statistics of a column were taken over: of several columns that a field may be, the largest
  /// knows best.
  double rows(ColumnId column) const;
  /// Whether the valid values of a column give the tags of the rows: it is the first choice of identity where its
  /// statistics were taken.
  bool gives_tags(ColumnId column) const;
  /// ln(1/u) of a value that gives the tag: 48 bits, so chance does not bound it.
  double tag_information(ColumnId column) const;

 private:
  struct Column {
    double rows = 0;
    double rest = 0;     // -ln of the share of a value that is not among the frequent
    double least = 0;    // -ln of the share of a value that was never seen
    double indexed = 0;  // as `rest`, without the chance of codes
    bool all_listed = false;
    bool gives_tags = false;
    std::unordered_map<ColumnCode, double> frequent;
  };
  /// A column of an export.
  struct From {
    const ExportManifest* manifest = nullptr;
    const ExportColumn* column = nullptr;
  };
  /// Of columns of not too many values: what stands in each export of one date (a term, a batch) is as common as there,
  /// or it would single out rows of that date, whoever shows them.
  void add_dates(const std::vector<ExportManifest>& exports, const std::unordered_map<ColumnId, From>& best);
  /// `of` is one of the manifest's.
  static Column column_of(const ExportManifest& manifest, const ExportColumn& of);

  std::unordered_map<ColumnId, Column> columns_;
};

}  // namespace sidik
