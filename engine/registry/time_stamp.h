// A time stamp for the audit's head by somebody else (RFC 3161): what is asked, and whether an answer answers it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/utc_time.h"
#include "registry/manifest.h"

namespace sidik {

/// What an answer says that was held against its question.
struct TimeStamp {
  UtcSeconds at = 0;
  std::string authority;  // as its token or certificate names it; "" where neither does
  std::string serial;     // hex: the authority's number for it
  bool signature_verified = false;
};

/// One question. Immutable; asks for the authority's certificate as well, so that an answer can be verified later.
class TimeStampQuery {
 public:
  /// For a SHA-256 digest, with a fresh random nonce.
  explicit TimeStampQuery(const Digest& digest);
  ~TimeStampQuery();

  /// A TimeStampReq in DER: the body of an application/timestamp-query.
  const Bytes& request() const;

  /// Reads a TimeStampResp in DER. Throws Error(kFailed, place) where it was not granted, or is for another digest or
  /// nonce; and with `authorities`, a PEM file of certificates, where none of them vouches for its signature. Without
  /// it the signature is not looked at.
  TimeStamp read(ByteSpan response, const std::string& place,
                 const std::optional<std::filesystem::path>& authorities) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sidik
