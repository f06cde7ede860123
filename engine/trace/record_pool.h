// Records that answers held, in one place: whatever run they came from, a row of column codes and a set of exports.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/parallel.h"
#include "base/roomy_vector.h"
#include "registry/fingerprint_store.h"
#include "trace/projection.h"

namespace sidik {

/// Export sets by number, each once. Thread-compatible.
class ExportSets {
 public:
  ExportSets() = default;
  ExportSets(ExportSets&&) = default;
  ExportSets& operator=(ExportSets&&) = default;
  std::uint32_t intern(const ExportSet& set);
  const ExportSet& of(std::uint32_t number) const { return *sets_[number]; }
  std::size_t size() const { return sets_.size(); }

 private:
  std::unordered_map<ExportSet, std::uint32_t, ExportSetHash> numbers_;
  std::vector<const ExportSet*> sets_;  // keys of `numbers_`, which stay where they are
};

/// What a record's columns are.
struct RecordShape {
  std::vector<ColumnId> columns;
  std::vector<FieldType> types;
};

class RecordPool {
 public:
  struct Record {
    RowTag tag;
    std::uint32_t shape;
    std::uint32_t codes;  // place of its first code
    std::uint32_t set;
    std::uint32_t count;
  };
  /// Takes the answers in, as `seen` has their sets (nothing: as they are); `found(query, record)` is called for each
  /// record that is not left out. `seen` is the same in all calls.
  template <typename Found>
  void take(const RecordAnswers& answers, const ExportProjection* seen, Found&& found) {
    for (const auto& group : answers.groups) {
      const std::uint32_t shape = shape_of(group.columns, group.types);
      const std::vector<std::uint32_t> sets = sets_of(group, seen);
      const std::size_t width = group.columns.size();
      for (std::size_t r = 0; r < group.tags.size(); ++r) {
        if (sets[group.sets[r]] == kNoSet) continue;
        const auto place = static_cast<std::uint32_t>(codes_.size());
        codes_.insert(codes_.end(), group.codes.begin() + static_cast<std::ptrdiff_t>(r * width),
                      group.codes.begin() + static_cast<std::ptrdiff_t>((r + 1) * width));
        records_.push_back({group.tags[r], shape, place, sets[group.sets[r]], group.counts[r]});
        found(group.query[r], static_cast<std::uint32_t>(records_.size() - 1));
      }
    }
  }
  /// The same of several answers, on several threads: `found(answer, query, record)` is called for the records of one
  /// answer one after another, of several at once. Records stand in the order of the answers.
  template <typename Found>
  void take_all(std::span<const RecordAnswers> answers, const ExportProjection* seen, unsigned threads, Found&& found) {
    const std::vector<Part> parts = make_room(answers, seen);
    parallel_for(threads, answers.size(), [&](std::size_t answer) {
      for (const Part& part : parts) {
        if (part.answer != answer) continue;
        const RecordAnswers::Group& group = *part.group;
        const std::size_t width = group.columns.size();
        std::size_t record = part.first_record;
        std::size_t code = part.first_code;
        for (std::size_t r = 0; r < group.tags.size(); ++r) {
          const std::uint32_t set = part.sets[group.sets[r]];
          if (set == kNoSet) continue;
          std::copy_n(group.codes.data() + r * width, width, codes_.data() + code);
          records_[record] = {group.tags[r], part.shape, static_cast<std::uint32_t>(code), set, group.counts[r]};
          found(answer, group.query[r], static_cast<std::uint32_t>(record));
          code += width;
          ++record;
        }
      }
    });
  }
  /// About how many records are to come.
  void reserve(std::size_t records) { records_.reserve(records); }
  /// Copies a record of another pool in, and returns its number here.
  std::uint32_t adopt(const RecordPool& other, const Record& record);
  void clear();
  /// Brings a record, or its codes, nearer to the processor before it is looked at: rows meet records in no order.
  /// Always inlined, as whatever calls it for nothing else: GCC 12 takes a function that only prefetches for one
  /// without effect, and leaves out its calls (GCC bug 109985).
  [[gnu::always_inline]] void prefetch(std::size_t i) const { __builtin_prefetch(records_.data() + i); }
  [[gnu::always_inline]] void prefetch_codes(std::size_t i) const {
    __builtin_prefetch(codes_.data() + records_[i].codes);
  }

  std::size_t size() const { return records_.size(); }
  const Record& operator[](std::size_t i) const { return records_[i]; }
  std::span<const ColumnCode> codes(const Record& record) const {
    return {codes_.data() + record.codes, shapes_[record.shape].columns.size()};
  }
  const RecordShape& shape(const Record& record) const { return shapes_[record.shape]; }
  const std::vector<RecordShape>& shapes() const { return shapes_; }
  const ExportSets& sets() const { return export_sets_; }

 private:
  static constexpr std::uint32_t kNoSet = 0xffffffff;
  std::uint32_t shape_of(const std::vector<ColumnId>& columns, const std::vector<FieldType>& types);
  std::vector<std::uint32_t> sets_of(const RecordAnswers::Group& group, const ExportProjection* seen);

  /// A group of an answer, and where its records go.
  struct Part {
    std::size_t answer;
    const RecordAnswers::Group* group;
    std::uint32_t shape;
    std::vector<std::uint32_t> sets;
    std::size_t first_record, first_code;
  };
  std::vector<Part> make_room(std::span<const RecordAnswers> answers, const ExportProjection* seen);

  RoomyVector<Record> records_;
  RoomyVector<ColumnCode> codes_;
  std::vector<RecordShape> shapes_;
  ExportSets export_sets_;
  std::unordered_map<ExportSet, std::uint32_t, ExportSetHash> numbers_;  // of the answers' sets, as they are seen
};

}  // namespace sidik
