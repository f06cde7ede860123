#include "fingerprints/key.h"

#include <sys/stat.h>

#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

namespace sidik {
namespace {

/// What reading or writing refused with: "kind|place|message"; empty where nothing was thrown.
template <typename Work>
std::string refusal(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return std::to_string(exit_status(error.kind())) + "|" + error.place() + "|" + error.message();
  }
  return {};
}

bool says(const std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts)
    if (text.find(part) == std::string::npos) return false;
  return true;
}

std::string parse_refusal(const std::string& text) {
  return refusal([&] { parse_key_file(text, "a.key"); });
}

bool same(const RegistryKey& a, const RegistryKey& b) {
  return a.role == b.role && a.registry == b.registry && a.holder == b.holder && a.epoch == b.epoch &&
         a.fingerprint_secret == b.fingerprint_secret && a.sealing_public == b.sealing_public &&
         a.opening_secret == b.opening_secret && a.schema_secret == b.schema_secret &&
         a.digest_secret == b.digest_secret && a.signing_seed == b.signing_seed &&
         a.signing_public == b.signing_public && a.seal_secret == b.seal_secret &&
         a.earlier_secrets == b.earlier_secrets && a.root_public == b.root_public && a.certificate == b.certificate &&
         a.seal_shared == b.seal_shared && a.seal_host == b.seal_host && a.seal_feeds == b.seal_feeds;
}

RegistryKey with_role(KeyRole role) {
  RegistryKey key = RegistryKey::generate();
  key.role = role;
  if (role == KeyRole::kRegister) key.opening_secret = Secret();
  if (role == KeyRole::kCompact) {
    key.fingerprint_secret = Secret();
    key.schema_secret = Secret();
  }
  if (role != KeyRole::kInvestigate) {
    key.holder = "etl-02";
    key.seal_secret = Secret();
    key.signing_seed = Secret::random(32);
    key.signing_public = signing_public_of(key.signing_seed);
    key.certificate = R"({"name":"etl-02"})";
  }
  if (role == KeyRole::kRegister) {
    key.seal_shared = Secret::random(32);
    key.seal_feeds = {{"bank", Secret::random(32)}, {"rumah sakit", Secret::random(32)}};
  }
  return key;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the vectors of RFC 5869 without a salt come out", "[fingerprints][key]") {
  // Appendix A.3: SHA-256, zero-length salt and info.
  CHECK(to_hex(derive(Secret(Bytes(22, 0x0b)), "", 42).bytes()) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  // Appendix A.1 with its salt left out, computed by Python's hmac module.
  CHECK(to_hex(derive(Secret(Bytes(22, 0x0b)), "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9", 42).bytes()) ==
        "abbafb13f5c1bc489d4203135817956dd521b39e3bd61d1cc85cef884d1f8e2e2ca9c19f23df620dd394");
  CHECK(derive(Secret(Bytes(32, 7)), "sidik/1/value/nik", 16) !=
        derive(Secret(Bytes(32, 7)), "sidik/1/value/phone", 16));
  CHECK(derive(Secret(Bytes(32, 7)), "a", 8160).size() == 8160);
  CHECK_THROWS_AS(derive(Secret(Bytes(32, 7)), "a", 8161), Error);
}

TEST_CASE("public halves are those of RFC 7748 and RFC 8032", "[fingerprints][key]") {
  const auto hex = [](const PublicKey& key) { return to_hex(key); };
  CHECK(hex(sealing_public_of(
            Secret(from_hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", "test")))) ==
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  CHECK(hex(signing_public_of(
            Secret(from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "test")))) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

TEST_CASE("a fresh key holds everything, and nothing twice", "[fingerprints][key]") {
  const RegistryKey a = RegistryKey::generate(), b = RegistryKey::generate();
  CHECK(a.can_fingerprint());
  CHECK(a.can_open());
  CHECK_NOTHROW(a.check("a key"));
  CHECK(a.registry != b.registry);
  CHECK_FALSE(a.fingerprint_secret == b.fingerprint_secret);
  CHECK_FALSE(a.fingerprint_secret == a.opening_secret);
  CHECK_FALSE(a.schema_secret == a.digest_secret);
  CHECK(a.holder == "investigators");
}

TEST_CASE("a key of every role survives its file", "[fingerprints][key]") {
  test::TemporaryDirectory folder;
  for (const KeyRole role : {KeyRole::kInvestigate, KeyRole::kRegister, KeyRole::kCompact}) {
    RegistryKey key = with_role(role);
    key.epoch = 7;
    const auto path = folder.path() / std::string(role_name(role));
    write_key_file(key, path);
    CHECK(same(read_key_file(path), key));
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
  }
}

TEST_CASE("a key file that was printed, mailed or pasted is still read", "[fingerprints][key]") {
  const RegistryKey key = RegistryKey::generate();
  const std::string text = key_file_text(key);
  std::string crlf;
  for (const char c : text) crlf += c == '\n' ? "  \r\n" : std::string(1, c);
  CHECK(same(parse_key_file(crlf, "a.key"), key));
  CHECK(same(parse_key_file(text.substr(0, text.size() - 1), "a.key"), key));
  CHECK(same(parse_key_file("\n\n" + text + "\n\n", "a.key"), key));
}

TEST_CASE("a key file is never overwritten", "[fingerprints][key]") {
  test::TemporaryDirectory folder;
  const auto path = folder.write("key", "something else");
  CHECK(says(refusal([&] { write_key_file(RegistryKey::generate(), path); }), {"2|", "never overwritten"}));
  std::ifstream file(path);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "something else");
  CHECK(says(refusal([&] { write_key_file(RegistryKey::generate(), folder.path() / "no" / "folder"); }), {"1|"}));
}

TEST_CASE("a key file that others can read is refused", "[fingerprints][key]") {
  test::TemporaryDirectory folder;
  const auto path = folder.path() / "key";
  write_key_file(RegistryKey::generate(), path);
  for (const mode_t mode : std::vector<mode_t>{0640, 0604, 0620, 0601}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    CHECK(says(refusal([&] { read_key_file(path); }), {"5|", "chmod 600"}));
  }
  REQUIRE(::chmod(path.c_str(), 0400) == 0);
  CHECK_NOTHROW(read_key_file(path));
}

TEST_CASE("what is no file at all is refused as such", "[fingerprints][key]") {
  test::TemporaryDirectory folder;
  CHECK(says(refusal([&] { read_key_file(folder.path() / "none"); }), {"5|", "--key-file"}));
  CHECK(says(refusal([&] { read_key_file(folder.path()); }), {"5|", "is a folder"}));
  const auto large = folder.write("large", std::string(100000, 'x'));
  REQUIRE(::chmod(large.c_str(), 0600) == 0);
  CHECK(says(refusal([&] { read_key_file(large); }), {"5|", "no key file"}));
}

TEST_CASE("each fault of a key file is refused in its own words, with its line", "[fingerprints][key]") {
  const RegistryKey key = RegistryKey::generate();
  const std::string text = key_file_text(key);
  const std::string digest_line = "digest-secret " + to_hex(key.digest_secret.bytes());
  CHECK(says(parse_refusal(""), {"5|a.key|is empty"}));
  CHECK(says(parse_refusal("\n\n"), {"5|a.key|is empty"}));
  CHECK(says(parse_refusal("-----BEGIN PRIVATE KEY-----\n"), {"is no key file"}));
  CHECK(says(parse_refusal("sidik-key\n"), {"is no key file"}));
  CHECK(says(parse_refusal("sidik-key one\n"), {"is no key file"}));
  CHECK(says(parse_refusal(replaced(text, "sidik-key 1", "sidik-key 2")), {"version 2", "newer sidik"}));
  CHECK(says(parse_refusal("sidik-key 1\n"), {"cut short"}));
  CHECK(says(parse_refusal(text.substr(0, text.find("checksum"))), {"cut short"}));
  CHECK(says(parse_refusal(replaced(text, "epoch 1", "epoch 2")), {"damaged", "checksum"}));
  CHECK(says(parse_refusal(replaced(text, "epoch 1", "epoch one")), {"a.key, line 6|expected an epoch"}));
  CHECK(says(parse_refusal(replaced(text, "role investigate", "role admin")), {"a.key, line 3|expected the role"}));
  CHECK(says(parse_refusal(replaced(text, digest_line, digest_line.substr(0, 40))),
             {"a.key, line 11|expected 64 hexadecimal digits"}));
  CHECK(says(parse_refusal(replaced(text, digest_line, digest_line + "\n" + digest_line)),
             {"line 12|", "a second time"}));
  CHECK(says(parse_refusal(replaced(text, "epoch 1", "epock 1")), {"line 6|", "undamaged copy"}));
  CHECK(says(parse_refusal(text + "epoch 1\n"), {"is not the last line"}));
  CHECK(says(parse_refusal(text + text), {"is not the last line"}));
}

TEST_CASE("no refusal shows a secret, wherever the file is cut or changed", "[fingerprints][key]") {
  const RegistryKey key = RegistryKey::generate();
  const std::string text = key_file_text(key);
  const std::string secret = to_hex(key.signing_seed.bytes()).substr(0, 8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i + 1 < text.size()) {
      const std::string cut = parse_refusal(text.substr(0, i));
      REQUIRE(says(cut, {"5|"}));
      REQUIRE_FALSE(says(cut, {secret}));
    }
    std::string changed = text;
    changed[i] = changed[i] == 'e' ? 'd' : 'e';
    REQUIRE(says(parse_refusal(changed), {"5|"}));
    REQUIRE_FALSE(says(parse_refusal(changed), {secret}));
    changed = text;
    changed[i] = changed[i] == ' ' ? '\n' : ' ';
    if (i + 1 < text.size()) REQUIRE(says(parse_refusal(changed), {"5|"}));
    REQUIRE_FALSE(says(parse_refusal(changed), {secret}));
  }
}

TEST_CASE("a key that holds less or more than its role is neither written nor read", "[fingerprints][key]") {
  RegistryKey key = with_role(KeyRole::kRegister);
  key.opening_secret = Secret::random(32);
  CHECK(says(refusal([&] { key_file_text(key); }), {"5|", "must not hold"}));
  key = with_role(KeyRole::kCompact);
  key.fingerprint_secret = Secret::random(32);
  CHECK(says(refusal([&] { key_file_text(key); }), {"must not hold"}));
  key = RegistryKey::generate();
  key.digest_secret = Secret();
  CHECK(says(refusal([&] { key_file_text(key); }), {"lacks its digest-secret"}));
  key = RegistryKey::generate();
  key.opening_secret = Secret::random(32);
  CHECK(says(refusal([&] { key_file_text(key); }), {"does not belong"}));
  key = RegistryKey::generate();
  key.holder = "two\nlines";
  CHECK(says(refusal([&] { key_file_text(key); }), {"control character"}));
  key.holder = "";
  CHECK(says(refusal([&] { key_file_text(key); }), {"holder"}));
}

}  // namespace sidik
