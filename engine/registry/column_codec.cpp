// Column segments: two interleaved rANS states (Duda, 2013) over 16-bit words, then the plain bits. FORMAT.md,
// "Columns".
#include <algorithm>
#include <array>
#include <cstring>

#include "registry/bit_stream.h"
#include "registry/column_model.h"

namespace sidik {
namespace {

constexpr std::uint32_t kLowestState = 1U << 16;
constexpr std::size_t kStateWords = 4;  // two states of 32 bits

std::uint32_t load_word(const std::uint8_t* words, std::size_t i) { return load_u16(words + 2 * i); }

inline std::uint32_t high_product(std::uint32_t x, std::uint64_t reciprocal) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint32_t>((Wide{x} * reciprocal) >> 64);
}

}  // namespace

ColumnEncoder::ColumnEncoder(ColumnModel model) : model_(std::move(model)) {
  if (model_.kind() != ColumnModel::Kind::kBuckets) return;
  const std::uint32_t whole = 1U << model_.probability_bits();
  place_.assign(std::size_t{1} << 16, 0);
  std::uint32_t number = 0;
  for (const auto& bucket : model_.buckets())
    if (bucket.escape) {
      for (std::uint32_t code = 0; code < place_.size(); ++code)
        place_[code] = static_cast<std::uint32_t>(model_.buckets().size() - 1) << 21 | 16U << 16 | code;
    }
  for (const auto& bucket : model_.buckets()) {
    Symbol symbol{};
    symbol.complement = whole - bucket.frequency;
    symbol.limit = static_cast<std::uint64_t>(bucket.frequency) << (32 - model_.probability_bits());
    // x / frequency as the high half of a product: exact for 32-bit x (Granlund and Montgomery, 1994). For a frequency
    // of 1 the product gives x - 1, which the bias makes up for.
    if (bucket.frequency == 1) {
      symbol.reciprocal = ~std::uint64_t{0};
      symbol.bias = bucket.start + whole - 1;
    } else {
      symbol.reciprocal = ~std::uint64_t{0} / bucket.frequency + 1;
      symbol.bias = bucket.start;
    }
    symbols_.push_back(symbol);
    if (!bucket.escape)
      for (std::uint32_t i = 0; i < (1U << bucket.extra_bits); ++i)
        place_[model_.codes()[bucket.first + i]] =
            number << 21 | static_cast<std::uint32_t>(bucket.extra_bits) << 16 | i;
    ++number;
  }
}

std::size_t ColumnEncoder::encode(std::span<const ColumnCode> codes, std::uint8_t* out) const {
  if (codes.empty() || model_.kind() == ColumnModel::Kind::kConstant) return 0;
  if (model_.kind() == ColumnModel::Kind::kRaw) {
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(out, codes.data(), codes.size() * 2);
    } else {
      for (std::size_t i = 0; i < codes.size(); ++i) store_u16(out + 2 * i, codes[i]);
    }
    return codes.size() * 2;
  }
  // The words come out last first: they are laid down from the end of the room and moved to the front.
  const std::size_t room = codes.size() + kStateWords;
  std::uint8_t* const words_end = out + 2 + 2 * room;
  std::uint8_t* words = words_end;
  std::array<std::uint32_t, 2> state{kLowestState, kLowestState};
  for (std::size_t i = codes.size(); i-- > 0;) {
    const Symbol& symbol = symbols_[place_[codes[i]] >> 21];
    std::uint32_t x = state[i & 1];
    if (x >= symbol.limit) {
      words -= 2;
      words[0] = static_cast<std::uint8_t>(x);
      words[1] = static_cast<std::uint8_t>(x >> 8);
      x >>= 16;
    }
    state[i & 1] = x + symbol.bias + high_product(x, symbol.reciprocal) * symbol.complement;
  }
  for (std::size_t lane = 2; lane-- > 0;) {
    words -= 4;
    store_u32(words, state[lane]);
  }
  const auto size = static_cast<std::size_t>(words_end - words);
  std::memmove(out + 2, words, size);
  store_u16(out, static_cast<std::uint16_t>(size / 2));
  BitWriter bits(out + 2 + size);
  for (const ColumnCode code : codes) {
    const std::uint32_t place = place_[code];
    bits.put(place & 0xffff, (place >> 16) & 31);
  }
  return 2 + size + bits.finish();
}

ColumnDecoder::ColumnDecoder(const ColumnModel& model)
    : kind_(model.kind()), constant_(model.constant()), probability_bits_(model.probability_bits()) {
  if (kind_ != ColumnModel::Kind::kBuckets) return;
  slots_.resize(std::size_t{1} << probability_bits_);
  for (const auto& bucket : model.buckets())
    for (std::uint32_t i = 0; i < bucket.frequency; ++i)
      slots_[bucket.start + i] = {bucket.frequency, static_cast<std::uint16_t>(i), bucket.first, bucket.extra_bits,
                                  static_cast<std::uint8_t>(bucket.escape)};
  codes_.assign(model.codes().begin(), model.codes().end());
  if (codes_.empty()) codes_.push_back(0);
  plain_bits_ =
      std::any_of(model.buckets().begin(), model.buckets().end(), [](const auto& one) { return one.extra_bits > 0; });
  if (plain_bits_) return;
  for (Slot& slot : slots_) slot.first = codes_[slot.first];
}

bool ColumnDecoder::decode(ByteSpan segment, std::size_t total, std::span<ColumnCode> out) const {
  if (kind_ == ColumnModel::Kind::kConstant) {
    std::fill(out.begin(), out.end(), constant_);
    return segment.empty();
  }
  if (kind_ == ColumnModel::Kind::kRaw) {
    if (segment.size() != total * 2) return false;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = load_u16(segment.data() + 2 * i);
    return true;
  }
  if (total == 0) return segment.empty();
  return decode_buckets(segment, total, out);
}

/// Where the two states, the words and the plain bits stand.
struct ColumnDecoder::Lanes {
  std::uint32_t even, odd;
  const std::uint8_t* words;
  std::size_t next;  // word
  const std::uint8_t* plain;
  std::size_t bit;
};

// The inner loop of asking: no branch and no check; the bits of both codes of a pair come from one window (32 of 57).
template <bool kPlainBits>
void ColumnDecoder::decode_pairs(Lanes& lanes, ColumnCode* out, std::size_t pairs) const {
  const std::uint32_t mask = (1U << probability_bits_) - 1;
  const unsigned shift = probability_bits_;
  const Slot* const slots = slots_.data();
  const ColumnCode* const codes = codes_.data();
  const std::uint8_t* const words = lanes.words;
  std::uint32_t even = lanes.even, odd = lanes.odd;
  std::size_t next = lanes.next, bit = lanes.bit;
  const auto step = [&](std::uint32_t x, const Slot& slot) {
    x = slot.frequency * (x >> shift) + slot.offset;
    const bool needed = x < kLowestState;
    const std::uint32_t refilled = (x << 16) | load_word(words, next);
    next += needed;
    return needed ? refilled : x;
  };
  const auto code_of = [&](const Slot& slot, std::uint64_t window) {
    const auto extra = static_cast<std::uint32_t>(window) & ((1U << slot.extra_bits) - 1);
    const ColumnCode listed = codes[slot.first + (slot.escape ? 0 : extra)];
    return slot.escape ? static_cast<ColumnCode>(extra) : listed;
  };
  for (std::size_t i = 0; i < pairs; ++i, out += 2) {
    const Slot& a = slots[even & mask];
    const Slot& b = slots[odd & mask];
    even = step(even, a);
    odd = step(odd, b);
    if constexpr (kPlainBits) {
      const std::uint64_t window = load_bits(lanes.plain + (bit >> 3)) >> (bit & 7);
      out[0] = code_of(a, window);
      out[1] = code_of(b, window >> a.extra_bits);
      bit += a.extra_bits + std::size_t{b.extra_bits};
    } else {
      out[0] = a.first;
      out[1] = b.first;
    }
  }
  lanes.even = even;
  lanes.odd = odd;
  lanes.next = next;
  lanes.bit = bit;
}

bool ColumnDecoder::decode_buckets(ByteSpan segment, std::size_t total, std::span<ColumnCode> out) const {
  if (segment.size() < 2 + 2 * kStateWords) return false;
  const std::size_t words = load_u16(segment.data());
  if (words < kStateWords || words > total + kStateWords || 2 + 2 * words > segment.size()) return false;
  const ByteSpan rest = segment.subspan(2 + 2 * words);
  Lanes lanes{
      load_u32(segment.data() + 2), load_u32(segment.data() + 6), segment.data() + 2, kStateWords, rest.data(), 0};
  const std::size_t bits = rest.size() * 8;
  // As many pairs at once as words and bits surely reach for; towards the end one code at a time.
  std::size_t i = 0;
  for (;;) {
    std::size_t pairs = std::min((out.size() - i) / 2, (words - lanes.next) / 2);
    if (plain_bits_) pairs = std::min(pairs, (bits - lanes.bit) / 32);
    if (pairs == 0) break;
    plain_bits_ ? decode_pairs<true>(lanes, out.data() + i, pairs) : decode_pairs<false>(lanes, out.data() + i, pairs);
    i += 2 * pairs;
  }
  const std::uint32_t mask = (1U << probability_bits_) - 1;
  for (; i < out.size(); ++i) {
    std::uint32_t& state = (i & 1) == 0 ? lanes.even : lanes.odd;
    const Slot slot = slots_[state & mask];
    state = slot.frequency * (state >> probability_bits_) + slot.offset;
    if (state < kLowestState) {
      // The word that may be needed is read in any case (behind the last there are the plain bits or slack).
      state = (state << 16) | load_word(lanes.words, lanes.next);
      lanes.next = std::min(lanes.next + 1, words);
    }
    const std::uint64_t window = load_bits(lanes.plain + (lanes.bit >> 3)) >> (lanes.bit & 7);
    const auto extra = static_cast<std::uint32_t>(window) & ((1U << slot.extra_bits) - 1);
    lanes.bit += slot.extra_bits;
    if (lanes.bit > bits) return false;
    if (!plain_bits_)
      out[i] = slot.first;
    else
      out[i] = slot.escape ? static_cast<ColumnCode>(extra) : codes_[slot.first + extra];
  }
  // All words are used up, and the states are back where the writer began, exactly when nothing was amiss.
  return out.size() < total || (lanes.next == words && lanes.even == kLowestState && lanes.odd == kLowestState);
}

}  // namespace sidik
