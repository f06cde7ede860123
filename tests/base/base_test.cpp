#include <atomic>
#include <fstream>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file_system.h"
#include "base/parallel.h"
#include "base/roomy_vector.h"
#include "base/secret.h"
#include "base/utc_time.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace sidik;

TEST_CASE("bytes come back as they were written", "[base][bytes]") {
  ByteWriter writer;
  writer.u8(7);
  writer.u16(0x1234);
  writer.u32(0xdeadbeef);
  writer.u64(0x0123456789abcdefULL);
  for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, ~std::uint64_t{0}})
    writer.varint(n);
  writer.f64(-1.5);
  writer.string("sidik");
  ByteReader reader(writer.bytes(), "a test");
  CHECK(reader.u8() == 7);
  CHECK(reader.u16() == 0x1234);
  CHECK(reader.u32() == 0xdeadbeef);
  CHECK(reader.u64() == 0x0123456789abcdefULL);
  for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, ~std::uint64_t{0}})
    CHECK(reader.varint() == n);
  CHECK(reader.f64() == -1.5);
  CHECK(reader.string() == "sidik");
  CHECK(reader.at_end());
}

TEST_CASE("a reader never goes past the end, whatever the bytes say", "[base][bytes]") {
  const Bytes hostile{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
  CHECK_THROWS_AS(ByteReader(hostile, "x").varint(), Error);
  CHECK_THROWS_AS(ByteReader(Bytes{200, 1, 'a'}, "x").string(), Error);
  CHECK_THROWS_AS(ByteReader(Bytes{9, 0, 0}, "x").count(1), Error);
  CHECK_THROWS_AS(ByteReader(Bytes{1}, "x").u64(), Error);
}

TEST_CASE("hex is read back and nonsense is refused", "[base][bytes]") {
  CHECK(to_hex(Bytes{0, 15, 255}) == "000fff");
  CHECK(from_hex("000FfF", "x") == Bytes{0, 15, 255});
  CHECK_THROWS_AS(from_hex("0", "x"), Error);
  CHECK_THROWS_AS(from_hex("zz", "x"), Error);
}

TEST_CASE("times are read in every ISO form and written in one", "[base][time]") {
  CHECK(format_utc(0) == "1970-01-01T00:00:00Z");
  CHECK(parse_utc("2021-08-05") == parse_utc("2021-08-05T00:00:00Z"));
  CHECK(parse_utc("2021-08-05 07:00:00+07:00") == parse_utc("2021-08-05"));
  CHECK(format_utc(*parse_utc("2021-08-05T12:30")) == "2021-08-05T12:30:00Z");
  CHECK(format_date(*parse_utc("1969-12-31T23:59:59")) == "1969-12-31");
  for (const char* wrong : {"", "2021", "2021-13-01", "2021-02-29", "2021-08-05T25:00", "2021-08-05x", "05/08/2021"})
    CHECK_FALSE(parse_utc(wrong).has_value());
  for (UtcSeconds t = -5'000'000'000; t < 5'000'000'000; t += 86'399'991) CHECK(parse_utc(format_utc(t)) == t);
}

TEST_CASE("threads share the work and hand an exception on", "[base][parallel]") {
  std::atomic<int> sum{0};
  parallel_for(4, 1000, [&](std::size_t i) { sum += static_cast<int>(i); });
  CHECK(sum == 499500);
  CHECK_THROWS_AS(parallel_for(3, 100,
                               [](std::size_t i) {
                                 if (i == 50) throw Error(ErrorKind::kFailed, "", "fifty");
                               }),
                  Error);
  CHECK(default_threads() >= 1);
}

TEST_CASE("the pages of a secret stay locked while it lives, whatever becomes of its neighbours", "[base][secret]") {
  const auto locked_kib = [] {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
      if (word == "VmLck:") {
        std::uint64_t kib = 0;
        status >> kib;
        return kib;
      }
    return std::uint64_t{0};
  };
  std::vector<Secret> secrets;
  secrets.reserve(64);
  for (int i = 0; i < 64; ++i) secrets.push_back(Secret::random(32));
  const std::uint64_t before = locked_kib();
  if (before == 0) return;  // a system that lets nobody lock memory
  for (std::size_t i = 0; i < secrets.size(); ++i)
    if (i % 2 == 0) secrets[i] = Secret();
  CHECK(2 * locked_kib() > before);  // but pages that nobody is left in
  secrets.clear();
  CHECK(locked_kib() < before);
}

TEST_CASE("secrets compare, copy and move", "[base][secret]") {
  const Secret a = Secret::random(32);
  Secret b = a;
  CHECK(a == b);
  b.writable()[31] ^= 1;
  CHECK_FALSE(a == b);
  const Secret c = std::move(b);
  CHECK(c.size() == 32);
  CHECK_FALSE(Secret::random(32) == Secret::random(32));
}

TEST_CASE("a file is written wholly or not at all, 0600, and locks keep others out", "[base][files]") {
  const test::TemporaryDirectory folder;
  FileSystem& files = posix_file_system();
  const auto path = folder.path() / "f";
  write_file_durably(files, path, as_bytes("hello"));
  CHECK(as_text(read_whole_file(files, path, 100)) == "hello");
  CHECK_THROWS_AS(read_whole_file(files, path, 4), Error);
  CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::mask) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  CHECK(files.list(folder.path()) == std::vector<std::string>{"f"});
  CHECK_THROWS_AS(files.open(path, OpenMode::kCreate), Error);

  const auto first = files.open(path, OpenMode::kReadWrite);
  const auto second = files.open(path, OpenMode::kReadWrite);
  CHECK(first->try_lock(LockKind::kShared));
  CHECK(second->try_lock(LockKind::kShared));
  CHECK_FALSE(second->try_lock(LockKind::kExclusive));
  first->unlock();
  CHECK(second->try_lock(LockKind::kExclusive));
  CHECK_FALSE(first->try_lock(LockKind::kShared));

  files.remove(path);
  files.remove(path);
  CHECK_FALSE(files.exists(path));
}

TEST_CASE("an error names the place and keeps the exit status of its kind", "[base][error]") {
  const Error error(ErrorKind::kRefused, "a.csv, line 7", "expected 9 cells");
  CHECK(std::string(error.what()) == "a.csv, line 7: expected 9 cells");
  CHECK(exit_status(error.kind()) == 3);
}

TEST_CASE("a roomy vector keeps what is in it as it grows, and leaves what is new as it finds it", "[base][memory]") {
  RoomyVector<std::uint32_t> numbers;
  constexpr std::uint32_t kMany = 3'000'000;  // some steps beyond the first large piece
  for (std::uint32_t i = 0; i < kMany; ++i) numbers.push_back(i * 7);
  numbers.resize(kMany + 100);
  numbers.resize(kMany);
  bool kept = true;
  for (std::uint32_t i = 0; i < kMany; ++i) kept = kept && numbers[i] == i * 7;
  CHECK(kept);
  const RoomyVector<std::uint32_t> copy = numbers;
  CHECK(copy == numbers);
  CHECK(RoomyVector<char>(3, 'x') == RoomyVector<char>{'x', 'x', 'x'});
  CHECK(RoomyVector<char>().empty());
  CHECK_THROWS_AS(RoomyAllocator<char>().allocate(std::numeric_limits<std::size_t>::max() / 2), std::bad_alloc);
}
