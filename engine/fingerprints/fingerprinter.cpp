// CMACs in lock-step. A CMAC is a chain: block i needs the cipher's output for block i - 1, so one message after
// another leaves the AES unit idle for most of its latency. Here up to 1,024 messages advance together, block i of all
// of them in one call of the crypto library. Messages are sorted by their number of blocks, longest first, so that
// those still alive are a prefix and those that end with block i are its tail: no branch a message. cmac_test holds
// this against `full`, which goes block by block.
#include "fingerprints/fingerprinter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>
#include <utility>

#include "fingerprints/aes_ecb.h"
#include "fingerprints/key.h"

namespace sidik {
namespace {

constexpr std::size_t kTogether = 1024;
/// Messages of so many blocks and more share a bucket of the counting sort and are sorted by comparison.
constexpr std::uint32_t kLongBlocks = 32;

std::uint64_t first_eight(AesBlock block) {
  std::uint64_t value = 0;
  std::memcpy(&value, &block, sizeof value);
  return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}

std::uint32_t blocks_of(std::uint32_t length) { return length == 0 ? 1 : (length - 1) / 16 + 1; }

struct Message {
  const std::uint8_t* next;  // the block to come
  std::uint32_t length;
  std::uint32_t index;  // into the caller's spans
};

}  // namespace

struct Cmac::State {
  explicit State(const Secret& key) : aes(key) {
    const AesEcb::CmacKeys keys = aes.cmac_keys();
    for (std::size_t n = 0; n < 16; ++n) {
      std::array<std::uint8_t, 16> padding{};
      padding[n] = 0x80;
      last[n] = load_block(padding.data()) ^ keys.padded;
    }
    last[16] = keys.full;
  }
  ~State() { wipe({reinterpret_cast<std::uint8_t*>(this->last.data()), sizeof last}); }

  /// The last block of a message as it enters the chain: `rest` bytes (0 to 16), padding and sub-key.
  AesBlock last_block(const std::uint8_t* bytes, std::uint32_t rest) const {
    return load_first(bytes, rest) ^ last[rest];
  }

  void sort_longest_first(const std::uint8_t* text, std::span<const std::uint32_t> begin, std::size_t count,
                          auto index_of);
  void run(const std::uint8_t* text, std::span<const std::uint32_t> begin, std::size_t count, auto index_of,
           std::span<Fingerprint> out);

  AesEcb aes;
  std::array<AesBlock, 17> last;  // by the bytes in the last block: padding and sub-key
  std::array<AesBlock, kTogether> chain;
  std::array<Message, kTogether> messages;
};

void Cmac::State::sort_longest_first(const std::uint8_t* text, std::span<const std::uint32_t> begin, std::size_t count,
                                     auto index_of) {
  std::array<std::uint32_t, kLongBlocks + 1> place{};  // of messages of b blocks: how many, then where the next goes
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t v = index_of(i);
    ++place[std::min(blocks_of(begin[v + 1] - begin[v]), kLongBlocks)];
  }
  const std::uint32_t long_messages = place[kLongBlocks];
  std::uint32_t at = 0;
  for (std::size_t b = kLongBlocks + 1; b-- > 0;) at += std::exchange(place[b], at);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t v = index_of(i);
    const std::uint32_t length = begin[v + 1] - begin[v];
    messages[place[std::min(blocks_of(length), kLongBlocks)]++] = {text + begin[v], length, v};
  }
  std::sort(messages.begin(), messages.begin() + long_messages,
            [](const Message& a, const Message& b) { return a.length > b.length; });
}

void Cmac::State::run(const std::uint8_t* text, std::span<const std::uint32_t> begin, std::size_t count, auto index_of,
                      std::span<Fingerprint> out) {
  std::uint32_t longest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t v = index_of(i);
    longest = std::max(longest, begin[v + 1] - begin[v]);
  }
  if (longest <= 16) {  // numbers, dates, codes: one round, and nothing to sort
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t v = index_of(i);
      chain[i] = last_block(text + begin[v], begin[v + 1] - begin[v]);
    }
    aes.encrypt({chain.data(), count});
    for (std::size_t i = 0; i < count; ++i) out[index_of(i)] = first_eight(chain[i]);
    return;
  }
  sort_longest_first(text, begin, count, index_of);
  std::fill_n(chain.begin(), count, AesBlock{});
  for (std::size_t alive = count, going = count; alive > 0; alive = going) {
    while (going > 0 && messages[going - 1].length <= 16) --going;
    for (std::size_t i = 0; i < going; ++i) {
      Message& message = messages[i];
      chain[i] ^= load_block(message.next);
      message.next += 16;
      message.length -= 16;
    }
    for (std::size_t i = going; i < alive; ++i) chain[i] ^= last_block(messages[i].next, messages[i].length);
    aes.encrypt({chain.data(), alive});
    for (std::size_t i = going; i < alive; ++i) out[messages[i].index] = first_eight(chain[i]);
  }
}

Cmac::Cmac(const Secret& key) : state_(std::make_unique<State>(key)) {}
Cmac::~Cmac() = default;
Cmac::Cmac(Cmac&&) noexcept = default;
Cmac& Cmac::operator=(Cmac&&) noexcept = default;

void Cmac::compute(const std::uint8_t* text, std::span<const std::uint32_t> begin, std::span<Fingerprint> out) {
  for (std::size_t at = 0; at < out.size(); at += kTogether) {
    const auto first = static_cast<std::uint32_t>(at);
    state_->run(
        text, begin, std::min(kTogether, out.size() - at),
        [first](std::size_t i) { return first + static_cast<std::uint32_t>(i); }, out);
  }
}

void Cmac::compute_some(const std::uint8_t* text, std::span<const std::uint32_t> begin,
                        std::span<const std::uint32_t> which, std::span<Fingerprint> out) {
  for (std::size_t at = 0; at < which.size(); at += kTogether) {
    const auto chunk = which.subspan(at, std::min(kTogether, which.size() - at));
    state_->run(
        text, begin, chunk.size(), [chunk](std::size_t i) { return chunk[i]; }, out);
  }
}

void Cmac::full(std::span<const std::uint8_t> message, std::span<std::uint8_t, 16> out) {
  AesBlock chain{};
  while (message.size() > 16) {
    chain ^= load_block(message.data());
    state_->aes.encrypt({&chain, 1});
    message = message.subspan(16);
  }
  std::array<std::uint8_t, 16> end{};
  std::copy(message.begin(), message.end(), end.begin());
  chain ^= load_block(end.data()) ^ state_->last[message.size()];
  state_->aes.encrypt({&chain, 1});
  std::memcpy(out.data(), &chain, out.size());
}

Secret fingerprint_key(const Secret& fingerprint_secret, FingerprintDomain domain, FieldType type) {
  std::string info = "sidik/1/";
  switch (domain) {
    case FingerprintDomain::kValue:
      info.append("value/").append(type_name(type));
      break;
    case FingerprintDomain::kTag:
      info.append("tag/").append(type_name(type));
      break;
    case FingerprintDomain::kWholeRow:
      info.append("whole-row");
      break;
  }
  return derive(fingerprint_secret, info, 16);
}

}  // namespace sidik
