// One HTTP question and its answer: all that this command ever asks of a network.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sidik::command {

/// An address as http://HOST[:PORT]/PATH or https://...
struct HttpAddress {
  bool secure = false;
  std::string host, port, target;
};
/// Throws Error(kUsage, option) for anything else; names and passwords in it are refused, for others see them.
HttpAddress parse_http_address(const std::string& option, const std::string& text);

/// POSTs `body` and gives the answer's. Throws Error(kFailed, address) where nobody answers within `wait`, the answer
/// is not 200, is of another type, or is longer than a megabyte; and for https where the host's certificate is not one
/// that the system trusts. Follows no redirection, uses no proxy.
Bytes http_post(const HttpAddress& address, const std::string& body_type, ByteSpan body, const std::string& answer_type,
                std::chrono::seconds wait = std::chrono::seconds(30));

}  // namespace sidik::command
