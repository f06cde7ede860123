#include "workload.h"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "fixtures/feeds.h"

namespace sidik::bench {
namespace {

namespace fs = std::filesystem;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, CloseFile>;

OpenFile create(const fs::path& path) {
  OpenFile file(std::fopen(path.c_str(), "wb"));
  if (!file) throw_system_error(path.string(), "create", errno);
  return file;
}

void put(std::FILE* file, std::string_view text, const fs::path& path) {
  if (std::fwrite(text.data(), 1, text.size(), file) != text.size()) throw_system_error(path.string(), "write", errno);
}

}  // namespace

Workload prepare_workload(const fs::path& folder, std::uint64_t rows, std::uint64_t sample_rows, unsigned threads) {
  Workload work;
  work.rows = rows;
  work.sample_rows = std::min(rows, sample_rows);
  work.csv = folder / ("people-" + std::to_string(rows) + ".csv");
  work.sample = folder / ("sample-" + std::to_string(work.sample_rows) + "-of-" + std::to_string(rows) + ".csv");
  if (fs::exists(work.csv) && fs::exists(work.sample)) return work;
  fs::create_directories(folder);

  fixtures::PopulationOptions options;
  options.people = rows;
  const fixtures::Population population(options);
  fixtures::Feed feed;
  feed.layout = fixtures::layout_named("plain9");
  fixtures::FeedRun run;
  run.threads = threads;
  fs::path unfinished = work.csv;
  unfinished += ".part";
  const OpenFile csv = create(unfinished);
  const OpenFile sample = create(work.sample);
  std::uint64_t row = 0;
  bool header = true;
  fixtures::write_feed(population, feed, run, [&](std::string_view text) {
    put(csv.get(), text, unfinished);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin) + 1;
      const std::string_view line = text.substr(begin, end - begin);
      // The k-th row is drawn where k x sample_rows / rows passes a whole number: spread evenly.
      const bool drawn = (row + 1) * work.sample_rows / rows != row * work.sample_rows / rows;
      if (header || drawn) put(sample.get(), line, work.sample);
      if (!header) ++row;
      header = false;
      begin = end;
    }
  });
  fs::rename(unfinished, work.csv);
  work.rows = row;
  return work;
}

void warm(const fs::path& file) {
  const OpenFile opened(std::fopen(file.c_str(), "rb"));
  if (!opened) throw_system_error(file.string(), "open", errno);
  std::vector<char> buffer(std::size_t{1} << 20);
  while (std::fread(buffer.data(), 1, buffer.size(), opened.get()) > 0) {
  }
}

}  // namespace sidik::bench
