// A row beside its candidate records: what agrees, what differs, and the class that it belongs to.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "trace/link.h"
#include "trace/read_rows.h"

namespace sidik {

/// A class spelled out: the visible fields, those that repeat others, then (agrees, differs, set, records) of each
/// match. Sets by the matcher's numbers.
using ClassKey = std::vector<std::uint64_t>;
struct ClassKeyHash {
  std::size_t operator()(const ClassKey& key) const;
};

/// Records of a row that agree and differ alike and have one tag.
struct RowMatch {
  RowTag tag = 0;
  FieldMask agrees = 0, differs = 0;
  std::uint32_t set = 0;    // the exports of all of them
  std::uint32_t count = 0;  // how many rows of an export such a record stands for
  std::uint32_t score = 0;  // steps of information that agree
};

/// Compares rows with records and numbers the classes that it meets. One object a thread.
class RowMatcher {
 public:
  explicit RowMatcher(const FieldPlan& plan) : plan_(plan) {}

  /// The matches of row `row` with the records of place `place` in `links`, best first; those of half the best's
  /// information and more. Valid until the next call. `links` may change from call to call, its pool must live on.
  std::span<const RowMatch> match(const ReadRows& rows, std::size_t row, const Links& links, std::size_t place);

  /// The same of one record, by its number in `links.pool`.
  RowMatch compare(const ReadRows& rows, std::size_t row, const Links& links, std::uint32_t record) {
    return compare(rows, row, links.pool, links.pool[record], known_of(links.pool));
  }

  /// The number of the class that the row last matched belongs to; `repeats`: of its visible fields.
  std::uint32_t class_of(FieldMask visible, FieldMask repeats);

  const std::vector<ClassKey>& classes() const { return classes_; }
  const ExportSets& sets() const { return sets_; }

 private:
  /// How a record's codes are compared.
  struct PlannedCell {
    std::uint32_t place, field, reading;
  };
  struct ShapePlan {
    std::vector<PlannedCell> cells;
    std::vector<PlannedCell> also;  // other columns of sets: they may excuse what differs
  };
  /// What is known of one pool of records: its shapes' plans and its sets' numbers here.
  struct KnownPool {
    std::vector<ShapePlan> plans;
    std::vector<std::uint32_t> sets;
  };
  struct Recent {
    FieldMask visible = 0, repeats = 0, agrees = 0, differs = 0;
    std::uint32_t set = 0, records = 0, number = 0;
    bool used = false;
  };

  const ShapePlan& plan_of(const RecordPool& pool, KnownPool& known, std::uint32_t shape) const;
  KnownPool& known_of(const RecordPool& pool);
  std::uint32_t own_set(const RecordPool& pool, KnownPool& known, std::uint32_t set);
  std::uint32_t united(std::uint32_t a, std::uint32_t b);
  RowMatch compare(const ReadRows& rows, std::size_t row, const RecordPool& pool, const RecordPool::Record& record,
                   KnownPool& known);
  std::uint32_t number_of(ClassKey&& key);

  const FieldPlan& plan_;
  ExportSets sets_;
  std::unordered_map<const RecordPool*, KnownPool> pools_;
  const RecordPool* last_pool_ = nullptr;
  KnownPool* last_known_ = nullptr;
  std::unordered_map<std::uint64_t, std::uint32_t> unions_;
  std::vector<RowMatch> matches_;
  std::vector<ClassKey> classes_;
  std::unordered_map<ClassKey, std::uint32_t, ClassKeyHash> numbers_;
  std::array<Recent, 64> recent_;  // classes of rows with one match, by a digest: nearly all rows
};

}  // namespace sidik
