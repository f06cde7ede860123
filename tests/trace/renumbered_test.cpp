// Copies from which all that names people was taken: known by all else, where that is ours and nobody else's.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/plain_store.h"
#include "trace/trace.h"

using namespace sidik;

namespace {

struct Claim {
  std::string claim, policy, insured, born, lost, cause, amount, status, arrears;
};

/// Two months of claims; the second has some more and some settled.
class Claims {
 public:
  Claims() : key(RegistryKey::generate()), store(key) {
    std::mt19937 random(31);
    std::vector<Claim> claims;
    for (int month = 0; month < 2; ++month) {
      for (Claim& claim : claims)
        if (random() % 20 == 0) claim.status = "SETTLED";
      for (int i = 0; i < (month == 0 ? 4000 : 200); ++i) claims.push_back(made(random));
      ExportDescription description;
      description.name = "claims-" + std::to_string(month + 1);
      description.feed = "claims";
      description.at = days_from_civil(2023, static_cast<unsigned>(month) + 1, 1) * 86400;
      store.add(description, text(claims));
    }
    last = claims;
  }

  std::vector<Claim> leak(std::size_t rows) const {
    std::vector<Claim> drawn;
    std::mt19937 random(5);
    std::sample(last.begin(), last.end(), std::back_inserter(drawn), rows, random);
    return drawn;
  }

  Verdict ask(const std::vector<Claim>& rows) const {
    const std::string sample = text(rows);
    return trace({{"sample", [&] { return memory_source(sample, "sample"); }}}, store, key, {});
  }

  static std::string text(const std::vector<Claim>& rows) {
    std::string text = "claim_no,policy_no,insured,birth_date,loss_date,cause,amount,status,zaleglosc\n";
    for (const Claim& row : rows)
      text += row.claim + "," + row.policy + "," + row.insured + "," + row.born + "," + row.lost + "," + row.cause +
              "," + row.amount + "," + row.status + "," + row.arrears + "\n";
    return text;
  }

  static std::string digits(std::mt19937& random, std::size_t count) {
    std::string text;
    while (text.size() < count) text += static_cast<char>('0' + random() % 10);
    return text;
  }

  static Claim made(std::mt19937& random) {
    static const char* const kFirst[] = {"Siti", "Budi", "Agus", "Dewi", "Rina", "Joko", "Sri", "Eko", "Wati", "Andi"};
    static const char* const kLast[] = {"Halim",   "Siregar", "Santoso", "Wijaya", "Lestari",
                                        "Nugroho", "Saputra", "Hidayat", "Utami",  "Gunawan"};
    static const char* const kStatuses[] = {"OPEN", "REVIEW", "SETTLED", "REJECTED"};
    return {"CLM" + digits(random, 9),
            "POL" + digits(random, 9),
            std::string(kFirst[random() % 10]) + " " + kLast[random() % 10] + " " + kLast[random() % 10],
            format_date((static_cast<UtcSeconds>(random() % 20000) - 8000) * 86400),
            format_date((19358 - static_cast<UtcSeconds>(random() % 365)) * 86400),
            "B-" + std::to_string(random() % 40),
            std::to_string(100 + random() % 9000) + "000",
            kStatuses[random() % 4],
            std::to_string(random() % 30) + "." + (random() % 14 == 0 ? "00" : digits(random, 2))};
  }

  RegistryKey key;
  testing::PlainStore store;
  std::vector<Claim> last;
};

const Claims& claims() {
  static const Claims one;
  return one;
}

}  // namespace

TEST_CASE("a copy with all that names its people replaced is ours by all else", "[trace][replaced]") {
  for (const std::size_t rows : {70U, 500U}) {
    std::mt19937 random(77);
    std::vector<Claim> anew = claims().leak(rows), cut = anew;
    for (Claim& row : anew) {
      row.claim = "CLM" + Claims::digits(random, 9);
      row.policy = "POL" + Claims::digits(random, 9);
    }
    for (Claim& row : cut) {
      row.claim.resize(10);
      row.policy.resize(10);
    }
    for (const auto& sample : {anew, cut}) {
      const Verdict verdict = claims().ask(sample);
      INFO(verdict.summary << " " << rows);
      CHECK(verdict.origin == Origin::kOurs);
      REQUIRE_FALSE(verdict.sources.empty());
      CHECK(verdict.sources.front().name == "claims-2");
    }
  }
}

TEST_CASE("others' claims of the same people are not ours, nor are those of strangers", "[trace][replaced]") {
  for (const std::size_t rows : {20U, 70U, 500U}) {
    std::mt19937 random(78);
    std::vector<Claim> strangers, same;
    for (const Claim& row : claims().leak(rows)) {
      strangers.push_back(Claims::made(random));
      same.push_back(Claims::made(random));
      same.back().insured = row.insured;
      same.back().born = row.born;
    }
    const Verdict of_strangers = claims().ask(strangers), of_same = claims().ask(same);
    INFO(of_strangers.summary << " " << of_same.summary << " " << rows);
    CHECK(of_strangers.origin == Origin::kNotOurs);
    CHECK(of_strangers.kind == Hypothesis::kStrangers);
    CHECK(of_same.origin == Origin::kNotOurs);
    CHECK(of_same.kind == Hypothesis::kSamePeopleElsewhere);
  }
}

TEST_CASE("a copy with one measure rounded is that copy", "[trace][replaced]") {
  for (const std::size_t rows : {70U, 300U}) {
    std::vector<Claim> sample = claims().leak(rows);
    for (Claim& row : sample) row.arrears.resize(row.arrears.find('.'));
    const Verdict verdict = claims().ask(sample);
    INFO(verdict.summary << " " << rows);
    CHECK(verdict.origin == Origin::kOurs);
    REQUIRE_FALSE(verdict.sources.empty());
    CHECK(verdict.sources.front().name == "claims-2");
  }
}
