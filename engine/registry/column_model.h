// How one column's codes are written in a run: chosen once from the exact counts of all its codes, kept in the
// manifest.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "fingerprints/record.h"

namespace sidik {

/// A code and how often it occurs.
struct CodeFrequency {
  ColumnCode code;
  std::uint64_t count;
};

/// Three ways to write codes: nothing at all (one code only), 16 bits each, or *buckets*: codes of about one frequency
/// stand in a bucket of 2^extra_bits, the bucket is coded by rANS with static frequencies, the place in it by plain
/// bits. The last bucket may be the *escape*: it holds every code, by its 16 bits, and pays for those too rare to list.
class ColumnModel {
 public:
  enum class Kind : std::uint8_t { kConstant = 0, kRaw = 1, kBuckets = 2 };
  struct Bucket {
    std::uint16_t frequency;  // of 2^probability_bits
    std::uint16_t start;      // sum of the frequencies before it
    std::uint16_t first;      // its first code's place in `codes`; unused for the escape
    std::uint8_t extra_bits;  // 16 for the escape
    bool escape;
  };

  /// The constant kAbsentCode.
  ColumnModel() = default;
  /// What takes the fewest bytes for codes of these frequencies, the model's own bytes included. A code that is not
  /// among them can be written unless `kind()` comes out as kConstant: where codes may be missing from `frequencies`,
  /// say kIncomplete.
  enum class Counts { kExact, kIncomplete };
  static ColumnModel fit(std::span<const CodeFrequency> frequencies, Counts counts = Counts::kExact);

  Kind kind() const { return kind_; }
  ColumnCode constant() const { return constant_; }
  unsigned probability_bits() const { return probability_bits_; }
  std::span<const Bucket> buckets() const { return buckets_; }
  std::span<const ColumnCode> codes() const { return codes_; }
  /// Bits a code takes on average, by the frequencies it was fitted to (0 after read()).
  double mean_bits() const { return mean_bits_; }

  void write(ByteWriter& out) const;
  /// Throws Error(kDamaged) for anything that write() would not have written.
  static ColumnModel read(ByteReader& in, const std::string& place);

 private:
  static ColumnModel fit_buckets(std::span<const CodeFrequency> sorted, std::uint64_t total, Counts counts,
                                 unsigned probability_bits);

  Kind kind_ = Kind::kConstant;
  ColumnCode constant_ = kAbsentCode;
  unsigned probability_bits_ = 0;
  std::vector<Bucket> buckets_;
  std::vector<ColumnCode> codes_;
  double mean_bits_ = 0;
};

/// Writes codes by a model. Holds a table of 256 KiB for buckets; made once a run and shared by threads.
class ColumnEncoder {
 public:
  explicit ColumnEncoder(ColumnModel model);
  const ColumnModel& model() const { return model_; }
  /// Whether `code` can be written (a constant can be nothing else).
  bool holds(ColumnCode code) const {
    return model_.kind() != ColumnModel::Kind::kConstant || code == model_.constant();
  }
  /// Writes all codes to `out`, which has room for bound(codes.size()), and returns the bytes written.
  /// REQUIRES: every code is held.
  std::size_t encode(std::span<const ColumnCode> codes, std::uint8_t* out) const;
  static std::size_t bound(std::size_t codes) { return codes * 5 + 64; }

 private:
  struct Symbol {
    std::uint64_t reciprocal;
    std::uint32_t bias;
    std::uint32_t complement;  // 2^probability_bits - frequency
    std::uint64_t limit;       // a state from here on gives up a word first
  };
  ColumnModel model_;
  std::vector<Symbol> symbols_;
  std::vector<std::uint32_t> place_;  // of a code: bucket << 21 | extra bits << 16 | place in the bucket
};

/// Reads codes by a model. Immutable, shared by threads.
class ColumnDecoder {
 public:
  explicit ColumnDecoder(const ColumnModel& model);
  ColumnModel::Kind kind() const { return kind_; }
  ColumnCode constant() const { return constant_; }
  /// Fills `out` with the first out.size() codes of a segment of `total` codes. False where the bytes are no such
  /// segment. REQUIRES: kBitSlack readable bytes behind `segment`.
  bool decode(ByteSpan segment, std::size_t total, std::span<ColumnCode> out) const;

 private:
  struct Slot {
    std::uint16_t frequency;
    std::uint16_t offset;  // the slot less the bucket's start
    std::uint16_t first;   // the code itself where no bucket has plain bits
    std::uint8_t extra_bits;
    std::uint8_t escape;
  };
  struct Lanes;
  bool decode_buckets(ByteSpan segment, std::size_t total, std::span<ColumnCode> out) const;
  /// Decodes pairs of codes, without looking for the end of words or bits: the caller knows that they reach.
  template <bool kPlainBits>
  void decode_pairs(Lanes& lanes, ColumnCode* out, std::size_t pairs) const;

  ColumnModel::Kind kind_;
  ColumnCode constant_;
  unsigned probability_bits_;
  std::vector<Slot> slots_;
  std::vector<ColumnCode> codes_;
  bool plain_bits_ = false;  // of any bucket
};

}  // namespace sidik
