#include "ingest/byte_masks.h"

#include <cstring>
#include <initializer_list>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sidik {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kLow7 = 0x7F7F7F7F7F7F7F7FULL;

/// Bit i: byte i of the eight in `word` has its top bit set.
std::uint64_t top_bits(std::uint64_t word) { return ((word & ~kLow7) >> 7) * 0x0102040810204080ULL >> 56; }

/// Bit i: byte i of `word` equals that of `pattern`. Exact in every byte (no borrow runs from one into the next).
std::uint64_t equal_bytes(std::uint64_t word, std::uint64_t pattern) {
  const std::uint64_t x = word ^ pattern;
  return top_bits(~(((x & kLow7) + kLow7) | x | kLow7));
}

void classify_portable(const char* text, std::size_t chunks, char delimiter, ByteMasks* out) {
  const std::uint64_t delimiters = kOnes * static_cast<unsigned char>(delimiter);
  for (std::size_t c = 0; c < chunks; ++c) {
    ByteMasks masks;
    for (unsigned i = 0; i < 64; i += 8) {
      std::uint64_t word = 0;
      for (unsigned b = 0; b < 8; ++b)  // little-endian on every machine; compilers make one load of it
        word |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[c * 64 + i + b])) << (8 * b);
      masks.quote |= equal_bytes(word, kOnes * '"') << i;
      masks.delimiter |= equal_bytes(word, delimiters) << i;
      masks.line_feed |= equal_bytes(word, kOnes * '\n') << i;
      masks.carriage_return |= equal_bytes(word, kOnes * '\r') << i;
      masks.non_ascii |= top_bits(word) << i;
    }
    out[c] = masks;
  }
}

#if defined(__x86_64__)

inline std::uint64_t join(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  return a | b << 16 | c << 32 | d << 48;
}
inline std::uint64_t bits_of(__m128i v) { return static_cast<std::uint32_t>(_mm_movemask_epi8(v)); }

void classify_sse2(const char* text, std::size_t chunks, char delimiter, ByteMasks* out) {
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i comma = _mm_set1_epi8(delimiter);
  const __m128i line_feed = _mm_set1_epi8('\n');
  const __m128i carriage_return = _mm_set1_epi8('\r');
  for (std::size_t i = 0; i < chunks; ++i) {
    const auto* p = reinterpret_cast<const __m128i*>(text + i * 64);
    const __m128i a = _mm_loadu_si128(p);
    const __m128i b = _mm_loadu_si128(p + 1);
    const __m128i c = _mm_loadu_si128(p + 2);
    const __m128i d = _mm_loadu_si128(p + 3);
    const auto where = [&](__m128i byte) {
      return join(bits_of(_mm_cmpeq_epi8(a, byte)), bits_of(_mm_cmpeq_epi8(b, byte)), bits_of(_mm_cmpeq_epi8(c, byte)),
                  bits_of(_mm_cmpeq_epi8(d, byte)));
    };
    out[i] = {where(quote), where(comma), where(line_feed), where(carriage_return),
              join(bits_of(a), bits_of(b), bits_of(c), bits_of(d))};
  }
}

__attribute__((target("avx2"))) inline std::uint64_t bits_of(__m256i low, __m256i high) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
         static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(high))) << 32;
}
__attribute__((target("avx2"))) inline std::uint64_t where(__m256i low, __m256i high, __m256i byte) {
  return bits_of(_mm256_cmpeq_epi8(low, byte), _mm256_cmpeq_epi8(high, byte));
}

__attribute__((target("avx2"))) void classify_avx2(const char* text, std::size_t chunks, char delimiter,
                                                   ByteMasks* out) {
  const __m256i quote = _mm256_set1_epi8('"');
  const __m256i comma = _mm256_set1_epi8(delimiter);
  const __m256i line_feed = _mm256_set1_epi8('\n');
  const __m256i carriage_return = _mm256_set1_epi8('\r');
  for (std::size_t i = 0; i < chunks; ++i) {
    const auto* p = reinterpret_cast<const __m256i*>(text + i * 64);
    const __m256i low = _mm256_loadu_si256(p);
    const __m256i high = _mm256_loadu_si256(p + 1);
    out[i].quote = where(low, high, quote);
    out[i].delimiter = where(low, high, comma);
    out[i].line_feed = where(low, high, line_feed);
    out[i].carriage_return = where(low, high, carriage_return);
    out[i].non_ascii = bits_of(low, high);
  }
}

/// Comparing gives the masks at once here: a third of the instructions.
__attribute__((target("avx512f,avx512bw"))) void classify_avx512(const char* text, std::size_t chunks, char delimiter,
                                                                 ByteMasks* out) {
  const __m512i quote = _mm512_set1_epi8('"');
  const __m512i comma = _mm512_set1_epi8(delimiter);
  const __m512i line_feed = _mm512_set1_epi8('\n');
  const __m512i carriage_return = _mm512_set1_epi8('\r');
  for (std::size_t i = 0; i < chunks; ++i) {
    const __m512i bytes = _mm512_loadu_si512(text + i * 64);
    out[i].quote = _mm512_cmpeq_epi8_mask(bytes, quote);
    out[i].delimiter = _mm512_cmpeq_epi8_mask(bytes, comma);
    out[i].line_feed = _mm512_cmpeq_epi8_mask(bytes, line_feed);
    out[i].carriage_return = _mm512_cmpeq_epi8_mask(bytes, carriage_return);
    out[i].non_ascii = _mm512_movepi8_mask(bytes);
  }
}

#endif

using Classify = void (*)(const char*, std::size_t, char, ByteMasks*);

Classify function_of([[maybe_unused]] MaskKernel kernel) {
#if defined(__x86_64__)
  if (kernel == MaskKernel::kAvx512) return classify_avx512;
  if (kernel == MaskKernel::kAvx2) return classify_avx2;
  if (kernel == MaskKernel::kSse2) return classify_sse2;
#endif
  return classify_portable;
}

Classify fastest() {
  for (const MaskKernel kernel : {MaskKernel::kAvx512, MaskKernel::kAvx2, MaskKernel::kSse2})
    if (available(kernel)) return function_of(kernel);
  return classify_portable;
}

}  // namespace

bool available(MaskKernel kernel) {
  if (kernel == MaskKernel::kPortable) return true;
#if defined(__x86_64__)
  if (kernel == MaskKernel::kSse2) return true;
  if (kernel == MaskKernel::kAvx512)
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
  return __builtin_cpu_supports("avx2") != 0;
#else
  return false;
#endif
}

void classify(const char* text, std::size_t chunks, char delimiter, ByteMasks* out) {
  static const Classify chosen = fastest();
  chosen(text, chunks, delimiter, out);
}

void classify_with(MaskKernel kernel, const char* text, std::size_t chunks, char delimiter, ByteMasks* out) {
  function_of(kernel)(text, chunks, delimiter, out);
}

}  // namespace sidik
