// A catalogue that is lost or damaged is made anew from what was signed; what cannot be known does not count.
#include "registry/rebuild.h"

#include <algorithm>
#include <fstream>

#include "base/bytes.h"
#include "registry/catalogue_edit.h"
#include "registry/certificate.h"
#include "registry/merge_commit.h"
#include "registry/removal.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/file_content.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

/// Exports by two keys, two of them merged, one removed and registered again.
struct Lived {
  SmallRegistry small;
  RegistryKey etl;
  std::string may = people_csv(60), june = people_csv(60, 20, 1), july = people_csv(60, 30, 1);

  Lived() {
    Registry registry = small.open();
    register_text(registry, small.key, may, one("may"));
    register_text(registry, small.key, june, one("june"));
    merge_all();
    etl = exported_key(small.key, KeyRole::kRegister, "etl-02", std::nullopt, 1700000000);
    registry.add_key(small.key, etl);
    register_text(registry, etl, july, one("july"));
    remove_export(registry, small.key, "june", BytesReturn::kAtNextMerge);
    register_text(registry, small.key, may, one("june"));
  }
  static RegistrationOptions one(const std::string& name) {
    RegistrationOptions options = named(name, "hospital", "rs");
    options.threads = 1;
    return options;
  }
  void merge_all() {
    Registry registry = small.open();
    std::set<std::string> ids;
    for (const RunInUse& use : runs_in_use(registry.state()).runs) ids.insert(to_hex(use.file.id));
    MergeTurn::take(registry.state(), small.key)->merge(ids, {});
  }
  fs::path catalogue() const { return small.options.directory / "catalogue.sqlite"; }
  Names names() const {
    Names all;
    const auto store = small.open().snapshot(small.key);
    for (const auto& manifest : store->exports()) all.push_back(manifest.description.name);
    std::sort(all.begin(), all.end());
    return all;
  }
  std::uint64_t records() const {
    std::uint64_t rows = 0;
    const auto store = small.open().snapshot(small.key);
    for (const auto& manifest : store->exports()) rows += manifest.rows;
    return rows;
  }
  CheckReport check() const { return small.open().check(&small.key, {}); }
  RebuildResult rebuild(const Names& trusted = {}) const {
    return rebuild_catalogue(small.options, small.key, trusted);
  }
  Names lines() const {
    Names all;
    for (const AuditEntry& entry : small.open().audit()) all.push_back(entry.line.action + " " + entry.line.subject);
    return all;
  }
};

}  // namespace

TEST_CASE("a catalogue made anew beside a whole one says the same", "[registry][rebuild]") {
  const Lived lived;
  const Names lines = lived.lines();
  const std::string old = content(lived.catalogue());
  const RebuildResult result = lived.rebuild();
  CHECK(result.exports == 3);
  CHECK(result.removals == 1);
  CHECK(result.audit_is_whole);
  CHECK(result.revoked.empty());
  CHECK(result.lost.empty());
  REQUIRE(result.put_away.size() == 1);
  CHECK(content(result.put_away[0]) == old);
  CHECK(lived.names() == Names{"july", "june", "may"});
  const CheckReport report = lived.check();
  CHECK(report.damaged == Names{});
  CHECK(report.set_aside == Names{});
  Names expected = lines;
  expected.emplace_back("rebuild ");
  CHECK(lived.lines() == expected);
  Registry registry = lived.small.open();
  register_text(registry, lived.etl, lived.july, Lived::one("august"));
  CHECK(lived.names() == Names{"august", "july", "june", "may"});
  CHECK(lived.check().damaged == Names{});
}

TEST_CASE("without any catalogue what was signed counts, and exported keys only where they are trusted",
          "[registry][rebuild]") {
  const Lived lived;
  const std::uint64_t rows = lived.records();
  fs::remove(lived.catalogue());
  CHECK(kind_thrown([&] { lived.small.open(); }) == 7);
  SECTION("nobody is") {
    const RebuildResult result = lived.rebuild();
    CHECK_FALSE(result.audit_is_whole);
    CHECK(result.revoked == Names{"etl-02"});
    CHECK(lived.names() == Names{"june", "may"});
    const CheckReport report = lived.check();
    CHECK(report.damaged == Names{});
    REQUIRE(report.set_aside.size() == 1);
    CHECK(without_words(report.set_aside[0], {"'july'"}).empty());
    Registry registry = lived.small.open();
    CHECK(kind_thrown([&] { register_text(registry, lived.etl, lived.july, Lived::one("august")); }) == 5);
  }
  SECTION("one is") {
    const RebuildResult result = lived.rebuild({"etl-02"});
    CHECK(result.revoked.empty());
    CHECK(lived.names() == Names{"july", "june", "may"});
    CHECK(lived.records() == rows);
    CHECK(lived.check().clean());
  }
  SECTION("an unknown one is") {
    CHECK(kind_thrown([&] { lived.rebuild({"etl-03"}); }) == 2);
    CHECK_FALSE(fs::exists(lived.catalogue()));
  }
}

TEST_CASE("a revocation that cannot be read any more is not undone", "[registry][rebuild]") {
  const Lived lived;
  Registry registry = lived.small.open();
  registry.revoke_key(lived.small.key, "etl-02", std::nullopt);
  edit_catalogue(lived.small.options.directory,
                 "UPDATE audit SET line = 'x' WHERE number = (SELECT max(number) FROM audit)");
  const RebuildResult result = lived.rebuild();
  CHECK_FALSE(result.audit_is_whole);
  CHECK(result.revoked == Names{"etl-02"});
  Registry after = lived.small.open();
  CHECK(kind_thrown([&] { register_text(after, lived.etl, lived.july, Lived::one("august")); }) == 5);
  CHECK(lived.names() == Names{"july", "june", "may"});  // july stands in the audit before the line that was lost
  CHECK(lived.check().damaged == Names{});
}

TEST_CASE("wherever a page of the catalogue is destroyed, the exports are found again", "[registry][rebuild]") {
  const Lived lived;
  const std::string whole = content(lived.catalogue());
  for (std::size_t page = 0; page < whole.size(); page += 4096) {
    std::string broken = whole;
    std::fill_n(broken.begin() + static_cast<std::ptrdiff_t>(page), std::min<std::size_t>(4096, whole.size() - page),
                'x');
    put(lived.catalogue(), broken);
    INFO("page at " << page);
    lived.rebuild({"etl-02"});
    CHECK(lived.names() == Names{"july", "june", "may"});
    CHECK(lived.check().damaged == Names{});
  }
}

TEST_CASE("an envelope that nobody signed is put away, not believed", "[registry][rebuild]") {
  const Lived lived;
  fs::path envelope;
  for (const auto& entry : fs::directory_iterator(lived.small.options.directory / "runs"))
    if (entry.path().extension() == ".envelope" && content(entry.path()).find("\"july\"") != std::string::npos)
      envelope = entry.path();
  std::string text = content(envelope);
  text.replace(text.find("\"july\""), 6, "\"juli\"");
  put(envelope, text);
  fs::remove(lived.catalogue());
  const RebuildResult result = lived.rebuild({});
  REQUIRE(result.put_away.size() == 1);
  CHECK(content(result.put_away[0]) == text);
  CHECK(lived.names() == Names{"june", "may"});
  CHECK(lived.check().damaged == Names{});
}

TEST_CASE("another key, and a writer at work, are refused", "[registry][rebuild]") {
  const Lived lived;
  CHECK(kind_thrown([&] { rebuild_catalogue(lived.small.options, lived.etl, {}); }) == 5);
  CHECK(kind_thrown([&] { rebuild_catalogue(lived.small.options, RegistryKey::generate(), {}); }) == 5);
  CHECK(lived.names() == Names{"july", "june", "may"});
}
