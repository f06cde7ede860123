#include "fingerprints/secret_text.h"

#include <xxhash.h>

#include <array>
#include <charconv>

#include "base/error.h"

namespace sidik {
namespace {

constexpr unsigned kVersion = 1;

std::string checksum_of(std::string_view text) {
  std::array<std::uint8_t, 8> bytes{};
  const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(hash >> (56 - 8 * i));
  return to_hex(bytes);
}

std::string_view trimmed_end(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

/// Names are ours and no secret, but what stands where a name should may be one.
std::string known_name(const SecretLines::Line& line) {
  return line.name.size() <= 32 ? std::string(line.name) : std::string("...");
}

std::string first_line(const SecretTextKind& kind) { return "`" + std::string(kind.magic) + " 1`"; }

}  // namespace

SecretLines::SecretLines(std::string_view text, const std::string& place, const SecretTextKind& kind)
    : place_(place), kind_(kind) {
  const auto fail = [&](const std::string& message) { throw Error(ErrorKind::kKey, place_, message); };
  WipedText plain;  // what the checksum covers
  plain.text.reserve(text.size() + 1);
  std::size_t number = 0;
  bool begun = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed_end(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (line.empty()) continue;
    const bool first = !begun;
    if (first) check_magic(line);
    begun = true;
    if (!lines_.empty() && lines_.back().name == "checksum")
      refuse(lines_.back(), "is not the last line, as a checksum should be");
    const std::size_t space = line.find(' ');
    const std::string_view name = line.substr(0, space);
    if (name == "checksum") whole_ = line.size() > space && line.substr(space + 1) == checksum_of(plain.text);
    plain.text.append(line).push_back('\n');
    if (first || line.front() == '#') continue;
    lines_.push_back({number, name, space == std::string_view::npos ? std::string_view() : line.substr(space + 1)});
  }
  const std::string noun(kind_.noun);
  if (!begun) fail("is empty; a " + noun + " begins with " + first_line(kind_));
  if (lines_.empty() || lines_.back().name != "checksum")
    fail("is cut short: its last line, the checksum, is missing; use a whole copy of the " + noun);
  lines_.pop_back();
}

void SecretLines::check_magic(std::string_view line) const {
  unsigned version = 0;
  const std::string_view magic = kind_.magic;
  const bool ours = line.size() > magic.size() + 1 && line.starts_with(magic) && line[magic.size()] == ' ';
  const char* digits = ours ? line.data() + magic.size() + 1 : nullptr;
  const char* line_end = line.data() + line.size();
  const std::string noun(kind_.noun);
  if (!ours || std::from_chars(digits, line_end, version).ptr != line_end)
    throw Error(ErrorKind::kKey, place_,
                "is no " + noun + " of Sidik: " + first_line(kind_) + " was expected on its first line");
  if (version != kVersion)
    throw Error(ErrorKind::kKey, place_,
                "is a " + noun + " of version " + std::to_string(version) +
                    ", and this sidik reads version 1; use a newer sidik");
}

bool SecretLines::has(std::string_view name) const {
  for (const Line& line : lines_)
    if (line.name == name) return true;
  return false;
}

void SecretLines::require_whole() const {
  if (!whole_)
    throw Error(ErrorKind::kKey, place_,
                "is damaged: its checksum does not fit; use another copy of the " + std::string(kind_.noun));
}

void SecretLines::require_once(const Line& line) const {
  for (const Line& other : lines_)
    if (other.name == line.name && other.number < line.number)
      refuse(line, "says `" + known_name(line) + "` a second time");
}

void SecretLines::refuse(const Line& line, const std::string& message) const {
  throw Error(ErrorKind::kKey, place_ + ", line " + std::to_string(line.number), message);
}

void SecretLines::refuse_unknown(const Line& line) const {
  const std::string noun(kind_.noun);
  refuse(line, whole_ ? "says `" + known_name(line) + "`, which this sidik does not know: the " + noun +
                            " was made by a newer one; use that"
                      : "is none of a " + noun + "; use an undamaged copy of it");
}

void SecretLines::read_hex(const Line& line, std::string_view hex, std::span<std::uint8_t> out) const {
  bool fits = hex.size() == out.size() * 2;
  for (std::size_t i = 0; fits && i < out.size(); ++i) {
    const char* digits = hex.data() + 2 * i;
    const auto [end, error] = std::from_chars(digits, digits + 2, out[i], 16);
    fits = error == std::errc() && end == digits + 2;
  }
  if (!fits)
    refuse(line, "expected " + std::to_string(out.size() * 2) + " hexadecimal digits after `" + known_name(line) + "`");
}

std::uint64_t SecretLines::read_number(const Line& line, std::string_view digits, std::uint64_t least,
                                       const char* what) const {
  std::uint64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number < least) refuse(line, std::string("expected ") + what);
  return number;
}

SecretTextWriter::SecretTextWriter(const SecretTextKind& kind, std::size_t room) : room_(room) {
  text_.reserve(room);
  text_.append(kind.magic).append(" ").append(std::to_string(kVersion)).append("\n");
}

SecretTextWriter& SecretTextWriter::remark(std::string_view text) {
  text_.append("# ").append(text).append("\n");
  return *this;
}

SecretTextWriter& SecretTextWriter::line(std::string_view name, std::string_view value) {
  text_.append(name).append(" ").append(value).append("\n");
  return *this;
}

SecretTextWriter& SecretTextWriter::hex(std::string_view name, ByteSpan bytes, std::string_view behind) {
  if (bytes.empty()) return *this;
  static constexpr char kDigits[] = "0123456789abcdef";
  text_.append(name).push_back(' ');
  for (const std::uint8_t byte : bytes) {  // no to_hex: its string would be a copy that nobody wipes
    text_.push_back(kDigits[byte >> 4]);
    text_.push_back(kDigits[byte & 15]);
  }
  if (!behind.empty()) text_.append(" ").append(behind);
  text_.push_back('\n');
  return *this;
}

std::string SecretTextWriter::finish() {
  const std::string checksum = checksum_of(text_);
  text_.append("checksum ").append(checksum).append("\n");
  if (text_.size() > room_) {
    wipe({reinterpret_cast<std::uint8_t*>(text_.data()), text_.size()});
    throw Error(ErrorKind::kFailed, "", "a key with so many feeds or epochs does not fit a key file");
  }
  return std::move(text_);
}

}  // namespace sidik
