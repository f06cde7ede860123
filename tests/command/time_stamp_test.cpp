// sidik audit --anchor --timestamp, against an authority on this machine.
#include <openssl/x509v3.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "http_post.h"
#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/certificates.h"
#include "support/http_server.h"
#include "support/time_authority.h"

using namespace sidik;
using namespace sidik::test;
using nlohmann::json;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct House {
  SidikProcess sidik;
  TimeAuthority authority;

  House() {
    REQUIRE(run({"init", "-q"}).status == 0);
    note();
    sidik.write("root.pem", authority.root_certificate());
    sidik.write("other.pem", TimeAuthority("Other").root_certificate());
  }
  /// With no other certificates trusted than those of `trusted`, where it names a file.
  SidikResult run(std::vector<std::string> arguments, const std::string& trusted = "") const {
    SidikCall call{std::move(arguments), {{"SIDIK_REGISTRY", "registry"}}, {}, {}};
    if (!trusted.empty()) {
      call.environment["SSL_CERT_FILE"] = trusted;
      call.environment["SSL_CERT_DIR"] = sidik.folder().string();
    }
    return sidik.run(call);
  }
  /// Another line of the audit, so that there is a new head.
  void note() const { REQUIRE(run({"canary", "list", "-q"}).status == 0); }
  SidikResult anchor(const std::string& url, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"audit", "--anchor", "anchors.txt", "--timestamp", url};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  std::string token() const {
    const json audit = json::parse(run({"audit", "--json"}).out);
    return "anchors.txt." + audit["head"].get<std::string>().substr(0, 16) + ".tsr";
  }
  bool has_token() const { return std::filesystem::exists(sidik.folder() / token()); }
};

}  // namespace

TEST_CASE("an anchor is stamped by an authority, and the token kept beside it", "[command][timestamp]") {
  const House house;
  std::string head;
  const HttpServer server([&](const std::string& asked, const Bytes& body) {
    head = asked;
    return http_reply("200 OK", "application/timestamp-reply", house.authority.answer(body));
  });
  const SidikResult plain = house.anchor(server.url("/stamp?here"));
  CHECK(plain.status == 0);
  CHECK(has(plain.out, "by CN=Test TSA"));
  CHECK(has(plain.out, "was not verified"));
  CHECK(has(head, "POST /stamp?here HTTP/1.1"));
  CHECK(has(head, "Content-Type: application/timestamp-query"));
  CHECK(house.has_token());
  CHECK(has(house.sidik.read("anchors.txt"), " head "));

  // The same head again: nobody is asked, and the older token stays.
  const std::string token = house.sidik.read(house.token());
  CHECK(house.anchor(server.url()).status == 0);
  CHECK(server.asked() == 1);
  CHECK(house.sidik.read(house.token()) == token);

  house.note();
  const SidikResult verified = house.anchor(server.url(), {"--timestamp-ca", "root.pem", "--json"});
  CHECK(verified.status == 0);
  const json said = json::parse(verified.out);
  CHECK(said["timestamp"]["signature_verified"] == true);
  CHECK(said["timestamp"]["authority"] == "CN=Test TSA");
  CHECK(said["timestamp"]["token"] == house.token());
  CHECK(house.has_token());
  CHECK(house.run({"check", "--head", said["head"], "-q"}).status == 0);
}

TEST_CASE("what is no fitting answer is no token, and the anchor stands all the same", "[command][timestamp]") {
  const House house;
  Bytes first;
  HttpServer::Answer answer;
  const HttpServer server([&](const std::string& head, const Bytes& body) { return answer(head, body); });
  const auto refused = [&](HttpServer::Answer with, const std::string& word, std::vector<std::string> more = {}) {
    answer = std::move(with);
    const SidikResult result = house.anchor(server.url(), std::move(more));
    INFO(word << ": " << result.err);
    CHECK(result.status == 1);
    CHECK(has(result.err, word));
    CHECK(has(result.err, "anchors.txt"));
    CHECK_FALSE(house.has_token());
  };
  const std::string type = "application/timestamp-reply";
  refused([&](const auto&, const Bytes&) { return http_reply("503 Service Unavailable", "text/html", {}); }, "503");
  refused([&](const auto&, const Bytes&) { return http_reply("200 OK", "text/html", {'x'}); }, "text/html");
  refused([&](const auto&, const Bytes&) { return http_reply("200 OK", type, {'x'}); }, "no time stamp");
  refused([&](const auto&, const Bytes&) { return std::string("HTTP/1.1 200 OK\r\nContent-Le"); }, "read the answer");
  refused([&](const auto&, const Bytes&) { return http_reply("200 OK", type, Bytes(2 << 20)); }, "body limit");
  refused(
      [&](const auto&, const Bytes& body) { return http_reply("200 OK", type, house.authority.answer(body, false)); },
      "refuses");
  refused([&](const auto&, const Bytes& body) { return http_reply("200 OK", type, house.authority.answer(body)); },
          "verify", {"--timestamp-ca", "other.pem"});
  // The answer to an earlier question.
  const auto earlier = [&](const auto&, const Bytes& body) {
    if (first.empty()) first = house.authority.answer(body);
    return http_reply("200 OK", type, first);
  };
  answer = earlier;
  REQUIRE(house.anchor(server.url()).status == 0);
  REQUIRE(std::filesystem::remove(house.sidik.folder() / house.token()));
  refused(earlier, "nonce");
  CHECK(house.sidik.read("anchors.txt").find("head") != std::string::npos);
}

TEST_CASE("an authority is asked over TLS where its certificate is trusted and for its host", "[command][timestamp]") {
  const House house;
  const CertificateAuthority trusted("Trusted root"), unknown("Unknown root");
  house.sidik.write("web.pem", trusted.root_certificate());
  const std::vector<CertificateExtension> here = {{NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost"}},
                                          elsewhere = {{NID_subject_alt_name, "DNS:tsa.example"}};
  const Certified fitting = trusted.issue("localhost", here), foreign = trusted.issue("tsa.example", elsewhere),
                  untrusted = unknown.issue("localhost", here);
  const HttpServer::Answer answer = [&](const auto&, const Bytes& body) {
    return http_reply("200 OK", "application/timestamp-reply", house.authority.answer(body));
  };
  const auto anchor = [&](const HttpServer& server, const std::string& host) {
    return house.run({"audit", "--anchor", "anchors.txt", "--timestamp", server.url("/tsa", host)}, "web.pem");
  };
  for (const char* const host : {"127.0.0.1", "localhost"}) {
    const HttpServer server(answer, &fitting);
    const SidikResult stamped = anchor(server, host);
    INFO(stamped.err);
    CHECK(stamped.status == 0);
    CHECK(house.has_token());
    house.note();
  }
  for (const auto& [identity, why] : {std::pair(&foreign, "mismatch"), std::pair(&untrusted, "issuer")})
    for (const char* const host : {"127.0.0.1", "localhost"}) {
      const HttpServer server(answer, identity);
      const SidikResult refused = anchor(server, host);
      INFO(refused.err);
      CHECK(refused.status == 1);
      CHECK(has(refused.err, "certificate"));
      CHECK(has(refused.err, why));
      CHECK(has(refused.err, "SSL_CERT_FILE"));
      CHECK_FALSE(house.has_token());
    }
  // A server that speaks no TLS.
  const HttpServer plain(answer);
  const SidikResult refused = house.anchor("https" + plain.url().substr(4));
  CHECK(refused.status == 1);
  CHECK(has(refused.err, "encryption"));
}

TEST_CASE("the token is verified by the openssl line that the command prints", "[command][timestamp]") {
  const House house;
  if (std::system("openssl version > /dev/null 2>&1") != 0) return;  // a machine without the program
  const HttpServer server([&](const auto&, const Bytes& body) {
    return http_reply("200 OK", "application/timestamp-reply", house.authority.answer(body));
  });
  const SidikResult stamped = house.anchor(server.url(), {"--timestamp-ca", "root.pem"});
  REQUIRE(stamped.status == 0);
  const std::size_t begin = stamped.out.find("openssl ts -verify");
  REQUIRE(begin != std::string::npos);
  const std::string line = stamped.out.substr(begin, stamped.out.find('\n', begin) - begin);
  const std::string there = "cd '" + house.sidik.folder().string() + "' && ";
  INFO(line);
  CHECK(std::system((there + line + " > /dev/null 2>&1").c_str()) == 0);
  std::string other = line;
  other.replace(other.find("root.pem"), 8, "other.pem");
  CHECK(std::system((there + other + " > /dev/null 2>&1").c_str()) != 0);
}

TEST_CASE("usage of time stamps that cannot work is refused before anything is asked", "[command][timestamp]") {
  const House house;
  CHECK(house.run({"audit", "--timestamp", "http://127.0.0.1:1/"}).status == 2);
  CHECK(house.run({"audit", "--anchor", "--timestamp", "http://127.0.0.1:1/"}).status == 2);
  CHECK(house.run({"audit", "--anchor", "syslog", "--timestamp", "http://127.0.0.1:1/"}).status == 2);
  CHECK(house.run({"audit", "--anchor", "a", "--timestamp-ca", "root.pem"}).status == 2);
  CHECK(house.anchor("ftp://127.0.0.1/").status == 2);
  CHECK_FALSE(std::filesystem::exists(house.sidik.folder() / "anchors.txt"));
  const SidikResult nobody = house.anchor("http://127.0.0.1:1/");
  CHECK(nobody.status == 1);
  CHECK(has(nobody.err, "http://127.0.0.1:1/"));
  CHECK(has(nobody.err, "connect"));
}

TEST_CASE("addresses are read, or refused", "[command][timestamp]") {
  using command::parse_http_address;
  const auto plain = parse_http_address("--timestamp", "http://tsa.example");
  CHECK_FALSE(plain.secure);
  CHECK((plain.host == "tsa.example" && plain.port == "80" && plain.target == "/"));
  const auto full = parse_http_address("--timestamp", "https://tsa.example:8443/a/b?c");
  CHECK((full.secure && full.host == "tsa.example" && full.port == "8443" && full.target == "/a/b?c"));
  const auto six = parse_http_address("--timestamp", "http://[::1]:80?x");
  CHECK((six.host == "::1" && six.port == "80" && six.target == "/?x"));
  for (const char* wrong :
       {"", "tsa.example", "ftp://x/", "http://", "http:///x", "http://x:0/", "http://x:65536/", "http://x:a/",
        "http://me:secret@x/", "http://x/ y", "http://x/\r\nHost: y", "http://[::1/"})
    CHECK_THROWS(parse_http_address("--timestamp", wrong));
}
