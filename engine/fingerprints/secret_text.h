// The form of key files and shares of keys: text of `name value` lines, a magic word and version on the first, a
// checksum on the last, # before a remark; and how such a file is written and read.
//
// Carriage returns, white space at a line's end and empty lines do not count: vaults, mail and terminals add them. The
// checksum finds damage, not forgery: who can write the file holds the key.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"

namespace sidik {

/// Text that is wiped when it goes.
struct WipedText {
  std::string text;
  WipedText() = default;
  explicit WipedText(std::string given) : text(std::move(given)) {}
  WipedText(WipedText&&) = default;
  WipedText& operator=(WipedText&&) = default;
  ~WipedText() { wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }
};

/// What a kind of text is called in messages, and begins with.
struct SecretTextKind {
  std::string_view magic;  // "sidik-key"
  std::string_view noun;   // "key file"
};
inline constexpr SecretTextKind kKeyFileText{"sidik-key", "key file"};

/// The lines of such a text, split and checked for its form. Throws Error(kKey, place) where it is empty, of another
/// kind or of a newer version, cut short, or has lines behind its checksum. Views point into `text`.
class SecretLines {
 public:
  struct Line {
    std::size_t number = 0;  // from 1
    std::string_view name;
    std::string_view value;
  };

  SecretLines(std::string_view text, const std::string& place, const SecretTextKind& kind);

  /// All but the first, the checksum and remarks.
  const std::vector<Line>& lines() const { return lines_; }
  bool has(std::string_view name) const;
  /// Whether the checksum fits. Asked after the lines were read, so that a typing error is named with its line.
  bool whole() const { return whole_; }
  void require_whole() const;
  /// Error(kKey) for a name that stands twice.
  void require_once(const Line& line) const;
  [[noreturn]] void refuse(const Line& line, const std::string& message) const;
  /// For a name that the reader does not know: a newer version's, or a typing error.
  [[noreturn]] void refuse_unknown(const Line& line) const;
  /// Fills `out` from exactly twice as many hex digits.
  void read_hex(const Line& line, std::string_view hex, std::span<std::uint8_t> out) const;
  /// A number in decimal, at least `least`; `what` says what was expected.
  std::uint64_t read_number(const Line& line, std::string_view digits, std::uint64_t least, const char* what) const;

 private:
  void check_magic(std::string_view line) const;

  std::string place_;
  SecretTextKind kind_;
  std::vector<Line> lines_;
  bool whole_ = false;
};

/// Builds such a text. Grows no string, so that no copy of a secret is left behind.
class SecretTextWriter {
 public:
  explicit SecretTextWriter(const SecretTextKind& kind, std::size_t room = 24 * 1024);
  SecretTextWriter& remark(std::string_view text);
  SecretTextWriter& line(std::string_view name, std::string_view value);
  /// Nothing where `bytes` are empty. `behind` follows after a space, where given.
  SecretTextWriter& hex(std::string_view name, ByteSpan bytes, std::string_view behind = {});
  /// With its checksum; the writer is done. Throws Error(kFailed) where the text outgrew its room.
  std::string finish();

 private:
  std::string text_;
  std::size_t room_;
};

/// Writes `text` to a file, mode 0600 and synced, which must not exist (Error(kUsage): never overwritten).
void write_secret_file(std::string_view text, const std::filesystem::path& path);
/// Puts `text` in the place of the file at `path`, so that after a crash the one or the other is there whole.
void replace_secret_file(std::string_view text, const std::filesystem::path& path);
/// The text of a file of up to 64 KiB. Error(kKey) where it is missing, unreadable or open to others than its owner.
WipedText read_secret_file(const std::filesystem::path& path, const SecretTextKind& kind = kKeyFileText);

}  // namespace sidik
