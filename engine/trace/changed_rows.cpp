#include "trace/changed_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sidik {
namespace {

/// Beforehand: one field as likely as the other, each further one in one case of five, and what follows from the NIK
/// but moves with an address (a district) in three of ten; worth so many rows.
constexpr double kAnother = 0.2, kAlong = 0.3, kBefore = 3;
/// That a value which changed is the one that another record of ours has.
constexpr double kKnownSince = 0.5;

}  // namespace

ChangedRows::ChangedRows(const RowTerms& terms) : terms_(terms) {
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const FieldMask bit = FieldMask{1} << f;
    if (terms.changes_over_time(f)) {
      changing_ |= bit;
    } else if (terms.roles()[f].follows_nik) {
      following_ |= bit;
    }
  }
  std::vector<FieldMask> met;
  for (const AgreementClass& rows : terms.classes()) {
    if (rows.matches.size() < 2 || !is_ours(rows.matches.front())) continue;
    const ClassMatch& best = rows.matches.front();
    met.clear();
    for (const ClassMatch& other : rows.matches) {
      const FieldMask changed = best.agrees & other.differs;
      if (changed == 0 || (best.agrees | best.differs) != (other.agrees | other.differs)) continue;
      if (!is_ours(other) || !same_person(rows, best, other)) continue;
      if (std::find(met.begin(), met.end(), changed) != met.end()) continue;
      met.push_back(changed);
      count(changed, rows.rows);
    }
  }
}

bool ChangedRows::singles_out(const AgreementClass& rows, FieldMask agrees) const {
  return (agrees & terms_.numbers_of(rows)) != 0 || terms_.singles_out(rows, agrees);
}

/// By a number that both have; else what agrees in both singles out a person, and what differs is what time changes.
bool ChangedRows::same_person(const AgreementClass& rows, const ClassMatch& a, const ClassMatch& b) const {
  const FieldMask both = a.agrees & b.agrees;
  if ((both & terms_.numbers_of(rows)) != 0) return true;
  return (b.differs & ~(changing_ | following_)) == 0 && singles_out(rows, both);
}

bool ChangedRows::is_ours(const ClassMatch& match) const {
  return !match.exports.empty() && std::any_of(match.exports.begin(), match.exports.end(), [&](ExportIndex e) {
    return terms_.exports()[e].description.kind != ExportKind::kExternal;
  });
}

void ChangedRows::count(FieldMask fields, double rows) {
  const auto at = std::find_if(seen_.begin(), seen_.end(), [&](const Change& one) { return one.fields == fields; });
  if (at == seen_.end())
    seen_.push_back({fields, rows});
  else
    at->rows += rows;
}

double ChangedRows::expected(FieldMask differs, FieldMask fields) const {
  const FieldMask changing = changing_ & fields;
  if (changing == 0 || (differs & ~(changing | following_)) != 0) return 0;
  const int changes = std::popcount(differs & changing);
  return std::pow(kAnother, std::max(0, changes - 1)) * std::pow(kAlong, std::popcount(differs & following_)) /
         std::popcount(changing);
}

std::optional<double> ChangedRows::log_changed(FieldMask differs, FieldMask fields) const {
  differs &= fields;
  if (differs == 0) return std::nullopt;
  double like = kBefore * expected(differs, fields);
  double all = kBefore;
  for (const Change& one : seen_) {
    if ((one.fields & fields) == 0) continue;
    all += one.rows;
    if ((one.fields & fields) == differs) like += one.rows;
  }
  if (like <= 0) return std::nullopt;
  return std::log(like / all);
}

std::optional<double> ChangedRows::log_row(const AgreementClass& rows, const ClassMatch& record,
                                           FieldMask fields) const {
  // A record that shares a few common values with the row is not its person of another time.
  if (!singles_out(rows, record.agrees)) return std::nullopt;
  const std::optional<double> chance = log_changed(record.differs, fields);
  if (!chance) return std::nullopt;
  FieldMask since = 0;
  for (const ClassMatch& other : rows.matches) {
    if (&other != &record && is_ours(other) && same_person(rows, record, other))
      since |= other.agrees & record.differs & fields;
  }
  const double log = RowTerms::information(rows, record.agrees & fields) + *chance;
  return since == 0 ? log : log + std::log(kKnownSince) + RowTerms::information(rows, since);
}

}  // namespace sidik
