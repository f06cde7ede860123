#include "ingest/cell_index.h"

#include <random>
#include <string>

#include "all_strings.h"
#include "ingest/batch.h"
#include "ingest/cell_text.h"
#include "ingest/record_scan.h"
#include "naive_rows.h"
#include "support/catch.h"

namespace sidik::test {
namespace {

/// The rows of a text without stray quotes, by the index.
std::vector<NaiveRow> indexed_rows(std::string_view text, const Separators& separators) {
  std::string padded(text);
  padded.append(kTextSlack, '"');  // what stands behind must not matter
  text = std::string_view(padded).substr(0, text.size());
  std::vector<NaiveRow> rows;
  CellIndex index;
  index.start(text, separators);
  while (index.advance()) {
    for (const CellIndex::Record& record : index.records()) {
      NaiveRow row;
      row.offset = index.cell_begin(record.first_cell);
      row.line = record.line + 1;
      bool empty = record.cells == 1;
      for (std::size_t c = 0; c < record.cells; ++c) {
        const std::uint32_t* starts = index.cell_starts(record.first_cell + c);
        const std::size_t begin = starts[0] & ~CellIndex::kIrregular;
        const std::size_t end = (starts[1] & ~CellIndex::kIrregular) - 1;
        std::string_view raw = text.substr(begin, end - begin);
        if (c + 1 == record.cells) raw = without_returns(raw);
        empty = empty && raw.empty();
        std::string value;
        if (!separators.quoted || !raw.starts_with('"')) {
          value = raw;
        } else if ((starts[1] & CellIndex::kIrregular) == 0 && raw.size() > 1 && raw.back() == '"') {
          value = raw.substr(1, raw.size() - 2);
        } else {
          append_unquoted(raw, value);
        }
        row.cells.push_back(value);
      }
      if (!empty) rows.push_back(row);
    }
  }
  if (index.unclosed()) {
    rows.back().unclosed = true;
    rows.back().cells.clear();
  }
  return rows;
}

/// Up to the first row with a stray quote: the index says no more.
std::vector<NaiveRow> until_unclosed(std::vector<NaiveRow> rows) {
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (rows[r].unclosed) rows.resize(r + 1);
  return rows;
}

std::string random_text(std::mt19937& random, std::size_t size) {
  // Runs of ordinary text between nasty bytes, so that structure falls anywhere within 64 bytes.
  std::string text;
  const auto most = std::uniform_int_distribution<std::size_t>(0, 40)(random);
  while (text.size() < size) {
    text.append(std::uniform_int_distribution<std::size_t>(0, most)(random), 'x');
    const auto kind = random() % 8;
    if (kind == 0)
      text += "\"quoted, \"\"and\"\"\nso\",";
    else if (kind == 1)
      text += ",\"plain\",";
    else
      text += kNasty[random() % kNasty.size()];
  }
  return text;
}

}  // namespace

TEST_CASE("the tokeniser reads every short string as the naive one does", "[ingest][tokeniser]") {
  for (const Separators& separators : {Separators{',', true, false}, Separators{',', true, true},
                                       Separators{',', false, false}, Separators{',', false, true}}) {
    std::size_t wrong = 0;
    for_all_strings(kNasty, 7, [&](const std::string& text) {
      if (indexed_rows(text, separators) == until_unclosed(naive_rows(text, separators))) return;
      if (++wrong < 5) {
        INFO("text " << Catch::Detail::stringify(text) << " quoted " << separators.quoted << " returns "
                     << separators.carriage_return);
        CHECK(indexed_rows(text, separators) == until_unclosed(naive_rows(text, separators)));
      }
    });
    CHECK(wrong == 0);
  }
}

TEST_CASE("the tokeniser carries its state over every boundary of 64 bytes", "[ingest][tokeniser]") {
  for (const Separators& separators : {Separators{',', true, false}, Separators{',', true, true}}) {
    std::size_t wrong = 0;
    for (const std::size_t before : {61U, 62U, 63U}) {
      for_all_strings(kNasty, 5, [&](const std::string& text) {
        for (const char* start : {"", "\"", "\n,"}) {
          std::string whole(start);
          whole.append(before - whole.size(), 'x');
          whole.append(text).append("x,\"y\"\nz");
          wrong += indexed_rows(whole, separators) == until_unclosed(naive_rows(whole, separators)) ? 0U : 1U;
        }
      });
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("the tokeniser reads random long texts as the naive one does", "[ingest][tokeniser]") {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    const std::string text = random_text(random, random() % 60000);
    const Separators separators{',', round % 4 != 3, round % 2 == 1};
    REQUIRE((indexed_rows(text, separators) == until_unclosed(naive_rows(text, separators))));
  }
}

TEST_CASE("all kernels give the same masks", "[ingest][tokeniser]") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::string text(64 * 5 + 3, '\0');
    for (char& c : text)
      c = random() % 3 == 0 ? std::string_view(",\"\n\r;\x80\xFF\x0B")[random() % 8] : static_cast<char>(random());
    for (const std::size_t begin : {0U, 1U, 3U}) {
      ByteMasks plain[5];
      classify_with(MaskKernel::kPortable, text.data() + begin, 5, ',', plain);
      for (std::size_t i = 0; i < 320; ++i) {
        const ByteMasks& masks = plain[i / 64];
        const char c = text[begin + i];
        REQUIRE((masks.quote >> (i % 64) & 1) == (c == '"' ? 1U : 0U));
        REQUIRE((masks.delimiter >> (i % 64) & 1) == (c == ',' ? 1U : 0U));
        REQUIRE((masks.line_feed >> (i % 64) & 1) == (c == '\n' ? 1U : 0U));
        REQUIRE((masks.carriage_return >> (i % 64) & 1) == (c == '\r' ? 1U : 0U));
        REQUIRE((masks.non_ascii >> (i % 64) & 1) == ((c & 0x80) != 0 ? 1U : 0U));
      }
      for (const MaskKernel kernel : {MaskKernel::kSse2, MaskKernel::kAvx2, MaskKernel::kAvx512}) {
        if (!available(kernel)) continue;
        ByteMasks fast[5];
        classify_with(kernel, text.data() + begin, 5, ',', fast);
        for (std::size_t i = 0; i < 5; ++i) {
          CHECK(fast[i].quote == plain[i].quote);
          CHECK(fast[i].delimiter == plain[i].delimiter);
          CHECK(fast[i].line_feed == plain[i].line_feed);
          CHECK(fast[i].carriage_return == plain[i].carriage_return);
          CHECK(fast[i].non_ascii == plain[i].non_ascii);
        }
      }
    }
  }
}

TEST_CASE("the scan for record ends sees the same text grow in any steps", "[ingest][tokeniser]") {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    std::string text = random_text(random, random() % 2000);
    const std::size_t size = text.size();
    text.append(kTextSlack, ',');
    const Separators separators{',', true, round % 2 == 1};
    RecordScan at_once(separators);
    at_once.extend(text.data(), size);
    RecordScan in_steps(separators);
    for (std::size_t seen = 0; seen < size;) {
      seen = std::min(size, seen + 1 + random() % 100);
      in_steps.extend(text.data(), seen);
    }
    CHECK(in_steps.record_end() == at_once.record_end());
    CHECK(in_steps.lines() == at_once.lines());
    CHECK(in_steps.all_lines() == at_once.all_lines());
    CHECK(in_steps.inside_quotes() == at_once.inside_quotes());
    CHECK(in_steps.last_cell() == at_once.last_cell());
  }
}

}  // namespace sidik::test
