#include "lab/oracle.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sidik::lab {
namespace {

constexpr double kErrorShare = 1e-4;

/// Where in `target` the leaked columns stand; empty where one is missing.
std::vector<std::size_t> places_of(const std::vector<fixtures::Column>& leaked, const PlainExport& target) {
  std::vector<std::size_t> places;
  for (const fixtures::Column column : leaked) {
    const auto at = std::find(target.columns.begin(), target.columns.end(), column);
    if (at == target.columns.end()) return {};
    places.push_back(static_cast<std::size_t>(at - target.columns.begin()));
  }
  return places;
}

}  // namespace

OracleAnswer ask_oracle(const World& world, const Leak& leak) {
  const auto& exports = world.exports();
  const PlainExport& source = exports.at(leak.source.value());
  const std::vector<std::size_t> mine = places_of(leak.columns, source);
  const double people = static_cast<double>(world.ours().options().people);
  const double rows = static_cast<double>(leak.source_rows.size());
  OracleAnswer answer;
  answer.log_innocent.resize(exports.size());
  std::vector<std::vector<std::size_t>> holders(leak.source_rows.size());
  for (const PlainExport& candidate : exports) {
    const std::vector<std::size_t> theirs = places_of(leak.columns, candidate);
    if (theirs.empty()) {
      answer.log_likelihood.push_back(-std::numeric_limits<double>::infinity());
      answer.held.push_back(0);
      continue;
    }
    double held = 0;
    for (std::size_t r = 0; r < leak.source_rows.size(); ++r) {
      const std::uint32_t row = leak.source_rows[r];
      const auto found = candidate.row_of.find(source.people[row]);
      bool equal = found != candidate.row_of.end();
      for (std::size_t i = 0; equal && i < mine.size(); ++i)
        equal = source.cell(row, mine[i]) == candidate.cell(found->second, theirs[i]);
      held += equal ? 1 : 0;
      if (equal) holders[r].push_back(answer.held.size());
    }
    answer.held.push_back(held);
    const double size = static_cast<double>(candidate.people.size());
    const double errors = (rows - held) * std::log(kErrorShare / people);
    // Drawn from the whole, or the whole filtered by the condition that describes the true feed and then drawn.
    const double whole = held * std::log((1 - kErrorShare) / size) + errors;
    const bool could_be_filtered = candidate.feed.filter.share >= 1 && source.feed.filter.share >= 1 &&
                                   candidate.people.size() > source.people.size();
    const double filtered = held * std::log((1 - kErrorShare) / static_cast<double>(source.people.size())) + errors;
    answer.log_likelihood.push_back(
        could_be_filtered ? std::max(std::log(0.9) + whole, std::log(0.1) + std::max(whole, filtered)) : whole);
  }
  constexpr double kGuessed = 0.5;
  for (const auto& agents : holders)
    for (const std::size_t e : agents) {
      answer.log_innocent[e] += std::log(1 - (1 - kGuessed) / static_cast<double>(agents.size()));
    }
  const double best = *std::max_element(answer.log_likelihood.begin(), answer.log_likelihood.end());
  double total = 0;
  for (const double value : answer.log_likelihood) total += std::exp(value - best);
  for (std::size_t e = 0; e < exports.size(); ++e) {
    answer.posterior.push_back(std::exp(answer.log_likelihood[e] - best) / total);
    if (answer.log_likelihood[e] >= best - std::log(10.0)) answer.group.push_back(e);
  }
  std::sort(answer.group.begin(), answer.group.end(),
            [&](std::size_t a, std::size_t b) { return answer.log_likelihood[a] > answer.log_likelihood[b]; });
  double inside = 0;
  for (const std::size_t e : answer.group) inside += answer.posterior[e];
  answer.traceable =
      inside >= 10.0 / 11.0 && std::find(answer.group.begin(), answer.group.end(), *leak.source) != answer.group.end();
  return answer;
}

}  // namespace sidik::lab
