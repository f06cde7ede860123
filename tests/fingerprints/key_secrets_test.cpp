// What guards a key file beside its mode: passphrases and shares; and which seal secrets a key gives.
#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "fingerprints/key.h"
#include "fingerprints/key_protection.h"
#include "fingerprints/key_shares.h"
#include "fingerprints/seal_keys.h"
#include "support/catch.h"

using namespace sidik;

namespace {

// Cheap on purpose: what a guess costs is no matter of these tests.
constexpr PassphraseCost kCheap{1, 8192};

Secret phrase(std::string_view text) { return Secret(as_bytes(text)); }
PassphraseSource given(std::string_view text) {
  return [text](const std::string&) { return phrase(text); };
}

template <typename Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return std::to_string(exit_status(error.kind())) + "|" + error.what();
  }
  return {};
}
bool says(const std::string& text, std::initializer_list<std::string_view> parts) {
  return std::all_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

RegistryKey with_epochs(Epoch last) {
  RegistryKey key = RegistryKey::generate();
  for (; key.epoch < last; ++key.epoch) {
    key.earlier_secrets.emplace(key.epoch, key.fingerprint_secret);
    key.fingerprint_secret = Secret::random(32);
  }
  return key;
}

std::vector<GivenShare> shares_of(const std::vector<WipedText>& texts, std::initializer_list<std::size_t> which) {
  std::vector<GivenShare> shares;
  for (const std::size_t i : which) shares.push_back({"share-" + std::to_string(i + 1), texts[i].text});
  return shares;
}

}  // namespace

TEST_CASE("a key under a passphrase opens with it and with no other", "[fingerprints][key][passphrase]") {
  const RegistryKey key = with_epochs(3);
  const std::string plain = key_file_text(key);
  const std::string text = protect_key(plain, phrase("kuda lumping makan beling"), kCheap);
  CHECK(is_protected_key(text));
  CHECK_FALSE(is_protected_key(plain));
  CHECK(key_file_text(parse_key_file(text, "a.key", given("kuda lumping makan beling"))) == plain);
  CHECK(says(refusal([&] { parse_key_file(text, "a.key", given("kuda lumping")); }), {"5|a.key", "passphrase is not"}));
  CHECK(says(refusal([&] { parse_key_file(text, "a.key", given("")); }), {"5|a.key", "passphrase is not"}));
  CHECK(says(refusal([&] { parse_key_file(text, "a.key"); }), {"5|a.key", "nobody to ask"}));
  CHECK(says(refusal([&] { protect_key(plain, Secret(), kCheap); }), {"2|", "empty"}));
  // Nothing of the key stands in it, and no two of them are alike.
  for (const std::string& part : {to_hex(key.fingerprint_secret.bytes()), to_hex(key.registry), std::string("holder")})
    CHECK(text.find(part) == std::string::npos);
  CHECK(protect_key(plain, phrase("kuda lumping makan beling"), kCheap) != text);
}

TEST_CASE("a damaged key under a passphrase is told from a wrong passphrase", "[fingerprints][key][passphrase]") {
  const std::string text = protect_key(key_file_text(RegistryKey::generate()), phrase("x"), kCheap);
  std::string changed = text;
  changed[text.find("sealed ") + 100] = changed[text.find("sealed ") + 100] == 'a' ? 'b' : 'a';
  CHECK(says(refusal([&] { parse_key_file(changed, "a.key", given("x")); }), {"5|", "damaged"}));
  CHECK(says(refusal([&] { parse_key_file(text.substr(0, text.size() / 2), "a.key", given("x")); }),
             {"5|", "cut short"}));
  // A file may not make a machine fill its memory before it is found out.
  std::string greedy = text;
  greedy.replace(greedy.find("8192"), 4, "99999999999999");
  CHECK(says(refusal([&] { parse_key_file(greedy, "a.key", given("x")); }), {"5|a.key, line 3", "4 GiB"}));
}

TEST_CASE("any two of three shares make the key again, one does not", "[fingerprints][key][shares]") {
  for (const Epoch epochs : {1U, 4U}) {
    const RegistryKey key = with_epochs(epochs);
    const std::string plain = key_file_text(key);
    const auto texts = split_key(key, 2, 3);
    REQUIRE(texts.size() == 3);
    for (const auto& pair :
         {shares_of(texts, {0, 1}), shares_of(texts, {2, 0}), shares_of(texts, {1, 2}), shares_of(texts, {0, 1, 2})})
      CHECK(key_file_text(join_key(pair)) == plain);
    for (const auto& few : {shares_of(texts, {1}), shares_of(texts, {1, 1})})
      CHECK(says(refusal([&] { join_key(few); }), {"5|", "too few shares: 1 given, any 2 of 3"}));
    CHECK(texts[0].text.size() < 1500);  // short enough to print
  }
}

TEST_CASE("shares that were typed in again are read, and a typing error is named with its line",
          "[fingerprints][key][shares]") {
  const RegistryKey key = RegistryKey::generate();
  const auto texts = split_key(key, 2, 2);
  // Lower case, o for 0 and l for 1, blanks and empty lines as they come; line numbers and the first lines as printed.
  std::string typed;
  std::size_t line = 1;
  bool body = false;  // behind the first blank of a numbered line, or of `check`
  for (const char c : texts[0].text) {
    if (c == '\n') {
      typed += " \r\n\r\n";
      body = false;
      ++line;
      continue;
    }
    body = body || (c == ' ' && line > 5);
    typed += !body ? c : c == '0' ? 'o' : c == '1' ? 'l' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  CHECK(key_file_text(join_key(std::vector<GivenShare>{{"typed", typed}, {"other", texts[1].text}})) ==
        key_file_text(key));
  // Every character of every numbered line matters.
  const std::string& text = texts[0].text;
  std::size_t missed = 0;
  line = 1;
  body = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    body = text[i] != '\n' && (body || (text[i] == ' ' && line > 5));
    if (text[i] == '\n') ++line;
    if (!body || text[i] == ' ') continue;
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const std::string said = refusal([&] {
      join_key(std::vector<GivenShare>{{"one", changed}, {"two", texts[1].text}});
    });
    REQUIRE(says(said, {"5|one, line "}));
    missed += says(said, {"line " + std::to_string(line) + ":"}) ? 0U : 1U;
  }
  // A check of ten bits misses one change in a thousand, and the line `check` finds that one at the end.
  CHECK(missed <= 5);
  CHECK(says(refusal([&] { join_key(std::vector<GivenShare>{{"one", "sidik-key 1\n"}}); }), {"5|one", "no share"}));
  CHECK(says(refusal([&] { join_key(std::vector<GivenShare>{{"one", ""}}); }), {"5|one", "is empty"}));
  CHECK(says(refusal([&] { join_key(std::vector<GivenShare>{{"one", text.substr(0, 400)}}); }), {"5|one"}));
}

TEST_CASE("shares of another key, or of another splitting, are refused in words of their own",
          "[fingerprints][key][shares]") {
  const RegistryKey key = RegistryKey::generate(), other = RegistryKey::generate();
  const auto texts = split_key(key, 2, 3), again = split_key(key, 2, 3), foreign = split_key(other, 2, 3);
  const auto joined = [&](const WipedText& a, const WipedText& b) {
    return refusal([&] { join_key(std::vector<GivenShare>{{"one", a.text}, {"two", b.text}}); });
  };
  CHECK(says(joined(texts[0], foreign[1]), {"5|two", to_hex(other.registry).substr(0, 12), "registry"}));
  CHECK(says(joined(texts[0], again[1]), {"5|two", "two splittings"}));
  CHECK(joined(texts[0], texts[1]).empty());
}

TEST_CASE("a rule that is none, or a key that is not the investigators', is not split", "[fingerprints][key][shares]") {
  const RegistryKey key = RegistryKey::generate();
  for (const auto& [needed, count] : {std::pair{1U, 3U}, {0U, 0U}, {4U, 3U}, {2U, 17U}})
    CHECK(says(refusal([&, n = needed, c = count] { split_key(key, n, c); }), {"2|", "K/N"}));
  RegistryKey etl = key;
  etl.role = KeyRole::kRegister;
  CHECK(says(refusal([&] { split_key(etl, 2, 3); }), {"5|", "investigators"}));
  CHECK(key_file_text(join_key(shares_of(
            split_key(key, 16, 16), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}))) == key_file_text(key));
}

TEST_CASE("a register key gives the seal secrets of its own feeds at its own host", "[fingerprints][key][seal]") {
  const RegistryKey key = RegistryKey::generate();
  RegistryKey some = key, any = key;
  for (RegistryKey* exported : {&some, &any}) {
    exported->role = KeyRole::kRegister;
    exported->holder = "etl-02";
    exported->seal_secret = Secret();
    exported->seal_shared = seal_shared_secret(key);
  }
  some.seal_feeds["hospital"] = seal_feed_secret(key, "etl-02", "hospital");
  any.seal_host = seal_host_secret(key, "etl-02");
  CHECK(seal_feed_secret(some, "etl-02", "hospital") == seal_feed_secret(key, "etl-02", "hospital"));
  CHECK(seal_feed_secret(any, "etl-02", "hospital") == seal_feed_secret(key, "etl-02", "hospital"));
  CHECK(seal_feed_secret(some, "etl-02", "bank").empty());
  CHECK(seal_feed_secret(some, "etl-03", "hospital").empty());
  CHECK(seal_feed_secret(any, kInvestigators, "hospital").empty());
  CHECK(seal_shared_secret(some) == seal_shared_secret(key));
  // No two of them are alike.
  CHECK_FALSE(seal_feed_secret(key, "etl-02", "hospital") == seal_feed_secret(key, "etl-03", "hospital"));
  CHECK_FALSE(seal_feed_secret(key, "etl-02", "hospital") == seal_feed_secret(key, kInvestigators, "hospital"));
  CHECK_FALSE(seal_feed_secret(key, "etl-02", "hospital") == seal_feed_secret(key, "etl-02", ""));
}
