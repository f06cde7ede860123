// A JSON object of texts, whole numbers and nulls, read in one pass and without a document tree. Nearly all signed
// lines are such, and a registry of a thousand exports has thousands of them to read before it answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidik {

/// The members of such an object. They are views into the text, which must outlive it.
class FlatObject {
 public:
  struct Member {
    enum class Kind : std::uint8_t { kText, kNumber, kNull };
    std::string_view name;
    Kind kind = Kind::kNull;
    std::string_view spelled;  // where it is a text: as it stands between its quotes
    bool escaped = false;      // a backslash stands before each quote and backslash of the text
    std::int64_t number = 0;   // where it is one; never below zero

    std::string text() const;
  };

  /// Nothing where `text` is not the canonical spelling (canonical_json) of a flat object, or one that takes more to
  /// read: control characters, anything but ASCII, numbers below zero or of more than 18 digits. A general reader must
  /// then say what it is. What is given is canonical: writing its members again gives `text` to the byte.
  static std::optional<FlatObject> read(std::string_view text);

  /// Null where there is none of that name.
  const Member* find(std::string_view name) const;

 private:
  std::vector<Member> members_;  // rising by name
};

}  // namespace sidik
