// A set of exports, kept as ranges: what stands unchanged in a thousand exports in a row takes no more room than one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <span>
#include <vector>

namespace sidik {

/// An export's number within one snapshot or one run.
using ExportIndex = std::uint32_t;

/// Rising, each member once. Iterates over members; whoever can uses ranges().
class ExportSet {
 public:
  /// Both ends belong to it.
  struct Range {
    ExportIndex first, last;
    bool operator==(const Range&) const = default;
  };
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = ExportIndex;
    using difference_type = std::ptrdiff_t;
    using pointer = const ExportIndex*;
    using reference = ExportIndex;
    Iterator() = default;
    Iterator(const Range* range, const Range* end) : range_(range), end_(end), at_(range == end ? 0 : range->first) {}
    ExportIndex operator*() const { return at_; }
    Iterator& operator++() {
      if (at_ != range_->last) {
        ++at_;
      } else {
        ++range_;
        at_ = range_ == end_ ? 0 : range_->first;
      }
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return range_ == other.range_ && at_ == other.at_; }

   private:
    const Range* range_ = nullptr;
    const Range* end_ = nullptr;
    ExportIndex at_ = 0;
  };

  ExportSet() = default;
  /// REQUIRES: rising.
  ExportSet(std::initializer_list<ExportIndex> members);
  /// The first `count` exports.
  static ExportSet all(std::size_t count);

  /// Adds members behind all that are there. REQUIRES: first > the last member, last >= first.
  void append(ExportIndex first, ExportIndex last);
  void append(ExportIndex member) { append(member, member); }
  void clear() {
    only_ = kNoRange;
    several_.clear();
  }

  bool empty() const { return ranges().empty(); }
  /// The number of members.
  std::size_t size() const;
  bool contains(ExportIndex member) const;
  /// Whether any of first ... last is a member.
  bool meets(ExportIndex first, ExportIndex last) const;
  /// Valid until the set changes or goes; where it is moved, too.
  std::span<const Range> ranges() const {
    if (!several_.empty()) return several_;
    return {&only_, only_ == kNoRange ? std::size_t{0} : std::size_t{1}};
  }
  Iterator begin() const {
    const std::span<const Range> all = ranges();
    return {all.data(), all.data() + all.size()};
  }
  Iterator end() const {
    const std::span<const Range> all = ranges();
    return {all.data() + all.size(), all.data() + all.size()};
  }
  ExportIndex front() const { return ranges().front().first; }
  ExportIndex back() const { return ranges().back().last; }

  bool operator==(const ExportSet&) const = default;
  bool operator==(const std::vector<ExportIndex>& members) const;

 private:
  static constexpr Range kNoRange{1, 0};
  // Most sets are one range, and there are many sets: those need no memory of their own.
  Range only_ = kNoRange;       // where it is the only one
  std::vector<Range> several_;  // else; apart by at least one
};

/// Members of either; `out` is replaced and is none of the two.
void unite(const ExportSet& a, const ExportSet& b, ExportSet& out);
/// Members of both; `out` is replaced.
void intersect(std::span<const ExportSet::Range> a, std::span<const ExportSet::Range> b, ExportSet& out);

struct ExportSetHash {
  std::size_t operator()(const ExportSet& set) const;
};

}  // namespace sidik
