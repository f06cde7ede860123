// Why what is read here is canonical: names rise strictly, so the order is the one that canonical_json writes and none
// stands twice; no white space is taken; a text of printable ASCII has one spelling, in which quotes and backslashes
// are escaped and nothing else is; and so has a number without a sign and a leading zero. flat_object_test.cpp holds it
// against the general reader.
#include "registry/flat_object.h"

#include <algorithm>

namespace sidik {
namespace {

constexpr std::size_t kMostDigits = 18;  // of a number that certainly fits

class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  bool at_end() const { return at_ == text_.size(); }
  char next() const { return at_end() ? '\0' : text_[at_]; }

  /// As it is spelled.
  struct Text {
    std::string_view spelled;
    bool escaped = false;
  };
  std::optional<Text> text() {
    if (!take('"')) return std::nullopt;
    Text found;
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] < 0x20 || text_[at_] == 0x7f) return std::nullopt;  // signed: beyond ASCII as well
      if (text_[at_] == '\\') {
        found.escaped = true;
        ++at_;
        if (at_ == text_.size() || (text_[at_] != '"' && text_[at_] != '\\')) return std::nullopt;
      }
      ++at_;
    }
    found.spelled = text_.substr(begin, at_ - begin);
    if (!take('"')) return std::nullopt;
    return found;
  }

  std::optional<std::int64_t> number() {
    const std::size_t begin = at_;
    std::int64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (at_ - begin == kMostDigits) return std::nullopt;
      value = value * 10 + (text_[at_] - '0');
    }
    const std::size_t digits = at_ - begin;
    if (digits == 0 || (digits > 1 && text_[begin] == '0')) return std::nullopt;
    return value;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<FlatObject::Member> read_member(Scan& scan) {
  using Kind = FlatObject::Member::Kind;
  const auto name = scan.text();
  if (!name || name->escaped || !scan.take(':')) return std::nullopt;
  FlatObject::Member member;
  member.name = name->spelled;
  if (scan.next() == '"') {
    const auto text = scan.text();
    if (!text) return std::nullopt;
    member.kind = Kind::kText;
    member.spelled = text->spelled;
    member.escaped = text->escaped;
  } else if (!scan.take(std::string_view("null"))) {
    const auto number = scan.number();
    if (!number) return std::nullopt;
    member.kind = Kind::kNumber;
    member.number = *number;
  }
  return member;
}

}  // namespace

std::optional<FlatObject> FlatObject::read(std::string_view text) {
  constexpr std::size_t kUsual = 24;
  Scan scan(text);
  FlatObject object;
  object.members_.reserve(kUsual);
  if (!scan.take('{')) return std::nullopt;
  do {
    const auto member = read_member(scan);
    if (!member || (!object.members_.empty() && member->name <= object.members_.back().name)) return std::nullopt;
    object.members_.push_back(*member);
  } while (scan.take(','));
  if (!scan.take('}') || !scan.at_end()) return std::nullopt;
  return object;
}

std::string FlatObject::Member::text() const {
  if (!escaped) return std::string(spelled);
  std::string plain;
  plain.reserve(spelled.size());
  for (std::size_t i = 0; i < spelled.size(); ++i) {
    if (spelled[i] == '\\') ++i;
    plain.push_back(spelled[i]);
  }
  return plain;
}

const FlatObject::Member* FlatObject::find(std::string_view name) const {
  const auto at = std::lower_bound(members_.begin(), members_.end(), name,
                                   [](const Member& member, std::string_view wanted) { return member.name < wanted; });
  return at != members_.end() && at->name == name ? &*at : nullptr;
}

}  // namespace sidik
