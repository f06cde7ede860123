#include <algorithm>
#include <random>

#include "base/error.h"
#include "registry/bit_stream.h"
#include "registry/block.h"
#include "registry/column_model.h"
#include "registry/index_page.h"
#include "registry/position_page.h"
#include "registry/radix_sort.h"
#include "registry/record_page.h"
#include "support/catch.h"

using namespace sidik;

namespace {

std::vector<CodeFrequency> frequencies_of(const std::vector<ColumnCode>& codes) {
  std::vector<std::uint64_t> counts(65536);
  for (const ColumnCode code : codes) ++counts[code];
  std::vector<CodeFrequency> out;
  for (std::size_t c = 0; c < counts.size(); ++c)
    if (counts[c] > 0) out.push_back({static_cast<ColumnCode>(c), counts[c]});
  return out;
}

double entropy_of(const std::vector<CodeFrequency>& frequencies) {
  double total = 0, bits = 0;
  for (const CodeFrequency& f : frequencies) total += static_cast<double>(f.count);
  for (const CodeFrequency& f : frequencies)
    bits -= static_cast<double>(f.count) * std::log2(static_cast<double>(f.count) / total);
  return bits / total;
}

Bytes padded(ByteSpan bytes) {
  Bytes out(bytes.begin(), bytes.end());
  out.resize(out.size() + kBitSlack);
  return out;
}

/// Codes of several characters: constant, few, skewed, nearly unique, mostly null.
std::vector<ColumnCode> draw_codes(int character, std::size_t n, std::mt19937_64& random) {
  std::vector<ColumnCode> out(n);
  for (ColumnCode& code : out) {
    const std::uint64_t r = random();
    switch (character) {
      case 0:
        code = 4711;
        break;
      case 1:
        code = static_cast<ColumnCode>(3 + r % 2);
        break;
      case 2:
        code = static_cast<ColumnCode>(3 + (r % 100) * (r >> 32) % 100);
        break;
      case 3:
        code = static_cast<ColumnCode>(r);
        break;
      case 4:
        code = r % 10 < 7 ? kNullCode : static_cast<ColumnCode>(r >> 16);
        break;
      case 5:
        code = r % 1000 == 0 ? static_cast<ColumnCode>(r >> 16) : ColumnCode{9};
        break;
      default:
        code = static_cast<ColumnCode>(3 + std::min<std::uint64_t>((r >> 10) % 7266, (r >> 40) % 7266));
        break;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("bits and Rice codes come back as they were put", "[registry][codec]") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    const unsigned k = static_cast<unsigned>(random() % 63);
    std::vector<std::uint64_t> values;
    for (int i = 0; i < 200; ++i)
      values.push_back((random() >> (random() % 64)) & ((std::uint64_t{1} << std::min(63U, k + 9)) - 1));
    Bytes bytes(200 * 80 + kBitSlack);
    BitWriter out(bytes.data());
    std::uint64_t bits = 0;
    for (const std::uint64_t v : values) {
      out.rice(v, k);
      out.put_long(v, 63);
      bits += rice_bits(v, k) + 63;
    }
    REQUIRE(out.bits() == bits);
    const std::size_t size = out.finish();
    BitReader in(bytes.data(), size);
    for (const std::uint64_t v : values) {
      REQUIRE(in.rice(k) == v);
      REQUIRE(in.get_long(63) == v);
    }
    REQUIRE_FALSE(in.overrun());
    while (!in.overrun()) in.rice(k);  // reading on ends, and is known for what it is
  }
}

TEST_CASE("the Rice parameter is within 0.1 bits of the best", "[registry][codec]") {
  for (double mean = 0.01; mean < 1e9; mean *= 1.07) {
    const auto cost = [mean](unsigned k) {
      const double p = mean / (1 + mean);
      const double t = std::pow(p, std::exp2(k));
      return t / (1 - t) + 1 + k;
    };
    double best = 1e9;
    for (unsigned k = 0; k < 40; ++k) best = std::min(best, cost(k));
    CHECK(cost(rice_parameter(mean)) <= best + 0.1);
  }
}

TEST_CASE("codes of any character come back, near their entropy", "[registry][codec]") {
  std::mt19937_64 random(2);
  for (int character = 0; character <= 6; ++character)
    for (const std::size_t n : {1U, 2U, 3U, 100U, 30000U}) {
      const std::vector<ColumnCode> codes = draw_codes(character, n, random);
      const auto frequencies = frequencies_of(codes);
      const ColumnModel fitted = ColumnModel::fit(frequencies);
      ByteWriter written;
      fitted.write(written);
      ByteReader reader(written.bytes(), "a model");
      const ColumnModel model = ColumnModel::read(reader, "a model");
      REQUIRE(reader.at_end());
      const ColumnEncoder encoder(fitted);
      Bytes bytes(ColumnEncoder::bound(n) + kBitSlack);
      const std::size_t size = encoder.encode(codes, bytes.data());
      const ColumnDecoder decoder(model);
      std::vector<ColumnCode> read(n);
      REQUIRE(decoder.decode({bytes.data(), size}, n, read));
      REQUIRE(read == codes);
      const std::size_t some = 1 + random() % n;
      read.assign(some, 0);
      REQUIRE(decoder.decode({bytes.data(), size}, n, read));
      REQUIRE(std::equal(read.begin(), read.end(), codes.begin()));
      if (n == 30000) {
        const double bound = entropy_of(frequencies) * static_cast<double>(n) / 8;
        // Where codes stand a few times each, listing them costs more than their counts promise: plain bits are the
        // limit.
        const auto all = static_cast<double>(size + written.bytes().size());
        if (character == 3 || character == 6)
          CHECK(all <= 2.0 * static_cast<double>(n) + 1);
        else if (character == 4)
          CHECK(all < 0.73 * static_cast<double>(n) + 64);
        else
          CHECK(all < bound * 1.08 + 64);
      }
    }
}

TEST_CASE("a model that is not sure of its counts can write any code", "[registry][codec]") {
  std::mt19937_64 random(3);
  const std::vector<CodeFrequency> known{{5, 100}, {9, 300}};
  const ColumnModel model = ColumnModel::fit(known, ColumnModel::Counts::kIncomplete);
  const ColumnEncoder encoder(model);
  const std::vector<ColumnCode> codes = draw_codes(3, 500, random);
  Bytes bytes(ColumnEncoder::bound(codes.size()) + kBitSlack);
  const std::size_t size = encoder.encode(codes, bytes.data());
  std::vector<ColumnCode> read(codes.size());
  REQUIRE(ColumnDecoder(model).decode({bytes.data(), size}, codes.size(), read));
  CHECK(read == codes);
}

TEST_CASE("a damaged segment of codes is refused or read as other codes, and never read beyond", "[registry][codec]") {
  std::mt19937_64 random(4);
  for (int character = 1; character <= 6; ++character) {
    const std::vector<ColumnCode> codes = draw_codes(character, 400, random);
    const ColumnModel model = ColumnModel::fit(frequencies_of(codes));
    const ColumnEncoder encoder(model);
    const ColumnDecoder decoder(model);
    Bytes bytes(ColumnEncoder::bound(codes.size()) + kBitSlack);
    const std::size_t size = encoder.encode(codes, bytes.data());
    std::vector<ColumnCode> read(codes.size());
    for (std::size_t i = 0; i < size; ++i) {
      Bytes damaged = padded({bytes.data(), size});
      damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ (1 + random() % 255));
      decoder.decode({damaged.data(), size}, codes.size(), read);
      decoder.decode({damaged.data(), i}, codes.size(), read);
    }
  }
}

TEST_CASE("pages of records come back, with events, versions and counts", "[registry][codec]") {
  std::mt19937_64 random(5);
  for (const int repeats : {1, 2, 30}) {
    RecordColumns records;
    records.codes.resize(7);
    const std::size_t n = 20000;
    RowTag tag = 0;
    for (int character = 0; character < 7; ++character)
      records.codes[static_cast<std::size_t>(character)] = draw_codes(character, n, random);
    for (std::size_t i = 0; i < n; ++i) {
      const bool version = repeats > 1 && random() % static_cast<unsigned>(repeats) != 0;
      if (!version) tag += 1 + random() % 100000000;
      records.tags.push_back(tag);
      records.counts.push_back(random() % 50 == 0 ? 2 + random() % 1000 : 1);
      records.sets.push_back(static_cast<std::uint16_t>(random() % 3));
      if (version && i > 0)
        for (auto& column : records.codes)
          if (random() % 8 != 0) column[i] = column[i - 1];
    }
    std::vector<ColumnEncoder> encoders;
    std::vector<ColumnDecoder> decoders;
    for (const auto& column : records.codes) {
      const ColumnModel model = ColumnModel::fit(frequencies_of(column));
      encoders.emplace_back(model);
      decoders.emplace_back(model);
    }
    const ColumnModel sets = ColumnModel::fit(frequencies_of(records.sets));
    const ColumnEncoder set_encoder(sets);
    RecordPageEncoder encoder(encoders, set_encoder);
    RecordPage page;
    double bytes = 0;
    std::size_t pages = 0;
    for (std::size_t at = 0; at < n;) {
      const std::size_t taken = encoder.fill(records, at);
      REQUIRE(taken > 0);
      REQUIRE(encoder.page().size() <= kBlockPayload);
      const Bytes block = padded(encoder.page());
      REQUIRE(page.open(ByteSpan(block).first(block.size() - kBitSlack), 7));
      REQUIRE(page.size() == taken);
      REQUIRE(
          std::equal(page.tags().begin(), page.tags().end(), records.tags.begin() + static_cast<std::ptrdiff_t>(at)));
      const std::size_t some = 1 + random() % taken;
      for (std::size_t c = 0; c < 7; ++c)
        for (const std::size_t upto : {taken, some}) {
          std::vector<ColumnCode> codes(upto);
          REQUIRE(page.codes(c, decoders[c], codes));
          REQUIRE(std::equal(codes.begin(), codes.end(), records.codes[c].begin() + static_cast<std::ptrdiff_t>(at)));
        }
      std::vector<std::uint32_t> chosen;
      const std::size_t apart = 1 + random() % 60;
      for (std::size_t i = random() % apart; i < taken; i += 1 + random() % apart)
        chosen.push_back(static_cast<std::uint32_t>(i));
      page.choose(chosen);
      for (std::size_t c = 0; c < 7; ++c) {
        std::vector<ColumnCode> codes(3 * chosen.size() + 1, 0x1234);
        REQUIRE(page.chosen_codes(c, decoders[c], codes.data() + 1, 3));
        for (std::size_t i = 0; i < chosen.size(); ++i) {
          REQUIRE(codes[3 * i + 1] == records.codes[c][at + chosen[i]]);
          REQUIRE(codes[3 * i] == 0x1234);
        }
      }
      std::vector<std::uint64_t> counts;
      REQUIRE(page.counts(counts));
      REQUIRE(std::equal(counts.begin(), counts.end(), records.counts.begin() + static_cast<std::ptrdiff_t>(at)));
      std::vector<std::uint16_t> read_sets(taken);
      REQUIRE(page.sets(ColumnDecoder(sets), read_sets));
      REQUIRE(std::equal(read_sets.begin(), read_sets.end(), records.sets.begin() + static_cast<std::ptrdiff_t>(at)));
      at += taken;
      bytes += static_cast<double>(encoder.page().size());
      ++pages;
      for (int i = 0; i < 200; ++i) {  // hostile bytes are refused or read as something else
        Bytes damaged = block;
        const std::size_t place = random() % (i % 2 == 0 ? 48 : damaged.size() - kBitSlack);
        damaged[place] = static_cast<std::uint8_t>(random());
        if (!page.open(ByteSpan(damaged).first(damaged.size() - kBitSlack), 7)) continue;
        std::vector<ColumnCode> codes(page.size());
        const auto last = static_cast<std::uint32_t>(page.size() - 1);
        const std::vector<std::uint32_t> both =
            last > 0 ? std::vector<std::uint32_t>{last / 2, last} : std::vector<std::uint32_t>{last};
        page.choose(both);
        for (std::size_t c = 0; c < 7; ++c) {
          page.codes(c, decoders[c], codes);
          page.chosen_codes(c, decoders[c], codes.data(), 1);
        }
        page.counts(counts);
      }
    }
    CHECK(bytes / static_cast<double>(pages) >
          0.97 * kBlockPayload * static_cast<double>(pages - 1) / static_cast<double>(pages));
  }
}

TEST_CASE("pages of index entries come back, whatever repeats", "[registry][codec]") {
  std::mt19937_64 random(6);
  for (const std::uint64_t distinct : {1ULL, 2ULL, 40ULL, 3000ULL, 1ULL << 36})
    for (const std::size_t n : {1UL, 2UL, 50UL, 60000UL}) {
      std::vector<IndexEntry> entries;
      for (std::size_t i = 0; i < n; ++i)
        entries.push_back(index_entry_of((random() % distinct * 0x9e3779b97f4a7c15) >> 28,
                                         static_cast<std::uint32_t>(random() >> 36)));
      std::sort(entries.begin(), entries.end());
      entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
      IndexPageEncoder encoder;
      std::vector<IndexEntry> read;
      for (std::size_t at = 0; at < entries.size();) {
        const std::size_t taken = encoder.fill({entries.data() + at, entries.size() - at});
        REQUIRE(encoder.page().size() <= kBlockPayload);
        const Bytes block = padded(encoder.page());
        std::size_t used = 0;
        REQUIRE(read_index_page(ByteSpan(block).first(block.size() - kBitSlack), read, used));
        REQUIRE(used == encoder.page().size());
        REQUIRE(read.size() == taken);
        REQUIRE(std::equal(read.begin(), read.end(), entries.begin() + static_cast<std::ptrdiff_t>(at)));
        at += taken;
        for (int i = 0; i < 50; ++i) {
          Bytes damaged = block;
          damaged[random() % (i % 2 == 0 ? 12 : block.size())] = static_cast<std::uint8_t>(random());
          read_index_page(ByteSpan(damaged).first(damaged.size() - kBitSlack), read, used);
        }
      }
    }
}

TEST_CASE("pages of positions come back", "[registry][codec]") {
  std::mt19937_64 random(7);
  for (const std::size_t n : {1UL, 30UL, 20000UL}) {
    std::vector<TagPosition> positions;
    for (std::size_t i = 0; i < n; ++i)
      positions.push_back(
          {(random() >> 16) & ~RowTag{63}, random() % 300000000, static_cast<std::uint32_t>(random() % 3)});
    std::sort(positions.begin(), positions.end(),
              [](const TagPosition& a, const TagPosition& b) { return a.tag < b.tag; });
    Bytes page;
    std::vector<TagPosition> read;
    for (std::size_t at = 0; at < n;) {
      const std::size_t taken = fill_position_page({positions.data() + at, n - at}, page);
      REQUIRE(page.size() <= kBlockPayload);
      const Bytes block = padded(page);
      std::size_t used = 0;
      REQUIRE(read_position_page(ByteSpan(block).first(page.size()), read, used));
      REQUIRE(used == page.size());
      REQUIRE(read.size() == taken);
      REQUIRE(std::equal(read.begin(), read.end(), positions.begin() + static_cast<std::ptrdiff_t>(at)));
      at += taken;
    }
  }
}

TEST_CASE("radix sort sorts the bits it is told to and keeps the order of equals", "[registry][codec]") {
  std::mt19937_64 random(8);
  for (const std::size_t n : {0UL, 1UL, 2UL, 40UL, 1000UL, 24576UL, 24577UL, 200000UL})
    for (const unsigned low : {0U, 24U})
      for (const int narrow : {0, 30, 50}) {
        std::vector<std::uint64_t> keys(n);
        for (std::uint64_t& key : keys) key = (random() >> 8 >> narrow) | (std::uint64_t{0xab} << 56);
        std::vector<std::uint64_t> expected = keys, scratch(n);
        std::stable_sort(expected.begin(), expected.end(),
                         [low](std::uint64_t a, std::uint64_t b) { return a >> low < b >> low; });
        radix_sort(keys, scratch, low, 56);
        REQUIRE(keys == expected);
      }
}
