#include "support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace sidik::test {
namespace {

/// Bytes of a connection, encrypted or not.
class Connection {
 public:
  Connection(int peer, SSL_CTX* tls) : peer_(peer), ssl_(tls == nullptr ? nullptr : SSL_new(tls), &SSL_free) {
    if (!ssl_) return;
    SSL_set_fd(ssl_.get(), peer);
    open_ = SSL_accept(ssl_.get()) == 1;
  }
  bool open() const { return open_; }
  int receive(char* buffer, int size) {
    return ssl_ ? SSL_read(ssl_.get(), buffer, size) : static_cast<int>(::recv(peer_, buffer, size_t(size), 0));
  }
  void send(const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
      const int left = static_cast<int>(text.size() - sent);
      const int n = ssl_ ? SSL_write(ssl_.get(), text.data() + sent, left)
                         : static_cast<int>(::send(peer_, text.data() + sent, size_t(left), MSG_NOSIGNAL));
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
    if (ssl_) SSL_shutdown(ssl_.get());
  }

 private:
  int peer_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool open_ = true;
};

}  // namespace

std::string http_reply(const std::string& status, const std::string& type, const Bytes& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + std::string(body.begin(), body.end());
}

HttpServer::HttpServer(Answer answer, const Certified* identity)
    : answer_(std::move(answer)), identity_(identity), listening_(::socket(AF_INET, SOCK_STREAM, 0)) {
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

HttpServer::~HttpServer() {
  ::shutdown(listening_, SHUT_RDWR);
  thread_.join();
  ::close(listening_);
}

std::string HttpServer::url(const std::string& path, const std::string& host) const {
  return (identity_ == nullptr ? "http://" : "https://") + host + ":" + std::to_string(port_) + path;
}

void HttpServer::serve() {
  for (int peer; (peer = ::accept(listening_, nullptr, nullptr)) >= 0; ::close(peer)) {
    ++asked_;
    serve(peer);
  }
}

void HttpServer::serve(int peer) {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls(nullptr, &SSL_CTX_free);
  if (identity_ != nullptr) {
    tls.reset(SSL_CTX_new(TLS_server_method()));
    if (!tls || SSL_CTX_use_certificate(tls.get(), identity_->certificate.get()) != 1 ||
        SSL_CTX_use_PrivateKey(tls.get(), identity_->key.get()) != 1)
      return;
  }
  Connection connection(peer, tls.get());
  if (!connection.open()) return;
  std::string got;
  std::size_t head = std::string::npos, length = 0;
  char buffer[4096];
  for (int n = 1; n > 0 && (head == std::string::npos || got.size() < head + 4 + length);) {
    n = connection.receive(buffer, sizeof buffer);
    got.append(buffer, static_cast<std::size_t>(std::max(n, 0)));
    head = got.find("\r\n\r\n");
    const std::size_t at = got.find("Content-Length: ");
    if (head != std::string::npos && at < head) length = std::stoul(got.substr(at + 16));
  }
  const std::string body = head == std::string::npos ? "" : got.substr(head + 4);
  connection.send(answer_(got.substr(0, head), Bytes(body.begin(), body.end())));
}

}  // namespace sidik::test
