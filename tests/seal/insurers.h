// Some insurers are given the same rows on the same day, each a sealed copy that is registered; leaks of rows of one of
// them are traced. For the tests, and for bench-insurers at full size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "seal/sealed_text.h"
#include "trace/trace.h"

namespace sidik::insurers {

struct Plan {
  std::size_t insurers = 10;
  std::uint64_t people = 100000;
  std::uint64_t seed = 1;
  SealRequest request;         // what each copy is sealed with
  std::uint64_t canaries = 0;  // in each
  unsigned threads = 1;
};

/// What is done to leaked rows.
enum class Leak {
  kVerbatim,
  kReformatted  // every value that has spellings to choose from has one and the same: marks are gone
};

/// How often the insurer was named whose copy leaked.
struct Score {
  int tries = 0;
  int first = 0;    // it stands first among the sources
  int alone = 0;    // and nobody else is in its group
  int wrong = 0;    // somebody else stands first, and it is not in the group
  int holding = 0;  // the leak held a canary
};

/// Not thread-safe.
class Insurers {
 public:
  Insurers(const Plan& plan, const std::filesystem::path& folder);

  std::uint64_t rows(std::size_t insurer) const { return copies_[insurer].lines.size(); }
  const Sealing& sealing(std::size_t insurer) const { return copies_[insurer].sealing; }
  /// Leaks so many random rows of one insurer after the other.
  Score score(Leak leak, std::size_t leaked, int tries, std::mt19937_64& random) const;
  Verdict traced(const std::string& text) const;

 private:
  struct Copy {
    std::string header;
    std::vector<std::string> lines;
    Sealing sealing;
    std::vector<std::uint8_t> planted;  // by line
  };
  Copy seal(const Plan& plan, const std::string& text, std::size_t insurer, Registry& registry);
  std::string leaked_text(const Copy& copy, const std::vector<std::size_t>& rows, Leak leak) const;

  RegistryKey key_;
  std::vector<Copy> copies_;
  Schema schema_;
  std::unique_ptr<FingerprintStore> store_;
};

}  // namespace sidik::insurers
