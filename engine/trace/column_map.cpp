#include "trace/column_map.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "fields/inference.h"
#include "trace/assignment.h"
#include "trace/cell_completion.h"
#include "trace/column_agreement.h"
#include "trace/column_readings.h"
#include "trace/completion_odds.h"
#include "trace/digest_text.h"
#include "trace/layouts.h"
#include "trace/leading_columns.h"
#include "trace/namesakes.h"
#include "trace/partial_columns.h"

namespace sidik {
namespace {

constexpr std::size_t kMostRows = 2000;
constexpr std::size_t kLeastRows = 200;
constexpr std::size_t kMostRecords = 200000;
constexpr double kNameGain = 3;        // nats: a name may break a tie, never outweigh agreement
constexpr double kLeastScore = 4;      // nats that agreement must bring by itself
constexpr double kNamesakeGain = 12;   // the same as kNameGain where the names fit as a whole
constexpr double kChangedNames = 0.5;  // of the linked rows, in which columns agree that have other namesakes, at least
constexpr double kPlausibleShare = 0.9;
constexpr double kSetScore = 10;
constexpr double kSetShare = 0.05;

/// The epoch of each column: where there are several, each has columns of its own (all_epochs.h).
std::map<ColumnId, Epoch> epochs_of(const FingerprintStore& store) {
  std::map<ColumnId, Epoch> epochs;
  for (ExportIndex e = 0; e < store.exports().size(); ++e) {
    const Epoch epoch = store.epoch_of(e);
    for (const ExportColumn& column : store.exports()[e].columns) epochs[column.id] = epoch;
  }
  return epochs;
}

/// By its form alone: whoever has the values of such a column has a person's.
bool tells_a_person(FieldType type) {
  return type == FieldType::kNik || type == FieldType::kPhone || type == FieldType::kEmail;
}

/// Of some hundreds of values: how many there are, of those that are not empty.
double distinct_share(std::span<const std::string_view> values) {
  constexpr std::size_t kEnough = 500;
  std::set<std::string_view> distinct;
  std::size_t shown = 0;
  for (std::size_t r = 0; r < std::min(kEnough, values.size()); ++r) {
    if (values[r].empty()) continue;
    ++shown;
    distinct.insert(values[r]);
  }
  return shown > 0 ? static_cast<double>(distinct.size()) / static_cast<double>(shown) : 0;
}

/// What was decided for an export column.
struct Decision {
  std::size_t reading;
  bool by_form;
  CodeTable codes = {};      // where values stand for the column's
  double share_by_them = 0;  // of linked rows that agree then
};

class Mapper {
 public:
  Mapper(const SampleSurvey& survey, const ReadColumns& read, const ColumnAgreement& agreement,
         const std::vector<FieldType>& forms, std::map<ColumnId, Epoch> epochs)
      : survey_(survey), read_(read), agreement_(agreement), forms_(forms), epochs_(std::move(epochs)) {
    for (const auto& column : survey.screened.columns) digests_.push_back(are_digests(column));
  }

  /// What agrees nearly always but is too common to score is worth a little when nothing else is left for it.
  enum class Demand { kTelling, kPlausible };

  void map_by_agreement(const Layout& layout, Demand demand) {
    const std::size_t columns = survey_.names.size();
    std::vector<double> gains(columns * layout.size());
    std::vector<std::size_t> best(gains.size());
    std::vector<char> agreeing(gains.size());
    const std::set<std::size_t> taken = taken_in(layout);
    const Namesakes named(survey_, layout);
    const double name_gain = named.fit ? kNamesakeGain : kNameGain;
    for (std::size_t k = 0; k < read_.readings.size(); ++k) {
      const std::size_t column = read_.readings[k].column;
      if (taken.count(column) != 0) continue;
      for (std::size_t f = 0; f < layout.size(); ++f) {
        const ExportColumn& of = *layout[f].second;
        if (of.schema.type != read_.readings[k].type || decided_.count(of.id) != 0) continue;
        const AgreementCount count = agreement_.of(k, of.id);
        const bool namesakes = same_name(survey_, column, of);
        double gain = count.score();
        const bool plausible = demand == Demand::kPlausible && count.both >= 5 && count.share() >= kPlausibleShare;
        const bool agrees = gain >= kLeastScore || plausible;
        // A namesake that does not agree keeps its place from columns that do so by chance, no more.
        if (!agrees && !(namesakes && named.fit)) continue;
        // Whose columns changed names agrees in most rows.
        if (!namesakes && named.fit && named.column[column] != 0 && named.of_layout[f] != 0 &&
            count.share() < kChangedNames)
          continue;
        if (gain < kLeastScore) gain = plausible ? gain + 0.1 + count.share() : std::max(0.0, gain);
        if (namesakes) gain += name_gain;
        const std::size_t pair = column * layout.size() + f;
        if (gain <= gains[pair]) continue;
        gains[pair] = gain;
        best[pair] = k;
        agreeing[pair] = agrees ? 1 : 0;
      }
    }
    const auto assigned = assign(gains, columns, layout.size());
    for (std::size_t c = 0; c < columns; ++c) {
      if (!assigned[c]) continue;
      const std::size_t pair = c * layout.size() + *assigned[c];
      if (agreeing[pair] != 0) decided_[layout[*assigned[c]].first] = {best[pair], false};
    }
  }

  /// Takes back what was decided for tables that share small numbers, days and classes with the sample and nothing
  /// else: rows were found in them by just these, so that they agree in all that were found, whoever has such values.
  void drop_coincidences(const std::vector<Layout>& layouts, std::size_t linked) {
    const std::vector<Shared> shared = shared_with(layouts, linked);
    std::set<ColumnId> dropped, kept;  // tables have columns in common
    for (const Shared& its : shared) {
      std::set<ColumnId>& to = is_coincidence(its, shared) ? dropped : kept;
      for (const auto& [column, id] : its.columns) to.insert(id);
    }
    for (const ColumnId id : dropped)
      if (kept.count(id) == 0) decided_.erase(id);
    // Where a table's people and most of its columns' names are there, what else has to be read is hardly that of one
    // with which nothing agrees.
    if (std::none_of(shared.begin(), shared.end(), [](const Shared& one) { return one.tells && one.named.fit; }))
      return;
    for (const Layout& layout : layouts)
      if (taken_in(layout).empty()) unrelated_.insert(&layout);
  }

  /// Columns whose values stand one for one for a column's that is left over.
  void map_by_codes(const Layout& layout, const RecodedColumns& recoded) {
    if (unrelated_.count(&layout) != 0) return;
    const std::size_t columns = survey_.names.size();
    std::vector<double> gains(columns * layout.size());
    std::vector<std::size_t> best(gains.size());
    const std::set<std::size_t> taken = taken_in(layout);
    for (std::size_t f = 0; f < layout.size(); ++f) {
      if (decided_.count(layout[f].first) != 0) continue;
      for (std::size_t k = 0; k < read_.readings.size(); ++k) {
        const Reading& reading = read_.readings[k];
        if (reading.epoch != epochs_.at(layout[f].first) || taken.count(reading.column) != 0) continue;
        const std::optional<Recoding> found = recoded.of(k, layout[f].first);
        if (!found || found->score <= gains[reading.column * layout.size() + f]) continue;
        gains[reading.column * layout.size() + f] = found->score;
        best[reading.column * layout.size() + f] = k;
      }
    }
    const auto assigned = assign(gains, columns, layout.size());
    for (std::size_t c = 0; c < columns; ++c) {
      if (!assigned[c]) continue;
      const ColumnId id = layout[*assigned[c]].first;
      const std::size_t k = best[c * layout.size() + *assigned[c]];
      const std::optional<Recoding> found = recoded.of(k, id);
      decided_[id] = {k, false, found->codes, found->share};
    }
  }

  /// What is left over, by its name or, where there is but one of a type on both sides, by its form.
  void map_by_form(const Layout& layout) {
    if (unrelated_.count(&layout) != 0) return;
    std::set<std::size_t> taken = taken_in(layout);
    const auto decide = [&](ColumnId id, std::size_t reading) {
      decided_[id] = {reading, true};
      taken.insert(read_.readings[reading].column);
    };
    for (const auto& column : layout) {
      const ExportColumn& of = *column.second;
      if (decided_.count(of.id) != 0) continue;
      const auto reading = best_reading(of, taken, [&](std::size_t c) { return same_name(survey_, c, of); });
      if (reading) decide(of.id, *reading);
    }
    std::set<std::size_t> agrees_elsewhere;
    for (const auto& [id, decision] : decided_) {
      if (!decision.by_form) agrees_elsewhere.insert(read_.readings[decision.reading].column);
    }
    for (const FieldType type : {FieldType::kNik, FieldType::kPhone, FieldType::kEmail, FieldType::kAddress,
                                 FieldType::kPersonName, FieldType::kIdentifier}) {
      std::vector<std::pair<ColumnId, const ExportColumn*>> left;
      bool agrees = false;
      for (const auto& [id, of] : layout) {
        if (of->schema.type != type) continue;
        const auto found = decided_.find(id);
        if (found == decided_.end())
          left.emplace_back(id, of);
        else
          agrees = agrees || !found->second.by_form;
      }
      std::size_t columns = 0;
      // What agrees with another export's column is that one, and not whatever has its form here.
      const auto fits = [&](std::size_t c) { return forms_[c] == type && agrees_elsewhere.count(c) == 0; };
      for (std::size_t c = 0; c < forms_.size(); ++c) columns += fits(c) && taken.count(c) == 0 && !digests_[c];
      if (left.size() == 1 && columns == 1) {
        const auto reading = best_reading(*left.front().second, taken, fits);
        if (reading) decide(left.front().first, *reading);
        continue;
      }
      // Of several that never agree any might be any; they are not to pass for none. A table may have many identifiers,
      // most of them of things: of those the export must have but one.
      if (agrees || !(tells_a_person(type) || (type == FieldType::kIdentifier && left.size() == 1))) continue;
      for (std::size_t i = 0; i < std::min(left.size(), columns); ++i) strangers_.insert(left[i].first);
    }
    find_unlike(layout, taken, agrees_elsewhere);
  }

  const std::set<ColumnId>& strangers() const { return strangers_; }
  const std::set<ColumnId>& unlike() const { return unlike_; }

  /// Readings and the columns that they agree with.
  std::vector<std::pair<std::size_t, ColumnId>> agreeing() const {
    std::vector<std::pair<std::size_t, ColumnId>> pairs;
    for (const auto& [id, decision] : decided_)
      if (!decision.by_form && decision.codes.empty()) pairs.emplace_back(decision.reading, id);
    return pairs;
  }

  /// Where no row was linked: a column of few values is that column of ours that has all of them, and the fewest
  /// others.
  void map_by_values(const Layout& layout) {
    constexpr double kNearlyAll = 0.98;
    constexpr std::size_t kLeastRows = 5;
    std::set<std::size_t> taken = taken_in(layout);
    std::vector<std::pair<std::uint64_t, const ExportColumn*>> few;
    for (const auto& [id, of] : layout) {
      if (decided_.count(id) == 0 && of->statistics.distinct > 1 &&
          of->statistics.frequent.size() >= of->statistics.distinct)
        few.emplace_back(of->statistics.distinct, of);
    }
    std::stable_sort(few.begin(), few.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [distinct, of] : few) {
      std::set<ColumnCode> codes;
      for (const CodeCount& code : of->statistics.frequent) codes.insert(code.code);
      for (std::size_t k = 0; k < read_.readings.size(); ++k) {
        const Reading& reading = read_.readings[k];
        if (reading.type != of->schema.type || reading.epoch != epochs_.at(of->id) || taken.count(reading.column) != 0)
          continue;
        const ReadValues& values = *read_.values[k];
        std::size_t some = 0;
        std::size_t known = 0;
        for (std::size_t r = 0; r < values.states.size(); ++r) {
          if (values.states[r] == ValueState::kNull) continue;
          ++some;
          known += codes.count(value_code(values.fingerprints[r]));
        }
        if (some < kLeastRows || static_cast<double>(known) < kNearlyAll * static_cast<double>(some)) continue;
        decided_[of->id] = {k, true};
        taken.insert(reading.column);
        break;
      }
    }
  }

  std::vector<MappedColumn> finish(const std::vector<Layout>& layouts) const {
    std::map<ColumnId, const ExportColumn*> columns;
    for (const Layout& layout : layouts) columns.insert(layout.begin(), layout.end());
    std::map<std::size_t, MappedColumn> mapped;
    std::vector<std::pair<ColumnId, Decision>> decided(decided_.begin(), decided_.end());
    // Columns that are the same first: what stands for others is known by them.
    std::stable_partition(decided.begin(), decided.end(), [](const auto& one) { return one.second.codes.empty(); });
    for (const auto& [id, decision] : decided) {
      const Reading& reading = read_.readings[decision.reading];
      MappedColumn& column = mapped[reading.column];
      const AgreementCount count = agreement_.of(decision.reading, id);
      const double share = decision.codes.empty() ? count.share() : decision.share_by_them;
      if (column.as.empty() || share > column.agreement) {
        column.agreement = share;
        column.name = columns.at(id)->schema.name;
      }
      column.by_form = (column.as.empty() || column.by_form) && decision.by_form;
      column.column = reading.column;
      auto as = std::find_if(column.as.begin(), column.as.end(),
                             [&](const auto& a) { return a.reading == reading && a.codes == decision.codes; });
      if (as == column.as.end()) as = column.as.insert(as, {reading, {}, {}, decision.codes});
      as->columns.push_back(id);
      if (!decision.codes.empty()) continue;
      for (const auto& [other, of] : columns) {
        // Numbers of a person come in sets (an old card and a new one); two small numbers that meet by chance do not.
        if (other == id || of->schema.type != reading.type || !identity_rank(reading.type)) continue;
        const AgreementCount cross = agreement_.of(decision.reading, other);
        const bool set = cross.score() > kSetScore && cross.share() > kSetShare && count.share() < 0.98;
        if (set && std::find(as->also.begin(), as->also.end(), other) == as->also.end()) as->also.push_back(other);
      }
    }
    std::vector<MappedColumn> all;
    for (auto& [c, column] : mapped) {
      if (all.size() < ColumnMap::kMost) all.push_back(std::move(column));
    }
    return all;
  }

 private:
  /// What the sample has of a layout.
  struct Shared {
    std::map<std::size_t, ColumnId> columns;  // by column of the sample
    Namesakes named;
    bool tells = false;  // a column of them tells nearly all of the linked rows
    bool small = true;   // none of them tells more than a day or a class
  };
  std::vector<Shared> shared_with(const std::vector<Layout>& layouts, std::size_t linked) const {
    std::vector<Shared> shared;
    for (const Layout& layout : layouts) {
      Shared& one = shared.emplace_back(Shared{{}, Namesakes(survey_, layout)});
      for (const auto& [id, of] : layout) {
        const auto found = decided_.find(id);
        if (found == decided_.end()) continue;
        one.columns.emplace(read_.readings[found->second.reading].column, id);
        if (is_small(found->second.reading)) continue;
        one.small = false;
        const AgreementCount count = agreement_.of(found->second.reading, id);
        one.tells = one.tells ||
                    (count.share() >= kPlausibleShare && count.both >= kPlausibleShare * static_cast<double>(linked));
      }
    }
    return shared;
  }

  /// One column of several, no day; or columns that another table has as well, with one that tells people. None of the
  /// same name is a coincidence.
  bool is_coincidence(const Shared& its, const std::vector<Shared>& all) const {
    const auto any = [&](auto&& holds) { return std::any_of(its.columns.begin(), its.columns.end(), holds); };
    if (its.columns.empty() || !its.small || any([&](const auto& one) { return its.named.column[one.first] != 0; }))
      return false;
    const FieldType first = read_.readings[decided_.at(its.columns.begin()->second).reading].type;
    if (its.columns.size() == 1 && survey_.names.size() > 1 && first != FieldType::kDate) return true;
    return std::any_of(all.begin(), all.end(), [&](const Shared& other) {
      if (!other.tells || other.columns.size() <= its.columns.size()) return false;
      return other.named.fit || !any([&](const auto& one) {
               return other.columns.count(one.first) == 0 && other.named.column[one.first] == 0 &&
                      one.first < survey_.edits.given;
             });
    });
  }

  /// Days, classes and short numbers: any large table has most of those that there are.
  bool is_small(std::size_t k) const {
    constexpr std::size_t kShort = 7;
    const FieldType type = read_.readings[k].type;
    if (type == FieldType::kDate || type == FieldType::kCategory || type == FieldType::kBoolean) return true;
    if (type != FieldType::kInteger && type != FieldType::kDecimal && type != FieldType::kIdentifier) return false;
    std::size_t bytes = 0, cells = 0;
    for (const std::string_view cell : survey_.screened.columns[read_.readings[k].column]) {
      bytes += cell.size();
      cells += cell.empty() ? 0U : 1U;
    }
    return bytes < kShort * cells;
  }

  /// A copy whose code, words and day are all others' beside names and plates that are right is hardly a copy.
  void find_unlike(const Layout& layout, const std::set<std::size_t>& taken, const std::set<std::size_t>& agree) {
    constexpr double kManyValued = 0.3;
    constexpr std::uint64_t kManyDistinct = 100;
    for (const FieldType type : {FieldType::kIdentifier, FieldType::kText, FieldType::kDate, FieldType::kTimestamp}) {
      std::vector<ColumnId> left;
      for (const auto& [id, of] : layout) {
        if (of->schema.type == type && decided_.count(id) == 0 && strangers_.count(id) == 0 &&
            of->statistics.distinct >= kManyDistinct)
          left.push_back(id);
      }
      std::size_t columns = 0;
      for (std::size_t c = 0; c < forms_.size(); ++c) {
        columns += forms_[c] == type && taken.count(c) == 0 && agree.count(c) == 0 && !digests_[c] &&
                   distinct_share(survey_.screened.columns[c]) >= kManyValued;
      }
      for (std::size_t i = 0; i < std::min(left.size(), columns); ++i) unlike_.insert(left[i]);
    }
  }

  std::set<std::size_t> taken_in(const Layout& layout) const {
    std::set<std::size_t> taken;
    for (const auto& [id, of] : layout) {
      if (const auto found = decided_.find(id); found != decided_.end()) {
        taken.insert(read_.readings[found->second.reading].column);
      }
    }
    return taken;
  }

  template <typename Fits>
  std::optional<std::size_t> best_reading(const ExportColumn& of, const std::set<std::size_t>& taken,
                                          Fits&& fits) const {
    std::optional<std::size_t> best;
    for (std::size_t k = 0; k < read_.readings.size(); ++k) {
      const Reading& reading = read_.readings[k];
      if (reading.type != of.schema.type || reading.epoch != epochs_.at(of.id) || taken.count(reading.column) != 0 ||
          read_.valid[k] < 0.5 || digests_[reading.column] || !fits(reading.column))
        continue;
      if (!best || read_.valid[k] > read_.valid[*best]) best = k;
    }
    return best;
  }

  const SampleSurvey& survey_;
  const ReadColumns& read_;
  const ColumnAgreement& agreement_;
  const std::vector<FieldType>& forms_;
  std::map<ColumnId, Epoch> epochs_;  // that a column's codes are of
  std::map<ColumnId, Decision> decided_;
  std::vector<bool> digests_;  // columns of the sample
  std::set<ColumnId> strangers_, unlike_;
  std::set<const Layout*> unrelated_;
};

/// Links the rows by all readings, and decides.
ColumnMap map_readings(const SampleSurvey& survey, const FingerprintStore& store, const EpochSecrets& secrets,
                       const LinkOptions& options, ReadColumns read, ColumnMap map) {
  const auto& exports = store.exports();
  const std::vector<LinkColumn> columns = read.links();
  Links links;
  link_rows(store, secrets.epochs().front(), columns, map.rows, options, links);
  for (const LinkState state : links.states) map.linked += state == LinkState::kLinked;

  const ColumnAgreement agreement(columns, links);
  const std::vector<Layout> layouts = layouts_of(exports);
  Mapper mapper(survey, read, agreement, map.forms, epochs_of(store));
  for (const Layout& layout : layouts) mapper.map_by_agreement(layout, Mapper::Demand::kTelling);
  for (const Layout& layout : layouts) mapper.map_by_agreement(layout, Mapper::Demand::kPlausible);
  mapper.drop_coincidences(layouts, map.linked);
  const RecodedColumns recoded(columns, links);
  for (const Layout& layout : layouts) mapper.map_by_codes(layout, recoded);
  for (const Layout& layout : layouts) mapper.map_by_form(layout);
  if (map.linked == 0)
    for (const Layout& layout : layouts) mapper.map_by_values(layout);
  if (const std::optional<std::size_t> k = misleading_reading(columns, links, mapper.agreeing(), exports)) {
    read.drop(*k);
    map.linked = 0;
    return map_readings(survey, store, secrets, options, std::move(read), std::move(map));
  }
  map.mapped = mapper.finish(layouts);
  map.strangers.assign(mapper.strangers().begin(), mapper.strangers().end());
  map.unlike.assign(mapper.unlike().begin(), mapper.unlike().end());
  std::vector<const ReadValues*> values;
  for (const MappedColumn& mapped : map.mapped) values.push_back(read.values_of(mapped.as.front().reading));
  map.repeated = repeated_columns(values);
  set_leads(exports, map);
  map.counterparts = ColumnCounterparts(columns, links, layouts);
  describe_partial(read.open, map);
  map.in_vain = looked_up_in_vain(columns, exports, map);
  for (PartialColumn& partial : map.partial)
    partial.held = held_share(store, secrets, read.open_columns(), first_open_cells(read.open), partial.column);
  find_rounded(survey, map);
  return map;
}

}  // namespace

const ExportColumn* column_in(const MappedColumn& mapped, const ExportManifest& of) {
  for (const auto& as : mapped.as)
    for (const ExportColumn& column : of.columns)
      if (std::find(as.columns.begin(), as.columns.end(), column.id) != as.columns.end()) return &column;
  return nullptr;
}

ColumnMap map_columns(const SampleSurvey& survey, const FingerprintStore& store, const EpochSecrets& secrets,
                      unsigned threads) {
  ColumnMap map;
  const auto& exports = store.exports();
  std::vector<std::string> header;
  for (const auto& name : survey.names) header.push_back(name.value_or(""));
  if (std::all_of(header.begin(), header.end(), [](const std::string& name) { return name.empty(); })) header.clear();
  Inference inference(header, survey.names.size());
  if (survey.screened.rows > 0) inference.observe(survey.screened.columns);
  const InferenceResult inferred = inference.finish();
  for (std::size_t c = 0; c < survey.names.size(); ++c) {
    map.forms.push_back(inferred.schema.columns[c].type);
    map.newest.push_back(inferred.profiles[c].newest);
    const bool dated = map.forms[c] == FieldType::kDate || map.forms[c] == FieldType::kTimestamp;
    map.dates.push_back(
        dated ? date_column(survey.screened.columns[c], survey.screened.line, inferred.schema.columns[c].options)
              : DateColumn{});
  }
  map.rows = std::min(
      {survey.screened.rows, kMostRows, std::max(kLeastRows, kMostRecords / std::max<std::size_t>(1, exports.size()))});
  for (const auto& column : survey.screened.columns)
    map.cuts.push_back({zeroed_digits(std::span(column).first(std::min(column.size(), kMostRows))), std::nullopt});
  map.cuts.resize(survey.names.size());
  if (exports.empty()) return map;

  ReadColumns read = read_columns(survey, exports, secrets, map.rows, map.cuts);
  set_partial_forms(read, map);
  LinkOptions options;
  options.most_candidates = 64;
  options.surplus = LinkOptions::Surplus::kSome;
  options.threads = threads;
  complete_cells(store, secrets, read.open_columns(), first_open_cells(read.open), options);
  return map_readings(survey, store, secrets, options, std::move(read), std::move(map));
}

}  // namespace sidik
