#include "subcommand.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "base/error.h"
#include "report/plain_text.h"

namespace sidik::command {
namespace {

// Common options that may stand before the subcommand and take the next word as their value.
constexpr std::array<std::string_view, 7> kWithValue = {"-r",        "--registry", "--key-file", "--key-command",
                                                        "--threads", "--memory",   "--wait"};

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> chosen_subcommand(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (std::find(kWithValue.begin(), kWithValue.end(), words[i]) != kWithValue.end())
      ++i;
    else if (words[i].empty() || words[i][0] != '-')
      return words[i];
  }
  return std::nullopt;
}

void require_subcommand(const CLI::App& app, const std::string& name) {
  std::string all;
  std::string nearest;
  std::size_t distance = 3;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_name() == name) return;
    all += (all.empty() ? "" : ", ") + sub->get_name();
    if (const std::size_t d = edit_distance(sub->get_name(), name.substr(0, 40)); d < distance) {
      distance = d;
      nearest = sub->get_name();
    }
  }
  throw Error(
      ErrorKind::kUsage, printable(name.substr(0, 40)),
      "is no subcommand" + (nearest.empty() ? "; expected one of " + all : "; did you mean `" + nearest + "`?"));
}

std::optional<std::vector<std::string>> split_off_producer(std::vector<std::string>& words) {
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (dashes == words.end()) return std::nullopt;
  std::vector<std::string> producer(dashes + 1, words.end());
  words.erase(dashes, words.end());
  return producer;
}

void when_chosen(CLI::App& sub, Invocation& invocation, Interruption how, std::function<void()> work) {
  sub.callback([&invocation, how, work = std::move(work)] {
    invocation.run = [how, work] {
      take_signals(how);
      work();
    };
  });
}

}  // namespace sidik::command
