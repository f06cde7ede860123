#include "seal/seal_secrets.h"

#include "base/error.h"

namespace sidik {

const std::string& sealed_for(const ExportDescription& description) {
  if (!description.recipient.empty()) return description.recipient;
  return description.feed.empty() ? description.name : description.feed;
}

SealSecrets SealSecrets::of(const RegistryKey& key, const ExportDescription& description) {
  if (key.seal_secret.empty())
    throw Error(ErrorKind::kKey, "",
                "a " + std::string(role_name(key.role)) + " key holds no seal secret; use the investigators' key");
  const std::string& host = description.registered_by.empty() ? key.holder : description.registered_by;
  // Names hold no control characters, so a line feed keeps (host, feed) apart whatever they are.
  const Secret feed = derive(key.seal_secret, "sidik/1/seal/feed/" + host + "\n" + description.feed, 32);
  return {derive(key.seal_secret, "sidik/1/seal/shared", 32),
          derive(feed, "sidik/1/seal/recipient/" + sealed_for(description), 32)};
}

}  // namespace sidik
