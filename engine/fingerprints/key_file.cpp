// A key file, as read and written here:
//
//     sidik-key 1
//     # whoever holds this file ...
//     role investigate
//     registry 32 hex digits
//     holder investigators
//     epoch 1
//     fingerprint-secret 64 hex digits
//     sealing-public 64 hex digits
//     opening-secret 64 hex digits
//     schema-secret 64 hex digits
//     digest-secret 64 hex digits
//     signing-seed 64 hex digits
//     seal-secret 64 hex digits; an investigators' key without this line was made before there were seals: it is
//     derived checksum 16 hex digits: XXH3-64 of all lines before, each ended by one line feed
//
// Lines that a role does not hold are left out. Carriage returns, white space at a line's end and empty lines do not
// count: vaults, mail and terminals add them. The checksum finds damage, not forgery: who can write the file holds the
// key.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>
#include <system_error>

#include "base/bytes.h"
#include "base/error.h"
#include "fingerprints/key.h"

namespace sidik {
namespace {

constexpr std::string_view kMagic = "sidik-key";
constexpr unsigned kVersion = 1;
constexpr std::size_t kLongestFile = 64 * 1024;
constexpr std::string_view kRemark =
    "# Keep this file secret, and keep a copy: a lost key cannot be made again, and with it and the registry's files "
    "the data "
    "can be guessed.";

std::string checksum_of(std::string_view text) {
  std::array<std::uint8_t, 8> bytes{};
  const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(hash >> (56 - 8 * i));
  return to_hex(bytes);
}

/// Appends hex digits without a copy of the secret that nobody would wipe.
void append_hex(std::string& out, ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
}

void append_line(std::string& out, std::string_view name, ByteSpan bytes) {
  if (bytes.empty()) return;
  out.append(name).push_back(' ');
  append_hex(out, bytes);
  out.push_back('\n');
}

/// Fills `out` from exactly twice as many hex digits.
bool read_hex(std::string_view hex, std::span<std::uint8_t> out) {
  if (hex.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char* digits = hex.data() + 2 * i;
    const auto [end, error] = std::from_chars(digits, digits + 2, out[i], 16);
    if (error != std::errc() || end != digits + 2) return false;
  }
  return true;
}

std::string_view trimmed_end(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

/// Text that is wiped when it goes.
struct WipedText {
  std::string text;
  ~WipedText() { wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }
};

struct Line {
  std::size_t number = 0;  // from 1
  std::string_view name;
  std::string_view value;
};

class KeyFileParser {
 public:
  KeyFileParser(std::string_view text, const std::string& place) : place_(place) { split(text); }

  RegistryKey parse() {
    RegistryKey key;
    for (std::size_t i = 0; i + 1 < lines_.size(); ++i) {
      for (std::size_t before = 0; before < i; ++before)
        if (lines_[before].name == lines_[i].name)
          refuse(lines_[i], "says `" + known_name(lines_[i]) + "` a second time");
      take(lines_[i], key);
    }
    if (!whole_)
      throw Error(ErrorKind::kKey, place_, "is damaged: its checksum does not fit; use another copy of the key");
    for (const std::string_view name : {"role", "registry", "holder", "epoch", "sealing-public"})
      if (!has(name))
        throw Error(ErrorKind::kKey, place_, "lacks its `" + std::string(name) + "` line; use a whole copy of the key");
    if (!key.signing_seed.empty()) key.signing_public = signing_public_of(key.signing_seed);
    if (key.role == KeyRole::kInvestigate && !has("seal-secret")) add_seal_secret(key);
    key.check(place_);
    return key;
  }

 private:
  [[noreturn]] void refuse(const Line& line, const std::string& message) const {
    throw Error(ErrorKind::kKey, place_ + ", line " + std::to_string(line.number), message);
  }

  /// Names are ours and no secret, but what stands where a name should may be one.
  std::string known_name(const Line& line) const {
    return line.name.size() <= 32 ? std::string(line.name) : std::string("...");
  }

  bool has(std::string_view name) const {
    for (const Line& line : lines_)
      if (line.name == name) return true;
    return false;
  }

  void split(std::string_view text) {
    if (text.empty()) throw Error(ErrorKind::kKey, place_, "is empty; a key file begins with `sidik-key 1`");
    WipedText plain;  // what the checksum covers
    plain.text.reserve(text.size() + 1);
    std::size_t number = 0;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view line = trimmed_end(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++number;
      if (line.empty()) continue;
      const bool first = !begun_;
      if (first) check_magic(line);
      begun_ = true;
      if (!lines_.empty() && lines_.back().name == "checksum")
        refuse(lines_.back(), "is not the last line, as a checksum should be");
      const std::size_t space = line.find(' ');
      const std::string_view name = line.substr(0, space);
      if (name == "checksum") whole_ = line.size() > space && line.substr(space + 1) == checksum_of(plain.text);
      plain.text.append(line).push_back('\n');
      if (first || line.front() == '#') continue;
      lines_.push_back({number, name, space == std::string_view::npos ? std::string_view() : line.substr(space + 1)});
    }
    if (!begun_) throw Error(ErrorKind::kKey, place_, "is empty; a key file begins with `sidik-key 1`");
    if (lines_.empty() || lines_.back().name != "checksum")
      throw Error(ErrorKind::kKey, place_,
                  "is cut short: its last line, the checksum, is missing; use a whole copy of the key");
  }

  void check_magic(std::string_view line) const {
    unsigned version = 0;
    const bool ours = line.size() > kMagic.size() + 1 && line.starts_with(kMagic) && line[kMagic.size()] == ' ';
    const char* digits = ours ? line.data() + kMagic.size() + 1 : nullptr;
    const char* line_end = line.data() + line.size();
    if (!ours || std::from_chars(digits, line_end, version).ptr != line_end)
      throw Error(ErrorKind::kKey, place_, "is no key file of Sidik: `sidik-key 1` was expected on its first line");
    if (version != kVersion)
      throw Error(ErrorKind::kKey, place_,
                  "is a key file of version " + std::to_string(version) +
                      ", and this sidik reads version 1; use a newer sidik");
  }

  void take(const Line& line, RegistryKey& key) const {
    if (line.name == "role") {
      take_role(line, key);
    } else if (line.name == "registry") {
      take_bytes(line, key.registry);
    } else if (line.name == "holder") {
      key.holder = line.value;
    } else if (line.name == "epoch") {
      const char* end = line.value.data() + line.value.size();
      const auto read = std::from_chars(line.value.data(), end, key.epoch);
      if (read.ec != std::errc() || read.ptr != end || key.epoch == 0)
        refuse(line, "expected an epoch, a number from 1 on");
    } else if (line.name == "sealing-public") {
      take_bytes(line, key.sealing_public);
    } else if (Secret* secret = secret_of(line.name, key)) {
      *secret = Secret(32);
      take_bytes(line, secret->writable());
    } else {
      refuse(line, whole_ ? "says `" + known_name(line) +
                                "`, which this sidik does not know: the key was made by a newer one; use that"
                          : std::string("is none of a key file; use an undamaged copy of the key"));
    }
  }

  static Secret* secret_of(std::string_view name, RegistryKey& key) {
    if (name == "fingerprint-secret") return &key.fingerprint_secret;
    if (name == "opening-secret") return &key.opening_secret;
    if (name == "schema-secret") return &key.schema_secret;
    if (name == "digest-secret") return &key.digest_secret;
    if (name == "signing-seed") return &key.signing_seed;
    if (name == "seal-secret") return &key.seal_secret;
    return nullptr;
  }

  /// From both secrets that no other role has together.
  static void add_seal_secret(RegistryKey& key) {
    if (key.opening_secret.empty() || key.fingerprint_secret.empty()) return;  // refused by check()
    Secret both(key.opening_secret.size() + key.fingerprint_secret.size());
    const auto out = both.writable();
    const auto rest = std::copy(key.opening_secret.bytes().begin(), key.opening_secret.bytes().end(), out.begin());
    std::copy(key.fingerprint_secret.bytes().begin(), key.fingerprint_secret.bytes().end(), rest);
    key.seal_secret = derive(both, "sidik/1/seal/root", 32);
  }

  void take_role(const Line& line, RegistryKey& key) const {
    for (const KeyRole role : {KeyRole::kInvestigate, KeyRole::kRegister, KeyRole::kCompact})
      if (line.value == role_name(role)) {
        key.role = role;
        return;
      }
    refuse(line, "expected the role investigate, register or compact");
  }

  void take_bytes(const Line& line, std::span<std::uint8_t> out) const {
    if (!read_hex(line.value, out))
      refuse(line, "expected " + std::to_string(out.size() * 2) + " hexadecimal digits after `" +
                       std::string(line.name) + "`");
  }

  std::string place_;
  std::vector<Line> lines_;  // all but the first and the remarks; the last is the checksum
  bool begun_ = false;
  bool whole_ = false;  // the checksum fits
};

/// A descriptor that closes itself.
struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

[[noreturn]] void refuse_unreadable(const std::string& place, int error_number) {
  if (error_number == ENOENT || error_number == ENOTDIR)
    throw Error(ErrorKind::kKey, place,
                "no such key file; name the key by --key-file, SIDIK_KEY_FILE or --key-command");
  throw Error(ErrorKind::kKey, place, "cannot read the key file: " + std::generic_category().message(error_number));
}

}  // namespace

std::string key_file_text(const RegistryKey& key) {
  key.check("a key to be written");
  std::string out;
  out.reserve(2048);  // never grown, so that no copy of a secret is left behind
  out.append(kMagic).append(" ").append(std::to_string(kVersion)).append("\n");
  out.append(kRemark).append("\n");
  out.append("role ").append(role_name(key.role)).append("\n");
  append_line(out, "registry", key.registry);
  out.append("holder ").append(key.holder).append("\n");
  out.append("epoch ").append(std::to_string(key.epoch)).append("\n");
  append_line(out, "fingerprint-secret", key.fingerprint_secret.bytes());
  append_line(out, "sealing-public", key.sealing_public);
  append_line(out, "opening-secret", key.opening_secret.bytes());
  append_line(out, "schema-secret", key.schema_secret.bytes());
  append_line(out, "digest-secret", key.digest_secret.bytes());
  append_line(out, "signing-seed", key.signing_seed.bytes());
  append_line(out, "seal-secret", key.seal_secret.bytes());
  const std::string checksum = checksum_of(out);
  out.append("checksum ").append(checksum).append("\n");
  return out;
}

void write_key_file(const RegistryKey& key, const std::filesystem::path& path) {
  const WipedText content{key_file_text(key)};
  FileSystem& files = posix_file_system();
  const auto refuse_existing = [&] {
    throw Error(ErrorKind::kUsage, path.string(),
                "exists, and a key file is never overwritten; name another file, or move this one away");
  };
  if (files.exists(path)) refuse_existing();
  std::unique_ptr<File> file;
  try {
    file = files.open(path, OpenMode::kCreate);
  } catch (const Error&) {
    if (files.exists(path)) refuse_existing();  // made by another process in between
    throw;
  }
  try {
    file->write_at(0, as_bytes(content.text));
    file->sync();
    files.sync_directory(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
  } catch (...) {
    file.reset();
    files.remove(path);  // ours: it was created above; half a key is none
    throw;
  }
}

RegistryKey read_key_file(const std::filesystem::path& path) {
  const std::string place = path.string();
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0) refuse_unreadable(place, errno);
  struct stat status {};
  if (::fstat(file.number, &status) != 0) refuse_unreadable(place, errno);
  if (S_ISDIR(status.st_mode)) throw Error(ErrorKind::kKey, place, "is a folder; a key file was expected");
  if ((status.st_mode & 077) != 0) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(status.st_mode & 07777));
    throw Error(ErrorKind::kKey, place,
                std::string("is open to others than its owner (mode ") + mode +
                    "); run `chmod 600` on it, and consider who may have read it");
  }
  WipedText content;
  content.text.resize(kLongestFile + 1);
  std::size_t size = 0;
  while (size < content.text.size()) {
    const ssize_t got = ::read(file.number, content.text.data() + size, content.text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse_unreadable(place, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kLongestFile) throw Error(ErrorKind::kKey, place, "is no key file of Sidik: it is longer than 64 KiB");
  return parse_key_file(std::string_view(content.text).substr(0, size), place);
}

RegistryKey parse_key_file(std::string_view text, const std::string& place) {
  return KeyFileParser(text, place).parse();
}

}  // namespace sidik
