// Findings in heaps: whatever the threads and however they are spread, the sums are those of all findings in one list.
#include "trace/finding_heaps.h"

#include <algorithm>
#include <random>
#include <tuple>

#include "support/catch.h"

using namespace sidik;

namespace {

constexpr std::size_t kFields = 3, kClasses = 5;

struct Case {
  std::vector<Finding> findings;
  std::vector<std::uint8_t> information;
};

/// `keys` identities at most: versions, copies and damaged rows of them.
Case random_case(std::size_t rows, std::size_t keys, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Case made;
  for (std::size_t i = 0; i < rows; ++i) {
    Finding finding{};
    finding.key = mixed(random() % keys + 1);
    finding.values = random() % 3;
    finding.row_class = static_cast<std::uint32_t>(random() % kClasses);
    finding.agreeing = static_cast<std::uint16_t>(random() % 4);
    finding.clean = static_cast<std::uint8_t>(random() % 2);
    finding.allowed = static_cast<std::uint8_t>(1 + finding.row_class % 2);  // as many as the records of its class
    made.findings.push_back(finding);
    // What a row is worth follows from what it shows.
    for (std::size_t f = 0; f < kFields; ++f)
      made.information.push_back(static_cast<std::uint8_t>(finding.key % 7 + finding.values + f));
  }
  return made;
}

ClassSums plain_sums(const Case& given) {
  std::vector<Place> places;
  for (std::size_t i = 0; i < given.findings.size(); ++i) {
    const Finding& finding = given.findings[i];
    places.push_back({finding.key, &finding, given.information.data() + i * kFields, finding.row_class});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    const Finding& x = *a.finding;
    const Finding& y = *b.finding;
    return std::tuple(a.key, y.clean, y.agreeing, x.values, a.row_class) <
           std::tuple(b.key, x.clean, x.agreeing, y.values, b.row_class);
  });
  ClassSums sums{std::vector<std::uint64_t>(kClasses), std::vector<std::uint64_t>(kClasses * kFields), 0};
  sums.repeated = each_tag_once(places, [&](const Place& place) {
    ++sums.rows[place.row_class];
    for (std::size_t f = 0; f < kFields; ++f) sums.information[place.row_class * kFields + f] += place.information[f];
  });
  return sums;
}

void check_equal(const ClassSums& found, const ClassSums& wanted) {
  CHECK(found.rows == wanted.rows);
  CHECK(found.information == wanted.information);
  CHECK(found.repeated == wanted.repeated);
}

}  // namespace

TEST_CASE("findings count the same in one list, in heaps and on threads", "[trace][agreement]") {
  std::vector<std::uint32_t> same;
  for (std::uint32_t c = 0; c < kClasses; ++c) same.push_back(c);
  for (const auto& [rows, keys] :
       {std::pair<std::size_t, std::size_t>{0, 1}, {1, 1}, {200, 3}, {2000, 700}, {9000, 1000000}})
    for (const unsigned spread : {1U, 3U}) {
      INFO(rows << " rows of " << keys << " identities over " << spread);
      const Case given = random_case(rows, keys, rows + keys);
      std::vector<FindingHeaps> heaps(spread, FindingHeaps(kFields, rows));
      for (std::size_t i = 0; i < rows; ++i)
        heaps[i % spread].add(given.findings[i], given.information.data() + i * kFields);
      std::vector<const FindingHeaps*> all;
      for (const FindingHeaps& one : heaps) all.push_back(&one);
      const std::vector<std::vector<std::uint32_t>> numbers(spread, same);
      for (const unsigned threads : {1U, 4U})
        check_equal(count_tags(all, numbers, kClasses, kFields, threads), plain_sums(given));
    }
}

TEST_CASE("thinned heaps keep whole identities, before and after", "[trace][agreement]") {
  const Case given = random_case(5000, 400, 11);
  FindingHeaps late(kFields, 0), early(kFields, 0);
  early.thin_out(2);
  Case kept;
  for (std::size_t i = 0; i < given.findings.size(); ++i) {
    const std::uint8_t* const information = given.information.data() + i * kFields;
    late.add(given.findings[i], information);
    early.add(given.findings[i], information);
    if (mixed(given.findings[i].key) >> 62 != 0) continue;
    kept.findings.push_back(given.findings[i]);
    kept.information.insert(kept.information.end(), information, information + kFields);
  }
  late.thin_out(2);
  CHECK(late.size() == kept.findings.size());
  CHECK(early.size() == kept.findings.size());
  CHECK(kept.findings.size() > 500);
  CHECK(kept.findings.size() < 2500);
  std::vector<std::vector<std::uint32_t>> numbers(1);
  for (std::uint32_t c = 0; c < kClasses; ++c) numbers.front().push_back(c);
  for (const FindingHeaps* const one : {&late, &early})
    check_equal(count_tags(std::vector{one}, numbers, kClasses, kFields, 1), plain_sums(kept));
}
