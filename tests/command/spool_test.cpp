#include "spool.h"

#include "base/error.h"
#include "support/catch.h"
#include "support/temporary_directory.h"
#include "support/text_matchers.h"

using namespace sidik;
using sidik::command::Spool;

namespace {

std::string all_of(ByteSource& source, std::size_t piece) {
  std::string text;
  std::vector<char> buffer(piece);
  while (const std::size_t size = source.read(buffer)) text.append(buffer.data(), size);
  return text;
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 1000) % 26);
  return text;
}

}  // namespace

TEST_CASE("a spool gives back what it was given, from memory and from disk, as often as asked", "[command][spool]") {
  const test::TemporaryDirectory folder;
  const std::size_t chunk = std::size_t{256} << 10;
  for (const std::size_t size : {std::size_t{1}, chunk - 1, chunk, chunk + 1, 3 * chunk, 10 * chunk + 17}) {
    for (const std::size_t memory : {std::size_t{0}, 2 * chunk, 100 * chunk}) {
      const std::string text = pattern(size);
      const Spool spool(memory_source(text, "standard input"), {memory, 0.5, folder.path()});
      CHECK(spool.size() == size);
      CHECK((spool.bytes_on_disk() > 0) == (size > std::max(memory, chunk)));
      for (const std::size_t piece : {std::size_t{70000}, chunk, 3 * chunk}) {
        const auto source = spool.open();
        CHECK((all_of(*source, piece) == text));
        CHECK(source->consumed() == size);
      }
      CHECK(std::filesystem::is_empty(folder.path()));
    }
  }
}

TEST_CASE("a spool is bounded, and refuses nothing", "[command][spool]") {
  const test::TemporaryDirectory folder;
  const std::string text = pattern(std::size_t{2} << 20);
  CHECK_THROWS_AS(Spool(memory_source("", "standard input"), {0, 0.5, folder.path()}), Error);
  CHECK_THROWS_AS(Spool(memory_source(text, "standard input"), {0, 1e-12, folder.path()}), Error);
  CHECK_THROWS_AS(Spool(memory_source(text, "standard input"), {0, 0.5, folder.path() / "missing"}), Error);
}
