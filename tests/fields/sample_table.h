// A seeded table of people in the manner of an Indonesian insurer, for tests of inference.
#pragma once

#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "fields/inference.h"

namespace sidik::test {

class SampleTable {
 public:
  explicit SampleTable(std::vector<std::string> header) : header_(std::move(header)), cells_(header_.size()) {}

  void add(const std::vector<std::string>& row) {
    for (std::size_t c = 0; c < cells_.size(); ++c) cells_[c].push_back(row[c]);
  }
  std::size_t columns() const { return cells_.size(); }
  std::vector<std::string>& column(std::size_t c) { return cells_[c]; }
  const std::vector<std::string>& header() const { return header_; }

  /// What inference says, fed in batches of `batch` rows; without its header where `headed` is false.
  InferenceResult infer(bool headed = true, std::size_t batch = 1000, const Schema* fixed = nullptr,
                        std::string_view newest = {}) const {
    Inference inference(headed ? header_ : std::vector<std::string>{}, columns());
    for (std::size_t from = 0; from < cells_[0].size(); from += batch) {
      const std::size_t to = std::min(cells_[0].size(), from + batch);
      std::vector<std::string> blocks(columns());
      std::vector<std::vector<std::string_view>> views(columns());
      for (std::size_t c = 0; c < columns(); ++c) {
        for (std::size_t r = from; r < to; ++r) blocks[c] += cells_[c][r];
        blocks[c].append(kTextSlack, '\0');
        std::size_t at = 0;
        for (std::size_t r = from; r < to; at += cells_[c][r++].size())
          views[c].emplace_back(blocks[c].data() + at, cells_[c][r].size());
      }
      inference.observe(views);
    }
    return inference.finish(fixed, newest);
  }

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> cells_;
};

template <class... Values>
std::string printed(const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

/// The header of the sample of 2021, as published.
inline const std::vector<std::string> kHeader2021 = {
    "PSNOKA",  "PSNOKALAMA",     "PSNOKALAMA2", "NAMA",       "NMCETAK",  "JENKEL",     "AGAMA",       "TMPLHR",
    "TGLLHR",  "FLAGTANGGUNGAN", "NOHP",        "NIK",        "NOKTP",    "TMT",        "TAT",         "NPWP",
    "EMAIL",   "NOKA",           "KDHUBKEL",    "KDSTAWIN",   "KDNEGARA", "KDGOLDARAH", "KDSTATUSPST", "KDKANTOR",
    "TSINPUT", "TSUPDATE",       "USERINPUT",   "USERUPDATE", "TSSTATUS", "DAFTAR"};

/// `rows` rows under kHeader2021.
inline SampleTable sample_of_2021(std::size_t rows, unsigned seed = 1) {
  std::mt19937 random(seed);
  const auto below = [&random](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  static constexpr const char* kFirst[] = {"SITI",  "BUDI",  "AGUS", "DEWI", "MUHAMMAD", "SRI",  "RINA",  "WAHYU",
                                           "FITRI", "MARIA", "EKO",  "NUR",  "ANDI",     "JOKO", "PUTRI", "HENDRA"};
  static constexpr const char* kLast[] = {"SANTOSO",    "LESTARI",    "WIJAYA",   "RAHMAN",    "HIDAYAT",
                                          "SIMATUPANG", "UTAMI",      "NUGROHO",  "PRASETYO",  "HANDAYANI",
                                          "MANURUNG",   "KUSUMAWATI", "PANGESTU", "ARDIANSYAH"};
  static constexpr const char* kMiddle[] = {"", " EKA", " DWI", " TRI", " PUTRA", " AYU", " INDAH", " SETYA"};
  static constexpr const char* kRegions[] = {"320517", "317401", "357801", "127101", "640302"};
  const auto stamp = [&] {
    return printed("%04d-%02d-%02d %02d:%02d:%02d", 2014 + below(8), 1 + below(12), 1 + below(28), below(24), below(60),
                   below(60));
  };
  SampleTable table(kHeader2021);
  for (std::size_t i = 0; i < rows; ++i) {
    const int day = 1 + below(28), month = 1 + below(12), year = 1940 + below(75), woman = below(2);
    const std::string nik =
        printed("%s%02d%02d%02d%04d", kRegions[below(5)], day + 40 * woman, month, year % 100, 1 + below(9998));
    const std::string name = std::string(kFirst[below(16)]) + kMiddle[below(8)] + " " + kLast[below(14)];
    const auto card = [&] { return printed("%013d", 1 + below(2'000'000'000)); };
    table.add({card(),
               below(3) == 0 ? card() : "",
               below(9) == 0 ? card() : "",
               name,
               (below(20) == 0 ? "dr. " : "") + name,
               woman == 1 ? "P" : "L",
               printed("%d", 1 + below(5)),
               below(2) == 0 ? "JAKARTA" : "GARUT",
               printed("%02d/%02d/%04d", day, month, year),
               below(2) == 0 ? "Y" : "T",
               printed("08%d", 1'100'000'00 + below(899'999'999)),
               below(5) == 0 ? "" : nik,
               below(3) == 0 ? nik : "NULL",
               "2014-01-01 00:00:00",
               "9999-12-31 00:00:00",
               below(5) == 0
                   ? printed("%02d.%03d.%03d.%d-%03d.000", 10 + below(89), below(999), below(999), below(9), below(999))
                   : "",
               below(4) == 0 ? printed("%s%d@gmail.com", kFirst[below(16)], static_cast<int>(i)) : "",
               card(),
               printed("%d", 1 + below(5)),
               printed("%d", 1 + below(4)),
               "ID",
               below(2) == 0 ? "O" : "AB",
               printed("%d", below(6)),
               printed("%04d", 1 + below(130)),
               stamp(),
               stamp(),
               below(2) == 0 ? "admin" : "op01",
               below(2) == 0 ? "admin" : "op02",
               stamp(),
               "1"});
  }
  return table;
}

}  // namespace sidik::test
