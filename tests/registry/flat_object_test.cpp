#include "registry/flat_object.h"

#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "registry/envelope.h"
#include "registry/signed_text.h"
#include "registry/small_exports.h"
#include "support/catch.h"

using namespace sidik;
using namespace sidik::test;

namespace {

/// What the general reader makes of a text, where that is a canonical object without nested values.
nlohmann::json general(const std::string& text) {
  nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return nullptr;
  std::string again;
  try {
    again = canonical_json(object);
  } catch (const nlohmann::json::exception&) {
    return nullptr;
  }
  return again == text ? object : nlohmann::json(nullptr);
}

/// Whatever the quick reader takes is canonical, and says what the general one says.
bool as_the_general_reader(const std::string& text) {
  const auto flat = FlatObject::read(text);
  if (!flat) return true;
  const nlohmann::json object = general(text);
  if (object.is_null()) return false;
  for (const auto& [name, value] : object.items()) {
    const auto* const member = flat->find(name);
    using Kind = FlatObject::Member::Kind;
    if (member == nullptr) return false;
    if (value.is_null()     ? member->kind != Kind::kNull
        : value.is_string() ? member->kind != Kind::kText || member->text() != value.get<std::string>()
                            : !value.is_number_integer() || member->kind != Kind::kNumber ||
                                  member->number != value.get<std::int64_t>())
      return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a flat object is read as the general reader reads it", "[registry][signed]") {
  const std::string text = R"({"a":"","b":null,"c":0,"d":999999999999999999,"e":"x \"y\" \\ z"})";
  const auto object = FlatObject::read(text);
  REQUIRE(object);
  CHECK(object->find("a")->text().empty());
  CHECK(object->find("b")->kind == FlatObject::Member::Kind::kNull);
  CHECK(object->find("d")->number == 999999999999999999);
  CHECK(object->find("e")->text() == "x \"y\" \\ z");
  CHECK(object->find("f") == nullptr);
  CHECK(as_the_general_reader(text));
}

TEST_CASE("whatever a flat object is read from is canonical, over all texts of a nasty alphabet",
          "[registry][signed]") {
  // Members of a name and a value each, of every piece of up to four characters.
  constexpr std::string_view kAlphabet = "\"\\01-,:n{[a \n\x7f";
  std::size_t taken = 0;
  std::string piece;
  const auto all = [&](const auto& self, std::size_t left) -> void {
    for (const std::string& text :
         {"{\"a\":" + piece + "}", "{\"a\":\"" + piece + "\"}", "{\"a\":1,\"" + piece + ":null}", "{" + piece + "}",
          "{\"b\":0" + piece + "\"c\":2}"}) {
      if (!as_the_general_reader(text)) FAIL("read otherwise: " << text);
      if (FlatObject::read(text)) ++taken;
    }
    if (left == 0) return;
    for (const char c : kAlphabet) {
      piece.push_back(c);
      self(self, left - 1);
      piece.pop_back();
    }
  };
  all(all, 4);
  CHECK(taken > 1000);
}

TEST_CASE("what is no flat object is left to the general reader", "[registry][signed]") {
  for (const char* const text : {"",
                                 "{}",
                                 "[]",
                                 R"({"a":1} )",
                                 R"({"a": 1})",
                                 R"({"b":1,"a":2})",
                                 R"({"a":1,"a":1})",
                                 R"({"a":-1})",
                                 R"({"a":01})",
                                 R"({"a":1.0})",
                                 R"({"a":true})",
                                 R"({"a":[]})",
                                 R"({"a":{}})",
                                 R"({"a":"\n"})",
                                 R"({"a":"\u0041"})",
                                 R"({"a":"\/"})",
                                 R"({"a":1000000000000000000})",
                                 "{\"a\":\"\xc3\xbc\"}",
                                 "{\"a\":\"\xff\"}",
                                 R"({"a":"x)"})
    CHECK_FALSE(FlatObject::read(text));
}

TEST_CASE("an envelope is read alike whether its names are ASCII or not", "[registry][signed]") {
  const RegistryKey key = RegistryKey::generate();
  for (const std::string name : {"plain", "quoted \"08\" \\ x", "Ünïcode", "a\ttab"}) {
    Envelope envelope;
    envelope.registry = key.registry;
    envelope.entry.description.name = name;
    envelope.entry.description.registered_at = *parse_utc("2021-08-06T10:11:12");
    envelope.certificate = R"({"feeds":["a"],"signature":"00"})";
    envelope.signer = key.signing_public;
    const std::string text = envelope_text(envelope, key);
    const Envelope read = read_envelope(text, key.registry, "here", Verification::kSignature);
    CHECK(read.entry.description.name == name);
    CHECK(read.certificate == envelope.certificate);
    CHECK(envelope_text(read, key) == text);
  }
}
