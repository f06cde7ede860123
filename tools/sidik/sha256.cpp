#include "sha256.h"

#include <array>

#include "base/bytes.h"
#include "base/error.h"

namespace sidik::command {
namespace {

void require(int status) {
  if (status != 1) throw Error(ErrorKind::kFailed, "SHA-256", "the crypto library refuses to compute it");
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { require(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr)); }

void Sha256::add(std::span<const char> bytes) { require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }

std::string Sha256::hex() const {
  const std::unique_ptr<EVP_MD_CTX, Deleter> copy(EVP_MD_CTX_new());
  require(EVP_MD_CTX_copy_ex(copy.get(), context_.get()));
  std::array<std::uint8_t, 32> digest{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(copy.get(), digest.data(), &size));
  return to_hex(digest);
}

}  // namespace sidik::command
