// What fingerprints cost, for SECURITY.md and the benches: fingerprints_tests "[speed]". Hidden: a figure is no fact
// that holds everywhere.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "fingerprints/batch_fingerprinter.h"
#include "fingerprints/content_digest.h"
#include "support/catch.h"

namespace sidik {
namespace {

using Works = std::vector<std::function<void()>>;

/// Of this thread's processor time, for the machine may be busy; each work's best of several rounds, taken in turns.
std::vector<double> nanoseconds(const Works& works) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  };
  std::vector<double> best(works.size(), 1e30);
  for (int round = 0; round < 12; ++round)
    for (std::size_t i = 0; i < works.size(); ++i) {
      const double start = now();
      works[i]();
      best[i] = std::min(best[i], now() - start);
    }
  return best;
}
double nanoseconds(const std::function<void()>& work) { return nanoseconds(Works{work}).front(); }

constexpr std::size_t kRows = 8192;
constexpr std::size_t kBatches = 32;

/// A batch as ingest makes them: views into one block of text, row after row.
struct Block {
  explicit Block(const std::vector<std::vector<std::string>>& cells) : columns(cells.size()) {
    std::vector<std::size_t> begin;
    for (std::size_t r = 0; r < kRows; ++r)
      for (const auto& column : cells) {
        begin.push_back(text.size());
        text.append(column[r]).push_back(',');
      }
    bytes_a_row = static_cast<double>(text.size()) / kRows;
    text.append(kTextSlack, '#');
    for (std::size_t i = 0; i < begin.size(); ++i)
      columns[i % cells.size()].push_back(
          std::string_view(text).substr(begin[i], cells[i % cells.size()][i / cells.size()].size()));
  }
  Block(const Block&) = delete;

  std::string text;
  double bytes_a_row;
  std::vector<std::vector<std::string_view>> columns;
};

/// Nine fields of some 134 bytes a row, as often repeated as an insurer's are.
std::deque<Block> people(Schema& schema) {
  std::mt19937_64 random(7);
  const auto digits = [&](std::size_t count) {
    std::string out;
    while (out.size() < count) out.push_back(static_cast<char>('0' + random() % 10));
    return out;
  };
  const auto two = [](std::uint64_t number) {
    return std::string{static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
  };
  std::vector<std::string> words;
  for (int i = 0; i < 2000; ++i) {
    std::string word;
    for (std::size_t length = 4 + random() % 6; word.size() < length;)
      word.push_back(static_cast<char>('A' + random() % 26));
    words.push_back(word);
  }
  const auto word = [&](std::size_t few) { return words[random() % few]; };
  std::deque<Block> out;
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    std::vector<std::vector<std::string>> columns(9);
    for (std::size_t r = 0; r < kRows; ++r) {
      const std::string day = two(1 + random() % 28), month = two(1 + random() % 12), year = two(40 + random() % 60);
      std::string nik = "3273";
      nik.append(two(1 + random() % 30))
          .append(day)
          .append(month)
          .append(year)
          .append("00")
          .append(two(1 + random() % 98));
      std::string date = "19";
      date.append(year).append("-").append(month).append("-").append(day);
      std::string address = "Jl. ";
      address.append(word(300))
          .append(" No. ")
          .append(digits(2))
          .append(" RT 0")
          .append(digits(2))
          .append("/RW 0")
          .append(digits(2))
          .append(" ")
          .append(word(2000));
      if (r > 0 && random() % 3 == 0) address = columns[6].back();
      std::string name = word(400);
      name.append(" ").append(word(400)).append(" ").append(random() % 2 == 0 ? "" : word(100));
      columns[0].push_back(nik);
      columns[1].push_back(std::string("000").append(digits(10)));
      columns[2].push_back(name);
      columns[3].push_back(date);
      columns[4].push_back(random() % 2 == 0 ? "L" : "P");
      columns[5].push_back(r > 0 && random() % 2 == 0 ? columns[5].back() : std::string("08").append(digits(10)));
      columns[6].push_back(address);
      columns[7].push_back(nik.substr(0, 6));
      columns[8].push_back(std::string(1, static_cast<char>('1' + random() % 3)));
    }
    out.emplace_back(columns);
  }
  const char* const names[] = {"NIK", "NOKA", "NAMA", "TGLLHR", "JENKEL", "NOHP", "ALAMAT", "KECAMATAN", "KELAS"};
  const FieldType types[] = {FieldType::kNik,     FieldType::kIdentifier, FieldType::kPersonName,
                             FieldType::kDate,    FieldType::kCategory,   FieldType::kPhone,
                             FieldType::kAddress, FieldType::kCategory,   FieldType::kInteger};
  for (std::size_t c = 0; c < 9; ++c) {
    ColumnSchema& column = schema.columns.emplace_back();
    column.name = names[c];
    column.type = types[c];
    column.identity = c < 2;
  }
  return out;
}

}  // namespace

TEST_CASE("what a fingerprint costs", "[.][speed]") {
  std::mt19937_64 random(1);
  for (const std::size_t shortest : std::vector<std::size_t>{1, 8, 16}) {
    std::vector<std::uint8_t> text;
    std::vector<std::uint32_t> begin{0};
    const std::size_t longest = shortest == 8 ? 24 : shortest == 16 ? 16 : 16;
    for (std::size_t i = 0; i < 65536; ++i) {
      text.resize(text.size() + shortest + random() % (longest - shortest + 1), 'x');
      begin.push_back(static_cast<std::uint32_t>(text.size()));
    }
    text.resize(text.size() + 16);
    std::vector<Fingerprint> out(begin.size() - 1);
    Cmac cmac(Secret::random(16));
    const double time = nanoseconds([&] { cmac.compute(text.data(), begin, out); });
    std::printf("CMAC, %zu to %zu bytes: %.1f ns a value\n", shortest, longest, time / static_cast<double>(out.size()));
  }
}

TEST_CASE("what a row of nine fields costs", "[.][speed]") {
  Schema schema;
  const std::deque<Block> tables = people(schema);
  std::printf("%.0f bytes a row\n", tables[0].bytes_a_row);
  constexpr double kAll = static_cast<double>(kRows * kBatches);
  FingerprintedBatch out;
  const Secret secret = Secret::random(32);

  CanonicalColumn canonical;
  Cmac cmac(Secret::random(16));
  double forms = 0, macs = 0;
  for (std::size_t c = 0; c < 9; ++c) {
    const auto& column = schema.columns[c];
    double form = nanoseconds([&] {
      for (const auto& table : tables) canonicalise(column.type, column.options, table.columns[c], canonical);
    });
    std::vector<Fingerprint> fingerprints(kRows);
    double mac = nanoseconds([&] {
      for (std::size_t i = 0; i < kBatches; ++i) cmac.compute(canonical.text.data(), canonical.begin, fingerprints);
    });
    Schema alone;
    alone.columns.push_back(column);
    alone.columns[0].identity = false;
    BatchFingerprinter adaptive(secret, alone), never(secret, alone, ValueReuse::kNever);
    const auto with = [&](BatchFingerprinter& fingerprinter) {
      return [&, at = &fingerprinter] {
        for (const auto& table : tables) at->compute({&table.columns[c], 1}, kRows, out);
      };
    };
    const std::vector<double> whole = nanoseconds(Works{with(adaptive), with(never)});
    std::printf(
        "%-10s canonicalise %6.1f, CMAC %5.1f; with a whole-row tag %6.1f, of which reuse saves %6.1f ns a value\n",
        column.name.c_str(), form / kAll, mac / kAll, whole[0] / kAll, (whole[1] - whole[0]) / kAll);
    forms += form;
    macs += mac;
  }
  std::printf("sum: canonicalise %.1f, CMAC %.1f ns a row\n", forms / kAll, macs / kAll);
  BatchFingerprinter adaptive(secret, schema), never(secret, schema, ValueReuse::kNever);
  const auto all = [&](BatchFingerprinter& fingerprinter) {
    return [&, at = &fingerprinter] {
      for (const auto& table : tables) at->compute(table.columns, kRows, out);
    };
  };
  const std::vector<double> whole = nanoseconds(Works{all(adaptive), all(never)});
  std::printf("a row: %.1f ns without reuse, %.1f with\n", whole[1] / kAll, whole[0] / kAll);
  ContentDigest digest(secret, schema);
  const double time = nanoseconds([&] {
    for (std::size_t i = 0; i < kBatches; ++i) digest.add(out);
  });
  std::printf("content digest: %.1f ns a row\n", time / kAll);
}

}  // namespace sidik
