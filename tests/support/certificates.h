// Certificates of a test's own, made when they are needed.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sidik::test {

using CertificateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

struct Certified {
  CertificateKey key{nullptr, &EVP_PKEY_free};
  Certificate certificate{nullptr, &X509_free};
  std::string pem() const;  // the certificate
};

/// An X.509 extension (NID_...) and its value, as OpenSSL's configuration files write it.
using CertificateExtension = std::pair<int, std::string>;

/// Vouches for others; valid for an hour before and after now.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name);
  Certified issue(const std::string& name, const std::vector<CertificateExtension>& extensions) const;
  std::string root_certificate() const { return root_.pem(); }

 private:
  Certified root_;
};

}  // namespace sidik::test
