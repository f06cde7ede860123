#include "fingerprints/content_digest.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/bytes.h"
#include "fingerprints/aes_ecb.h"
#include "fingerprints/key.h"

namespace sidik {
namespace {

constexpr std::size_t kTogether = 512;  // chains of 8 KiB beside the columns that feed them: all in the first cache

/// A sum modulo 2^128.
struct Sum {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  void add(std::uint64_t other_low, std::uint64_t other_high) {
    low += other_low;
    high += other_high + (low < other_low ? 1 : 0);
  }
};

std::uint64_t little_endian(std::uint64_t value) {
  return std::endian::native == std::endian::little ? value : __builtin_bswap64(value);
}

}  // namespace

struct ContentDigest::State {
  State(const Secret& digest_secret, const Schema& table)
      : rows_aes(derive(digest_secret, "sidik/1/content", 16)),
        keys(rows_aes.cmac_keys()),
        finish_key(derive(digest_secret, "sidik/1/content/finish", 16)),
        ids(column_ids(table)),
        by_id(table.columns.size()) {
    std::iota(by_id.begin(), by_id.end(), std::size_t{0});
    std::sort(by_id.begin(), by_id.end(), [this](std::size_t a, std::size_t b) { return ids[a] < ids[b]; });
    for (const ColumnSchema& column : table.columns) types.push_back(column.type);
  }

  void add_rows(const FingerprintedBatch& batch, std::size_t first, std::size_t count);

  AesEcb rows_aes;
  AesEcb::CmacKeys keys;
  Secret finish_key;
  std::vector<ColumnId> ids;
  std::vector<std::size_t> by_id;  // columns by rising id
  std::vector<FieldType> types;
  Sum sum;
  std::uint64_t rows = 0;
  std::array<AesBlock, kTogether> chain;
};

/// The CMACs of `count` rows in lock-step, straight from the columns: all messages have 8 bytes a column, so block i is
/// columns 2i and 2i + 1. content_digest_test holds it against Cmac::full of the rows written out.
void ContentDigest::State::add_rows(const FingerprintedBatch& batch, std::size_t first, std::size_t count) {
  std::fill_n(chain.begin(), count, AesBlock{});
  const std::size_t columns = by_id.size();
  const auto of = [&](std::size_t place) { return batch.columns[by_id[place]].fingerprints.data() + first; };
  for (std::size_t place = 0; place == 0 || place < columns; place += 2) {
    const bool last = place + 2 >= columns;
    if (place + 1 < columns) {
      const Fingerprint *left = of(place), *right = of(place + 1);
      const AesBlock end = last ? keys.full : AesBlock{};
      for (std::size_t r = 0; r < count; ++r)
        chain[r] ^= AesBlock{little_endian(left[r]), little_endian(right[r])} ^ end;
    } else if (place < columns) {
      const Fingerprint* left = of(place);
      const AesBlock end = keys.padded ^ AesBlock { 0, little_endian(0x80) };
      for (std::size_t r = 0; r < count; ++r) chain[r] ^= AesBlock{little_endian(left[r]), 0} ^ end;
    } else {
      for (std::size_t r = 0; r < count; ++r) chain[r] ^= keys.padded ^ AesBlock { little_endian(0x80), 0 };
    }
    rows_aes.encrypt({chain.data(), count});
  }
  for (std::size_t r = 0; r < count; ++r) sum.add(little_endian(chain[r][0]), little_endian(chain[r][1]));
}

ContentDigest::ContentDigest(const Secret& digest_secret, const Schema& schema)
    : state_(std::make_unique<State>(digest_secret, schema)) {}
ContentDigest::~ContentDigest() = default;
ContentDigest::ContentDigest(ContentDigest&&) noexcept = default;

void ContentDigest::add(const FingerprintedBatch& batch) {
  for (std::size_t at = 0; at < batch.rows; at += kTogether)
    state_->add_rows(batch, at, std::min(kTogether, batch.rows - at));
  state_->rows += batch.rows;
}

void ContentDigest::merge(const ContentDigest& other) {
  state_->sum.add(other.state_->sum.low, other.state_->sum.high);
  state_->rows += other.state_->rows;
}

std::uint64_t ContentDigest::rows() const { return state_->rows; }

std::string ContentDigest::finish() const {
  ByteWriter message;
  message.u64(state_->sum.low);
  message.u64(state_->sum.high);
  message.u64(state_->rows);
  for (const std::size_t c : state_->by_id) {
    message.u64(state_->ids[c]);
    message.u8(static_cast<std::uint8_t>(state_->types[c]));
  }
  std::array<std::uint8_t, 16> digest{};
  Cmac(state_->finish_key).full(message.bytes(), digest);
  return to_hex(digest);
}

}  // namespace sidik
