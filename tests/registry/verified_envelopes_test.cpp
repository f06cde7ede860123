// Envelopes are verified once by the investigators, and whatever is changed afterwards is verified again.
#include "registry/verified_envelopes.h"

#include "registry/catalogue_edit.h"
#include "registry/certificate.h"
#include "registry/registry_state.h"
#include "registry/small_exports.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;

namespace {

/// More small exports than a note is worth, by a register key.
struct Many {
  SmallRegistry small;
  RegistryKey etl = exported_key(small.key, KeyRole::kRegister, "etl", std::nullopt, utc_now());

  Many() {
    Registry registry = small.open();
    registry.add_key(small.key, etl);
    add(registry, 0, kWorthNoting);
  }
  void add(Registry& registry, unsigned from, std::size_t count) const {
    for (unsigned e = from; e < from + count; ++e)
      register_text(registry, etl, people_csv(3, e), named("export-" + std::to_string(e)));
  }
  std::string note() const {
    const Registry registry = small.open();
    const Transaction transaction = registry.state().catalogue.read();
    auto table =
        registry.state().catalogue.database().prepare("SELECT count(*) FROM sqlite_master WHERE name = 'verified'");
    table.step();
    if (table.number(0) == 0) return {};
    auto row = registry.state().catalogue.database().prepare("SELECT note FROM verified");
    return row.step() ? row.text(0) : std::string();
  }
  /// What a trace does: opens a snapshot and notes it.
  std::size_t ask(const RegistryKey& key) const {
    const Registry registry = small.open();
    const std::size_t exports = registry.snapshot(key)->exports().size();
    registry.note(key, "trace", "", "");
    return exports;
  }
  void sql(const std::string& statement) const { edit_catalogue(small.options.directory, statement); }
  /// Another last digit of the signature in the export's envelope.
  void break_signature(const std::string& name) const {
    const Registry registry = small.open();
    std::string text = registry.state().catalogue.find(name)->envelope_text;
    char& digit = text[text.find("\"signature\":\"") + 13 + 127];
    digit = digit == '0' ? '1' : '0';
    sql("UPDATE exports SET envelope = '" + text + "' WHERE name = '" + name + "'");
  }
};

}  // namespace

TEST_CASE("the investigators note what they verified, a compact key does not", "[registry][verified]") {
  const Many many;
  const RegistryKey merger = exported_key(many.small.key, KeyRole::kCompact, "merger", std::nullopt, utc_now());
  many.small.open().add_key(many.small.key, merger);
  CHECK(many.ask(merger) == kWorthNoting);
  CHECK(many.note().empty());
  CHECK(many.ask(many.small.key) == kWorthNoting);
  const std::string note = many.note();
  CHECK_FALSE(note.empty());
  CHECK(many.small.open().check(&many.small.key, {}).clean());
  // A few more are not worth another.
  Registry registry = many.small.open();
  many.add(registry, 100, 3);
  CHECK(many.ask(many.small.key) == kWorthNoting + 3);
  CHECK(many.note() == note);
}

TEST_CASE("an envelope that was changed after it was verified is verified again", "[registry][verified]") {
  const Many many;
  many.ask(many.small.key);
  REQUIRE_FALSE(many.note().empty());
  many.break_signature("export-7");
  CHECK(without_words(error_of([&] { many.small.open().snapshot(many.small.key); }),
                      {"export-7", "signature does not fit"})
            .empty());
}

TEST_CASE("a note of another hand counts for nothing, and check names it", "[registry][verified]") {
  const Many many;
  many.ask(many.small.key);
  many.break_signature("export-7");
  // The forger lists the changed envelope as verified.
  const RegistryKey forger = RegistryKey::generate();
  const auto forge = [&](RegistryKey by) {
    by.registry = many.small.key.registry;
    const Registry registry = many.small.open();
    Transaction transaction = registry.state().catalogue.write();
    std::vector<std::string> digests;
    for (const StoredExport& stored : registry.state().catalogue.exports())
      digests.push_back(to_hex(sha256(stored.envelope_text)));
    note_verified(registry.state().catalogue, by, std::move(digests));
    transaction.commit();
  };
  forge(forger);
  CHECK(kind_thrown([&] { many.small.open().snapshot(many.small.key); }) == 7);
  forge(many.etl);
  CHECK(kind_thrown([&] { many.small.open().snapshot(many.small.key); }) == 7);
  const auto damaged = many.small.open().check(nullptr, {}).damaged;
  CHECK(std::any_of(damaged.begin(), damaged.end(), [](const std::string& sentence) {
    return sentence.find("the note of verified envelopes") != std::string::npos;
  }));
}

TEST_CASE("a note is damaged or gone: every signature is verified, and a trace writes another",
          "[registry][verified]") {
  const Many many;
  many.ask(many.small.key);
  const std::string note = many.note();
  many.sql("UPDATE verified SET note = replace(note, 'envelopes', 'envelopez')");
  CHECK_FALSE(many.small.open().check(nullptr, {}).clean());
  CHECK(many.ask(many.small.key) == kWorthNoting);
  CHECK(many.note() == note);
  CHECK(many.small.open().check(nullptr, {}).clean());
  many.sql("DELETE FROM verified");
  CHECK(many.ask(many.small.key) == kWorthNoting);
  CHECK(many.note() == note);
}
