// sidik audit --anchor --timestamp, against an authority on this machine.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "http_post.h"
#include "people.h"
#include "sidik_process.h"
#include "support/catch.h"
#include "support/time_authority.h"

using namespace sidik;
using namespace sidik::test;
using nlohmann::json;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string reply(const std::string& status, const std::string& type, const Bytes& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + std::string(body.begin(), body.end());
}

/// Answers each POST on a port of its own with what `answer` makes of the whole request's head and body.
class Server {
 public:
  using Answer = std::function<std::string(const std::string& head, const Bytes& body)>;

  explicit Server(Answer answer) : answer_(std::move(answer)), listening_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listening_, 4) != 0 ||
        ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no port for a test's server");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    ::close(listening_);
  }
  std::string url(const std::string& path = "/tsa") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  unsigned asked() const { return asked_; }

 private:
  void serve() {
    for (int peer; (peer = ::accept(listening_, nullptr, nullptr)) >= 0; ::close(peer)) {
      ++asked_;
      std::string got;
      std::size_t head = std::string::npos, length = 0;
      char buffer[4096];
      for (ssize_t n = 1; n > 0 && (head == std::string::npos || got.size() < head + 4 + length);) {
        n = ::recv(peer, buffer, sizeof buffer, 0);
        got.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
        head = got.find("\r\n\r\n");
        const std::size_t at = got.find("Content-Length: ");
        if (head != std::string::npos && at < head) length = std::stoul(got.substr(at + 16));
      }
      const std::string body = head == std::string::npos ? "" : got.substr(head + 4);
      const std::string out = answer_(got.substr(0, head), Bytes(body.begin(), body.end()));
      for (std::size_t sent = 0; sent < out.size();) {
        const ssize_t n = ::send(peer, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) break;
        sent += static_cast<std::size_t>(n);
      }
    }
  }

  Answer answer_;
  int listening_;
  std::uint16_t port_ = 0;
  std::atomic<unsigned> asked_{0};
  std::thread thread_;
};

struct House {
  SidikProcess sidik;
  TimeAuthority authority;

  House() {
    REQUIRE(run({"init", "-q"}).status == 0);
    note();
    sidik.write("root.pem", authority.root_certificate());
    sidik.write("other.pem", TimeAuthority("Other").root_certificate());
  }
  SidikResult run(std::vector<std::string> arguments) const {
    return sidik.run(SidikCall{std::move(arguments), {{"SIDIK_REGISTRY", "registry"}}, {}, {}});
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
  const Server server([&](const std::string& asked, const Bytes& body) {
    head = asked;
    return reply("200 OK", "application/timestamp-reply", house.authority.answer(body));
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
  Server::Answer answer;
  const Server server([&](const std::string& head, const Bytes& body) { return answer(head, body); });
  const auto refused = [&](Server::Answer with, const std::string& word, std::vector<std::string> more = {}) {
    answer = std::move(with);
    const SidikResult result = house.anchor(server.url(), std::move(more));
    INFO(word << ": " << result.err);
    CHECK(result.status == 1);
    CHECK(has(result.err, word));
    CHECK(has(result.err, "anchors.txt"));
    CHECK_FALSE(house.has_token());
  };
  const std::string type = "application/timestamp-reply";
  refused([&](const auto&, const Bytes&) { return reply("503 Service Unavailable", "text/html", {}); }, "503");
  refused([&](const auto&, const Bytes&) { return reply("200 OK", "text/html", {'x'}); }, "text/html");
  refused([&](const auto&, const Bytes&) { return reply("200 OK", type, {'x'}); }, "no time stamp");
  refused([&](const auto&, const Bytes&) { return std::string("HTTP/1.1 200 OK\r\nContent-Le"); }, "read the answer");
  refused([&](const auto&, const Bytes&) { return reply("200 OK", type, Bytes(2 << 20)); }, "body limit");
  refused([&](const auto&, const Bytes& body) { return reply("200 OK", type, house.authority.answer(body, false)); },
          "refuses");
  refused([&](const auto&, const Bytes& body) { return reply("200 OK", type, house.authority.answer(body)); }, "verify",
          {"--timestamp-ca", "other.pem"});
  // The answer to an earlier question.
  const auto earlier = [&](const auto&, const Bytes& body) {
    if (first.empty()) first = house.authority.answer(body);
    return reply("200 OK", type, first);
  };
  answer = earlier;
  REQUIRE(house.anchor(server.url()).status == 0);
  REQUIRE(std::filesystem::remove(house.sidik.folder() / house.token()));
  refused(earlier, "nonce");
  CHECK(house.sidik.read("anchors.txt").find("head") != std::string::npos);
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
