// SHA-256 of bytes that come in pieces.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <span>
#include <string>

namespace sidik::command {

class Sha256 {
 public:
  Sha256();
  void add(std::span<const char> bytes);
  /// Lower-case hex of all bytes so far.
  std::string hex() const;

 private:
  struct Deleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Deleter> context_;
};

}  // namespace sidik::command
