// A time-stamping authority of the test's own (RFC 3161), with certificates made for it.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"

namespace sidik::test {

class TimeAuthority {
 public:
  explicit TimeAuthority(const std::string& name = "Test TSA");
  ~TimeAuthority();

  /// A TimeStampResp in DER for a TimeStampReq. `knows` is whether it takes SHA-256; it refuses otherwise.
  Bytes answer(ByteSpan request, bool knows = true) const;
  /// The certificate that vouches for it, PEM.
  std::string root_certificate() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sidik::test
