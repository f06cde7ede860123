#include "lab/leak.h"

namespace sidik::lab {

std::span<const LeakKind> all_leak_kinds() {
  using enum LeakKind;
  static constexpr LeakKind kAll[] = {
      kVerbatim, kHeaderless,  kShuffledColumns,  kFewerColumns, kReformatted, kTypos,   kBadRows,
      kBlanks,   kSlice,       kRepeated,         kNoNumbers,    kPadded,      kStale,   kMisread,
      kMasked,   kFrontLoaded, kMixture,          kUnregistered, kStrangers,   kForeign, kShuffled,
      kInvented, kExternal,    kForeignStrangers, kOutsiders};
  return kAll;
}

std::string_view leak_name(LeakKind kind) {
  switch (kind) {
    case LeakKind::kVerbatim:
      return "verbatim";
    case LeakKind::kHeaderless:
      return "headerless";
    case LeakKind::kShuffledColumns:
      return "shuffled columns";
    case LeakKind::kFewerColumns:
      return "fewer columns";
    case LeakKind::kReformatted:
      return "re-formatted";
    case LeakKind::kTypos:
      return "typos";
    case LeakKind::kBadRows:
      return "bad rows";
    case LeakKind::kBlanks:
      return "blanks";
    case LeakKind::kSlice:
      return "slice";
    case LeakKind::kRepeated:
      return "repeated rows";
    case LeakKind::kNoNumbers:
      return "no numbers";
    case LeakKind::kPadded:
      return "padded";
    case LeakKind::kStale:
      return "stale rows";
    case LeakKind::kMisread:
      return "misread column";
    case LeakKind::kMasked:
      return "masked";
    case LeakKind::kFrontLoaded:
      return "front-loaded";
    case LeakKind::kMixture:
      return "mixture of two";
    case LeakKind::kUnregistered:
      return "unregistered";
    case LeakKind::kStrangers:
      return "strangers";
    case LeakKind::kForeign:
      return "foreign";
    case LeakKind::kShuffled:
      return "shuffled values";
    case LeakKind::kInvented:
      return "invented values";
    case LeakKind::kExternal:
      return "known leak";
    case LeakKind::kForeignStrangers:
      return "foreign, strangers";
    case LeakKind::kOutsiders:
      return "mixed outsiders";
  }
  return "";
}

bool is_ours(LeakKind kind) { return kind < LeakKind::kStrangers; }
bool draws_truth(LeakKind kind) { return kind < LeakKind::kMixture; }

}  // namespace sidik::lab
