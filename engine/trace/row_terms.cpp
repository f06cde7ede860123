#include "trace/row_terms.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "trace/log_math.h"
#include "trace/noise.h"
#include "trace/related_exports.h"

namespace sidik {
namespace {

/// Whether any of a feed's exports holds the match. They mostly follow each other without a gap, those without a date
/// behind all others: then one look is enough, however many they are.
bool any_holds(const ClassMatch& match, std::span<const ExportIndex> exports) {
  if (exports.empty()) return false;
  if (exports.front() <= exports.back() && exports.back() - exports.front() + 1 == exports.size()) {
    return match.exports.meets(exports.front(), exports.back());
  }
  return std::any_of(exports.begin(), exports.end(), [&](ExportIndex e) { return match.held_by(e); });
}

bool is_contact(FieldType type) { return type == FieldType::kPhone || type == FieldType::kEmail; }

template <typename Use>
void each_field(FieldMask fields, Use&& use) {
  for (; fields != 0; fields &= fields - 1) use(static_cast<std::size_t>(std::countr_zero(fields)));
}

}  // namespace

RowTerms::RowTerms(const Agreement& agreement, const ColumnMap& map, const std::vector<FieldRole>& roles,
                   const std::vector<ExportManifest>& exports)
    : agreement_(agreement),
      roles_(roles),
      exports_(exports),
      fields_(exports.size()),
      recoded_(exports.size()),
      leading_(exports.size()),
      standings_(exports.size()),
      found_(new std::once_flag[exports.size()]) {
  constexpr int kFewMeasures = 4;
  constexpr double kSpeaking = 20;  // one in so many rows shows a field that says something
  std::unordered_map<ColumnId, FieldMask> field_of, recoded_of;
  for (std::size_t f = 0; f < map.mapped.size(); ++f) {
    for (const auto& as : map.mapped[f].as) {
      for (const ColumnId column : as.columns) {
        field_of[column] |= FieldMask{1} << f;
        if (!as.codes.empty()) recoded_of[column] |= FieldMask{1} << f;
      }
    }
    hit_.push_back(hit_rate(map.mapped[f].as.front().reading.type));
    const FieldType type = map.mapped[f].as.front().reading.type;
    dated_.push_back(type == FieldType::kDate || type == FieldType::kTimestamp);
    if (type == FieldType::kNik) niks_ |= FieldMask{1} << f;
    if (roles_[f].agreement == ForeignAgreement::kContact) contacts_ |= FieldMask{1} << f;
    const bool words = type == FieldType::kCategory || type == FieldType::kInteger || type == FieldType::kText;
    if (words && roles_[f].agreement == ForeignAgreement::kGranted) moving_ |= FieldMask{1} << f;
    const bool gathered = roles_[f].agreement == ForeignAgreement::kAttribute ||
                          (roles_[f].agreement == ForeignAgreement::kGranted && roles_[f].doubtful);
    if (gathered && (type == FieldType::kDecimal || type == FieldType::kInteger)) measures_ |= FieldMask{1} << f;
    unique_.push_back(identity_rank(map.mapped[f].as.front().reading.type).has_value());
    if (unique(f) && roles_[f].agreement != ForeignAgreement::kContact) numbers_ |= FieldMask{1} << f;
  }
  // Where most of what is shown are measures, one that differs is no exception.
  if (kFewMeasures * std::popcount(measures_) > static_cast<int>(map.mapped.size())) measures_ = 0;
  for (std::size_t e = 0; e < exports.size(); ++e) {
    double& strangers = strangers_numbers_.emplace_back();
    for (const ExportColumn& column : exports[e].columns) {
      if (std::binary_search(map.strangers.begin(), map.strangers.end(), column.id))
        strangers += std::log(is_contact(column.schema.type) ? kContactReplaced : kOwnNumberReplaced);
      if (std::binary_search(map.unlike.begin(), map.unlike.end(), column.id)) strangers += std::log(kColumnEvent);
      if (const auto found = field_of.find(column.id); found != field_of.end()) {
        fields_[e] |= found->second;
        if (column.schema.indexed || column.schema.identity) leading_[e] |= found->second;
      }
      if (const auto found = recoded_of.find(column.id); found != recoded_of.end()) recoded_[e] |= found->second;
    }
    log_rows_.push_back(std::log(static_cast<double>(std::max<std::uint64_t>(1, exports[e].rows))));
  }
  largest_ = largest_related(exports, rows_held(agreement, exports.size(), kWellHeld));
  for (const AgreementClass& one : agreement.classes) rows_ += one.rows;
  const double scale = agreement.rows > 0 ? rows_ / static_cast<double>(agreement.rows) : 0;
  for (std::size_t f = 0; f < roles_.size(); ++f) {
    double agreeing = 0;
    for (const AgreementClass& one : agreement.classes) {
      if (agrees_somewhere(one, f)) agreeing += one.rows;
    }
    double shown = 0;
    for (const AgreementClass& one : agreement.classes) shown += (one.visible >> f & 1) != 0 ? one.rows : 0;
    if (kSpeaking * shown >= rows_) ++speaking_;
    double linked = 0;
    for (const AgreementClass& one : agreement.classes)
      linked += (one.visible >> f & 1) != 0 && !one.matches.empty() ? one.rows : 0;
    if (linked > 0 && agreeing <= kForeignColumn * linked) replaced_ |= FieldMask{1} << f;
    strange_seen_.push_back(f < agreement.seen.size() ? std::max(0.0, agreement.seen[f] * scale - agreeing) : 0);
    strange_unseen_.push_back(f < agreement.unseen.size() ? agreement.unseen[f] * scale : 0);
  }
}

double RowTerms::log_replaced(std::size_t f) const {
  const bool own = roles_[f].agreement == ForeignAgreement::kOwnNumber;
  const double alone = std::log((measures_ >> f & 1) != 0 ? kMeasureChanged
                                : own                     ? kOwnNumberReplaced
                                                          : kContactReplaced);
  FieldMask naming = 0;
  for (std::size_t other = 0; other < roles_.size(); ++other)
    if (unique(other)) naming |= FieldMask{1} << other;
  if ((naming >> f & 1) == 0 || (naming & ~replaced_) != 0) return alone;
  return std::max(alone, std::log(kPseudonymised) / std::popcount(naming));
}

double RowTerms::shared_upstream(std::size_t f) const {
  if (roles_[f].agreement != ForeignAgreement::kOwnNumber) return 1;
  return dated_[f] ? kSharedOwnDate : 0;
}

bool RowTerms::changes_over_time(std::size_t f) const {
  const ForeignAgreement kind = roles_[f].agreement;
  return kind == ForeignAgreement::kContact || kind == ForeignAgreement::kAttribute ||
         (kind == ForeignAgreement::kOwnNumber && shared_upstream(f) > 0);
}

FieldMask RowTerms::rarer_than(const AgreementClass& rows, FieldMask among, double least) {
  FieldMask found = 0;
  each_field(among, [&](std::size_t f) {
    if (rows.alone[f] > least) found |= FieldMask{1} << f;
  });
  return found;
}

FieldMask RowTerms::telling_numbers(const AgreementClass& rows) const {
  constexpr double kAllThatCodesTell = 10.5;  // nats; of large exports no code of 16 bits tells more
  return rarer_than(rows, numbers_, std::min(log_rows_[largest_] - kHardlyShared, kAllThatCodesTell));
}

bool RowTerms::agrees_somewhere(const AgreementClass& rows, std::size_t f) const {
  const FieldMask numbers = telling_numbers(rows);
  return std::any_of(rows.matches.begin(), rows.matches.end(), [&](const ClassMatch& match) {
    const ClassMatch& best = rows.matches.front();
    return (match.agrees >> f & 1) != 0 && (&match == &best || (match.agrees & best.agrees & numbers) != 0);
  });
}

const ClassMatch* RowTerms::knowing(const AgreementClass& rows, const ClassMatch& person, std::size_t f) const {
  const FieldMask numbers = telling_numbers(rows) & person.agrees;
  const auto known = std::find_if(rows.matches.begin(), rows.matches.end(), [&](const ClassMatch& match) {
    return ((match.agrees | match.differs) >> f & 1) != 0 && (numbers == 0 || (match.agrees & numbers) != 0);
  });
  return known == rows.matches.end() ? nullptr : &*known;
}

FieldMask RowTerms::numbers_of(const AgreementClass& rows) const {
  return rarer_than(rows, numbers_, log_rows_[largest_] - kHardlyShared);
}

HeldOtherwise RowTerms::held_otherwise(const AgreementClass& rows, const ClassMatch& match, FieldMask fields) const {
  const bool may_be = (match.differs & fields) != 0 && (match.agrees & numbers_) != 0;
  return may_be && (match.agrees & telling_numbers(rows)) != 0 ? HeldOtherwise::kYes : HeldOtherwise::kNo;
}

bool RowTerms::holds_a_number(const AgreementClass& rows) const {
  const FieldMask numbers = telling_numbers(rows);
  return std::any_of(rows.matches.begin(), rows.matches.end(),
                     [&](const ClassMatch& match) { return (match.agrees & numbers) != 0; });
}

std::optional<bool> RowTerms::rare_value_known(const AgreementClass& rows) const {
  const FieldMask rare = rarer_than(rows, rows.visible, log_rows_[largest_] - kHardlyShared);
  if (rare == 0) return std::nullopt;
  return std::any_of(rows.matches.begin(), rows.matches.end(),
                     [&](const ClassMatch& match) { return (match.agrees & rare) != 0; });
}

FieldMask RowTerms::granted_fields() const {
  FieldMask granted = 0;
  for (std::size_t f = 0; f < roles_.size(); ++f)
    if (roles_[f].agreement == ForeignAgreement::kGranted) granted |= FieldMask{1} << f;
  return granted;
}

FieldMask RowTerms::doubtful_fields() const {
  FieldMask doubtful = 0;
  for (std::size_t f = 0; f < roles_.size(); ++f)
    if (roles_[f].doubtful) doubtful |= FieldMask{1} << f;
  return doubtful;
}

double RowTerms::information(const AgreementClass& rows, FieldMask fields) {
  double sum = 0;
  each_field(fields & rows.visible, [&](std::size_t f) { sum += rows.information[f]; });
  return sum;
}

double RowTerms::log_damaged(const AgreementClass& rows, const ClassMatch& match, FieldMask fields) const {
  double sum = 0;
  each_field(match.agrees & fields, [&](std::size_t f) {
    sum += rows.information[f] + std::log(1 - hit_[f] + hit_[f] * std::exp(-rows.alone[f]));
  });
  each_field(match.differs & fields, [&](std::size_t f) { sum += std::log(hit_[f]); });
  return sum;
}

Slips slips_of(const ClassMatch& match, FieldMask fields) {
  Slips slips;
  for (const FieldSlips& one : match.slips)
    if (((match.differs & fields) >> one.field & 1) != 0) slips.add(one.slips);
  return slips;
}

double RowTerms::log_drawn(const AgreementClass& rows, FieldMask fields) const {
  double log = 0;
  each_field(fields & rows.visible, [&](std::size_t f) { log -= alone(rows, f) - rows.information[f]; });
  return log;
}

bool RowTerms::singles_out(const AgreementClass& rows, FieldMask fields) const {
  constexpr double kSurely = 5;  // nats beyond one row
  return information(rows, fields) > log_rows(largest()) + kSurely;
}

const std::vector<ClassStanding>& RowTerms::standings(ExportIndex e) const {
  std::call_once(found_[e], [&] {
    std::vector<ClassStanding> all;
    all.reserve(classes().size());
    for (const AgreementClass& rows : classes()) {
      const auto best = std::find_if(rows.matches.begin(), rows.matches.end(),
                                     [&](const ClassMatch& match) { return match.held_by(e); });
      ClassStanding& one = all.emplace_back();
      if (best == rows.matches.end()) continue;
      one.match = &*best;
      one.agreeing = information(rows, best->agrees & fields_of(e));
      const auto worth = [&](FieldMask fields) {
        const RowTerm own = term(rows, e, fields, {});
        return own.log + own.near;
      };
      one.own = worth(fields_of(e));
      one.but_for_replaced = (fields_of(e) & replaced_) == 0 ? one.own : worth(fields_of(e) & ~replaced_);
    }
    standings_[e] = std::move(all);
  });
  return standings_[e];
}

RowTerm RowTerms::term(const AgreementClass& rows, ExportIndex e, FieldMask fields,
                       std::span<const ExportIndex> earlier) const {
  RowTerm term;
  double clean = kLogZero;
  double damaged = kLogZero;
  double stale = kLogZero;
  bool older_differs = false;
  Slips slips;  // of the best that differs
  HeldOtherwise held = HeldOtherwise::kNo;
  for (const ClassMatch& match : rows.matches) {
    const bool fits = (match.differs & fields) == 0;
    if (match.held_by(e)) {
      const double records = match.records == 1 ? 0 : std::log(match.records);
      if (fits) {
        clean = log_add(clean, records + information(rows, match.agrees & fields));
      } else {
        if (damaged == kLogZero) {
          slips = slips_of(match, fields);
          held = held_otherwise(rows, match, fields);
        }
        damaged = log_add(damaged, records + log_damaged(rows, match, fields));
      }
    } else if (any_holds(match, earlier)) {
      if (fits) {
        stale = std::max(stale, information(rows, match.agrees & fields));
      } else {
        older_differs = true;
      }
    }
  }
  if (clean > kLogZero) {
    term = {RowSort::kClean, clean - log_rows_[e], older_differs};
  } else if (stale > kLogZero) {
    term = {RowSort::kStale, stale - log_rows_[e], true};
  } else if (damaged > kLogZero) {
    term = {RowSort::kDamaged, damaged - log_rows_[e], false, slips, log_errors_near(slips)};
    term.held = held;
  }
  term.unreachable = is_unreachable(rows, e);
  return term;
}

double RowTerms::log_strangers(const AgreementClass& rows, double clumping) const {
  // One field has no cells: its values are as frequent as they are.
  if (std::popcount(rows.visible & fields_[largest_]) < 2) return 0;
  double records = 0;
  for (const ClassMatch& match : rows.matches) {
    if (match.held_by(largest_) && (match.differs & fields_[largest_]) == 0) records += match.records;
  }
  const double expected = std::exp(log_rows_[largest_] - information(rows, fields_[largest_]));
  return log_stranger({records, expected}, clumping);
}

}  // namespace sidik
