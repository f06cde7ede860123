// A web server on this machine for tests: answers each request with what a function makes of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "base/bytes.h"
#include "support/certificates.h"

namespace sidik::test {

/// A whole answer, head and body.
std::string http_reply(const std::string& status, const std::string& type, const Bytes& body);

/// Listens on a port of 127.0.0.1 of its own, one connection after the other, until it is destroyed.
class HttpServer {
 public:
  using Answer = std::function<std::string(const std::string& head, const Bytes& body)>;

  /// Over TLS where there is an `identity`, which must outlive the server.
  explicit HttpServer(Answer answer, const Certified* identity = nullptr);
  ~HttpServer();
  std::string url(const std::string& path = "/tsa", const std::string& host = "127.0.0.1") const;
  unsigned asked() const { return asked_; }

 private:
  void serve();
  void serve(int peer);

  Answer answer_;
  const Certified* identity_;
  int listening_;
  std::uint16_t port_ = 0;
  std::atomic<unsigned> asked_{0};
  std::thread thread_;
};

}  // namespace sidik::test
