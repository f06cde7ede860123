#include "seal/seal_secrets.h"

#include "base/error.h"
#include "fingerprints/seal_keys.h"

namespace sidik {

const std::string& sealed_for(const ExportDescription& description) {
  return description.recipient.empty() ? description.feed_or_name() : description.recipient;
}

SealSecrets SealSecrets::of(const RegistryKey& key, const ExportDescription& description) {
  const std::string& host = description.registered_by.empty() ? key.holder : description.registered_by;
  const Secret feed = seal_feed_secret(key, host, description.feed);
  if (feed.empty()) {
    const std::string what =
        description.feed.empty() ? "exports without a feed" : "the feed '" + description.feed + "'";
    throw Error(ErrorKind::kKey, "",
                "the " + std::string(role_name(key.role)) + " key of " + key.holder + " holds no seal secret of " +
                    what + " at the host " + host + "; use the key of that host, or the investigators' key");
  }
  return {seal_shared_secret(key), derive(feed, "sidik/1/seal/recipient/" + sealed_for(description), 32)};
}

}  // namespace sidik
