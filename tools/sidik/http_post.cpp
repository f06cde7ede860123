#include "http_post.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "base/error.h"

namespace sidik::command {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::uint64_t kLongestAnswer = 1 << 20;

std::string words_of(const HttpAddress& address) {
  return (address.secure ? "https://" : "http://") + address.host + ":" + address.port + address.target;
}

/// One exchange. Each step is started and waited for, so that the stream's own clock can end it.
class Exchange {
 public:
  Exchange(const HttpAddress& address, std::chrono::seconds wait) : address_(address), wait_(wait) {}

  Bytes post(const std::string& body_type, ByteSpan body, const std::string& answer_type) {
    asio::ip::tcp::resolver resolver(context_);
    asio::ip::tcp::resolver::results_type places;
    step("find the host", [&](auto done) {
      resolver.async_resolve(address_.host, address_.port, [&places, done](error_code error, auto found) {
        places = std::move(found);
        done(error);
      });
    });
    asio::ssl::context trusted(asio::ssl::context::tls_client);
    trusted.set_default_verify_paths();
    trusted.set_verify_mode(asio::ssl::verify_peer);
    beast::ssl_stream<beast::tcp_stream> stream(context_, trusted);
    beast::tcp_stream& plain = stream.next_layer();
    plain.expires_after(wait_);
    step("connect",
         [&](auto done) { plain.async_connect(places, [done](error_code error, const auto&) { done(error); }); });
    if (!address_.secure) return exchange(plain, plain, body_type, body, answer_type);
    expect_host(stream.native_handle());
    plain.expires_after(wait_);
    step(
        "agree on encryption", [&](auto done) { stream.async_handshake(asio::ssl::stream_base::client, done); },
        [&] { require_certificate(stream.native_handle()); });
    return exchange(stream, plain, body_type, body, answer_type);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const { throw Error(ErrorKind::kFailed, words_of(address_), why); }

  /// The certificate is to be for the host as it was written: a name, or an address.
  void expect_host(SSL* ssl) const {
    const char* const host = address_.host.c_str();
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1) return;
    if (SSL_set1_host(ssl, host) != 1 || SSL_set_tlsext_host_name(ssl, host) != 1)
      fail("the crypto library takes no such host name");
  }

  void require_certificate(SSL* ssl) const {
    const long result = SSL_get_verify_result(ssl);
    if (result == X509_V_OK) return;
    fail(std::string("its certificate is not accepted: ") + X509_verify_cert_error_string(result) +
         "; it is held against the authorities that this system trusts (SSL_CERT_FILE names others)");
  }

  template <typename Start>
  void step(const char* what, const Start& start) {
    step(what, start, [] {});
  }

  /// `explain` may tell more of a failure.
  template <typename Start, typename Explain>
  void step(const char* what, const Start& start, const Explain& explain) {
    error_code result;
    start([&result](error_code error, std::size_t = 0) { result = error; });
    context_.restart();
    context_.run();
    if (result == beast::error::timeout)
      fail(std::string("cannot ") + what + ": no answer within " + std::to_string(wait_.count()) + " s");
    if (!result) return;
    explain();
    fail(std::string("cannot ") + what + ": " + result.message());
  }

  template <typename Stream>
  Bytes exchange(Stream& stream, beast::tcp_stream& clock, const std::string& body_type, ByteSpan body,
                 const std::string& answer_type) {
    http::request<http::vector_body<std::uint8_t>> request(http::verb::post, address_.target, 11);
    const bool usual = address_.port == (address_.secure ? "443" : "80");
    const std::string host = address_.host.find(':') == std::string::npos ? address_.host : "[" + address_.host + "]";
    request.set(http::field::host, usual ? host : host + ":" + address_.port);
    request.set(http::field::user_agent, "sidik");
    request.set(http::field::content_type, body_type);
    request.set(http::field::accept, answer_type);
    request.set(http::field::connection, "close");
    request.body().assign(body.begin(), body.end());
    request.prepare_payload();
    clock.expires_after(wait_);
    step("send the question", [&](auto done) { http::async_write(stream, request, done); });

    beast::flat_buffer buffer;
    http::response_parser<http::vector_body<std::uint8_t>> parser;
    parser.body_limit(kLongestAnswer);
    clock.expires_after(wait_);
    // The head by itself: read together with the body, a length beyond the limit goes unnoticed in Beast 1.74.
    step("read the answer", [&](auto done) { http::async_read_header(stream, buffer, parser, done); });
    step("read the answer", [&](auto done) { http::async_read(stream, buffer, parser, done); });
    const auto& answer = parser.get();
    if (answer.body().size() > kLongestAnswer) fail("answers with more than a megabyte");
    if (answer.result() != http::status::ok)
      fail("answers with status " + std::to_string(answer.result_int()) + " " +
           std::string(http::obsolete_reason(answer.result())));
    const auto found = answer[http::field::content_type];
    if (!beast::iequals(found.substr(0, found.find(';')), answer_type))
      fail("answers with " + (found.empty() ? "no type" : "the type " + std::string(found)) + ", expected " +
           answer_type);
    return {answer.body().begin(), answer.body().end()};
  }

  const HttpAddress& address_;
  std::chrono::seconds wait_;
  asio::io_context context_{1};
};

}  // namespace

HttpAddress parse_http_address(const std::string& option, const std::string& text) {
  const auto refuse = [&] {
    throw Error(ErrorKind::kUsage, option, "expected an address as http://tsa.example/path, or https://");
  };
  HttpAddress address;
  std::string_view rest = text;
  if (rest.starts_with("https://"))
    address.secure = true;
  else if (!rest.starts_with("http://"))
    refuse();
  rest.remove_prefix(address.secure ? 8 : 7);
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view place = rest.substr(0, slash);
  address.target = rest.substr(slash);
  if (address.target.empty() || address.target[0] != '/') address.target.insert(0, 1, '/');
  const auto printable = [](unsigned char c) { return c > 0x20 && c < 0x7f; };
  if (!std::all_of(text.begin(), text.end(), printable) || place.find('@') != std::string_view::npos) refuse();
  std::size_t colon = place.rfind(':');
  if (place.starts_with('[')) {  // an IPv6 address
    const std::size_t close = place.find(']');
    if (close == std::string_view::npos) refuse();
    address.host = place.substr(1, close - 1);
    colon = close + 1 < place.size() ? close + 1 : std::string_view::npos;
    if (colon != std::string_view::npos && place[colon] != ':') refuse();
  } else {
    address.host = place.substr(0, colon);
  }
  address.port = address.secure ? "443" : "80";
  if (colon != std::string_view::npos) address.port = place.substr(colon + 1);
  const bool number = !address.port.empty() && address.port.size() <= 5 &&
                      address.port.find_first_not_of("0123456789") == std::string::npos;
  if (address.host.empty() || !number || std::stoul(address.port) == 0 || std::stoul(address.port) > 65535) refuse();
  return address;
}

Bytes http_post(const HttpAddress& address, const std::string& body_type, ByteSpan body, const std::string& answer_type,
                std::chrono::seconds wait) {
  return Exchange(address, wait).post(body_type, body, answer_type);
}

}  // namespace sidik::command
