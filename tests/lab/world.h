// The lab's world: a drifting population, some thirty exports of it and two foreign registers in a registry, and all
// tables that rows may be drawn from, registered or not, with the odds that the printed priors give each.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fingerprints/key.h"
#include "fixtures/feeds.h"
#include "registry/registry.h"

namespace sidik::lab {

/// Conditions that describe registered feeds: leakers and outsiders filter by each with kFilterRate.
inline constexpr std::size_t kConditions = 5;
inline constexpr double kFilterRate = 0.1;
/// Exports are this many steps of the population apart; a change comes as often in all of them as else in one month.
inline constexpr std::uint32_t kStepsAPeriod = 3;
inline constexpr std::uint32_t kSteps = 22;

enum class BookKind { kRegistered, kUnregisteredDate, kUnregisteredFeed, kExternal, kElsewhere };

/// A table of people that rows may be drawn from: whose view, who is in it, as of when, in which layout.
struct Book {
  BookKind kind = BookKind::kRegistered;
  std::string name;  // of the export; "" where it was never registered
  std::string feed;
  const fixtures::Layout* layout = nullptr;
  const fixtures::RowFilter* filter = nullptr;
  std::uint32_t step = 0;                       // of the population
  std::optional<fixtures::ForeignView> view{};  // nothing: our own
  double prior = 0;                             // among its like: ours and one source, or known leaks
  /// How many people it holds, and how many of them each condition leaves.
  std::array<std::uint32_t, kConditions + 1> rows{};
};

struct WorldOptions {
  std::uint64_t seed = 1;
  std::uint64_t people = 20000;
  unsigned threads = 1;
};

class World {
 public:
  /// Makes the population, registers every export in a fresh registry under `folder`.
  World(const WorldOptions& options, const std::filesystem::path& folder);

  const fixtures::Population& ours() const { return ours_; }
  const fixtures::Population& strangers() const { return strangers_; }
  /// What is ours and one source: the registered exports first.
  const std::vector<Book>& books() const { return books_; }
  std::size_t registered() const { return registered_; }
  /// Known leaks of others.
  const std::vector<Book>& externals() const { return externals_; }
  /// Layouts of institutions whose books were never seen.
  std::span<const fixtures::Layout* const> foreign_layouts() const { return foreign_layouts_; }
  std::span<const fixtures::Layout* const> our_layouts() const { return our_layouts_; }
  /// Rows of the whole population at a step, by condition.
  const std::array<std::uint32_t, kConditions + 1>& whole(std::uint32_t step) const { return whole_[step]; }

  /// Who is in a book, in its order, of those that a condition leaves (0 for all); as the book has them.
  std::vector<fixtures::Person> members(const Book& book, std::size_t condition) const;
  /// A person as a book's view has them at a step; nothing where it has not.
  std::optional<fixtures::Person> person(const Book& book, std::uint64_t index, std::uint32_t step) const;
  /// Whether condition number `condition` (from 1) holds; 0 always does.
  static bool fulfils(const fixtures::Person& person, std::size_t condition);

  const FingerprintStore& store() const { return *store_; }
  const RegistryKey& key() const { return key_; }
  /// The date of a step's export.
  static UtcSeconds date_of(std::uint32_t step);

 private:
  void plan();
  void plan_externals();
  void count();
  void add(const Book& book, Registry& registry, unsigned threads) const;

  fixtures::Population ours_, strangers_;
  std::vector<Book> books_, externals_;
  std::size_t registered_ = 0;
  std::vector<const fixtures::Layout*> our_layouts_, foreign_layouts_;
  std::vector<std::array<std::uint32_t, kConditions + 1>> whole_;
  RegistryKey key_;
  std::unique_ptr<FingerprintStore> store_;
};

}  // namespace sidik::lab
