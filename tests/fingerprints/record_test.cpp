#include "fingerprints/record.h"

#include <random>
#include <vector>

#include "support/catch.h"

namespace sidik {

TEST_CASE("no value has a code that means no value, and every other code is used", "[fingerprints][record]") {
  std::vector<unsigned> seen(65536);
  for (Fingerprint bits = 0; bits < 65536; ++bits) ++seen[value_code(bits << 12)];
  CHECK(seen[kNullCode] == 0);
  CHECK(seen[kAbsentCode] == 0);
  CHECK(seen[kTagCode] == 0);
  for (std::size_t code = kFirstValueCode; code < seen.size(); ++code) REQUIRE((seen[code] == 1 || seen[code] == 2));
}

TEST_CASE("codes of random fingerprints are spread evenly and owe nothing to what the index keeps",
          "[fingerprints][record]") {
  std::mt19937_64 random(5);
  std::vector<double> seen(64);
  const double draws = 1 << 20;
  for (int i = 0; i < static_cast<int>(draws); ++i) ++seen[(value_code(random()) - kFirstValueCode) / 1024U];
  double chi_square = 0;
  for (const double count : seen) chi_square += (count - draws / 64) * (count - draws / 64) / (draws / 64);
  CHECK(chi_square < 120);  // 63 degrees of freedom: 120 is beyond 1 in 10,000
  // The index keeps the top 36 bits, the record the 16 below: none is in both.
  for (int bit = 0; bit < 64; ++bit) {
    const Fingerprint one = Fingerprint{1} << bit;
    const bool in_index = index_value(one) != 0;
    const bool in_record =
        value_code(one) != value_code(0) || bit == 12;  // 65,533 of 65,536: the lowest bit may be rounded away
    CHECK_FALSE((in_index && bit < 28));
    CHECK(in_record == (bit >= 12 && bit < 28));
  }
}

TEST_CASE("an entry leads back to the tags that it may mean", "[fingerprints][record]") {
  const Fingerprint fingerprint = 0x123456789abcdef0;
  const RowTag tag = row_tag(0xfedcba9876543210);
  CHECK(tag == 0xfedcba987654);
  const IndexEntry entry = index_entry(fingerprint, tag);
  CHECK(entry == index_entry_of(index_value(fingerprint), tag_prefix(tag)));
  CHECK(entry >> kEntryTagBits == index_value(fingerprint));
  CHECK(entry_tag_prefix(entry) == tag_prefix(tag));
  CHECK(first_tag_of(entry_tag_prefix(entry)) <= tag);
  CHECK(tag < first_tag_of(entry_tag_prefix(entry)) + (RowTag{1} << (kTagBits - kEntryTagBits)));
}

}  // namespace sidik
