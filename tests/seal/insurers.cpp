#include "seal/insurers.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "fixtures/feeds.h"
#include "ingest/lent_source.h"
#include "registry/registration.h"
#include "seal/canary_plan.h"
#include "support/lines.h"

namespace sidik::insurers {
namespace {

std::string name_of(std::size_t insurer) { return "insurer-" + std::to_string(insurer); }

/// The cells of a line of a table that has no line ends in its cells.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

/// Every choice made alike.
std::string one_spelling(FieldType type, std::string value) {
  for (const Channel channel : channels_of(type))
    if (read_channel(channel, value)) value = write_channel(channel, value, channel == Channel::kLetterCase);
  return value;
}

}  // namespace

Insurers::Insurers(const Plan& plan, const std::filesystem::path& folder) : key_(RegistryKey::generate()) {
  Registry::create({folder / "registry"}, key_);
  Registry registry = Registry::open({folder / "registry"});
  const fixtures::Population population({plan.people, plan.seed, fixtures::Realm::kOurs, {}});
  const fixtures::Feed feed{"all", "", fixtures::layout_named("plain9"), {}};
  fixtures::FeedRun run;
  run.threads = plan.threads;
  const std::string text = fixtures::feed_text(population, feed, run);
  for (std::size_t i = 0; i < plan.insurers; ++i) copies_.push_back(seal(plan, text, i, registry));
  store_ = registry.snapshot(key_);
}

Insurers::Copy Insurers::seal(const Plan& plan, const std::string& text, std::size_t insurer, Registry& registry) {
  RegistrationOptions options;
  options.description.name = name_of(insurer);
  options.description.recipient = name_of(insurer);
  options.description.at = 1619827200;  // 2021-05-01
  options.threads = plan.threads;
  SealInput input;
  input.secrets = SealSecrets::of(key_, options.description);
  input.fingerprint_secret = key_.fingerprint_secret;
  input.request = plan.request;
  input.threads = plan.threads;
  if (plan.canaries > 0) {
    CanaryPlanInput canaries;
    canaries.open = [&] { return memory_source(text, "rows"); };
    canaries.secrets = input.secrets;
    canaries.fingerprint_secret = input.fingerprint_secret;
    canaries.count = [&](std::uint64_t) { return plan.canaries; };
    input.canaries = plan_canaries(canaries).canaries;
  }
  std::string copy;
  input.sink = [&](std::string_view bytes) { copy.append(bytes); };
  std::set<std::string> planted;
  for (const Canary& canary : input.canaries) planted.insert(canary.cells[0]);
  SealedText sealed(memory_source(text, "rows"), std::move(input));
  schema_ = sealed.schema();
  Copy out;
  options.sealing = [&] { return (out.sealing = sealed.sealing()).encode(); };
  std::vector<std::unique_ptr<ByteSource>> sources;
  sources.push_back(lent_source(sealed));
  register_export(registry, key_, std::move(sources), options);
  out.lines = testing::lines_of(copy);
  out.header = out.lines.front();
  out.lines.erase(out.lines.begin());
  for (const std::string& line : out.lines) out.planted.push_back(planted.contains(line.substr(0, 16)) ? 1 : 0);
  return out;
}

std::string Insurers::leaked_text(const Copy& copy, const std::vector<std::size_t>& rows, Leak leak) const {
  std::string text = copy.header + "\n";
  for (const std::size_t row : rows) {
    if (leak == Leak::kVerbatim) {
      text += copy.lines[row] + "\n";
      continue;
    }
    const auto cells = cells_of(copy.lines[row]);
    for (std::size_t c = 0; c < cells.size(); ++c)
      text += (c > 0 ? ",\"" : "\"") + one_spelling(schema_.columns[c].type, cells[c]) + "\"";
    text += "\n";
  }
  return text;
}

Verdict Insurers::traced(const std::string& text) const {
  const std::vector<SampleInput> sample = {{"leak", [&] { return memory_source(text, "leak"); }}};
  return trace(sample, *store_, key_, {});
}

Score Insurers::score(Leak leak, std::size_t leaked, int tries, std::mt19937_64& random) const {
  Score score;
  for (int t = 0; t < tries; ++t) {
    const auto insurer = static_cast<std::size_t>(t) % copies_.size();
    const Copy& copy = copies_[insurer];
    std::set<std::size_t> drawn;
    while (drawn.size() < leaked) drawn.insert(random() % copy.lines.size());
    std::vector<std::size_t> rows(drawn.begin(), drawn.end());
    std::shuffle(rows.begin(), rows.end(), random);
    const Verdict verdict = traced(leaked_text(copy, rows, leak));
    const std::string& right = name_of(insurer);
    ++score.tries;
    score.holding += std::any_of(rows.begin(), rows.end(), [&](std::size_t row) { return copy.planted[row] != 0; });
    if (verdict.sources.empty()) continue;
    const std::string& named = verdict.sources.front().name;
    const auto group =
        std::find_if(verdict.indistinguishable.begin(), verdict.indistinguishable.end(),
                     [&](const auto& names) { return std::find(names.begin(), names.end(), named) != names.end(); });
    const bool grouped = group != verdict.indistinguishable.end();
    score.first += named == right ? 1 : 0;
    score.alone += named == right && (!grouped || group->size() == 1) ? 1 : 0;
    score.wrong +=
        named != right && !(grouped && std::find(group->begin(), group->end(), right) != group->end()) ? 1 : 0;
  }
  return score;
}

}  // namespace sidik::insurers
