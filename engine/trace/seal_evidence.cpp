#include "trace/seal_evidence.h"

#include <algorithm>
#include <cmath>

#include "fields/field_type.h"
#include "seal/mark_reader.h"
#include "seal/seal_secrets.h"
#include "seal/sealing.h"
#include "seal/withholding.h"

namespace sidik {
namespace {

/// Rows are in the order of their digests: the first are a fair draw, and more of them would say nothing new.
constexpr std::size_t kMostRows = 2000;
constexpr double kBeyondChance = 1e-3;

std::string seal_of(const ExportDescription& description, const std::string& sealing) {
  return description.registered_by + "\n" + description.feed + "\n" + sealed_for(description) + "\n" + sealing;
}

/// The tags of rows by their first valid identity, of the mapped columns that may give one.
struct RowIdentities {
  std::vector<RowTag> tags;
  std::vector<std::uint8_t> known;
  std::vector<std::size_t> column;  // of the sample, that gave the tag
};

RowIdentities identities_of(const SampleSurvey& survey, const ColumnMap& map, const EpochSecrets& secrets,
                            Epoch epoch) {
  struct Candidate {
    int rank;
    std::size_t column;
    const Reading* reading;
  };
  std::vector<Candidate> candidates;
  for (const MappedColumn& mapped : map.mapped)
    for (const auto& as : mapped.as)
      if (const auto rank = identity_rank(as.reading.type); rank && as.reading.epoch == epoch)
        candidates.push_back({*rank, mapped.column, &as.reading});
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.column < b.column;
  });
  RowIdentities out{std::vector<RowTag>(survey.screened.rows), std::vector<std::uint8_t>(survey.screened.rows),
                    std::vector<std::size_t>(survey.screened.rows)};
  ColumnReader reader(secrets);
  ReadValues values;
  for (const Candidate& each : candidates) {
    reader.read(*each.reading, survey.screened.columns[each.column], values);
    for (std::size_t r = 0; r < survey.screened.rows; ++r) {
      if (out.known[r] != 0 || values.states[r] != ValueState::kValid) continue;
      out.tags[r] = values.tags[r];
      out.known[r] = 1;
      out.column[r] = each.column;
    }
  }
  return out;
}

/// Seen canaries against chance hits of 48-bit tags; none seen where `expected` were to be: they can be stripped, so
/// this says little.
double log_canary_ratio(std::uint64_t seen, double expected, std::size_t rows, std::uint64_t canaries) {
  constexpr double kStripped = 0.2;
  if (seen == 0) return std::log(kStripped + (1 - kStripped) * std::exp(-expected));
  const double chance = static_cast<double>(rows) * static_cast<double>(canaries) * 0x1p-48;
  const double each = std::log(std::max(expected, 1e-6)) - std::log(chance);
  return std::min(kSealBound, std::max(0.0, static_cast<double>(seen) * each - expected + chance));
}

}  // namespace

SealEvidence::SealEvidence(const SampleSurvey& survey, const ColumnMap& map, const std::vector<ExportManifest>& exports,
                           const RegistryKey& key, const EpochSecrets& secrets, std::vector<Epoch> epochs)
    : epochs_(std::move(epochs)) {
  const bool sealed = std::any_of(exports.begin(), exports.end(), [](const auto& e) { return !e.sealing.empty(); });
  if (!sealed || key.seal_secret.empty()) return;
  scores_.resize(exports.size());
  who_.resize(exports.size());
  read_marks(survey, map, exports, key);
  for (const Epoch epoch : secrets.epochs()) read_rows(survey, map, exports, key, secrets, epoch);
  std::sort(planted_.begin(), planted_.end());
  std::sort(sightings_.begin(), sightings_.end(), [](const CanarySighting& a, const CanarySighting& b) {
    return a.line != b.line ? a.line < b.line : a.e < b.e;
  });
}

void SealEvidence::read_marks(const SampleSurvey& survey, const ColumnMap& map,
                              const std::vector<ExportManifest>& exports, const RegistryKey& key) {
  const Secret shared = SealSecrets::of(key, exports.front().description).shared;
  MarkReader reader(shared);
  for (const MappedColumn& mapped : map.mapped) {
    const Reading& reading = mapped.as.front().reading;
    const auto& column = survey.screened.columns[mapped.column];
    reader.read(reading.type, reading.options, std::span(column).first(std::min(column.size(), kMostRows)));
  }
  const auto seen = reader.seen();
  if (seen.empty()) return;
  std::map<std::string, MarkEvidence> evidence;  // by sealing: recipients who are marked alike share it
  std::map<std::string, InnocentScores> innocents;
  for (ExportIndex e = 0; e < exports.size(); ++e) {
    const auto sealing = Sealing::decode(exports[e].sealing);
    if (!sealing || sealing->marked.empty()) continue;
    std::string marks;
    for (const auto& each : sealing->marked)
      marks += std::to_string(static_cast<int>(each.type)) + ":" + std::to_string(each.channels) + ";";
    marks += std::to_string(sealing->coalition);
    const auto [shown, fresh] = evidence.try_emplace(marks);
    if (fresh) {
      shown->second = evidence_under(*sealing, shared, seen);
      innocents.emplace(marks, InnocentScores(shown->second.seen));
    }
    if (shown->second.seen.empty()) continue;
    who_[e] = seal_of(exports[e].description, marks);
    const auto [code, unknown] = codes_.try_emplace(*who_[e]);
    if (unknown) {
      const SealSecrets secrets = SealSecrets::of(key, exports[e].description);
      code->second.seen = shown->second.seen;
      code->second.symbols = symbols_of(secrets.recipient, shown->second);
      const double whole[] = {1.0};
      code->second.ratio = log_mark_ratio(code->second.seen, {&code->second.symbols, 1}, whole);
    }
    scores_[e].positions = code->second.seen.size();
    scores_[e].tail = innocents.at(marks).tail(mark_score(code->second.seen, code->second.symbols));
  }
  for (const auto& [who, code] : codes_) best_ = std::max(best_, code.ratio);
  for (ExportIndex e = 0; e < exports.size(); ++e) {
    if (!who_[e]) continue;
    scores_[e].marks = bounded(codes_.at(*who_[e]).ratio);
    scores_[e].tail = family_wise(scores_[e].tail, codes_.size());
  }
}

/// Withheld rows and canaries of one epoch's exports: both are told by the rows' tags.
void SealEvidence::read_rows(const SampleSurvey& survey, const ColumnMap& map,
                             const std::vector<ExportManifest>& exports, const RegistryKey& key,
                             const EpochSecrets& secrets, Epoch epoch) {
  std::vector<std::optional<Sealing>> sealings;
  for (ExportIndex e = 0; e < exports.size(); ++e) {
    sealings.push_back(epochs_[e] == epoch ? Sealing::decode(exports[e].sealing) : std::nullopt);
    if (!sealings.back()) continue;
    const auto& planted = sealings.back()->canary_tags;
    planted_.insert(planted_.end(), planted.begin(), planted.end());
  }
  const RowIdentities rows = identities_of(survey, map, secrets, epoch);
  std::vector<RowTag> tags;
  for (std::size_t r = 0; r < rows.tags.size(); ++r)
    if (rows.known[r] != 0) tags.push_back(rows.tags[r]);
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  if (tags.empty()) return;
  std::vector<std::uint8_t> left_out;
  for (ExportIndex e = 0; e < exports.size(); ++e) {
    const auto& sealing = sealings[e];
    if (!sealing) continue;
    if (sealing->withhold > 0) {
      Withholding(SealSecrets::of(key, exports[e].description), sealing->withhold).decide(tags, left_out);
      const auto seen = static_cast<std::uint64_t>(std::count(left_out.begin(), left_out.end(), 1));
      scores_[e].withheld = log_withheld_ratio(tags.size(), seen, sealing->withhold);
    }
    if (sealing->canary_tags.empty()) continue;
    for (std::size_t r = 0; r < rows.tags.size(); ++r) {
      if (rows.known[r] == 0) continue;
      if (!std::binary_search(sealing->canary_tags.begin(), sealing->canary_tags.end(), rows.tags[r])) continue;
      ++scores_[e].canaries_seen;
      sightings_.push_back({survey.screened.line[r], e, {rows.column[r]}});
    }
    const double expected = static_cast<double>(tags.size()) * static_cast<double>(sealing->canaries) /
                            std::max(1.0, static_cast<double>(exports[e].rows));
    scores_[e].canaries = log_canary_ratio(scores_[e].canaries_seen, expected, tags.size(), sealing->canaries);
  }
}

/// What goes beyond the bound is taken off all alike: recipients stay as far apart as they are, as far as the bound
/// lets them.
double SealEvidence::bounded(double ratio) const {
  return std::max(-kSealBound, ratio - std::max(0.0, best_ - kSealBound));
}

const SealScore& SealEvidence::of(ExportIndex e) const {
  static const SealScore kNone;
  return scores_.empty() ? kNone : scores_[e];
}

const SealEvidence::Code* SealEvidence::code_of(ExportIndex e) const {
  if (who_.empty() || !who_[e]) return nullptr;
  return &codes_.at(*who_[e]);
}

double SealEvidence::mixture(std::span<const ExportIndex> sources, std::span<const double> shares) const {
  std::vector<std::vector<std::uint8_t>> members;
  std::vector<double> parts;
  const Code* first = nullptr;
  double mean = 0;
  bool alike = true;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Code* code = code_of(sources[i]);
    mean += shares[i] * of(sources[i]).marks.value_or(0);
    if (code == nullptr || (first != nullptr && code->seen.size() != first->seen.size())) alike = false;
    if (!alike) continue;
    if (first == nullptr) first = code;
    members.push_back(code->symbols);
    parts.push_back(shares[i]);
  }
  if (!alike || first == nullptr) return mean;
  double all = 0;
  for (const double part : parts) all += part;
  for (double& part : parts) part /= all > 0 ? all : 1;
  return bounded(log_mark_ratio(first->seen, members, parts));
}

std::vector<ExportIndex> SealEvidence::colluders() const {
  std::vector<ExportIndex> found;
  std::vector<std::string> recipients;
  for (ExportIndex e = 0; e < scores_.size(); ++e) {
    if (!who_[e] || scores_[e].tail > kBeyondChance) continue;
    if (std::find(recipients.begin(), recipients.end(), *who_[e]) != recipients.end()) continue;
    recipients.push_back(*who_[e]);
    found.push_back(e);
  }
  if (found.size() < 2) found.clear();
  return found;
}

}  // namespace sidik
