#include "fingerprints/key_shares.h"

#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <set>

#include "base/bytes.h"
#include "base/error.h"

extern "C" {
#include <libgfshare.h>
}

namespace sidik {
namespace {

constexpr unsigned kMostShares = 16;
constexpr std::size_t kLineBytes = 25;  // 40 characters, eight groups of five
constexpr std::size_t kGroup = 5;
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::uint8_t kKeyVersion = 1;

using SetId = std::array<std::uint8_t, 8>;
using Context = std::unique_ptr<gfshare_ctx, decltype(&gfshare_ctx_free)>;

void fill_from_system(unsigned char* out, unsigned int size) { random_bytes({out, size}); }

/// The library draws its coefficients so, and overwrites what it frees; by itself it has no generator at all.
void use_system_randomness() { gfshare_fill_rand = fill_from_system; }

/// The key's secrets without the words of a key file, and a checksum behind them.
Secret key_bytes(const RegistryKey& key) {
  ByteWriter out;
  out.u8(kKeyVersion);
  out.raw(key.registry);
  out.string(key.holder);
  out.varint(key.epoch);
  for (const Secret* secret : {&key.fingerprint_secret, &key.opening_secret, &key.schema_secret, &key.digest_secret,
                               &key.signing_seed, &key.seal_secret})
    out.raw(secret->bytes());
  out.varint(key.earlier_secrets.size());
  for (const auto& [epoch, secret] : key.earlier_secrets) {
    out.varint(epoch);
    out.raw(secret.bytes());
  }
  out.u64(XXH3_64bits(out.bytes().data(), out.bytes().size()));
  Bytes bytes = out.take();
  Secret secret(bytes);
  wipe(bytes);
  return secret;
}

RegistryKey key_of(const Secret& bytes, const std::string& place) {
  const auto refuse = [&] {
    throw Error(ErrorKind::kKey, place,
                "does not fit the other shares, though each is whole in itself: they were not made in one splitting");
  };
  if (bytes.size() < 8) refuse();
  const ByteSpan body = bytes.bytes().first(bytes.size() - 8);
  if (XXH3_64bits(body.data(), body.size()) != load_u64(bytes.bytes().data() + body.size())) refuse();
  ByteReader in(body, place);
  RegistryKey key;
  if (in.u8() != kKeyVersion)
    throw Error(ErrorKind::kKey, place, "is a share of a newer sidik's key; join them with that one");
  const ByteSpan registry = in.raw(key.registry.size());
  std::copy(registry.begin(), registry.end(), key.registry.begin());
  key.holder = in.string();
  key.epoch = static_cast<Epoch>(in.varint());
  for (Secret* secret : {&key.fingerprint_secret, &key.opening_secret, &key.schema_secret, &key.digest_secret,
                         &key.signing_seed, &key.seal_secret})
    *secret = Secret(in.raw(32));
  for (std::size_t left = in.count(33); left > 0; --left) {
    const auto epoch = static_cast<Epoch>(in.varint());
    key.earlier_secrets.emplace(epoch, Secret(in.raw(32)));
  }
  key.sealing_public = sealing_public_of(key.opening_secret);
  key.signing_public = key.root_public = signing_public_of(key.signing_seed);
  key.check(place);
  return key;
}

/// Bytes as characters of five bits, the highest first; the last one is filled up with zeros.
void append_base32(std::string& out, ByteSpan bytes) {
  std::uint32_t bits = 0;
  int held = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8 | byte) & 0xfff;
    held += 8;
    for (; held >= 5; held -= 5) out.push_back(kAlphabet[bits >> (held - 5) & 31]);
  }
  if (held > 0) out.push_back(kAlphabet[bits << (5 - held) & 31]);
}

/// What a typed character stands for, in the alphabet; 0 for none.
char read_character(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') return '0';
  if (c == 'I' || c == 'L') return '1';
  return kAlphabet.find(c) == std::string_view::npos ? '\0' : c;
}

void append_bytes(Bytes& out, std::string_view characters) {
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : characters) {
    bits = (bits << 5 | static_cast<std::uint32_t>(kAlphabet.find(c))) & 0xfff;
    held += 5;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> held));
    }
  }
}

/// Ten bits that stand for a line: its number and characters.
std::string line_check(std::size_t number, std::string_view characters) {
  const std::uint64_t hash = XXH3_64bits_withSeed(characters.data(), characters.size(), number);
  return {kAlphabet[hash & 31], kAlphabet[hash >> 5 & 31]};
}

struct Share {
  unsigned number = 0, count = 0, needed = 0;
  RegistryId registry{};
  SetId set{};
  Bytes data;

  Share() = default;
  Share(Share&&) = default;
  Share& operator=(Share&&) = default;
  ~Share() { wipe(data); }

  /// Forty bits that stand for all of it.
  std::string check() const {
    ByteWriter all;
    all.u8(static_cast<std::uint8_t>(number));
    all.u8(static_cast<std::uint8_t>(count));
    all.u8(static_cast<std::uint8_t>(needed));
    all.raw(registry);
    all.raw(set);
    all.raw(data);
    const std::uint64_t hash = XXH3_64bits(all.bytes().data(), all.bytes().size());
    std::string text;
    for (int shift = 0; shift < 40; shift += 5) text.push_back(kAlphabet[hash >> shift & 31]);
    Bytes gone = all.take();
    wipe(gone);
    return text;
  }
};

WipedText share_text(const Share& share) {
  WipedText out;
  std::string& text = out.text;
  text.reserve(8 * 1024 + 4 * share.data.size());
  const std::string numbers = std::to_string(share.number) + " of " + std::to_string(share.count);
  text.append(kShareText.magic).append(" 1\n");
  text.append(
      "# One share of the investigators' key: keep it apart from the others. `sidik key join` makes the key.\n");
  text.append("share ").append(numbers).append(", any ").append(std::to_string(share.needed));
  text.append(" make the key\nregistry ").append(to_hex(share.registry)).append("\nset ").append(to_hex(share.set));
  text.push_back('\n');
  std::size_t number = 0;
  for (std::size_t from = 0; from < share.data.size(); from += kLineBytes) {
    WipedText line;
    line.text.reserve(2 * kLineBytes);
    append_base32(line.text, ByteSpan(share.data).subspan(from, std::min(kLineBytes, share.data.size() - from)));
    text.append(std::to_string(++number));
    for (std::size_t at = 0; at < line.text.size(); at += kGroup)
      text.append(" ").append(std::string_view(line.text).substr(at, kGroup));
    text.append(" ").append(line_check(number, line.text)).append("\n");
  }
  text.append("check ").append(share.check()).append("\n");
  return out;
}

class ShareParser {
 public:
  explicit ShareParser(const GivenShare& given) : place_(given.place) { parse(given.text); }
  Share take() { return std::move(share_); }

 private:
  [[noreturn]] void refuse(const std::string& message) const {
    throw Error(ErrorKind::kKey, place_ + ", line " + std::to_string(line_), message);
  }

  void parse(std::string_view text) {
    bool begun = false;
    bool checked = false;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++line_;
      const std::size_t first = line.find_first_not_of(" \t\r");
      if (first == std::string_view::npos || line[first] == '#') continue;
      line = line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
      if (!begun && !line.starts_with(kShareText.magic))
        throw Error(ErrorKind::kKey, place_, "is no share of a key: `sidik-share 1` was expected on its first line");
      if (!begun && line != "sidik-share 1")
        throw Error(ErrorKind::kKey, place_, "is a share of another version than 1; use a newer sidik");
      if (checked) refuse("stands behind the line `check`, which is the last of a share");
      if (begun) checked = take_line(line);
      begun = true;
    }
    if (!begun) throw Error(ErrorKind::kKey, place_, "is empty; a share begins with `sidik-share 1`");
    if (!checked)
      throw Error(ErrorKind::kKey, place_, "is cut short: its last line, `check`, is missing; use the whole share");
  }

  /// True for the last line.
  bool take_line(std::string_view line) {
    const std::size_t space = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view name = line.substr(0, space);
    const std::string_view value = space == line.size() ? std::string_view() : line.substr(space + 1);
    if (name == "share") {
      take_numbers(std::string(value));
    } else if (name == "registry") {
      take_hex(value, share_.registry);
    } else if (name == "set") {
      take_hex(value, share_.set);
    } else if (name == "check") {
      if (characters(value) != share_.check())
        refuse("does not fit the rest of the share: a line is missing, or one of the first lines has a typing error");
      return true;
    } else {
      take_data(name, value);
    }
    return false;
  }

  void take_numbers(const std::string& value) {
    char more = 0;
    if (std::sscanf(value.c_str(), "%3u of %3u, any %3u make the ke%c", &share_.number, &share_.count, &share_.needed,
                    &more) != 4 ||
        share_.number == 0 || share_.number > share_.count || share_.needed > share_.count || share_.needed < 2 ||
        share_.count > kMostShares)
      refuse("expected a line such as `share 2 of 3, any 2 make the key`");
  }

  void take_hex(std::string_view value, std::span<std::uint8_t> out) const {
    Bytes bytes;
    try {
      bytes = from_hex(value, place_);
    } catch (const Error&) {
    }
    if (bytes.size() != out.size()) refuse("expected " + std::to_string(2 * out.size()) + " hexadecimal digits");
    std::copy(bytes.begin(), bytes.end(), out.begin());
  }

  void take_data(std::string_view name, std::string_view value) {
    std::size_t number = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
    if (read.ec != std::errc() || read.ptr != name.data() + name.size() || number == 0)
      refuse("is none of a share; type it as it is printed");
    if (number != data_lines_ + 1)
      refuse("has the number " + std::to_string(number) + " where " + std::to_string(data_lines_ + 1) +
             " was expected: a line is missing or stands twice");
    WipedText all(characters(value));
    if (all.text.size() < 4 || all.text.size() > 2 * kLineBytes) refuse("has too few or too many characters");
    const std::string_view body = std::string_view(all.text).substr(0, all.text.size() - 2);
    if (line_check(number, body) != all.text.substr(all.text.size() - 2)) refuse("has a typing error");
    append_bytes(share_.data, body);
    ++data_lines_;
  }

  std::string characters(std::string_view value) const {
    std::string out;
    out.reserve(value.size());
    for (const char c : value) {
      if (c == ' ' || c == '\t' || c == '-') continue;
      const char read = read_character(c);
      if (read == '\0') refuse("has a character that no share has");
      out.push_back(read);
    }
    return out;
  }

  std::string place_;
  Share share_;
  std::size_t line_ = 0;
  std::size_t data_lines_ = 0;
};

}  // namespace

std::vector<WipedText> split_key(const RegistryKey& key, unsigned needed, unsigned count) {
  if (needed < 2 || needed > count || count > kMostShares)
    throw Error(ErrorKind::kUsage, "key split",
                "expected K/N, such as 2/3: K of N shares make the key, K at least 2, N at most 16");
  if (key.role != KeyRole::kInvestigate)
    throw Error(ErrorKind::kKey, "key split",
                "splits the investigators' key, and this one has the role " + std::string(role_name(key.role)) +
                    "; export that one again where it is lost");
  Secret whole = key_bytes(key);
  use_system_randomness();
  std::vector<unsigned char> numbers(count);
  for (unsigned i = 0; i < count; ++i) numbers[i] = static_cast<unsigned char>(i + 1);
  const auto size = static_cast<unsigned>(whole.size());
  const Context context(gfshare_ctx_init_enc(numbers.data(), count, static_cast<unsigned char>(needed), size),
                        &gfshare_ctx_free);
  if (!context) throw Error(ErrorKind::kFailed, "key split", "the library that makes shares has no memory");
  gfshare_ctx_enc_setsecret(context.get(), whole.writable().data());
  Share share;
  share.count = count;
  share.needed = needed;
  share.registry = key.registry;
  random_bytes(share.set);
  share.data.resize(whole.size());
  std::vector<WipedText> texts;
  for (unsigned i = 0; i < count; ++i) {
    share.number = i + 1;
    gfshare_ctx_enc_getshare(context.get(), static_cast<unsigned char>(i), share.data.data());
    texts.push_back(share_text(share));
  }
  return texts;
}

RegistryKey join_key(std::span<const GivenShare> given) {
  std::vector<Share> shares;
  std::set<unsigned> seen;
  std::string first_place;
  for (const GivenShare& each : given) {
    Share share = ShareParser(each).take();
    if (!shares.empty() && share.registry != shares[0].registry)
      throw Error(ErrorKind::kKey, each.place,
                  "is a share of the key of registry " + to_hex(share.registry).substr(0, 12) + ", and " + first_place +
                      " one of " + to_hex(shares[0].registry).substr(0, 12));
    if (!shares.empty() && (share.set != shares[0].set || share.data.size() != shares[0].data.size()))
      throw Error(ErrorKind::kKey, each.place,
                  "is no share beside " + first_place +
                      ": they are of two splittings of this registry's key; use shares with the same `set` line");
    if (shares.empty()) first_place = each.place;
    if (seen.insert(share.number).second) shares.push_back(std::move(share));
  }
  if (shares.empty()) throw Error(ErrorKind::kUsage, "key join", "needs shares; name their files");
  const unsigned needed = shares[0].needed;
  if (shares.size() < needed)
    throw Error(ErrorKind::kKey, first_place,
                "too few shares: " + std::to_string(shares.size()) + " given, any " + std::to_string(needed) + " of " +
                    std::to_string(shares[0].count) + " make the key");
  std::vector<unsigned char> numbers;
  for (unsigned i = 0; i < needed; ++i) numbers.push_back(static_cast<unsigned char>(shares[i].number));
  use_system_randomness();
  Secret whole(shares[0].data.size());
  const Context context(gfshare_ctx_init_dec(numbers.data(), needed, static_cast<unsigned>(whole.size())),
                        &gfshare_ctx_free);
  if (!context) throw Error(ErrorKind::kFailed, "key join", "the library that joins shares has no memory");
  for (unsigned i = 0; i < needed; ++i)
    gfshare_ctx_dec_giveshare(context.get(), static_cast<unsigned char>(i), shares[i].data.data());
  gfshare_ctx_dec_extract(context.get(), whole.writable().data());
  return key_of(whole, first_place);
}

}  // namespace sidik
