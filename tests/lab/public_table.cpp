// How often the right recipient is named of a public table whose copies differ in a few values: many tries, counted.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "support/recipient_copies.h"

int main(int argc, char** argv) {
  using namespace sidik;
  CLI::App app("Copies of a table for many recipients, each with other values changed: whose copy is a sample of it?");
  std::string path;
  std::size_t recipients = 20;
  std::size_t tries = 200;
  double changed = 0.03;
  std::vector<std::size_t> sizes{20, 100};
  std::vector<std::uint64_t> seeds{11, 12, 13};
  app.add_option("TABLE", path, "delimited by commas, with a header; its first column stays")->required();
  app.add_option("--recipients", recipients, "copies");
  app.add_option("--changed", changed, "share of the rows of each copy in which one value is another row's");
  app.add_option("--tries", tries, "samples of each size and seed");
  app.add_option("--rows", sizes, "sizes of the samples");
  app.add_option("--seed", seeds, "of the copies and samples");
  CLI11_PARSE(app, argc, argv);
  std::ifstream file(path);
  const fixtures::Table table = fixtures::read_table(std::string(std::istreambuf_iterator<char>(file), {}), ',');
  std::printf("%zu rows, %zu recipients, a value in %.1f %% of the rows of each differs\n", table.rows.size(),
              recipients, changed * 100);
  std::printf("rows  tries  singled out  right  others  shared alike  not said ours\n");
  for (const std::size_t rows : sizes) {
    std::size_t all = 0, singled_out = 0, right = 0, shared = 0, lost = 0;
    for (const std::uint64_t seed : seeds) {
      const testing::RecipientCopies copies(table, recipients, changed, seed);
      for (std::size_t i = 0; i < tries; ++i) {
        const auto one = copies.ask(i % recipients, rows, seed * 1000003 + rows * 7919 + i);
        ++all;
        lost += one.verdict.origin != Origin::kOurs;
        singled_out += one.singled_out;
        right += one.singled_out && one.right;
        shared += !one.singled_out && one.grouped && one.spread < 0.01;
      }
    }
    std::printf("%4zu %6zu %12zu %6zu %7zu %13zu %14zu\n", rows, all, singled_out, right, all - singled_out, shared,
                lost);
    std::fflush(stdout);
  }
}
