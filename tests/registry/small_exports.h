// Small exports as CSV, and a registry to put them into.
#pragma once

#include <cstdio>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "ingest/byte_source.h"
#include "registry/registration.h"
#include "registry/registry.h"
#include "support/temporary_directory.h"

namespace sidik::test {

/// One person of a small population; `version` moves house.
inline std::string person_row(unsigned i, unsigned version) {
  char row[256];
  static const char* const first[] = {"SITI", "BUDI", "AGUS", "DEWI", "RINA", "JOKO", "WAYAN", "MADE"};
  static const char* const last[] = {"RAHAYU", "SANTOSO", "WIJAYA", "LESTARI", "SIREGAR", "NASUTION", "HIDAYAT"};
  std::snprintf(row, sizeof row,
                "3273%02u%02u%02u%02u%04u,%s %s %s,08%010u,JALAN MELATI NO %u RT 00%u,19%02u-%02u-%02u,KELAS %u\n",
                1 + i % 28, 1 + i % 28, 1 + i % 12, 50 + i % 49, 1 + i / 28, first[i % 8], last[i % 7],
                last[(i / 7) % 7], 1200000000U + i * 7919U, 1 + i % 90 + 100 * version, 1 + i % 9, 50 + i % 49,
                1 + i % 12, 1 + i % 28, 1 + i % 3);
  return row;
}

inline const std::string kPersonHeader = "NIK,NAMA,NOHP,ALAMAT,TGLLHR,KELAS\n";

inline std::string people_csv(unsigned rows, unsigned from = 0, unsigned version = 0) {
  std::string text = kPersonHeader;
  for (unsigned i = from; i < from + rows; ++i) text += person_row(i, version);
  return text;
}

inline RegistrationOptions named(const std::string& name, const std::string& feed = "",
                                 const std::string& recipient = "") {
  RegistrationOptions options;
  options.description.name = name;
  options.description.feed = feed;
  options.description.recipient = recipient;
  options.threads = 2;
  options.memory = std::size_t{64} << 20;
  return options;
}

/// One thread's operations come in one order: what faults and forks need.
inline RegistrationOptions single_threaded(const std::string& name) {
  RegistrationOptions options = named(name, "hospital", "rs");
  options.threads = 1;
  return options;
}

/// `text` must outlive the call.
inline RegistrationResult register_text(Registry& registry, const RegistryKey& key, const std::string& text,
                                        const RegistrationOptions& options) {
  std::vector<std::unique_ptr<ByteSource>> sources;
  sources.push_back(memory_source(text, "people.csv"));
  return register_export(registry, key, std::move(sources), options);
}

/// A fresh registry with its key, gone with the object.
class SmallRegistry {
 public:
  explicit SmallRegistry(FileSystem* files = nullptr) {
    options.directory = folder.path() / "registry";
    options.files = files;
    Registry::create(options, key);
  }
  Registry open() const { return Registry::open(options); }

  TemporaryDirectory folder;
  RegistryKey key = RegistryKey::generate();
  RegistryOptions options;
};

/// The kind of Error that `work` throws; kinds are the exit statuses, so 0 means none.
template <typename Work>
int kind_thrown(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return exit_status(error.kind());
  }
  return 0;
}
/// Its text.
template <typename Work>
std::string error_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

/// Empty where `text` holds all `words`; else the text, to be shown.
inline std::string without_words(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (text.find(word) == std::string::npos) return std::string("no \"") + word + "\" in: " + text;
  return {};
}

}  // namespace sidik::test
