// sidik canary: what seals can do for a leak of a given size, which seals there are, and whether a file holds canaries.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "console.h"
#include "fields/inference.h"
#include "fingerprints/seal_keys.h"
#include "input.h"
#include "interruption.h"
#include "json.h"
#include "report/plain_text.h"
#include "report/text_table.h"
#include "seal/canary_identities.h"
#include "seal/canary_maker.h"
#include "seal/canary_recogniser.h"
#include "seal/sealing.h"

namespace sidik::command {
namespace {

using Align = TextTable::Align;

std::size_t width_of_output() { return text_width(STDOUT_FILENO, 1000); }

std::string rounded_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", value * 100);
  return text;
}

struct PlanOptions {
  std::uint64_t rows = 1000000;
  std::uint64_t recipients = 10;
  double symbols = 2;  // marked values of a row
  double withhold = 0.01;
  double chance = 0.99;
};

/// Chance that marks of so many positions single out one of `recipients`: the others' chance to fit is 2^-(0.557 bits a
/// position).
double marks_name(double positions, double recipients) {
  constexpr double kBitsAPosition = 0.5573;
  return std::max(0.0, 1 - (recipients - 1) * std::exp2(-kBitsAPosition * positions));
}

/// Chance that a row which each other recipient never got is among those leaked.
double withheld_names(double rows, double share, double recipients) {
  return std::pow(1 - std::pow(1 - share, rows), recipients - 1);
}

void plan(const PlanOptions& options, const CommonOptions& common) {
  if (options.chance <= 0 || options.chance >= 1)
    throw Error(ErrorKind::kUsage, "--chance",
                "expected more than 0 and less than 1: no number of rows is sure to be hit");
  if (options.recipients < 2)
    throw Error(ErrorKind::kUsage, "--recipients", "expected 2 and more: one recipient needs no telling");
  if (options.rows < 20)
    throw Error(ErrorKind::kUsage, "--rows", "expected 20 and more, the smallest leak of the plan");
  // As `seal` plants them.
  const std::uint64_t most = std::min<std::uint64_t>(kMostCanaries, options.rows / kRowsACanary);
  TextTable table({{"leaked rows", Align::kRight},
                   {"marks name it", Align::kRight},
                   {"withheld rows name it", Align::kRight},
                   {"canaries needed", Align::kRight},
                   {"of the rows", Align::kRight}});
  Json lines = Json::array();
  const auto recipients = static_cast<double>(options.recipients);
  for (const std::uint64_t leaked : {20ULL, 100ULL, 1000ULL, 10000ULL, 100000ULL, 1000000ULL}) {
    if (leaked > options.rows) break;
    const double marks = marks_name(static_cast<double>(leaked) * options.symbols, recipients);
    const double withheld = withheld_names(static_cast<double>(leaked), options.withhold, recipients);
    const std::uint64_t canaries = canaries_to_detect(options.chance, leaked, options.rows);
    const double share = static_cast<double>(canaries) / static_cast<double>(options.rows);
    table.add({grouped(leaked), rounded_text(marks), rounded_text(withheld),
               grouped(canaries) + (canaries > most ? " (too many)" : ""), rounded_text(share)});
    lines.push_back({{"leaked", leaked},
                     {"marks", marks},
                     {"withheld", withheld},
                     {"canaries", canaries},
                     {"canaries_share", share},
                     {"canaries_can_be", canaries <= most}});
  }
  if (common.json) return print(json_text({{"sidik", 1}, {"rows", options.rows}, {"plan", std::move(lines)}}));
  print("An export of " + grouped(options.rows) + " rows for one of " + grouped(options.recipients) + " recipients; " +
        rounded_text(options.withhold) + " of the rows withheld; canaries for " + rounded_text(options.chance) +
        " of random leaks.\n" + table.text(width_of_output()) +
        "Marks (symbols a row: --symbols) go when spellings are made uniform; withheld rows stay, and cost rows; "
        "canaries "
        "stay and cost\nwrong rows. Small leaks need marks or withheld rows: canaries are for large ones, and for "
        "traps.\n"
        "No more than one row in a hundred is planted, nor 100,000 in all.\n"
        "Against 2, 3 or 5 recipients who mix their copies marks need some 600, 1,400 or 4,000 positions for 99 %.\n");
}

/// Exports of epochs that a seal's canaries cannot be held against: theirs is another secret than the seal's, and of an
/// older seal nothing but the tags under its own is kept. When it was sealed nobody looked, or they were not there yet.
std::uint64_t not_comparable(const FingerprintStore& store, ExportIndex sealed) {
  const ExportDescription& own = store.exports()[sealed].description;
  const bool looked = own.registered_by == kInvestigators;
  std::uint64_t count = 0;
  for (ExportIndex e = 0; e < store.exports().size(); ++e) {
    if (store.epoch_of(e) == store.epoch_of(sealed)) continue;
    count += looked && store.exports()[e].description.registered_at < own.registered_at ? 0 : 1;
  }
  return count;
}

/// Which of a seal's canaries are nobody's no more: rows of others than its own feed and recipient have their tags.
class TakenCanaries {
 public:
  TakenCanaries(const FingerprintStore& store, ExportIndex sealed)
      : store_(store), own_(store.exports()[sealed].description) {}

  /// `tags` are the canaries' in that epoch, in the same order in each.
  void look(Epoch epoch, std::span<const RowTag> tags) {
    constexpr std::size_t kBatch = 65536;
    std::vector<std::pair<RowTag, std::size_t>> sorted;
    for (std::size_t i = 0; i < tags.size(); ++i) sorted.emplace_back(tags[i], i);
    std::sort(sorted.begin(), sorted.end());
    std::vector<RowTag> asked;
    for (const auto& [tag, place] : sorted) asked.push_back(tag);
    for (std::size_t from = 0; from < asked.size(); from += kBatch) {
      RecordAnswers answers;
      store_.find_records(epoch, std::span(asked).subspan(from, std::min(kBatch, asked.size() - from)), answers);
      for (const auto& group : answers.groups)
        for (std::size_t r = 0; r < group.query.size(); ++r)
          if (is_others(group.export_sets[group.sets[r]])) places_.insert(sorted[from + group.query[r]].second);
    }
  }
  std::uint64_t count() const { return places_.size(); }

 private:
  bool is_others(const ExportSet& set) const {
    return std::any_of(set.begin(), set.end(), [&](ExportIndex e) {
      const ExportManifest& other = store_.exports()[e];
      return other.sealing.empty() || other.description.feed != own_.feed ||
             sealed_for(other.description) != sealed_for(own_);
    });
  }

  const FingerprintStore& store_;
  const ExportDescription& own_;
  std::set<std::size_t> places_;
};

struct CanaryStanding {
  std::uint64_t taken = 0;           // canaries that are somebody's
  std::uint64_t not_comparable = 0;  // exports that could not be asked
};

CanaryStanding standing_of(const FingerprintStore& store, ExportIndex own, const Sealing& sealing,
                           const RegistryKey& key) {
  TakenCanaries taken(store, own);
  if (sealing.canary_identities.empty()) {
    taken.look(store.epoch_of(own), sealing.canary_tags);
    return {taken.count(), sealing.canaries == 0 ? 0 : not_comparable(store, own)};
  }
  const auto identities =
      decrypt_identities(sealing.canary_identities, SealSecrets::of(key, store.exports()[own].description));
  std::set<Epoch> epochs;
  for (ExportIndex e = 0; e < store.exports().size(); ++e) epochs.insert(store.epoch_of(e));
  CanaryStanding standing;
  for (const Epoch epoch : epochs) {
    if (const Secret* const secret = key.secret_of(epoch)) {
      taken.look(epoch, tags_of(identities, *secret));
      continue;
    }
    for (ExportIndex e = 0; e < store.exports().size(); ++e) standing.not_comparable += store.epoch_of(e) == epoch;
  }
  standing.taken = taken.count();
  return standing;
}

void list_seals(const CommonOptions& common) {
  const RegistryPlace place = registry_place(common);
  const Registry registry = open_registry(common, place);
  const RegistryKey key = load_key(common, place);
  registry.require_investigators(key, "listing seals");
  const auto store = registry.snapshot(key);
  registry.note(key, "canary list", "", store->audit_head());
  TextTable table({{"export", Align::kLeft},
                   {"recipient", Align::kLeft},
                   {"marked", Align::kLeft},
                   {"withheld", Align::kRight},
                   {"canaries", Align::kRight},
                   {"void", Align::kRight}});
  Json lines = Json::array();
  std::string remarks;
  for (ExportIndex own = 0; own < store->exports().size(); ++own) {
    const ExportManifest& manifest = store->exports()[own];
    const auto sealing = Sealing::decode(manifest.sealing);
    if (!sealing) continue;
    std::string marked;
    for (const auto& each : sealing->marked) marked += (marked.empty() ? "" : ", ") + std::string(type_name(each.type));
    const auto [taken, beyond] = standing_of(*store, own, *sealing, key);
    if (beyond > 0)
      remarks += printable(manifest.description.name) + ": " + grouped(beyond) +
                 (beyond == 1 ? " export" : " exports") +
                 " of another fingerprint epoch cannot be held against its canaries; seal anew to be sure\n";
    table.add({printable(manifest.description.name), printable(sealed_for(manifest.description)),
               marked.empty() ? "-" : marked, grouped(sealing->withheld), grouped(sealing->canaries), grouped(taken)});
    lines.push_back({{"export", manifest.description.name},
                     {"recipient", sealed_for(manifest.description)},
                     {"marked", marked},
                     {"withheld", sealing->withheld},
                     {"canaries", sealing->canaries},
                     {"void", taken},
                     {"not_comparable", beyond}});
  }
  if (common.json) return print(json_text({{"sidik", 1}, {"seals", std::move(lines)}}));
  if (lines.empty()) return say("no registered export is sealed; `sidik seal` does it");
  print(table.text(width_of_output()) + remarks);
}

struct VerifyOptions {
  std::string file;
  std::string feed, recipient, host;
};

bool asks_the_key_alone(const VerifyOptions& options) { return !options.recipient.empty() || !options.feed.empty(); }

/// One recipient whose canaries are looked for.
struct Sought {
  std::string recipient;
  std::unique_ptr<CanaryRecogniser> code;
  std::map<Epoch, std::vector<RowTag>> tags;       // of its canaries, where a registry knows them
  std::vector<std::uint64_t> by_key, by_registry;  // lines
};

std::vector<Sought> sought_recipients(const VerifyOptions& options, const CommonOptions& common, const RegistryKey& key,
                                      const RegistryPlace& place) {
  std::vector<Sought> sought;
  if (asks_the_key_alone(options)) {
    ExportDescription description;
    description.feed = options.feed;
    description.recipient = options.recipient;
    description.registered_by = options.host;
    sought.push_back(
        {sealed_for(description), std::make_unique<CanaryRecogniser>(SealSecrets::of(key, description)), {}, {}, {}});
    return sought;
  }
  const Registry registry = open_registry(common, place);
  std::map<std::string, std::size_t> known;
  const auto store = registry.snapshot(key);
  for (ExportIndex own = 0; own < store->exports().size(); ++own) {
    const ExportManifest& manifest = store->exports()[own];
    const auto sealing = Sealing::decode(manifest.sealing);
    if (!sealing || sealing->canary_tags.empty()) continue;
    const ExportDescription& description = manifest.description;
    const auto [at, fresh] = known.try_emplace(
        description.registered_by + "\n" + description.feed + "\n" + sealed_for(description), sought.size());
    if (fresh)
      sought.push_back(
          {sealed_for(description), std::make_unique<CanaryRecogniser>(SealSecrets::of(key, description)), {}, {}, {}});
    auto& tags = sought[at->second].tags[store->epoch_of(own)];
    tags.insert(tags.end(), sealing->canary_tags.begin(), sealing->canary_tags.end());
  }
  for (Sought& each : sought)
    for (auto& [epoch, tags] : each.tags) std::sort(tags.begin(), tags.end());
  if (sought.empty())
    throw Error(ErrorKind::kUsage, "canary verify",
                "the registry knows of no canaries; name whose they would be with --feed and --recipient");
  return sought;
}

std::set<Epoch> epochs_of(const std::vector<Sought>& sought) {
  std::set<Epoch> epochs;
  for (const Sought& each : sought)
    for (const auto& [epoch, tags] : each.tags) epochs.insert(epoch);
  return epochs;
}

void verify(const VerifyOptions& options, const CommonOptions& common) {
  const RegistryPlace place = registry_place(common);
  const RegistryKey key = load_key(common, place);
  std::vector<Sought> sought = sought_recipients(options, common, key, place);
  TableReaderOptions lenient;
  lenient.raggedness = Raggedness::kLenient;
  TableReader reader(decompressed(open_input(options.file)), lenient);
  TextBlock block;
  Batch batch;
  struct EpochTags {
    Epoch epoch;
    IdentityTags identities;
    std::vector<RowTag> tags;
  };
  std::vector<EpochTags> epochs;  // that canaries are known in
  Schema schema;
  std::uint64_t rows = 0;
  std::vector<RowField> fields;
  std::map<std::pair<std::size_t, std::uint64_t>, double> bits;  // of (recipient, line)
  double most = 0;                                               // that any of the rows could have
  while (reader.read_block(block)) {
    throw_if_interrupted();
    reader.parse(block, batch);
    if (schema.columns.empty()) {
      Inference inference(reader.header(), reader.columns());
      inference.observe(batch.columns);
      schema = inference.finish().schema;
      for (const Epoch epoch : epochs_of(sought))
        if (const Secret* secret = key.secret_of(epoch)) epochs.push_back({epoch, IdentityTags(*secret, schema), {}});
    }
    for (EpochTags& each : epochs) each.identities.compute(batch.columns, batch.rows, each.tags);
    rows += batch.rows;
    for (std::size_t r = 0; r < batch.rows; ++r) {
      fields.clear();
      for (std::size_t c = 0; c < schema.columns.size(); ++c) {
        const ColumnSchema& column = schema.columns[c];
        if (column.type != FieldType::kNik && column.type != FieldType::kIdentifier && column.type != FieldType::kPhone)
          continue;
        std::string raw(batch.columns[c][r]);
        CanonicalValue value = canonical(column.type, raw, column.options);
        if (value.state == ValueState::kValid) fields.push_back({column.type, std::move(value.text)});
      }
      most = std::max(most, CanaryRecogniser::most(fields));
      for (std::size_t s = 0; s < sought.size(); ++s) {
        const auto in_registry = [&](const EpochTags& each) {
          const auto known = sought[s].tags.find(each.epoch);
          return known != sought[s].tags.end() &&
                 std::binary_search(known->second.begin(), known->second.end(), each.tags[r]);
        };
        if (std::any_of(epochs.begin(), epochs.end(), in_registry)) sought[s].by_registry.push_back(batch.row_line[r]);
        const double own = sought[s].code->check(fields);
        if (own >= 16) bits[{s, batch.row_line[r]}] = own;
      }
    }
  }
  // Of all that was tried, one row in a thousand such questions fits so well by chance.
  constexpr double kMoreThanChance = 10;
  const double trials =
      std::log2(static_cast<double>(std::max<std::uint64_t>(rows, 1)) * static_cast<double>(sought.size()));
  std::size_t weak = 0;
  for (const auto& [where, own] : bits) {
    if (own - trials >= kCanaryCheckBits)
      sought[where.first].by_key.push_back(where.second);
    else if (own - trials >= kMoreThanChance)
      ++weak;
  }
  Json lines = Json::array();
  std::string text;
  for (const Sought& each : sought) {
    if (each.by_key.empty() && each.by_registry.empty()) continue;
    text += printable(each.recipient) + ": " + grouped(each.by_key.size()) + " rows known by the key alone, " +
            grouped(each.by_registry.size()) + " through the registry.\n";
    lines.push_back({{"recipient", each.recipient}, {"by_key", each.by_key}, {"by_registry", each.by_registry}});
  }
  const double attainable = std::max(0.0, most - trials);
  if (common.json)
    return print(json_text({{"sidik", 1},
                            {"rows", rows},
                            {"canaries", std::move(lines)},
                            {"registry_only", weak},
                            {"most_check_bits", attainable}}));
  if (text.empty()) text = "No canary was found in " + grouped(rows) + " rows.\n";
  if (asks_the_key_alone(options) && attainable < kCanaryCheckBits)
    text += "The key alone could not know one: rows of such columns show at most " +
            std::to_string(static_cast<int>(attainable)) + " check bits, and " +
            std::to_string(static_cast<int>(kCanaryCheckBits)) +
            " are needed. Registry only: ask without --feed and --recipient.\n";
  if (weak > 0)
    text += grouped(weak) + (weak == 1 ? " row fits" : " rows fit") + " a canary's code with fewer than " +
            std::to_string(static_cast<int>(kCanaryCheckBits)) + " check bits after all trials: registry only.\n";
  print(text);
}

void add_plan(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("plan", "What canaries, marks and withheld rows can do for leaks of each size");
  const auto options = std::make_shared<PlanOptions>();
  const auto count = [&](const char* option, std::uint64_t PlanOptions::*to, const char* help) {
    sub->add_option_function<std::string>(
           option, [options, option, to](const std::string& value) { (*options).*to = parse_count(option, value); },
           help)
        ->type_name("N");
  };
  const auto share = [&](const char* option, double PlanOptions::*to, const char* help) {
    sub->add_option_function<std::string>(
           option, [options, option, to](const std::string& value) { (*options).*to = parse_share(option, value); },
           help)
        ->type_name("SHARE");
  };
  count("--rows", &PlanOptions::rows, "Rows of the export (1,000,000)");
  count("--recipients", &PlanOptions::recipients, "Recipients of the same rows (10)");
  sub->add_option("--symbols", options->symbols, "Marked spellings a row (2)")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  share("--withhold", &PlanOptions::withhold, "Share of rows withheld (0.01)");
  share("--chance", &PlanOptions::chance, "How surely a leak is to hold a canary (0.99)");
  add_common_options(*sub, invocation.common, {.registry = false, .key = false, .work = false, .wait = false});
  sub->callback(
      [&invocation, options] { invocation.run = [&invocation, options] { plan(*options, invocation.common); }; });
}

}  // namespace

void add_canary(CLI::App& app, Invocation& invocation) {
  CLI::App* sub = app.add_subcommand("canary", "Plan seals, list them, find planted rows in a file");
  sub->require_subcommand(1);
  add_plan(*sub, invocation);

  CLI::App* list = sub->add_subcommand("list", "Which exports are sealed, and how (needs a key that reads)");
  add_common_options(*list, invocation.common, {.work = false});
  list->callback([&invocation] { invocation.run = [&invocation] { list_seals(invocation.common); }; });

  CLI::App* check = sub->add_subcommand("verify", "Whether a file holds planted rows, and whose");
  const auto options = std::make_shared<VerifyOptions>();
  check->add_option("FILE", options->file, "Delimited text, plain, gzip or zstd; - is standard input")->required();
  check->add_option("--feed", options->feed, "Look for this feed's canaries by the key alone, without a registry")
      ->type_name("FEED");
  check->add_option("--recipient", options->recipient, "... made for this recipient")->type_name("WHO");
  check->add_option("--host", options->host, "... and registered by this key's holder (the key's own)")
      ->type_name("HOLDER");
  add_common_options(*check, invocation.common, {.work = false});
  check->footer(exit_status_help());
  check->callback([&invocation, options] {
    invocation.run = [&invocation, options] {
      take_signals(Interruption::kAtSafePlaces);
      verify(*options, invocation.common);
    };
  });
}

}  // namespace sidik::command
