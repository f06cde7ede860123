// A registry at scale: the fixtures' generator streamed into `sidik register` through a pipe, and a sample of those
// rows traced, each by a process of its own; beside it what each stage could do by itself.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>

#include "base/error.h"
#include "base/parallel.h"
#include "child_process.h"
#include "fixtures/feeds.h"
#include "measure.h"
#include "pipeline.h"

namespace {

using namespace sidik;
using namespace sidik::bench;
namespace fs = std::filesystem;

struct Options {
  fs::path folder = fs::temp_directory_path() / "sidik-scale", sidik;
  std::uint64_t rows = 50'000'000, sample = 1'000'000;
  unsigned threads = default_threads();
  bool keep = false;
};

/// Bytes that the files below a folder take on the disk, those that go away meanwhile left out.
std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code gone;
  for (fs::recursive_directory_iterator it(folder, gone), end; !gone && it != end; it.increment(gone)) {
    const std::uintmax_t size = it->is_regular_file(gone) ? it->file_size(gone) : 0;
    if (!gone) bytes += size;
    gone.clear();
  }
  return bytes;
}

/// Asks a number once in a while until it goes, and keeps the largest: the disk's peak.
class Peak {
 public:
  explicit Peak(std::function<std::uint64_t()> ask) : ask_(std::move(ask)), thread_([this] { watch(); }) {}
  ~Peak() { stop(); }
  Peak(const Peak&) = delete;
  Peak& operator=(const Peak&) = delete;
  std::uint64_t stop() {
    done_ = true;
    if (thread_.joinable()) thread_.join();
    return most_;
  }

 private:
  void watch() {
    while (!done_) {
      most_ = std::max(most_, ask_());
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  std::function<std::uint64_t()> ask_;
  std::atomic<bool> done_{false};
  std::uint64_t most_ = 0;
  std::thread thread_;
};

/// What the file system of a folder has given away, files without a name included.
std::uint64_t bytes_taken(const fs::path& folder) {
  std::error_code failed;
  const fs::space_info space = fs::space(folder, failed);
  return failed ? 0 : space.capacity - space.free;
}

/// Keeps every so-manieth row of a text that comes in pieces of whole rows, the header first.
class EvenSample {
 public:
  EvenSample(const fs::path& file, std::uint64_t every) : out_(file, std::ios::binary), every_(every) {}
  void take(std::string_view piece) {
    for (std::size_t at = 0; at < piece.size(); ++row_) {
      const std::size_t end = piece.find('\n', at) + 1;
      if (row_ == 0 || row_ % every_ == 0) out_.write(piece.data() + at, static_cast<std::streamsize>(end - at));
      at = end;
    }
  }

 private:
  std::ofstream out_;
  std::uint64_t every_, row_ = 0;
};

void write_fully(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(to, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) throw_system_error("the pipe to sidik register", "write to", errno);
    text.remove_prefix(static_cast<std::size_t>(done));
  }
}

const fixtures::Feed& feed() { return fixtures::feed_named("nightly"); }

fixtures::Population population(std::uint64_t rows) {
  fixtures::PopulationOptions people;
  people.people = rows;
  return fixtures::Population(people);
}

/// What the stages can do each by itself, in rows or bytes a second of all threads.
void print_limits(const Options& options, std::uint64_t written_bytes, double seconds) {
  const std::uint64_t rows = std::min<std::uint64_t>(options.rows, 2'000'000);
  const fs::path csv = options.folder / "part.csv";
  std::uint64_t bytes = 0;
  const fixtures::Population people = population(rows);
  fixtures::FeedRun run;
  run.threads = options.threads;
  const Cost made = measure([&] {
    std::ofstream out(csv, std::ios::binary);
    write_feed(people, feed(), run, [&](std::string_view piece) {
      bytes += piece.size();
      out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    });
  });
  const Cost parsed = measure([&] { parse_file(csv, options.threads, [](unsigned, const Batch&) {}); });
  const Schema schema = infer_schema(csv);
  const RegistryKey key = RegistryKey::generate();
  const Cost fingerprinted = measure([&] { fingerprint_file(csv, schema, key, options.threads); });
  const std::string block(std::size_t{8} << 20, 'x');
  constexpr int kBlocks = 128;
  const Cost disk = measure([&] {
    const int file = ::open((options.folder / "disk").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    for (int i = 0; i < kBlocks; ++i) write_fully(file, block);
    ::fdatasync(file);
    ::close(file);
  });
  fs::remove(options.folder / "disk");
  fs::remove(csv);
  const auto rate = [&](const Cost& cost) { return 1e-6 * static_cast<double>(rows) / cost.wall; };
  std::printf(
      "by itself: the generator %.2f M rows/s, tokenising %.2f, to records and entries %.2f; the disk %.2f GB/s\n",
      rate(made), rate(parsed), rate(fingerprinted), 1e-9 * static_cast<double>(block.size()) * kBlocks / disk.wall);
  std::printf("the registration writes %.2f GB/s of run and spill together\n",
              1e-9 * static_cast<double>(written_bytes) / seconds);
}

void register_stream(const Options& options, const std::vector<std::string>& common) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_system_error("a pipe", "make", errno);
  ::fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
  std::atomic<double> generating{0};
  const double before = processor_seconds();
  std::exception_ptr failed;
  std::thread generator([&] {
    try {
      const fixtures::Population people = population(options.rows);
      EvenSample sample(options.folder / "sample.csv", std::max<std::uint64_t>(1, options.rows / options.sample));
      fixtures::FeedRun run;
      write_feed(people, feed(), run, [&](std::string_view piece) {
        sample.take(piece);
        write_fully(ends[1], piece);
      });
      generating = processor_seconds() - before;
    } catch (...) {
      failed = std::current_exception();
    }
    ::close(ends[1]);
  });
  const std::uint64_t taken = bytes_taken(options.folder);
  Peak peak([&] { return bytes_taken(options.folder); });
  std::vector<std::string> words = {options.sidik.string(), "register", "-", "--name", "scale", "--feed", "nightly"};
  words.insert(words.end(), common.begin(), common.end());
  ChildResult child;
  try {
    child = run_child(words, STDERR_FILENO, ends[0]);
  } catch (...) {
    generator.join();
    throw;
  }
  generator.join();
  if (failed) std::rethrow_exception(failed);
  const std::uint64_t most = peak.stop();
  const std::uint64_t rest = bytes_below(options.folder / "registry");
  const auto rows = static_cast<double>(options.rows);
  const std::uint64_t peak_bytes = most > taken ? most - taken : 0;
  std::printf("registered %.0f rows in %.1f s, %.2f M rows/s; %.2f us of CPU a row, the generator %.2f beside it\n",
              rows, child.cost.wall, 1e-6 * rows / child.cost.wall, 1e6 * child.cost.processor / rows,
              1e6 * generating / rows);
  std::printf("peak memory %.0f MiB; on disk %.2f GB at rest (%.1f bytes a row), %.2f GB at the peak\n",
              static_cast<double>(child.peak_memory) / 1048576, 1e-9 * static_cast<double>(rest),
              static_cast<double>(rest) / rows, 1e-9 * static_cast<double>(peak_bytes));
  print_limits(options, peak_bytes, child.cost.wall);
}

void trace_sample(const Options& options, const std::vector<std::string>& common, const char* what,
                  const fs::path& sample) {
  for (const char* cache : {"first", "again"}) {
    std::vector<std::string> words = {options.sidik.string(), "trace", sample.string(), "--json"};
    words.insert(words.end(), common.begin(), common.end());
    const ChildResult child = run_child(words, STDERR_FILENO);
    std::printf("trace of %s, %s: ", what, cache);
    if (child.first_output > 0) std::printf("screened verdict after %.2f s, ", child.first_output);
    std::printf("whole verdict after %.2f s; %.1f s of CPU, peak memory %.0f MiB\n", child.cost.wall,
                child.cost.processor, static_cast<double>(child.peak_memory) / 1048576);
    std::fflush(stdout);
  }
}

void run_bench(const Options& options) {
  fs::create_directories(options.folder);
  fs::remove_all(options.folder / "registry");
  fs::remove(options.folder / "key");
  const std::vector<std::string> common = {"-r", (options.folder / "registry").string(), "--key-file",
                                           (options.folder / "key").string()};
  std::printf("%s, %u threads; %llu rows of 9 columns\n", machine().c_str(), options.threads,
              static_cast<unsigned long long>(options.rows));
  run_child({options.sidik.string(), "init", (options.folder / "registry").string(), "--key-file",
             (options.folder / "key").string(), "-q"});
  register_stream(options, common);
  trace_sample(options, common, "the sample", options.folder / "sample.csv");
  {
    std::ifstream in(options.folder / "sample.csv");
    std::ofstream out(options.folder / "twenty.csv");
    std::string line;
    for (int i = 0; i < 21 && std::getline(in, line); ++i) out << line << '\n';
  }
  trace_sample(options, common, "twenty rows", options.folder / "twenty.csv");
  if (!options.keep) fs::remove_all(options.folder);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What a registration of many millions of rows takes, and a trace against it.");
  Options options;
  options.sidik = fs::canonical("/proc/self/exe").parent_path().parent_path() / "sidik" / "sidik";
  bool whole_country = false;
  app.add_option("--folder", options.folder, "where the registry is made")->capture_default_str();
  app.add_option("--sidik", options.sidik, "the program to run")->capture_default_str();
  app.add_option("--rows", options.rows, "rows of the export")->capture_default_str();
  app.add_flag("--279m", whole_country, "as many rows as were offered in 2021: 279 million");
  app.add_option("--sample", options.sample, "rows of the traced sample")->capture_default_str();
  app.add_option("--threads", options.threads, "threads of the stages by themselves")->capture_default_str();
  app.add_flag("--keep", options.keep, "leave the folder as it is");
  CLI11_PARSE(app, argc, argv);
  if (whole_country) options.rows = 279'000'000;
  std::signal(SIGPIPE, SIG_IGN);
  try {
    run_bench(options);
    return 0;
  } catch (const Error& error) {
    std::cerr << "scale: " << error.what() << "\n";
    return exit_status(error.kind());
  }
}
