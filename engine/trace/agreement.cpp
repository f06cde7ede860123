#include "trace/agreement.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <unordered_map>

#include "trace/distinct_rows.h"
#include "trace/row_finding.h"

namespace sidik {
namespace {

constexpr double kNatsPerStep = 0.125;  // information is kept in bytes, so that sums do not depend on their order
constexpr double kWorthKeeping = 0.5;   // of the best match's information
constexpr std::size_t kMostMatches = 24;
constexpr std::size_t kRowOverhead = 32;  // bytes a finding takes beside its information

// Rounded to the nearest step: cut off, a thousand rows would lose fifty nats.
std::uint8_t in_steps(double nats) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(nats / kNatsPerStep, 0.0, 255.0)));
}

/// How a mapped column's readings are laid out in a record's shape.
struct PlannedCell {
  std::uint32_t field, place, reading;
  bool also;  // another column of a set: it may excuse what differs from the column itself
};

struct Match {
  RowTag tag;
  FieldMask agrees, differs;
  std::uint32_t set;
  std::uint32_t count;
  std::uint32_t score;
};

using ClassKey = std::vector<std::uint64_t>;
struct ClassKeyHash {
  std::size_t operator()(const ClassKey& key) const {
    std::uint64_t hash = key.size();
    for (const std::uint64_t word : key) hash = mixed(hash ^ word);
    return hash;
  }
};

}  // namespace

struct AgreementTable::Shared {
  AgreementTask task;
  std::vector<Reading> readings;                                            // all readings of all mapped columns
  std::vector<std::uint32_t> field_of;                                      // of each reading
  std::vector<std::vector<std::pair<ColumnId, std::uint32_t>>> columns_of;  // of each field: (column, reading)
  std::vector<std::vector<std::pair<ColumnId, std::uint32_t>>> also_of;     // the same, of its set's other columns
  std::vector<std::pair<ColumnId, std::uint32_t>>
      known_best;           // of each field: the column of most rows, and its reading
  std::vector<char> asked;  // readings that link
  std::size_t most_findings = 0;
  FieldMask nik_fields = 0;
};

class AgreementTable::Worker {
 public:
  explicit Worker(const Shared& shared)
      : shared_(shared), reader_(shared.task.fingerprint_secret), values_(shared.readings.size()) {
    const std::size_t fields = shared.task.map.mapped.size();
    seen.resize(fields);
    unseen.resize(fields);
  }

  void examine(std::size_t rows, std::span<const std::vector<std::string_view>> columns);

  std::vector<Finding> findings;
  std::vector<std::uint8_t> information;  // findings x fields
  std::vector<ClassKey> classes;          // sets by this worker's numbers
  std::uint64_t rows = 0, linked = 0, not_linkable = 0;
  std::vector<double> seen, unseen;
  unsigned level = 0;  // findings whose mixed key is above 2^(64 - level) are left out
  const ExportSets& sets() const { return sets_; }
  void thin_out(unsigned to_level);

 private:
  void find_visible(std::size_t row);
  void match_row(std::size_t row);
  std::uint32_t united(std::uint32_t a, std::uint32_t b);
  const std::vector<PlannedCell>& plan_of(const RecordPool::Record& record);
  void keep_row(std::size_t row, std::span<const std::vector<std::string_view>> columns);
  std::uint32_t class_of();
  void look_for_values(std::size_t rows);

  const Shared& shared_;
  ColumnReader reader_;
  std::vector<ReadValues> values_;
  Links links_;
  ExportSets sets_;
  std::unordered_map<std::uint64_t, std::uint32_t> unions_;
  std::unordered_map<std::uint32_t, std::uint32_t> own_set_;  // of the pool's set
  std::vector<std::vector<PlannedCell>> plans_;
  std::unordered_map<ClassKey, std::uint32_t, ClassKeyHash> numbers_;
  std::vector<Match> matches_;
  std::vector<std::uint8_t> steps_;
  FieldMask visible_ = 0;
  ClassKey key_;
  std::vector<std::string_view> cells_;
  std::vector<std::vector<IndexValue>> wanted_;  // by reading: values that no linked record has
};

AgreementTable::AgreementTable(AgreementTask task, unsigned threads)
    : shared_(std::make_unique<Shared>(Shared{std::move(task), {}, {}, {}, {}, {}, {}, 0, 0})) {
  Shared& shared = *shared_;
  const auto& mapped = shared.task.map.mapped;
  const std::vector<FieldType> indexed = shared.task.store.indexed_types();
  std::vector<ReadValues> nothing;
  for (std::uint32_t f = 0; f < mapped.size(); ++f) {
    shared.columns_of.emplace_back();
    shared.also_of.emplace_back();
    for (const auto& as : mapped[f].as) {
      const auto reading = static_cast<std::uint32_t>(shared.readings.size());
      shared.readings.push_back(as.reading);
      shared.field_of.push_back(f);
      shared.asked.push_back(identity_rank(as.reading.type).has_value() ||
                             std::find(indexed.begin(), indexed.end(), as.reading.type) != indexed.end());
      for (const ColumnId column : as.columns) shared.columns_of[f].emplace_back(column, reading);
      for (const ColumnId column : as.also) shared.also_of[f].emplace_back(column, reading);
      if (as.reading.type == FieldType::kNik) shared.nik_fields |= FieldMask{1} << f;
    }
  }
  for (const auto& columns : shared.columns_of) {
    // One population, one frequency: a value is as common as the largest export has it.
    shared.known_best.push_back(*std::max_element(columns.begin(), columns.end(), [&](const auto& a, const auto& b) {
      return shared.task.frequencies.rows(a.first) < shared.task.frequencies.rows(b.first);
    }));
  }
  shared.most_findings = std::max<std::size_t>(100000, shared.task.memory / (kRowOverhead + mapped.size()));
  for (unsigned thread = 0; thread < threads; ++thread) workers_.push_back(std::make_unique<Worker>(shared));
}

AgreementTable::~AgreementTable() = default;

void AgreementTable::examine(unsigned thread, std::size_t rows,
                             std::span<const std::vector<std::string_view>> columns) {
  workers_[thread]->examine(rows, columns);
}

void AgreementTable::Worker::examine(std::size_t rows_given, std::span<const std::vector<std::string_view>> columns) {
  std::vector<LinkColumn> asked;
  for (std::size_t k = 0; k < shared_.readings.size(); ++k) {
    const auto& raw = columns[shared_.readings[k].column];
    reader_.read(shared_.readings[k], std::span(raw).first(rows_given), values_[k]);
    if (shared_.asked[k]) asked.push_back({&shared_.readings[k], &values_[k]});
  }
  LinkOptions options;
  options.exports = shared_.task.exports;
  link_rows(shared_.task.store, shared_.task.epoch, asked, rows_given, options, links_);
  wanted_.assign(shared_.readings.size(), {});
  for (std::size_t r = 0; r < rows_given; ++r) {
    find_visible(r);
    match_row(r);
    keep_row(r, columns);
  }
  rows += rows_given;
  if (shared_.task.look_for_values) look_for_values(rows_given);
  while (findings.size() > shared_.most_findings) thin_out(level + 1);
}

void AgreementTable::Worker::find_visible(std::size_t row) {
  const auto& mapped = shared_.task.map.mapped;
  visible_ = 0;
  steps_.assign(mapped.size(), 0);
  for (std::size_t k = shared_.readings.size(); k-- > 0;) {
    if (values_[k].states[row] != ValueState::kNull) visible_ |= FieldMask{1} << shared_.field_of[k];
  }
  const bool nik = (visible_ & shared_.nik_fields) != 0;
  for (std::uint32_t f = 0; f < mapped.size(); ++f) {
    if ((visible_ >> f & 1) == 0 || (nik && shared_.task.roles[f].follows_nik)) continue;
    const auto& [column, reading] = shared_.known_best[f];
    const bool tag = values_[reading].tags[row] != 0 && shared_.readings[reading].type == FieldType::kNik;
    steps_[f] =
        in_steps(tag ? shared_.task.frequencies.tag_information(column)
                     : shared_.task.frequencies.information(column, value_code(values_[reading].fingerprints[row])));
  }
}

const std::vector<PlannedCell>& AgreementTable::Worker::plan_of(const RecordPool::Record& record) {
  while (plans_.size() <= record.shape) {
    const RecordShape& shape = links_.pool.shapes()[plans_.size()];
    std::vector<PlannedCell> plan;
    const auto lay_out = [&](const auto& columns_of, bool also) {
      for (std::uint32_t place = 0; place < shape.columns.size(); ++place) {
        for (std::uint32_t f = 0; f < columns_of.size(); ++f) {
          for (const auto& [column, reading] : columns_of[f]) {
            if (column == shape.columns[place]) plan.push_back({f, place, reading, also});
          }
        }
      }
    };
    lay_out(shared_.columns_of, false);
    lay_out(shared_.also_of, true);
    plans_.push_back(std::move(plan));
  }
  return plans_[record.shape];
}

std::uint32_t AgreementTable::Worker::united(std::uint32_t a, std::uint32_t b) {
  if (a == b) return a;
  const std::uint64_t pair = (static_cast<std::uint64_t>(std::min(a, b)) << 32) | std::max(a, b);
  if (const auto found = unions_.find(pair); found != unions_.end()) return found->second;
  std::vector<ExportIndex> both;
  std::set_union(sets_.of(a).begin(), sets_.of(a).end(), sets_.of(b).begin(), sets_.of(b).end(),
                 std::back_inserter(both));
  return unions_[pair] = sets_.intern(both);
}

/// Fills matches_ with what the row's records agree and differ in: records of one tag that do alike are one match of
/// all their exports; best first.
void AgreementTable::Worker::match_row(std::size_t row) {
  matches_.clear();
  for (std::uint32_t l = links_.begin[row]; l < links_.begin[row + 1]; ++l) {
    const RecordPool::Record& record = links_.pool[links_.records[l]];
    const auto codes = links_.pool.codes(record);
    FieldMask agrees = 0;
    FieldMask differs = 0;
    for (const PlannedCell& cell : plan_of(record)) {
      const ReadValues& values = values_[cell.reading];
      const Standing is =
          standing(values.states[row], values.fingerprints[row], values.tags[row], codes[cell.place], record.tag);
      const FieldMask bit = FieldMask{1} << cell.field;
      if (cell.also && (differs & bit) == 0) continue;
      if (is == Standing::kAgrees) agrees |= bit;
      if (is == Standing::kDiffers) differs |= bit;
    }
    differs &= ~agrees;
    auto own = own_set_.find(record.set);
    if (own == own_set_.end()) {
      own = own_set_.emplace(record.set, sets_.intern(links_.pool.sets().of(record.set))).first;
    }
    std::uint32_t score = 0;
    for (FieldMask left = agrees; left != 0; left &= left - 1)
      score += steps_[static_cast<std::size_t>(std::countr_zero(left))];
    bool merged = false;
    for (Match& match : matches_) {
      if (match.tag != record.tag || match.agrees != agrees || match.differs != differs) continue;
      match.set = united(match.set, own->second);
      match.count = std::max(match.count, record.count);
      merged = true;
      break;
    }
    if (!merged) matches_.push_back({record.tag, agrees, differs, own->second, record.count, score});
  }
  std::sort(matches_.begin(), matches_.end(), [](const Match& a, const Match& b) {
    return std::tuple(b.score, std::popcount(a.differs), a.tag, a.agrees, a.differs) <
           std::tuple(a.score, std::popcount(b.differs), b.tag, b.agrees, b.differs);
  });
  while (!matches_.empty() &&
         (matches_.back().agrees == 0 || matches_.back().score < kWorthKeeping * matches_.front().score)) {
    matches_.pop_back();
  }
}

std::uint32_t AgreementTable::Worker::class_of() {
  struct Part {
    FieldMask agrees, differs;
    std::uint32_t set;
    std::uint64_t records;
  };
  std::vector<Part> parts;
  for (const Match& match : matches_) {
    const auto same = std::find_if(parts.begin(), parts.end(), [&](const Part& part) {
      return part.agrees == match.agrees && part.differs == match.differs && part.set == match.set;
    });
    if (same != parts.end()) {
      same->records += match.count;
    } else if (parts.size() < kMostMatches) {
      parts.push_back({match.agrees, match.differs, match.set, match.count});
    }
  }
  key_.assign(1, visible_);
  for (const Part& part : parts) key_.insert(key_.end(), {part.agrees, part.differs, part.set, part.records});
  const auto [place, fresh] = numbers_.try_emplace(key_, static_cast<std::uint32_t>(classes.size()));
  if (fresh) classes.push_back(key_);
  return place->second;
}

void AgreementTable::Worker::keep_row(std::size_t row, std::span<const std::vector<std::string_view>> columns) {
  Finding finding{};
  std::uint64_t digest = visible_;
  for (std::size_t k = 0; k < shared_.readings.size(); ++k) {
    if (values_[k].states[row] != ValueState::kNull) digest = mixed(digest ^ values_[k].fingerprints[row]);
  }
  finding.values = digest;
  if (matches_.empty()) {
    cells_.clear();
    for (const auto& column : columns) cells_.push_back(column[row]);
    finding.key = row_digest(cells_) | (std::uint64_t{1} << 63);
    finding.allowed = 1;
    not_linkable += links_.states[row] == LinkState::kNotLinkable;
  } else {
    const Match& best = matches_.front();
    finding.key = best.tag;
    finding.agreeing = static_cast<std::uint16_t>(std::min(best.score, std::uint32_t{65535}));
    finding.allowed = static_cast<std::uint8_t>(std::clamp<std::uint32_t>(best.count, 1, 255));
    finding.clean = best.differs == 0;
    ++linked;
  }
  if (shared_.task.look_for_values) {
    const FieldMask agrees = matches_.empty() ? 0 : matches_.front().agrees;
    for (std::uint32_t f = 0; f < steps_.size(); ++f) {
      if ((visible_ >> f & 1) == 0) continue;
      if ((agrees >> f & 1) != 0) {
        seen[f] += 1;
      } else {
        const std::uint32_t reading = shared_.columns_of[f].front().second;
        if (shared_.asked[reading]) wanted_[reading].push_back(index_value(values_[reading].fingerprints[row]));
      }
    }
  }
  if (level > 0 && mixed(finding.key) >> (64 - level) != 0) return;
  finding.row_class = class_of();
  findings.push_back(finding);
  information.insert(information.end(), steps_.begin(), steps_.end());
}

void AgreementTable::Worker::look_for_values(std::size_t) {
  CandidateAnswers answers;
  const std::vector<FieldType> indexed = shared_.task.store.indexed_types();
  for (std::size_t k = 0; k < wanted_.size(); ++k) {
    const FieldType type = shared_.readings[k].type;
    if (wanted_[k].empty() || std::find(indexed.begin(), indexed.end(), type) == indexed.end()) continue;
    std::vector<IndexValue> values = wanted_[k];
    std::sort(values.begin(), values.end());
    std::vector<IndexValue> each = values;
    each.erase(std::unique(each.begin(), each.end()), each.end());
    for (std::size_t from = 0; from < each.size(); from += 65536) {
      const auto batch = std::span(each).subspan(from, std::min<std::size_t>(65536, each.size() - from));
      shared_.task.store.find_candidates(shared_.task.epoch, type, batch, 1, answers);
      for (std::size_t v = 0; v < batch.size(); ++v) {
        const auto [begin, end] = std::equal_range(values.begin(), values.end(), batch[v]);
        (answers.totals[v] > 0 ? seen : unseen)[shared_.field_of[k]] += static_cast<double>(end - begin);
      }
    }
  }
}

void AgreementTable::Worker::thin_out(unsigned to_level) {
  if (to_level <= level) return;
  level = to_level;
  const std::size_t fields = steps_.size();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (mixed(findings[i].key) >> (64 - level) != 0) continue;
    findings[kept] = findings[i];
    std::copy_n(information.begin() + static_cast<std::ptrdiff_t>(i * fields), fields,
                information.begin() + static_cast<std::ptrdiff_t>(kept * fields));
    ++kept;
  }
  findings.resize(kept);
  information.resize(kept * fields);
}

Agreement AgreementTable::finish() {
  const std::size_t fields = shared_->task.map.mapped.size();
  Agreement result;
  result.seen.resize(fields);
  result.unseen.resize(fields);
  unsigned level = 0;
  for (const auto& worker : workers_) level = std::max(level, worker->level);
  for (const auto& worker : workers_) worker->thin_out(level);
  std::size_t findings = 0;
  for (const auto& worker : workers_) findings += worker->findings.size();
  for (; findings > shared_->most_findings; ++level) {
    findings = 0;
    for (const auto& worker : workers_) {
      worker->thin_out(level + 1);
      findings += worker->findings.size();
    }
  }

  // Classes by what they are, not by whoever met them first.
  std::map<ClassKey, std::uint32_t> numbers;
  std::vector<std::vector<ClassKey>> keys;
  for (const auto& worker : workers_) {
    auto& own = keys.emplace_back();
    for (const ClassKey& key : worker->classes) {
      ClassKey spelled{key[0]};
      for (std::size_t m = 1; m < key.size(); m += 4) {
        const auto& set = worker->sets().of(static_cast<std::uint32_t>(key[m + 2]));
        spelled.insert(spelled.end(), {key[m], key[m + 1], key[m + 3], set.size()});
        spelled.insert(spelled.end(), set.begin(), set.end());
      }
      numbers.emplace(spelled, 0);
      own.push_back(std::move(spelled));
    }
  }
  for (auto& [key, number] : numbers) {
    number = static_cast<std::uint32_t>(result.classes.size());
    AgreementClass one;
    one.visible = key[0];
    one.information.resize(fields);
    for (std::size_t at = 1; at < key.size();) {
      ClassMatch match{key[at], key[at + 1], {}, static_cast<double>(key[at + 2])};
      const std::size_t size = key[at + 3];
      for (std::size_t i = 0; i < size; ++i) match.exports.push_back(static_cast<ExportIndex>(key[at + 4 + i]));
      one.matches.push_back(std::move(match));
      at += 4 + size;
    }
    result.classes.push_back(std::move(one));
  }

  std::vector<Place> places;
  places.reserve(findings);
  for (std::size_t w = 0; w < workers_.size(); ++w) {
    Worker& worker = *workers_[w];
    for (std::size_t i = 0; i < worker.findings.size(); ++i) {
      const Finding& finding = worker.findings[i];
      places.push_back({&finding, worker.information.data() + i * fields, numbers.at(keys[w][finding.row_class])});
    }
    result.rows += worker.rows;
    result.linked += worker.linked;
    result.not_linkable += worker.not_linkable;
    for (std::size_t f = 0; f < fields; ++f) {
      result.seen[f] += worker.seen[f];
      result.unseen[f] += worker.unseen[f];
    }
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    const Finding& x = *a.finding;
    const Finding& y = *b.finding;
    return std::tuple(x.key, y.clean, y.agreeing, x.values, a.row_class) <
           std::tuple(y.key, x.clean, x.agreeing, y.values, b.row_class);
  });
  const double scale = std::ldexp(1.0, static_cast<int>(level));
  std::vector<std::vector<std::uint64_t>> sums(result.classes.size(), std::vector<std::uint64_t>(fields));
  result.repeated_tags = each_tag_once(places, [&](const Place& place) {
    result.classes[place.row_class].rows += 1;
    for (std::size_t f = 0; f < fields; ++f) sums[place.row_class][f] += place.information[f];
  });
  for (std::size_t c = 0; c < result.classes.size(); ++c) {
    AgreementClass& one = result.classes[c];
    if (one.rows == 0) continue;
    for (std::size_t f = 0; f < fields; ++f) {
      one.information[f] = static_cast<double>(sums[c][f]) * kNatsPerStep / one.rows;
    }
    one.rows *= scale;
  }
  std::erase_if(result.classes, [](const AgreementClass& one) { return one.rows == 0; });
  return result;
}

}  // namespace sidik
