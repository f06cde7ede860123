// Whoever changes what a registry holds is found out: files against envelopes, rows against signatures, the audit
// against itself.
#include <algorithm>
#include <fstream>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/catalogue_edit.h"
#include "registry/merge_commit.h"
#include "registry/removal.h"
#include "registry/run_header.h"
#include "registry/run_manifest.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/file_content.h"

using namespace sidik;
using namespace sidik::test;
namespace fs = std::filesystem;

namespace {

struct TwoExports {
  SmallRegistry small;
  RegistrationResult may, june;
  std::string may_csv = people_csv(80), june_csv = people_csv(80, 20, 1);

  TwoExports() {
    Registry registry = small.open();
    may = register_text(registry, small.key, may_csv, named("may", "hospital", "rs-jabar"));
    june = register_text(registry, small.key, june_csv, named("june", "hospital", "rs-jabar"));
  }
  fs::path file(const std::string& name) const { return small.options.directory / name; }
  fs::path envelope(const RegistrationResult& result) const {
    return file("runs") / (to_hex(result.entry.run.id) + ".envelope");
  }
  void sql(const char* statement) const { edit_catalogue(small.options.directory, statement); }
  /// What check says without the key, as one text; "clean" where it finds nothing.
  std::string found() const {
    const CheckReport report = small.open().check(nullptr, {});
    std::string text;
    for (const auto& sentence : report.damaged) text += sentence + "\n";
    return text.empty() ? "clean" : text;
  }
  int asked() const {
    return kind_thrown([&] { small.open().snapshot(small.key); });
  }
};

/// What anybody can make who has the registry's public key and some run of his own: the same records sealed anew, under
/// a data key that he knows, as the run that `as` names, its manifest telling what the envelope of that does. He knows
/// the data key of his run; here it is opened with `investigators`.
void forge_run(const RunFile& own, const CatalogueEntry& as, const RegistryKey& investigators) {
  RunHeaderBytes bytes{};
  RunHeader header;
  std::string text = content(own.path);
  std::copy_n(text.begin(), bytes.size(), bytes.begin());
  header = decode_run_header(bytes, "own");
  const auto block = [&](std::uint64_t b) {
    auto* const begin = reinterpret_cast<std::uint8_t*>(text.data()) + kRunHeaderSize + b * kBlockSize;
    return std::span<std::uint8_t, kBlockSize>(begin, kBlockSize);
  };
  const auto place = [&](std::uint64_t b) {
    const bool pages = b < header.manifest_block;
    return BlockPlace{b, pages ? BlockRole::kPages : BlockRole::kManifest, b + 1 == header.blocks};
  };
  BlockCipher opening(unwrap_data_key(header, investigators, "own"),
                      {header.registry, header.run, header.epoch, run_header_digest(bytes)});
  Bytes packed;
  for (std::uint64_t b = 0; b < header.blocks; ++b) {
    REQUIRE(opening.open(block(b), place(b)));
    if (b >= header.manifest_block)
      packed.insert(packed.end(), block(b).begin(), block(b).begin() + static_cast<std::ptrdiff_t>(kBlockPayload));
  }
  packed.resize(header.manifest_length);
  RunManifest manifest = decode_run_manifest(packed, "own");
  manifest.exports[0].description = as.description;
  manifest.exports[0].rows = as.rows;
  manifest.exports[0].content_digest = as.content_digest;
  manifest.exports[0].records_digest = as.records_digest;
  packed = encode_run_manifest(manifest);
  REQUIRE(packed.size() <= kBlockPayload);
  REQUIRE(header.blocks == header.manifest_block + 1);

  const Secret data_key = Secret::random(32);
  header.run = as.run.id;
  header.manifest_length = packed.size();
  wrap_data_key(header, data_key, investigators);
  bytes = encode_run_header(header);
  BlockCipher sealing(data_key, {header.registry, header.run, header.epoch, run_header_digest(bytes)});
  std::copy(packed.begin(), packed.end(), block(header.manifest_block).begin());
  for (std::uint64_t b = 0; b < header.blocks; ++b) sealing.seal(block(b), place(b));
  std::copy(bytes.begin(), bytes.end(), text.begin());
  put(as.run.path, text);
}

}  // namespace

TEST_CASE("an untouched registry is clean and asked", "[registry][tampering]") {
  const TwoExports two;
  CHECK(two.found() == "clean");
  CHECK(two.asked() == 0);
}

TEST_CASE("a recipient edited in the catalogue is named", "[registry][tampering]") {
  const TwoExports two;
  two.sql("UPDATE exports SET recipient = 'rs-other' WHERE name = 'may'");
  CHECK(without_words(two.found(), {"'may'", "differs from its signed envelope in recipient"}) == "");
  CHECK(two.small.open().check(nullptr, {}).damaged.size() == 1);  // and nothing that only follows from it
  CHECK(two.small.open().check(nullptr, {}).whole.size() == 2);
  CHECK(two.asked() == 7);
  CHECK(kind_thrown([&] { two.small.open().list(); }) == 7);
}

TEST_CASE("what no envelope holds is told from the other rows", "[registry][tampering]") {
  const std::pair<const char*, const char*> edits[] = {
      {"PRAGMA application_id = 7", "application_id"},
      {"UPDATE registry SET last_sequence = 1", "last sequence"},
      {"UPDATE registry SET last_sequence = 258", "last sequence"},
      {"UPDATE registry SET generation = -1", "generation"},
      {"INSERT INTO registry VALUES ('x', 0, 2)", "number of rows"},
      {"UPDATE feeds SET pinned_by = 1, name = 'hospitel'", "pinned"},
      {"CREATE TRIGGER t AFTER INSERT ON exports BEGIN DELETE FROM exports; END", "trigger t"},
      {"CREATE VIEW v AS SELECT 1", "view v"},
      {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'key_commitment TEXT NOT', "
       "'key_commitment TEXT  NOT') WHERE name = 'runs'",
       "definition of table runs"},
      {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET tbl_name = 'rans' WHERE name = 'sqlite_autoindex_runs_1'",
       "definition of index sqlite_autoindex_runs_1"},
  };
  for (const auto& [edit, word] : edits) {
    const TwoExports two;
    two.sql(edit);
    INFO(edit);
    CHECK(without_words(two.found(), {"catalogue.sqlite", word}) == "");
  }
}

TEST_CASE("an envelope edited with its row is named", "[registry][tampering]") {
  const TwoExports two;
  two.sql(
      "UPDATE exports SET recipient = 'rs-other', envelope = replace(envelope, 'rs-jabar', 'rs-other') WHERE name = "
      "'may'");
  CHECK(without_words(two.found(), {"'may'", "signature"}) == "");
  CHECK(two.asked() == 7);
  // Nor is it shown to somebody without a key, or signed away.
  CHECK(without_words(error_of([&] { two.small.open().list(); }), {"'may'", "signature does not fit"}) == "");
  CHECK(without_words(error_of([&] { two.small.open().find("may"); }), {"'may'", "signature does not fit"}) == "");
  CHECK(kind_thrown([&] {
          Registry registry = two.small.open();
          remove_export(registry, two.small.key, "may", BytesReturn::kAtNextMerge);
        }) == 7);
}

TEST_CASE("a line of the audit that goes or changes is named", "[registry][tampering]") {
  {
    const TwoExports two;
    two.sql("DELETE FROM audit WHERE number = 1");
    CHECK(without_words(two.found(), {"audit line 2", "'may'"}) == "");
  }
  {
    const TwoExports two;
    two.sql("DELETE FROM audit WHERE number = 2");
    CHECK(without_words(two.found(), {"'june'", "no line in the audit"}) == "");
  }
  {
    const TwoExports two;
    two.sql("UPDATE audit SET line = replace(line, 'may', 'maj') WHERE number = 1");
    CHECK(without_words(two.found(), {"audit line 1"}) == "");
  }
}

TEST_CASE("a line of nested lists, as deep as somebody likes, is named", "[registry][tampering]") {
  const TwoExports two;
  constexpr std::size_t kDeep = 1000000;
  const std::string nested = "'{\"a\":" + std::string(kDeep, '[') + std::string(kDeep, ']') + ",' || substr(";
  edit_catalogue(two.small.options.directory, "UPDATE audit SET line = " + nested + "line, 2) WHERE number = 1");
  CHECK(without_words(two.found(), {"audit line 1", "no signed audit"}) == "");
  CHECK(kind_thrown([&] { two.small.open().audit(); }) == 7);
  edit_catalogue(two.small.options.directory, "UPDATE exports SET envelope = " + nested + "envelope, 2)");
  CHECK(without_words(two.found(), {"'may'", "no signed envelope"}) == "");
  CHECK(two.asked() == 7);
}

TEST_CASE("lines cut off the end of the audit are named, and nothing is appended over them", "[registry][tampering]") {
  const TwoExports two;
  two.small.open().note(two.small.key, "trace", "", "");
  two.small.open().note(two.small.key, "trace", "", "");
  CHECK(two.found() == "clean");
  const std::string whole = content(two.file("catalogue.sqlite"));
  two.sql("DELETE FROM audit WHERE number = 4");
  CHECK(without_words(two.found(), {"audit ends at line 3", "ended at line 4"}) == "");
  CHECK(two.asked() == 0);  // no export counts by such a line
  Registry registry = two.small.open();
  CHECK(kind_thrown([&] { registry.note(two.small.key, "trace", "", ""); }) == 7);
  CHECK(kind_thrown([&] { register_text(registry, two.small.key, two.may_csv, named("july")); }) == 7);
  CHECK(registry.audit().size() == 3);
  // Whoever knows where the end is kept is shown by a head kept elsewhere only.
  put(two.file("catalogue.sqlite"), whole);
  const std::string head = two.small.open().audit().back().head;
  two.sql("DELETE FROM audit WHERE number = 4; DROP TABLE audit_end");
  CHECK(two.found() == "clean");
  CHECK_FALSE(two.small.open().check(nullptr, {}, head).clean());
}

TEST_CASE("an export deleted from the catalogue is missed, asked or not", "[registry][tampering]") {
  const TwoExports two;
  two.sql("DELETE FROM exports WHERE name = 'june'");
  CHECK(without_words(two.found(), {"catalogue does not know"}) == "");
  CHECK(two.asked() == 7);
  Registry registry = two.small.open();
  CHECK(kind_thrown([&] { register_text(registry, two.small.key, two.may_csv, named("new")); }) == 7);
  CHECK(fs::exists(two.june.entry.run.path));
}

TEST_CASE("an old catalogue put back is named and costs no export", "[registry][tampering]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = people_csv(50);
  const auto catalogue = small.options.directory / "catalogue.sqlite";
  register_text(registry, small.key, csv, named("may"));
  const std::string old = content(catalogue);
  const auto june = register_text(registry, small.key, csv, named("june"));
  put(catalogue, old);
  Registry again = small.open();
  CHECK_FALSE(again.check(nullptr, {}).clean());
  CHECK(kind_thrown([&] { again.snapshot(small.key); }) == 7);
  CHECK(kind_thrown([&] { register_text(again, small.key, csv, named("july")); }) == 7);
  CHECK(fs::exists(june.entry.run.path));
}

TEST_CASE("runs exchanged between two exports are named", "[registry][tampering]") {
  const TwoExports two;
  const std::string may = content(two.may.entry.run.path), june = content(two.june.entry.run.path);
  put(two.may.entry.run.path, june);
  put(two.june.entry.run.path, may);
  CHECK(without_words(two.found(), {"'may'", "'june'", "not the one of its signed envelope"}) == "");
  CHECK(two.asked() == 7);
}

TEST_CASE("a run that another hand sealed in the place of a signed one is named, and is in no answer",
          "[registry][tampering]") {
  const TwoExports two;
  REQUIRE(two.june.entry.run.length == two.may.entry.run.length);
  forge_run(two.june.entry.run, two.may.entry, two.small.key);
  CHECK(without_words(two.found(), {"'may'", "not the one of its signed envelope"}) == "");
  CHECK(without_words(error_of([&] { two.small.open().snapshot(two.small.key); }),
                      {"another data key", "another hand"}) == "");
}

TEST_CASE("envelopes exchanged between two exports are named", "[registry][tampering]") {
  const TwoExports two;
  const std::string may = content(two.envelope(two.may)), june = content(two.envelope(two.june));
  put(two.envelope(two.may), june);
  put(two.envelope(two.june), may);
  CHECK(without_words(two.found(), {"'may'", "'june'", "differs from the catalogue's envelope"}) == "");
}

TEST_CASE("blocks swapped within a run, or taken from another, are named and give no answer", "[registry][tampering]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = people_csv(3000);
  const auto may = register_text(registry, small.key, csv, named("may"));
  const auto june = register_text(registry, small.key, csv, named("june"));
  const std::string whole = content(may.entry.run.path), other = content(june.entry.run.path);
  constexpr std::size_t kHeader = 4096, kBlock = 16384;
  const std::size_t blocks = (whole.size() - kHeader) / kBlock;
  REQUIRE(blocks > 3);
  // Every record of "may"; the kind of what is thrown where one cannot be had.
  const auto read_all = [&] {
    return kind_thrown([&] {
      const auto store = small.open().snapshot(small.key);
      RecordAnswers answers;
      for (ExportIndex e = 0; e < store->exports().size(); ++e)
        for (std::optional<RowTag> from = 0; from;) from = store->scan(e, *from, 1000, answers);
    });
  };
  CHECK(read_all() == 0);
  std::size_t refused = 0;
  for (std::size_t first = 0; first < blocks; ++first)
    for (const bool from_other : {false, true}) {
      std::string changed = whole;
      const std::size_t second = (first + 1) % blocks;
      changed.replace(kHeader + first * kBlock, kBlock,
                      (from_other ? other : whole).substr(kHeader + second * kBlock, kBlock));
      if (!from_other)
        changed.replace(kHeader + second * kBlock, kBlock, whole.substr(kHeader + first * kBlock, kBlock));
      put(may.entry.run.path, changed);
      INFO("block " << first << (from_other ? " from another run" : " swapped"));
      const CheckReport report = small.open().check(nullptr, {});
      REQUIRE(report.damaged.size() == 1);
      CHECK(without_words(report.damaged[0], {"'may'", "blocks were put in another order, or come from elsewhere"}) ==
            "");
      CHECK_FALSE(small.open().check(&small.key, {}).clean());
      refused += read_all() == 7 ? 1U : 0U;
    }
  // Blocks of indexes are none of a scan's; what is read is never taken for what it is not.
  CHECK(refused >= blocks);
}

TEST_CASE("an older version of any file put back is named, or changes no answer", "[registry][tampering]") {
  const SmallRegistry small;
  const fs::path folder = small.options.directory, kept = small.folder.path() / "kept";
  std::size_t moments = 0;
  const auto keep = [&] { fs::copy(folder, kept / std::to_string(moments++), fs::copy_options::recursive); };
  fs::create_directory(kept);
  const std::string may = people_csv(60), june = people_csv(60, 3, 1);
  Registry registry = small.open();
  register_text(registry, small.key, may, named("may", "hospital"));
  keep();
  register_text(registry, small.key, june, named("june", "hospital"));
  keep();
  registry.note(small.key, "trace", "", "");
  keep();
  {
    std::set<std::string> ids;
    for (const RunInUse& use : runs_in_use(registry.state()).runs) ids.insert(to_hex(use.file.id));
    MergeTurn::take(registry.state(), small.key)->merge(ids, {});
  }
  keep();
  remove_export(registry, small.key, "june", BytesReturn::kNow);
  const auto answers = [&] {
    const Registry again = small.open();
    const auto store = again.snapshot(small.key);
    RecordAnswers found;
    std::string text = store->state();
    for (ExportIndex e = 0; e < store->exports().size(); ++e) {
      store->scan(e, 0, 100000, found);
      for (const auto& group : found.groups)
        for (const RowTag tag : group.tags) text += " " + std::to_string(tag);
    }
    return text;
  };
  const std::string right = answers();
  keep();
  std::size_t changed = 0, named_damage = 0;
  for (std::size_t moment = 0; moment + 1 < moments; ++moment) {
    const fs::path old = kept / std::to_string(moment);
    for (const auto& entry : fs::recursive_directory_iterator(old)) {
      if (!entry.is_regular_file()) continue;
      const fs::path name = fs::relative(entry.path(), old);
      if (fs::exists(folder / name) && content(folder / name) == content(entry.path())) continue;
      put(folder / name, content(entry.path()));
      ++changed;
      INFO(name << " of moment " << moment);
      bool is_named = false;
      const int refused = kind_thrown([&] { is_named = !small.open().check(nullptr, {}).clean(); });
      CHECK((refused == 0 || refused == 7));
      is_named |= refused == 7;
      named_damage += is_named ? 1U : 0U;
      const int kind = kind_thrown([&] {
        const std::string now = answers();
        CHECK(now == right);
      });
      CHECK((kind == 0 || (kind == 7 && is_named)));
      if (name == "catalogue.sqlite") CHECK(is_named);
      fs::remove_all(folder);
      fs::copy(kept / std::to_string(moments - 1), folder, fs::copy_options::recursive);
    }
  }
  CHECK(changed > 8);
  CHECK(named_damage >= 4);
  CHECK(small.open().check(&small.key, {}).clean());
}

TEST_CASE("check says which exports are whole beside what is damaged", "[registry][tampering]") {
  const TwoExports two;
  CHECK(two.small.open().check(nullptr, {}).whole == std::vector<std::string>{"may", "june"});
  fs::remove(two.envelope(two.june));
  CHECK(two.small.open().check(nullptr, {}).whole == std::vector<std::string>{"may"});
  put(two.may.entry.run.path, content(two.may.entry.run.path) + "x");
  CHECK(two.small.open().check(nullptr, {}).whole.empty());
  const TwoExports other;
  other.sql("DELETE FROM audit WHERE number = 1");
  CHECK_FALSE(other.small.open().check(nullptr, {}).clean());
  CHECK(other.small.open().check(nullptr, {}).whole == std::vector<std::string>{"may", "june"});
}

TEST_CASE("a run that is missing, cut short or longer is named", "[registry][tampering]") {
  const TwoExports two;
  const std::string run = content(two.may.entry.run.path);
  for (const std::string& changed :
       {run.substr(0, run.size() - 1), run.substr(0, run.size() / 2), run + "x", std::string()}) {
    put(two.may.entry.run.path, changed);
    CHECK(without_words(two.found(), {"'may'"}) == "");
    CHECK(two.asked() == 7);
  }
  fs::remove(two.may.entry.run.path);
  CHECK(without_words(two.found(), {"is missing", "'may'"}) == "");
  CHECK(two.asked() == 7);
}

TEST_CASE("a flipped byte anywhere in a run is named by check", "[registry][tampering]") {
  const TwoExports two;
  const std::string run = content(two.may.entry.run.path);
  for (std::size_t i = 0; i < run.size(); i += std::max<std::size_t>(1, run.size() / 200)) {
    std::string changed = run;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    put(two.may.entry.run.path, changed);
    INFO("byte " << i);
    CHECK(without_words(two.found(), {"'may'"}) == "");
    CHECK(two.found().find("sidik check") == std::string::npos);  // that is what says it
  }
}

TEST_CASE("an envelope file that is missing or changed is named", "[registry][tampering]") {
  const TwoExports two;
  const std::string text = content(two.envelope(two.may));
  for (std::size_t i = 0; i < text.size(); i += 7) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    put(two.envelope(two.may), changed);
    INFO("byte " << i);
    CHECK(without_words(two.found(), {"'may'"}) == "");
  }
  fs::remove(two.envelope(two.may));
  CHECK(without_words(two.found(), {"is missing", "'may'"}) == "");
  // One that is too long to be read keeps nothing else from being named.
  put(two.envelope(two.may), text);
  fs::resize_file(two.envelope(two.may), std::uintmax_t{1} << 30);
  fs::remove(two.june.entry.run.path);
  CHECK(without_words(two.found(), {"is longer", two.envelope(two.may).c_str(), "is missing", "'june'"}) == "");
}

TEST_CASE("a pinned schema of another feed is not accepted", "[registry][tampering]") {
  const SmallRegistry small;
  Registry registry = small.open();
  const std::string csv = people_csv(50);
  register_text(registry, small.key, csv, named("a", "hospital"));
  const std::string bank =
      "NIK,NAMA\n" + person_row(1, 0).substr(0, 17) + "SITI\n" + person_row(2, 0).substr(0, 17) + "BUDI\n";
  register_text(registry, small.key, bank, named("b", "bank"));
  edit_catalogue(small.options.directory,
                 "UPDATE feeds SET pinned_schema = (SELECT pinned_schema FROM feeds WHERE name = 'bank') WHERE name = "
                 "'hospital'");
  CHECK_FALSE(registry.check(nullptr, {}).clean());
  CHECK(kind_thrown([&] { registry.pinned_schema("hospital", small.key); }) == 7);
}

TEST_CASE("each flipped byte of the catalogue changes no answer, or is named", "[registry][tampering]") {
  const TwoExports two;
  const auto catalogue = two.file("catalogue.sqlite");
  const std::string whole = content(catalogue);
  const std::string state = two.small.open().snapshot(two.small.key)->state();
  std::size_t named_damage = 0;
  for (std::size_t i = 0; i < whole.size(); i += 61) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x04);
    put(catalogue, changed);
    INFO("byte " << i);
    const int kind = kind_thrown([&] {
      const auto store = two.small.open().snapshot(two.small.key);
      CHECK(store->exports().size() == 2);
      CHECK(store->state() == state);
    });
    CHECK((kind == 0 || kind == 7 || kind == 1));
    named_damage += kind == 7 ? 1U : 0U;
  }
  CHECK(named_damage > 10);
}
