#include "registry/records_digest.h"

#include "base/bytes.h"
#include "fingerprints/aes_ecb.h"
#include "fingerprints/key.h"

namespace sidik {
namespace {

constexpr std::size_t kAtOnce = 1024;
constexpr std::size_t kTagParts = 3, kCountParts = 4;

struct Multipliers {
  std::uint64_t low = 0, high = 0;
};
__extension__ using Wide = unsigned __int128;

Multipliers multipliers_of(AesEcb& cipher, std::uint64_t what, std::uint64_t domain) {
  std::array<AesBlock, 1> block{AesBlock{what, domain}};
  cipher.encrypt(block);
  return {block[0][0], block[0][1]};
}

}  // namespace

struct RecordsDigest::State {
  explicit State(const Secret& derived)
      : terms(Secret(derived.bytes().first(16))),
        multipliers(Secret(derived.bytes().subspan(16, 16))),
        last(Secret(derived.bytes().subspan(32, 16))) {}
  mutable AesEcb terms, multipliers, last;
  std::vector<Multipliers> columns;
  std::array<Multipliers, kTagParts + kCountParts> fixed;
  Wide sum = 0;
  std::vector<AesBlock> blocks = std::vector<AesBlock>(kAtOnce);

  /// Calls use(first record, its blocks, how many) for the records' terms, some at a time.
  template <class Use>
  void each_block(std::span<const RowTag> tags, std::span<const ColumnCode* const> codes,
                  std::span<const std::uint64_t> counts, Use use);
};

RecordsDigest::RecordsDigest(const Secret& digest_secret, std::span<const ColumnId> columns)
    : state_(std::make_unique<State>(derive(digest_secret, "sidik/1/records", 48))) {
  for (const ColumnId column : columns) state_->columns.push_back(multipliers_of(state_->multipliers, column, 1));
  for (std::size_t i = 0; i < state_->fixed.size(); ++i) state_->fixed[i] = multipliers_of(state_->multipliers, i, 2);
}
RecordsDigest::~RecordsDigest() = default;
RecordsDigest::RecordsDigest(RecordsDigest&&) noexcept = default;

void RecordsDigest::add(std::span<const RowTag> tags, std::span<const ColumnCode* const> codes,
                        std::span<const std::uint64_t> counts) {
  State& s = *state_;
  s.each_block(tags, codes, counts, [&s](std::size_t, const AesBlock* blocks, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) s.sum += Wide{blocks[i][1]} << 64 | blocks[i][0];
  });
}

void RecordsDigest::terms(std::span<const RowTag> tags, std::span<const ColumnCode* const> codes,
                          std::span<const std::uint64_t> counts, std::span<RecordTerm> out) {
  state_->each_block(tags, codes, counts, [out](std::size_t begin, const AesBlock* blocks, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out[begin + i] = {blocks[i][0], blocks[i][1]};
  });
}

template <class Use>
void RecordsDigest::State::each_block(std::span<const RowTag> tags, std::span<const ColumnCode* const> codes,
                                      std::span<const std::uint64_t> counts, Use use) {
  State& s = *this;
  for (std::size_t begin = 0; begin < tags.size(); begin += kAtOnce) {
    const std::size_t n = std::min(kAtOnce, tags.size() - begin);
    AesBlock* const blocks = s.blocks.data();
    for (std::size_t i = 0; i < n; ++i) {
      const RowTag tag = tags[begin + i];
      std::uint64_t low = 0, high = 0;
      for (std::size_t p = 0; p < kTagParts; ++p) {
        const std::uint64_t part = ((tag >> (16 * p)) & 0xffff) + 1;
        low += part * s.fixed[p].low;
        high += part * s.fixed[p].high;
      }
      const std::uint64_t count = counts[begin + i];
      low += (count & 0xffff) * s.fixed[kTagParts].low;
      high += (count & 0xffff) * s.fixed[kTagParts].high;
      for (std::size_t p = 1; p < kCountParts && (count >> (16 * p)) != 0; ++p) {
        low += ((count >> (16 * p)) & 0xffff) * s.fixed[kTagParts + p].low;
        high += ((count >> (16 * p)) & 0xffff) * s.fixed[kTagParts + p].high;
      }
      blocks[i] = AesBlock{low, high};
    }
    for (std::size_t c = 0; c < codes.size(); ++c) {
      if (codes[c] == nullptr) continue;
      const ColumnCode* const column = codes[c] + begin;
      const Multipliers k = s.columns[c];
      for (std::size_t i = 0; i < n; ++i) {
        const std::uint64_t value = column[i] == kAbsentCode ? 0 : std::uint64_t{column[i]} + 1;
        blocks[i] += AesBlock{value * k.low, value * k.high};
      }
    }
    s.terms.encrypt({blocks, n});
    use(begin, s.blocks.data(), n);
  }
}

void RecordsDigest::add(const RecordsDigest& other) { state_->sum += other.state_->sum; }

std::string RecordsDigest::hex() const {
  return hex_of({static_cast<std::uint64_t>(state_->sum), static_cast<std::uint64_t>(state_->sum >> 64)});
}

std::string RecordsDigest::hex_of(const RecordTerm& sum) const {
  std::array<AesBlock, 1> block{AesBlock{sum.low, sum.high}};
  state_->last.encrypt(block);
  std::array<std::uint8_t, 16> bytes{};
  store_u64(bytes.data(), block[0][0]);
  store_u64(bytes.data() + 8, block[0][1]);
  return to_hex(bytes);
}

}  // namespace sidik
