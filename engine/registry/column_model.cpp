#include "registry/column_model.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace sidik {
namespace {

constexpr unsigned kCodeBits = 16;
constexpr std::size_t kAllCodes = std::size_t{1} << kCodeBits;
/// A code is listed where that saves more than its listing costs in the manifest.
constexpr double kListingBits = 20;
/// The rarest code of a bucket has at least this share of the commonest's frequency: the loss is below 0.01 bits.
constexpr double kEvenness = 0.72;
constexpr std::size_t kMostBuckets = 512;

/// Whether a code of this count is cheaper by name than among all codes.
bool worth_listing(std::uint64_t count, std::uint64_t total) {
  const double ratio = static_cast<double>(count) * static_cast<double>(kAllCodes) / static_cast<double>(total);
  return ratio > 1 && static_cast<double>(count) * std::log2(ratio) > kListingBits;
}

/// Frequencies of 2^bits in all, at least one each, near the counts.
std::vector<std::uint16_t> quantise(std::span<const std::uint64_t> counts, std::uint64_t total, unsigned bits) {
  const std::uint32_t whole = 1U << bits;
  std::vector<std::uint16_t> out(counts.size());
  std::int64_t left = whole;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double exact = static_cast<double>(counts[i]) / static_cast<double>(total) * whole;
    out[i] = static_cast<std::uint16_t>(std::max(1.0, std::round(exact)));
    left -= out[i];
  }
  while (left != 0) {
    auto largest = std::max_element(out.begin(), out.end());
    const std::int64_t step = left > 0 ? left : std::max<std::int64_t>(left, -std::max(1, *largest / 8));
    *largest = static_cast<std::uint16_t>(*largest + step);
    left -= step;
  }
  return out;
}

}  // namespace

ColumnModel ColumnModel::fit(std::span<const CodeFrequency> frequencies, Counts counts) {
  std::vector<CodeFrequency> sorted;
  std::uint64_t total = 0;
  for (const CodeFrequency& f : frequencies) total += f.count;
  for (const CodeFrequency& f : frequencies)
    if (f.count > 0) sorted.push_back(f);
  ColumnModel raw;
  raw.kind_ = Kind::kRaw;
  raw.mean_bits_ = kCodeBits;
  if (sorted.empty()) return counts == Counts::kExact ? ColumnModel() : raw;
  if (sorted.size() == 1 && counts == Counts::kExact) {
    ColumnModel constant;
    constant.constant_ = sorted.front().code;
    return constant;
  }
  // Only codes that may be listed need an order: of a column of nearly unique values, none.
  const auto rare = std::partition(sorted.begin(), sorted.end(),
                                   [total](const CodeFrequency& f) { return worth_listing(f.count, total); });
  std::sort(sorted.begin(), rare, [](const CodeFrequency& a, const CodeFrequency& b) {
    return a.count != b.count ? a.count > b.count : a.code < b.code;
  });
  const auto size_of = [total](const ColumnModel& model) {
    ByteWriter bytes;
    model.write(bytes);
    return model.mean_bits_ * static_cast<double>(total) + 8.0 * static_cast<double>(bytes.bytes().size());
  };
  const ColumnModel coarse = fit_buckets(sorted, total, counts, 10);
  const ColumnModel fine = fit_buckets(sorted, total, counts, 12);
  // The coarse model's table is a quarter of the fine one's and stays in the nearest cache.
  const ColumnModel& best = size_of(coarse) <= size_of(fine) * 1.003 && coarse.buckets_.size() <= 64 ? coarse : fine;
  // Plain codes are read one by one, without what stands before: worth a little.
  return size_of(best) < size_of(raw) * 0.97 ? best : raw;
}

ColumnModel ColumnModel::fit_buckets(std::span<const CodeFrequency> sorted, std::uint64_t total, Counts counts,
                                     unsigned probability_bits) {
  ColumnModel model;
  model.kind_ = Kind::kBuckets;
  model.probability_bits_ = probability_bits;
  std::size_t listed = 0;
  while (listed < sorted.size() && worth_listing(sorted[listed].count, total)) ++listed;
  // A few codes left over are listed too: an escape for them would cost more than they do.
  if (sorted.size() - listed <= 2 && counts == Counts::kExact) listed = sorted.size();

  std::vector<std::uint64_t> bucket_counts;
  std::uint64_t listed_count = 0;
  std::size_t at = 0;
  while (at < listed && model.buckets_.size() < kMostBuckets) {
    std::size_t size = 1;
    unsigned bits = 0;
    while (at + 2 * size <= listed &&
           static_cast<double>(sorted[at + 2 * size - 1].count) >= kEvenness * static_cast<double>(sorted[at].count)) {
      size *= 2;
      ++bits;
    }
    std::uint64_t count = 0;
    const std::size_t first = model.codes_.size();
    for (std::size_t i = at; i < at + size; ++i) {
      count += sorted[i].count;
      model.codes_.push_back(sorted[i].code);
    }
    std::sort(model.codes_.begin() + static_cast<std::ptrdiff_t>(first), model.codes_.end());
    model.buckets_.push_back({0, 0, static_cast<std::uint16_t>(first), static_cast<std::uint8_t>(bits), false});
    bucket_counts.push_back(count);
    listed_count += count;
    at += size;
  }
  const std::uint64_t escaped = total - listed_count;
  if (escaped > 0 || counts == Counts::kIncomplete) {
    model.buckets_.push_back({0, 0, 0, kCodeBits, true});
    bucket_counts.push_back(std::max<std::uint64_t>(1, escaped));
  }
  const std::uint64_t whole = std::max<std::uint64_t>(1, listed_count + std::max<std::uint64_t>(escaped, 1));
  const std::vector<std::uint16_t> frequencies = quantise(bucket_counts, whole, probability_bits);
  std::uint32_t start = 0;
  double bits = 0;
  for (std::size_t b = 0; b < model.buckets_.size(); ++b) {
    Bucket& bucket = model.buckets_[b];
    bucket.frequency = frequencies[b];
    bucket.start = static_cast<std::uint16_t>(start);
    start += frequencies[b];
    bits += static_cast<double>(bucket_counts[b]) * (probability_bits - std::log2(frequencies[b]) + bucket.extra_bits);
  }
  model.mean_bits_ = bits / static_cast<double>(total);
  return model;
}

void ColumnModel::write(ByteWriter& out) const {
  out.u8(static_cast<std::uint8_t>(kind_));
  if (kind_ == Kind::kConstant) out.u16(constant_);
  if (kind_ != Kind::kBuckets) return;
  out.u8(static_cast<std::uint8_t>(probability_bits_));
  out.varint(buckets_.size());
  for (const Bucket& bucket : buckets_) {
    out.u8(static_cast<std::uint8_t>(bucket.escape ? 0xff : bucket.extra_bits));
    out.varint(bucket.frequency);
    if (bucket.escape) continue;
    std::uint32_t previous = 0;
    for (std::size_t i = 0; i < (std::size_t{1} << bucket.extra_bits); ++i) {
      const std::uint32_t code = codes_[bucket.first + i];
      out.varint(i == 0 ? code : code - previous - 1);
      previous = code;
    }
  }
}

ColumnModel ColumnModel::read(ByteReader& in, const std::string& place) {
  const auto damaged = [&place](const char* what) { return Error(ErrorKind::kDamaged, place, what); };
  ColumnModel model;
  const std::uint8_t kind = in.u8();
  if (kind > static_cast<std::uint8_t>(Kind::kBuckets)) throw damaged("a column's model is of an unknown kind");
  model.kind_ = static_cast<Kind>(kind);
  if (model.kind_ == Kind::kConstant) model.constant_ = in.u16();
  if (model.kind_ != Kind::kBuckets) return model;
  model.probability_bits_ = in.u8();
  if (model.probability_bits_ < 8 || model.probability_bits_ > 14)
    throw damaged("a column's model has no such precision");
  const std::size_t buckets = in.count(2);
  std::uint32_t start = 0;
  const std::uint32_t whole = 1U << model.probability_bits_;
  for (std::size_t b = 0; b < buckets; ++b) {
    const std::uint8_t bits = in.u8();
    const std::uint64_t frequency = in.varint();
    if (frequency == 0 || frequency > whole - start)
      throw damaged("a column's model has frequencies that do not add up");
    Bucket bucket{static_cast<std::uint16_t>(frequency), static_cast<std::uint16_t>(start), 0, kCodeBits, bits == 0xff};
    start += static_cast<std::uint32_t>(frequency);
    if (!bucket.escape) {
      if (bits > kCodeBits || model.codes_.size() + (std::size_t{1} << bits) > kAllCodes)
        throw damaged("a column's model lists too many codes");
      bucket.extra_bits = bits;
      bucket.first = static_cast<std::uint16_t>(model.codes_.size());
      std::uint64_t code = 0;
      for (std::size_t i = 0; i < (std::size_t{1} << bits); ++i) {
        const std::uint64_t step = in.varint();
        code = i == 0 ? step : code + step + 1;
        if (step >= kAllCodes || code >= kAllCodes) throw damaged("a column's model lists a code beyond 16 bits");
        model.codes_.push_back(static_cast<ColumnCode>(code));
      }
    }
    model.buckets_.push_back(bucket);
  }
  if (start != whole) throw damaged("a column's model has frequencies that do not add up");
  return model;
}

}  // namespace sidik
