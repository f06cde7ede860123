// Nothing plain in a registry: no value, no column name, no unkeyed hash of a value, in any of its files or spills.
#include <openssl/evp.h>
#include <xxhash.h>
#include <zlib.h>

#include <fstream>
#include <set>
#include <thread>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/file_content.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

namespace {

std::string digest_of(const EVP_MD* algorithm, const std::string& value) {
  std::uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(value.data(), value.size(), digest, &size, algorithm, nullptr);
  return {reinterpret_cast<const char*>(digest), size};
}

std::string little(std::uint64_t number) {
  std::string bytes(8, '\0');
  store_u64(reinterpret_cast<std::uint8_t*>(bytes.data()), number);
  return bytes;
}
std::string big(std::uint64_t number) {
  std::string bytes = little(number);
  return {bytes.rbegin(), bytes.rend()};
}

/// What must not occur: the value, and its unkeyed hashes, raw and in hex, of eight bytes each at least.
void add_forms(const std::string& value, std::set<std::string>& forbidden) {
  if (value.size() >= 8) forbidden.insert(value);
  for (const EVP_MD* algorithm : {EVP_md5(), EVP_sha1(), EVP_sha256()}) {
    const std::string digest = digest_of(algorithm, value);
    forbidden.insert(digest.substr(0, 8));
    forbidden.insert(to_hex(as_bytes(digest)).substr(0, 16));
  }
  const std::uint64_t xxh3 = XXH3_64bits(value.data(), value.size());
  const std::uint64_t xxh64 = XXH64(value.data(), value.size(), 0);
  for (const std::uint64_t hash : {xxh3, xxh64}) {
    forbidden.insert(little(hash));
    forbidden.insert(big(hash));
    forbidden.insert(to_hex(as_bytes(big(hash))));
  }
  const auto crc = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(value.data()), static_cast<uInt>(value.size())));
  forbidden.insert(to_hex(as_bytes(big(crc).substr(4))) + to_hex(as_bytes(big(crc).substr(4))));
}

std::set<std::string> forbidden_in(const std::string& csv) {
  std::set<std::string> forbidden;
  std::string cell;
  for (const char c : csv) {
    if (c != ',' && c != '\n') {
      cell.push_back(c);
      continue;
    }
    add_forms(cell, forbidden);
    std::string lower = cell;
    for (auto& letter : lower) letter = static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter);
    add_forms(lower, forbidden);
    cell.clear();
  }
  return forbidden;
}

/// Any of `forbidden` (at least eight bytes each) in `bytes`, by its first eight bytes.
std::string first_found(const std::string& bytes, const std::set<std::string>& forbidden) {
  std::set<std::uint64_t> heads;
  for (const auto& word : forbidden) heads.insert(load_u64(as_bytes(word).data()));
  std::vector<std::uint64_t> sorted(heads.begin(), heads.end());
  for (std::size_t i = 0; i + 8 <= bytes.size(); ++i) {
    const std::uint64_t head = load_u64(as_bytes(bytes).data() + i);
    if (!std::binary_search(sorted.begin(), sorted.end(), head)) continue;
    for (auto it = forbidden.lower_bound(bytes.substr(i, 8));
         it != forbidden.end() && it->starts_with(bytes.substr(i, 8)); ++it)
      if (bytes.compare(i, it->size(), *it) == 0) return *it;
  }
  return {};
}

}  // namespace

TEST_CASE("no plain value, column name or unkeyed hash stands in any file of a registry, spills included",
          "[registry][plaintext]") {
  const SmallRegistry small;
  Registry registry = small.open();
  std::string csv = people_csv(120000);
  csv.replace(0, kPersonHeader.size(),
              "NOMOR_INDUK_KEPENDUDUKAN,NAMA_LENGKAP,NOMOR_TELEPON,ALAMAT_RUMAH,TANGGAL_LAHIR,KELAS_RAWAT\n");
  RegistrationOptions options = named("hospital-08", "hospital", "rs-jabar");
  options.memory = std::size_t{1} << 20;  // so that most of it is spilled
  std::string spilled;
  options.before_commit = [&] {
    for (const auto& entry : fs::directory_iterator(small.options.directory / "spill"))
      spilled += content(entry.path());
    // A spill may have no name any more; it is then open in this process.
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
      std::error_code error;
      const auto target = fs::read_symlink(entry.path(), error);
      if (!error && target.string().find("/spill/") != std::string::npos) spilled += content(entry.path());
    }
  };
  register_text(registry, small.key, csv, options);
  const std::set<std::string> forbidden = forbidden_in(csv.substr(0, 1 << 20));
  REQUIRE(forbidden.size() > 100000);
  CHECK(first_found(csv, forbidden) != "");  // the search does find what is there
  CHECK(first_found(spilled, forbidden) == "");
  CHECK(spilled.size() > 100000);
  std::size_t searched = 0;
  for (const auto& entry : fs::recursive_directory_iterator(small.options.directory)) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = content(entry.path());
    searched += bytes.size();
    INFO(entry.path());
    CHECK(first_found(bytes, forbidden) == "");
  }
  CHECK(searched > 500000);
}
