#include "waiting_report.h"

#include "report/plain_text.h"

namespace sidik::command {
namespace {

/// "3 exports (a, b, c)": names only as far as they make a line.
std::string named(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 6;
  std::string text = grouped(names.size()) + (names.size() == 1 ? " export (" : " exports (");
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i) text += (i == 0 ? "" : ", ") + printable(names[i]);
  return text + (names.size() > kMost ? ", ... --json has all)" : ")");
}

}  // namespace

Json waiting_json(const WaitingWork& waiting) { return {{"merging", waiting.merging}, {"vacancy", waiting.vacancy}}; }

std::string waiting_text(const WaitingWork& waiting) {
  std::string text;
  if (!waiting.merging.empty())
    text += "waits for a compact or the investigators' key: whether " + named(waiting.merging) +
            " should be merged (`sidik compact`)\n";
  if (!waiting.vacancy.empty())
    text += "waits for the investigators' key: whether rows of " + named(waiting.vacancy) +
            " have numbers of canaries (`sidik canary list`)\n";
  return text;
}

}  // namespace sidik::command
