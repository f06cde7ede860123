#include "fingerprints/seal_keys.h"

namespace sidik {
namespace {

Secret feed_of_host(const Secret& host_secret, const std::string& feed) {
  return derive(host_secret, "sidik/1/seal/feed/" + feed, 32);
}

}  // namespace

Secret seal_shared_secret(const RegistryKey& key) {
  if (!key.seal_secret.empty()) return derive(key.seal_secret, "sidik/1/seal/shared", 32);
  return key.seal_shared;
}

Secret seal_host_secret(const RegistryKey& key, const std::string& host) {
  return derive(key.seal_secret, "sidik/1/seal/host/" + host, 32);
}

Secret seal_feed_secret(const RegistryKey& key, const std::string& host, const std::string& feed) {
  if (!key.seal_secret.empty()) {
    // Names hold no control characters, so a line feed keeps (host, feed) apart whatever they are.
    if (host == kInvestigators) return derive(key.seal_secret, "sidik/1/seal/feed/" + host + "\n" + feed, 32);
    return feed_of_host(seal_host_secret(key, host), feed);
  }
  if (host != key.holder) return Secret();
  if (const auto own = key.seal_feeds.find(feed); own != key.seal_feeds.end()) return own->second;
  return key.seal_host.empty() ? Secret() : feed_of_host(key.seal_host, feed);
}

}  // namespace sidik
