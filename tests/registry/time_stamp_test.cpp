#include "registry/time_stamp.h"

#include <fstream>

#include "base/error.h"
#include "registry/small_exports.h"
#include "support/catch.h"
#include "support/time_authority.h"

using namespace sidik;
using namespace sidik::test;

namespace {

Digest digest_of(std::uint8_t first) {
  Digest digest{};
  digest[0] = first;
  return digest;
}

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

struct Authorities {
  TemporaryDirectory folder;
  TimeAuthority ours, other{"Other TSA"};

  std::filesystem::path file(const TimeAuthority& authority) const {
    const auto path = folder.path() / "authorities.pem";
    std::ofstream(path) << authority.root_certificate();
    return path;
  }
};

}  // namespace

TEST_CASE("a time stamp that answers its question is read, and verified where certificates are given",
          "[registry][timestamp]") {
  const Authorities authorities;
  const TimeStampQuery query(digest_of(1));
  const Bytes answer = authorities.ours.answer(query.request());
  const TimeStamp unverified = query.read(answer, "tsa", std::nullopt);
  CHECK_FALSE(unverified.signature_verified);
  CHECK(unverified.authority == "CN=Test TSA");
  CHECK(unverified.serial == "2A");
  CHECK(std::abs(unverified.at - utc_now()) < 600);
  const TimeStamp verified = query.read(answer, "tsa", authorities.file(authorities.ours));
  CHECK(verified.signature_verified);
  CHECK(verified.at == unverified.at);
}

TEST_CASE("an answer to another question, by another hand or changed is refused", "[registry][timestamp]") {
  const Authorities authorities;
  const auto certificates = authorities.file(authorities.ours);
  const TimeStampQuery query(digest_of(1)), same_digest(digest_of(1)), other(digest_of(2));
  CHECK(query.request() != same_digest.request());  // a nonce each
  const Bytes answer = authorities.ours.answer(query.request());
  const auto refused = [&](const TimeStampQuery& asked, const Bytes& bytes, const char* word) {
    return without_words(error_of([&] { asked.read(bytes, "http://tsa", certificates); }), {"http://tsa", word});
  };
  CHECK(refused(same_digest, answer, "nonce mismatch").empty());
  CHECK(refused(other, answer, "message imprint mismatch").empty());
  CHECK(refused(query, authorities.other.answer(query.request()), "certificate verify error").empty());
  CHECK(refused(query, authorities.ours.answer(query.request(), false), "refuses (status 2").empty());
  CHECK(refused(query, bytes_of("<html>not here</html>"), "is no time stamp").empty());
  CHECK(refused(query, {}, "is no time stamp").empty());
  // Whatever bit is changed: refused, or (where it says nothing, as the status's free bits) the same stamp.
  const TimeStamp genuine = query.read(answer, "tsa", certificates);
  std::size_t taken = 0;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    Bytes changed = answer;
    changed[i] ^= 0x10;
    try {
      const TimeStamp read = query.read(changed, "tsa", certificates);
      CHECK(read.at == genuine.at);
      CHECK(read.serial == genuine.serial);
      ++taken;
    } catch (const Error&) {
    }
  }
  CHECK(taken * 20 < answer.size());
}

TEST_CASE("certificates that cannot be read are named", "[registry][timestamp]") {
  const Authorities authorities;
  const TimeStampQuery query(digest_of(1));
  const Bytes answer = authorities.ours.answer(query.request());
  CHECK(kind_thrown([&] { query.read(answer, "tsa", authorities.folder.path() / "missing.pem"); }) == 2);
  CHECK(without_words(error_of([&] { query.read(answer, "tsa", authorities.folder.path() / "missing.pem"); }),
                      {"missing.pem", "PEM"})
            .empty());
}
