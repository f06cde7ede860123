// Whose hand: what a register key can do, and what counts of what anybody signed.
#include "registry/known_keys.h"

#include <fstream>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/catalogue_edit.h"
#include "registry/compaction.h"
#include "registry/envelope.h"
#include "registry/merge_commit.h"
#include "registry/registry_config.h"
#include "registry/removal.h"
#include "registry/small_exports.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

namespace {

/// A registry whose investigators exported register keys.
struct Hosts {
  SmallRegistry small;
  const std::string may_csv = people_csv(60), june_csv = people_csv(60, 10, 1);

  RegistryKey exported(const std::string& name, std::optional<std::vector<std::string>> feeds,
                       KeyRole role = KeyRole::kRegister) const {
    const RegistryKey key = exported_key(small.key, role, name, std::move(feeds), utc_now());
    small.open().add_key(small.key, key);
    return key;
  }
  RegistrationResult add(const RegistryKey& key, const std::string& csv, const std::string& name,
                         const std::string& feed) const {
    Registry registry = small.open();
    return register_text(registry, key, csv, named(name, feed, "rs-jabar"));
  }
  /// Names in a snapshot, as the investigators see it.
  std::vector<std::string> counted() const {
    std::vector<std::string> names;
    const auto store = small.open().snapshot(small.key);
    for (const auto& manifest : store->exports()) names.push_back(manifest.description.name);
    return names;
  }
  std::string objection(const std::string& name) const { return small.open().find(name)->set_aside; }
  CheckReport check() const { return small.open().check(nullptr, {}); }
  std::string found() const {
    const CheckReport report = check();
    std::string text;
    for (const auto& list : {report.damaged, report.set_aside})
      for (const auto& sentence : list) text += sentence + "\n";
    return text.empty() ? "clean" : text;
  }
  void sql(const std::string& statement) const { edit_catalogue(small.options.directory, statement); }
  /// The registry as it is now, for a thief to go on with.
  fs::path copy() const {
    const fs::path folder = small.folder.path() / "thief";
    fs::copy(small.options.directory, folder, fs::copy_options::recursive);
    return folder;
  }
  /// Puts an export of that copy among those here, which have gone on since: a program that asks nobody can.
  void plant(const fs::path& thief, const std::string& csv, const RegistryKey& key, const std::string& name) const {
    RegistryOptions options = small.options;
    options.directory = thief;
    Registry registry = Registry::open(options);
    register_text(registry, key, csv, named(name, "hospital", "rs-jabar"));
    fs::copy(thief / "runs", small.options.directory / "runs", fs::copy_options::skip_existing);
    const std::string which = " WHERE name = '" + name + "'";
    sql("ATTACH '" + (thief / "catalogue.sqlite").string() + "' AS thief;" +
        "INSERT INTO runs SELECT * FROM thief.runs WHERE id IN (SELECT run FROM thief.exports" + which + ");" +
        "INSERT INTO exports SELECT * FROM thief.exports" + which + ";" +
        "UPDATE registry SET last_sequence = (SELECT max(sequence) FROM exports)");
  }
  /// Registers with `work` while the folder's config is a forger's, as somebody with the files can make it.
  template <typename Work>
  void under_config_of(const RegistryKey& forger, const Work& work) const {
    const RegistryFolder folder{small.options.directory};
    const RegistryConfig genuine = read_config(posix_file_system(), folder);
    RegistryConfig forged = genuine;
    forged.signing_public = forger.signing_public;
    write_config(posix_file_system(), folder, forged, forger);
    work();
    write_config(posix_file_system(), folder, genuine, small.key);
  }
};

}  // namespace

TEST_CASE("a register key adds exports that the investigators' key reads", "[registry][keys]") {
  const Hosts hosts;
  const RegistryKey etl = hosts.exported("etl-02", std::vector<std::string>{"hospital", "bank"});
  hosts.add(etl, hosts.may_csv, "may", "hospital");
  hosts.add(hosts.small.key, hosts.june_csv, "june", "hospital");
  CHECK(hosts.counted() == std::vector<std::string>{"june", "may"});
  CHECK(hosts.found() == "clean");
  CHECK(hosts.small.open().check(&hosts.small.key, {}).clean());
  const auto entry = hosts.small.open().find("may");
  CHECK(entry->description.registered_by == "etl-02");
  CHECK(entry->signer == etl.signing_public);
  // The same again, by the same key and by the investigators', is done already.
  CHECK(hosts.add(etl, hosts.may_csv, "may", "hospital").already_registered);
}

TEST_CASE("a register key opens nothing, not even what it wrote", "[registry][keys]") {
  const Hosts hosts;
  const RegistryKey etl = hosts.exported("etl-02", std::nullopt);
  const auto added = hosts.add(etl, hosts.may_csv, "may", "");
  CHECK(etl.opening_secret.empty());
  CHECK(kind_thrown([&] { hosts.small.open().snapshot(etl); }) == 5);
  CHECK(kind_thrown([&] { Run::open(posix_file_system(), added.entry.run.path, etl); }) == 5);
  // Even with every secret that it holds in the opening secret's place.
  for (const Secret* secret : {&etl.fingerprint_secret, &etl.schema_secret, &etl.digest_secret, &etl.signing_seed,
                               &etl.seal_host, &etl.seal_shared}) {
    RegistryKey tried = etl;
    tried.role = KeyRole::kInvestigate;
    tried.opening_secret = *secret;
    CHECK(kind_thrown([&] { Run::open(posix_file_system(), added.entry.run.path, tried); }) == 7);
  }
  Run::open(posix_file_system(), added.entry.run.path, hosts.small.key);
}

TEST_CASE("a compact key opens runs and fingerprints nothing", "[registry][keys]") {
  const Hosts hosts;
  const auto added = hosts.add(hosts.small.key, hosts.may_csv, "may", "");
  const RegistryKey merge = hosts.exported("merge", std::nullopt, KeyRole::kCompact);
  CHECK(Run::open(posix_file_system(), added.entry.run.path, merge)->exports().size() == 1);
  CHECK(merge.fingerprint_secret.empty());
  CHECK(merge.schema_secret.empty());
  CHECK(merge.seal_shared.empty());
  CHECK(kind_thrown([&] { hosts.add(merge, hosts.june_csv, "june", ""); }) == 5);
  CHECK(hosts.small.open().check(&merge, {}).clean());
}

TEST_CASE("a register key is refused for feeds that are not its own", "[registry][keys]") {
  const Hosts hosts;
  const RegistryKey etl = hosts.exported("etl-02", std::vector<std::string>{"hospital"});
  CHECK(kind_thrown([&] { hosts.add(etl, hosts.may_csv, "may", "bank"); }) == 5);
  CHECK(kind_thrown([&] { hosts.add(etl, hosts.may_csv, "may", ""); }) == 5);
  CHECK(without_words(error_of([&] { hosts.add(etl, hosts.may_csv, "may", "bank"); }),
                      {"etl-02", "feed hospital", "'bank'"}) == "");
  CHECK(hosts.small.open().list().empty());
}

TEST_CASE("names of keys are given once, and only by the investigators", "[registry][keys]") {
  const Hosts hosts;
  const RegistryKey etl = hosts.exported("etl-02", std::nullopt);
  CHECK(kind_thrown([&] { hosts.exported("etl-02", std::nullopt); }) == 2);
  CHECK(kind_thrown([&] { hosts.exported("investigators", std::nullopt); }) == 2);
  CHECK(kind_thrown([&] { hosts.exported("two\nlines", std::nullopt); }) == 2);
  CHECK(kind_thrown([&] { hosts.exported("x", std::vector<std::string>{"a\tb"}); }) == 2);
  CHECK(kind_thrown([&] { exported_key(etl, KeyRole::kRegister, "more", std::nullopt, 0); }) == 5);
  CHECK(kind_thrown([&] { hosts.small.open().revoke_key(etl, "etl-02", std::nullopt); }) == 5);
  CHECK(kind_thrown([&] { hosts.small.open().revoke_key(hosts.small.key, "nobody", std::nullopt); }) == 2);
}

TEST_CASE("a key of another registry, or with another's certificate, is refused", "[registry][keys]") {
  const Hosts hosts, others;
  const RegistryKey theirs = others.exported("etl-02", std::nullopt);
  CHECK(kind_thrown([&] { hosts.add(theirs, hosts.may_csv, "may", ""); }) == 5);
  RegistryKey patched = theirs;
  patched.registry = hosts.small.key.registry;
  patched.sealing_public = hosts.small.key.sealing_public;
  CHECK(without_words(error_of([&] { hosts.add(patched, hosts.may_csv, "may", ""); }), {"another signing key"}) == "");
  patched.root_public = hosts.small.key.signing_public;
  CHECK(without_words(error_of([&] { hosts.add(patched, hosts.may_csv, "may", ""); }), {"certificate"}) == "");
  const RegistryKey etl = hosts.exported("etl-02", std::vector<std::string>{"a"});
  const RegistryKey wider = hosts.exported("etl-03", std::nullopt);
  RegistryKey mixed = etl;
  mixed.certificate = wider.certificate;
  CHECK(kind_thrown([&] { hosts.add(mixed, hosts.may_csv, "may", ""); }) == 5);
}

TEST_CASE("what a revoked key registered before counts, what it registers after does not", "[registry][keys]") {
  const Hosts hosts;
  const RegistryKey etl = hosts.exported("etl-02", std::nullopt);
  hosts.add(etl, hosts.may_csv, "may", "hospital");
  const fs::path before = hosts.copy();
  hosts.small.open().revoke_key(hosts.small.key, "etl-02", std::nullopt);
  CHECK(hosts.counted() == std::vector<std::string>{"may"});
  CHECK(without_words(error_of([&] { hosts.add(etl, hosts.june_csv, "june", "hospital"); }), {"revoked on"}) == "");
  CHECK(kind_thrown([&] { hosts.small.open().revoke_key(hosts.small.key, "etl-02", std::nullopt); }) == 2);
  hosts.plant(before, hosts.june_csv, etl, "june");
  CHECK(hosts.counted() == std::vector<std::string>{"may"});
  CHECK(without_words(hosts.objection("june"), {"etl-02", "revoked"}) == "");
  CHECK(hosts.objection("may").empty());
  CHECK(without_words(hosts.found(), {"'june'", "revoked"}) == "");
}

TEST_CASE("a revocation hidden in the catalogue is named, and counts nothing in", "[registry][keys]") {
  const Hosts hosts;
  const RegistryKey etl = hosts.exported("etl-02", std::nullopt);
  hosts.add(etl, hosts.may_csv, "may", "hospital");
  hosts.small.open().revoke_key(hosts.small.key, "etl-02", std::nullopt);
  hosts.small.open().note(hosts.small.key, "trace", "", "");
  CHECK(hosts.found() == "clean");
  // Who holds the key of an export host may write the folder as well.
  hosts.sql("UPDATE keys SET revoked = NULL");
  CHECK(without_words(hosts.found(), {"does not know"}) == "");
  CHECK(without_words(error_of([&] { hosts.counted(); }), {"audit line 3", "key revoke", "etl-02", "does not know"}) ==
        "");
  CHECK(kind_thrown([&] { hosts.counted(); }) == 7);
  CHECK(kind_thrown([&] { hosts.add(etl, hosts.june_csv, "june", "hospital"); }) == 7);
  hosts.sql("UPDATE keys SET revoked = 1");
  CHECK(without_words(hosts.found(), {"audit line 1", "key revoke"}) == "");
  CHECK(kind_thrown([&] { hosts.counted(); }) == 7);
  // Its line in the audit as well: the investigators' line behind it misses it.
  hosts.sql("UPDATE keys SET revoked = NULL; CREATE TABLE kept AS SELECT * FROM audit WHERE number = 3");
  hosts.sql("DELETE FROM audit WHERE number = 3");
  CHECK(without_words(error_of([&] { hosts.counted(); }), {"audit line 4", "does not follow"}) == "");
  hosts.sql("INSERT INTO audit SELECT * FROM kept; DROP TABLE kept; DELETE FROM keys");
  CHECK(without_words(hosts.found(), {"does not know"}) == "");
  CHECK(without_words(hosts.objection("may"), {"does not know"}) == "");
}

TEST_CASE("an audit chained anew without a revocation does not bear the investigators' signature", "[registry][keys]") {
  const Hosts hosts;
  const RegistryKey etl = hosts.exported("etl-02", std::nullopt);
  hosts.add(etl, hosts.may_csv, "may", "hospital");
  const std::string head = hosts.small.open().audit().back().head;
  hosts.small.open().revoke_key(hosts.small.key, "etl-02", std::nullopt);
  hosts.small.open().note(hosts.small.key, "trace", "", "");
  const auto audit = hosts.small.open().audit();
  // The line behind the revocation is given its number and the head before it.
  hosts.sql("UPDATE keys SET revoked = NULL; DELETE FROM audit WHERE number = 3");
  hosts.sql("UPDATE audit SET number = 3, line = replace(replace(line, '\"number\":4', '\"number\":3'), '" +
            audit[2].head + "', '" + head + "') WHERE number = 4");
  CHECK(without_words(error_of([&] { hosts.counted(); }), {"audit line 3", "signature does not fit"}) == "");
}

TEST_CASE("what a compact key merged before it was revoked counts, what it merges after does not",
          "[registry][keys][merge]") {
  const Hosts hosts;
  const RegistryKey merge = hosts.exported("nightly", std::nullopt, KeyRole::kCompact);  // line 1
  hosts.add(hosts.small.key, hosts.may_csv, "may", "hospital");
  hosts.add(hosts.small.key, hosts.june_csv, "june", "hospital");
  {
    Registry registry = hosts.small.open();
    std::set<std::string> ids;
    for (const RunInUse& use : runs_in_use(registry.state()).runs) ids.insert(to_hex(use.file.id));
    MergeTurn::take(registry.state(), merge)->merge(ids, {});  // line 4
  }
  CHECK(kind_thrown([&] { hosts.small.open().revoke_key(hosts.small.key, "nightly", 2); }) == 2);
  hosts.small.open().revoke_key(hosts.small.key, "nightly", std::nullopt);
  CHECK(hosts.counted() == std::vector<std::string>{"june", "may"});
  CHECK(hosts.found() == "clean");
  // The same merge by a program that asks nobody, behind the revocation.
  const AuditLine line = hosts.small.open().audit()[3].line;
  REQUIRE(line.action == "merge");
  hosts.sql(
      "DELETE FROM audit WHERE number > 3; UPDATE keys SET revoked = NULL;"
      "UPDATE audit_end SET lines = 3, head = (SELECT head FROM audit WHERE number = 3)");
  hosts.small.open().revoke_key(hosts.small.key, "nightly", std::nullopt);
  hosts.small.open().note(merge, "merge", line.subject, line.subject_digest);
  CHECK(without_words(error_of([&] { hosts.counted(); }), {"'nightly'", "after that was revoked", "audit line 4"}) ==
        "");
  CHECK(without_words(hosts.found(), {"after that was revoked", "after it was revoked"}) == "");
  // Where the investigators tell of it, who made a catalogue anew, it counts.
  hosts.small.open().note(hosts.small.key, "merge", line.subject, line.subject_digest);
  CHECK(hosts.counted() == std::vector<std::string>{"june", "may"});
}

TEST_CASE("a key may be revoked from an earlier line on", "[registry][keys]") {
  const Hosts hosts;
  const RegistryKey etl = hosts.exported("etl-02", std::nullopt);  // line 1
  hosts.add(etl, hosts.may_csv, "may", "hospital");                // line 2
  hosts.add(etl, hosts.june_csv, "june", "hospital");              // line 3
  CHECK(kind_thrown([&] { hosts.small.open().revoke_key(hosts.small.key, "etl-02", 1); }) == 2);
  CHECK(kind_thrown([&] { hosts.small.open().revoke_key(hosts.small.key, "etl-02", 9); }) == 2);
  hosts.small.open().revoke_key(hosts.small.key, "etl-02", 3);
  CHECK(hosts.counted() == std::vector<std::string>{"may"});
  CHECK(without_words(hosts.objection("june"), {"audit line 3"}) == "");
}

TEST_CASE("an export forged with the public key alone is set aside and named", "[registry][keys]") {
  const Hosts hosts;
  hosts.add(hosts.small.key, hosts.may_csv, "may", "");
  // Everything that stands in clear is the registry's; the signing key is the forger's own.
  RegistryKey forger = RegistryKey::generate();
  forger.registry = hosts.small.key.registry;
  forger.sealing_public = hosts.small.key.sealing_public;
  hosts.under_config_of(forger, [&] { hosts.add(forger, hosts.june_csv, "planted", ""); });
  CHECK(hosts.counted() == std::vector<std::string>{"may"});
  CHECK(without_words(hosts.objection("planted"), {"does not know"}) == "");
  CHECK(without_words(hosts.found(), {"export 'planted'", "key that this registry does not know"}) == "");
  const auto left_out = hosts.small.open().snapshot(hosts.small.key)->set_aside();
  REQUIRE(left_out.size() == 1);
  CHECK(without_words(left_out[0], {"export 'planted'", "does not know"}) == "");
  // The state that a verdict quotes is that without it.
  const std::string state = hosts.small.open().snapshot(hosts.small.key)->state();
  const Hosts clean;
  CHECK(state != clean.small.open().snapshot(clean.small.key)->state());
}

TEST_CASE("what is set aside is merged with nothing, and keeps nothing else from merging", "[registry][keys]") {
  const Hosts hosts;
  hosts.add(hosts.small.key, hosts.may_csv, "may", "");
  hosts.add(hosts.small.key, hosts.may_csv, "june", "");
  RegistryKey forger = RegistryKey::generate();
  forger.registry = hosts.small.key.registry;
  forger.sealing_public = hosts.small.key.sealing_public;
  forger.fingerprint_secret = hosts.small.key.fingerprint_secret;  // from a stolen register key: the same records
  hosts.under_config_of(forger, [&] { hosts.add(forger, hosts.may_csv, "planted", ""); });
  const RegistryKey merger = hosts.exported("merge", std::nullopt, KeyRole::kCompact);
  Registry registry = hosts.small.open();
  CHECK(plan_compaction(registry, merger).steps.size() == 1);
  const CompactionReport report = compact(registry, merger, {});
  REQUIRE(report.steps.size() == 1);
  CHECK(report.steps[0].exports.size() == 2);
  CHECK(report.set_aside == std::vector<std::string>{"planted"});
  CHECK(registry.find("may")->run.path == registry.find("june")->run.path);
  CHECK(registry.find("planted")->run.path != registry.find("june")->run.path);
  CHECK(hosts.counted() == std::vector<std::string>{"june", "may"});
  CHECK(without_words(hosts.found(), {"export 'planted'", "does not know"}) == "");
  CHECK(hosts.check().damaged.empty());
  // Taken out, it is no trouble any more: the audit's line stays, and is the investigators' removal's.
  remove_export(registry, hosts.small.key, "planted", BytesReturn::kAtNextMerge);
  CHECK(hosts.found() == "clean");
  CHECK(registry.audit()[2].line.subject == "planted");
}

TEST_CASE("an export of a feed that is not the key's own is set aside and named", "[registry][keys]") {
  const Hosts hosts;
  RegistryKey etl = hosts.exported("etl-02", std::vector<std::string>{"hospital"});
  // The thief of etl-02 certifies more feeds for itself, under a config of its own.
  RegistryKey forger = RegistryKey::generate();
  forger.registry = hosts.small.key.registry;
  forger.sealing_public = hosts.small.key.sealing_public;
  RegistryKey wider = etl;
  wider.root_public = forger.signing_public;
  wider.certificate = certificate_text({"etl-02", KeyRole::kRegister, std::nullopt, etl.signing_public, 1, 0}, forger);
  hosts.under_config_of(forger, [&] {
    hosts.sql("UPDATE keys SET certificate = '" + wider.certificate + "'");
    hosts.add(wider, hosts.may_csv, "planted", "bank");
  });
  hosts.sql("UPDATE keys SET certificate = '" + etl.certificate + "'");
  CHECK(hosts.counted().empty());
  CHECK(without_words(hosts.objection("planted"), {"'bank'", "etl-02", "feed hospital"}) == "");
  CHECK(without_words(hosts.found(), {"'planted'", "'bank'"}) == "");
}

TEST_CASE("an export in another key's name is set aside", "[registry][keys]") {
  const Hosts hosts;
  const RegistryKey etl = hosts.exported("etl-02", std::nullopt);
  Envelope envelope;
  envelope.signer = etl.signing_public;
  envelope.entry.description.registered_by = "investigators";
  envelope.entry.run.epoch = 1;
  CHECK(without_words(hosts.small.open().keys().objection(envelope, ""), {"'investigators'", "'etl-02'"}) == "");
  const RegistryKey merge = hosts.exported("merge", std::nullopt, KeyRole::kCompact);
  envelope.signer = merge.signing_public;
  envelope.entry.description.registered_by = "merge";
  CHECK(without_words(hosts.small.open().keys().objection(envelope, ""), {"'merge'", "compact"}) == "");
}

TEST_CASE("after a rotation only keys of the new epoch register", "[registry][keys]") {
  const Hosts hosts;
  const RegistryKey etl = hosts.exported("etl-02", std::nullopt);
  hosts.add(etl, hosts.may_csv, "may", "");
  RegistryKey next = hosts.small.key;
  next.earlier_secrets.emplace(1, next.fingerprint_secret);
  next.fingerprint_secret = Secret::random(32);
  next.epoch = 2;
  const fs::path before = hosts.copy();
  CHECK(kind_thrown([&] { hosts.add(next, hosts.june_csv, "june", ""); }) == 5);
  hosts.small.open().begin_epoch(next);
  CHECK(kind_thrown([&] { hosts.small.open().begin_epoch(next); }) == 5);
  CHECK(without_words(error_of([&] { hosts.add(etl, hosts.june_csv, "june", ""); }), {"epoch 1", "epoch 2"}) == "");
  CHECK(kind_thrown([&] { hosts.add(hosts.small.key, hosts.june_csv, "june", ""); }) == 5);
  hosts.add(next, hosts.june_csv, "june", "");
  RegistryKey other = next;
  other.fingerprint_secret = Secret::random(32);
  CHECK(without_words(error_of([&] { hosts.add(other, hosts.june_csv, "july", ""); }), {"another secret"}) == "");
  // It would find nothing of the second epoch, and call that an answer.
  CHECK(kind_thrown([&] { hosts.small.open().snapshot(other); }) == 5);
  CHECK(without_words(error_of([&] { hosts.small.open().snapshot(other); }), {"another secret of epoch 2"}) == "");
  const auto store = hosts.small.open().snapshot(next);
  REQUIRE(store->exports().size() == 2);
  CHECK(store->epoch_of(0) + store->epoch_of(1) == 3);
  CHECK(hosts.found() == "clean");
  // What an old key registers after the rotation is set aside.
  edit_catalogue(before, "UPDATE registry SET last_sequence = 2");
  hosts.plant(before, hosts.may_csv, etl, "late");
  CHECK(without_words(hosts.objection("late"), {"epoch 1", "epoch 2"}) == "");
  CHECK(hosts.counted().size() == 2);
}

TEST_CASE("a head kept elsewhere proves the audit up to it", "[registry][keys]") {
  const Hosts hosts;
  const fs::path folder = hosts.small.options.directory;
  hosts.add(hosts.small.key, hosts.may_csv, "may", "");
  const fs::path old = hosts.small.folder.path() / "old";
  fs::copy(folder, old, fs::copy_options::recursive);
  hosts.small.open().note(hosts.small.key, "trace", "", "");
  hosts.add(hosts.small.key, hosts.june_csv, "june", "");
  const auto audit = hosts.small.open().audit();
  REQUIRE(audit.size() == 3);
  const std::string head = audit[1].head;
  CheckReport report = hosts.small.open().check(nullptr, {}, head);
  CHECK(report.clean());
  CHECK(report.head_line == 2);
  CHECK(hosts.small.open().check(nullptr, {}, head.substr(0, 16)).head_line == 2);
  // The whole folder put back is whole in itself; only the head tells.
  fs::remove_all(folder);
  fs::copy(old, folder, fs::copy_options::recursive);
  CHECK(hosts.found() == "clean");
  report = hosts.small.open().check(nullptr, {}, head);
  CHECK_FALSE(report.clean());
  CHECK(without_words(report.damaged.front(), {head.substr(0, 16).c_str(), "put back"}) == "");
}
