#include "registry/export_set_codec.h"

#include <algorithm>
#include <bit>

#include "base/error.h"

namespace sidik {
namespace {

/// How a set of the dictionary is written.
enum class SetForm : std::uint8_t { kAll = 0, kRanges = 1, kBitmap = 2 };

unsigned number_bits(std::size_t exports) { return static_cast<unsigned>(std::bit_width(exports - 1)); }

/// Calls use(first, last) for each range of the set.
template <class Use>
void for_each_range(SetWords words, Use use) {
  const std::size_t bits = words.size() * 64;
  // The first place from `at` on whose bit is `value`.
  const auto find = [&](std::size_t at, bool value) {
    while (at < bits) {
      const std::uint64_t word = (value ? words[at / 64] : ~words[at / 64]) >> (at % 64);
      if (word != 0) return at + static_cast<std::size_t>(std::countr_zero(word));
      at = (at / 64 + 1) * 64;
    }
    return bits;
  };
  for (std::size_t first = find(0, true); first < bits;) {
    const std::size_t end = find(first, false);
    use(static_cast<ExportIndex>(first), static_cast<ExportIndex>(end - 1));
    first = find(end, true);
  }
}

std::size_t ranges_of(SetWords words) {
  // A range begins wherever a bit is set whose lower neighbour is not.
  std::size_t ranges = 0;
  std::uint64_t before = 0;
  for (const std::uint64_t word : words) {
    ranges += static_cast<std::size_t>(std::popcount(word & ~(word << 1 | before)));
    before = word >> 63;
  }
  return ranges;
}

}  // namespace

ExportSet set_of(SetWords words) {
  ExportSet set;
  for_each_range(words, [&set](ExportIndex first, ExportIndex last) { set.append(first, last); });
  return set;
}

void add_to(std::span<std::uint64_t> words, const ExportSet::Range& range) {
  const std::size_t from = range.first / 64, to = range.last / 64;
  const std::uint64_t low = ~std::uint64_t{0} << (range.first % 64);
  const std::uint64_t high = ~std::uint64_t{0} >> (63 - range.last % 64);
  if (from == to) {
    words[from] |= low & high;
    return;
  }
  words[from] |= low;
  for (std::size_t w = from + 1; w < to; ++w) words[w] = ~std::uint64_t{0};
  words[to] |= high;
}

ColumnCode form_in_page(SetWords set, std::size_t exports) {
  return bits_in_page(set, kRangesInPage, exports) <= exports ? kRangesInPage : kBitmapInPage;
}

std::size_t bits_in_page(SetWords set, ColumnCode form, std::size_t exports) {
  return form == kBitmapInPage ? exports : ranges_of(set) * (1 + 2 * number_bits(exports));
}

void write_in_page(BitWriter& out, SetWords set, ColumnCode form, std::size_t exports) {
  if (form == kBitmapInPage) {
    for (std::size_t left = exports, w = 0; left > 0; ++w) {
      const std::size_t size = std::min<std::size_t>(left, 64);
      out.put_long(set[w], static_cast<unsigned>(size));
      left -= size;
    }
    return;
  }
  const unsigned width = number_bits(exports);
  std::size_t left = ranges_of(set);
  for_each_range(set, [&](ExportIndex first, ExportIndex last) {
    out.put(first, width);
    out.put(last, width);
    out.put(--left > 0 ? 1 : 0, 1);
  });
}

bool read_in_page(BitReader& in, ColumnCode form, std::size_t exports, std::vector<ExportSet::Range>& out) {
  const std::size_t before = out.size();
  if (form == kBitmapInPage) {
    for (std::size_t at = 0; at < exports; at += 32) {
      const auto size = static_cast<unsigned>(std::min<std::size_t>(exports - at, 32));
      std::uint64_t word = in.get(size);
      for (; word != 0; word &= word - 1) {
        const auto e = static_cast<ExportIndex>(at + static_cast<std::size_t>(std::countr_zero(word)));
        if (out.size() > before && out.back().last + 1 == e)
          out.back().last = e;
        else
          out.push_back({e, e});
      }
    }
    return out.size() > before && !in.overrun();
  }
  const unsigned width = number_bits(exports);
  for (bool more = true; more;) {
    const auto first = static_cast<ExportIndex>(in.get(width));
    const auto last = static_cast<ExportIndex>(in.get(width));
    more = in.get(1) != 0;
    if (first > last || last >= exports || (out.size() > before && first <= out.back().last + 1) || in.overrun())
      return false;
    out.push_back({first, last});
  }
  return true;
}

bool skip_in_page(BitReader& in, ColumnCode form, std::size_t exports) {
  if (form == kBitmapInPage) {
    in.skip(exports);
    return !in.overrun();
  }
  const unsigned range = 2 * number_bits(exports);
  while (in.get(range + 1) >> range != 0)
    if (in.overrun()) return false;
  return !in.overrun();
}

void write_set(ByteWriter& out, const ExportSet& set, std::size_t exports) {
  if (set.size() == exports) return out.u8(static_cast<std::uint8_t>(SetForm::kAll));
  ByteWriter ranges;
  ExportIndex next = 0;
  for (const ExportSet::Range& range : set.ranges()) {
    ranges.varint(range.first - next);
    ranges.varint(range.last - range.first);
    next = range.last + 1;
  }
  const std::size_t bitmap_bytes = (exports + 7) / 8;
  if (ranges.bytes().size() <= bitmap_bytes) {
    out.u8(static_cast<std::uint8_t>(SetForm::kRanges));
    out.varint(set.ranges().size());
    return out.raw(ranges.bytes());
  }
  out.u8(static_cast<std::uint8_t>(SetForm::kBitmap));
  Bytes bitmap(bitmap_bytes);
  for (const ExportIndex e : set) bitmap[e / 8] = static_cast<std::uint8_t>(bitmap[e / 8] | 1U << (e % 8));
  out.raw(bitmap);
}

ExportSet read_set(ByteReader& in, std::size_t exports, const std::string& place) {
  const auto damaged = [&place](const char* what) { return Error(ErrorKind::kDamaged, place, what); };
  const auto unknown = [&] { return damaged("an export set names exports that the run has not"); };
  const std::uint8_t form = in.u8();
  if (form == static_cast<std::uint8_t>(SetForm::kAll)) return ExportSet::all(exports);
  ExportSet out;
  if (form == static_cast<std::uint8_t>(SetForm::kRanges)) {
    std::uint64_t next = 0;
    for (std::size_t left = in.count(2); left > 0; --left) {
      const std::uint64_t gap = in.varint();
      const std::uint64_t more = in.varint();
      if (next > exports || gap >= exports - next || more >= exports - next - gap) throw unknown();
      out.append(static_cast<ExportIndex>(next + gap), static_cast<ExportIndex>(next + gap + more));
      next += gap + more + 1;
    }
  } else if (form == static_cast<std::uint8_t>(SetForm::kBitmap)) {
    const ByteSpan bitmap = in.raw((exports + 7) / 8);
    for (std::size_t e = 0; e < bitmap.size() * 8; ++e) {
      if (((bitmap[e / 8] >> (e % 8)) & 1) == 0) continue;
      if (e >= exports) throw unknown();
      out.append(static_cast<ExportIndex>(e));
    }
  } else {
    throw damaged("an export set is in an unknown form");
  }
  if (out.empty()) throw damaged("an export set is empty");
  return out;
}

}  // namespace sidik
