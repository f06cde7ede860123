#include "trace/same_people.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "trace/log_math.h"
#include "trace/outside.h"
#include "trace/replaced_columns.h"
#include "trace/united_records.h"

namespace sidik {
namespace {

/// What others are granted of the people, and which rows pad their book.
struct BookReading {
  FieldMask granted = 0;
  PaddingRule rule = PaddingRule::kUnlinked;
  FieldMask common = 0;  // the fields that tell which, by PaddingRule::kByCommon
};

/// Whose people others have: a record of each class, nothing where there is none, out of how many.
struct Frame {
  std::function<const ClassMatch*(const AgreementClass&, const BookReading&)> match_of;
  /// Of a class and its record, for the granted fields.
  std::function<double(const AgreementClass&, const ClassMatch&, FieldMask)> log_of_alike;
  double log_rows = 0;
  FieldMask fields = 0;
  std::optional<ExportIndex> of = std::nullopt;
};

/// ln of the row's granted fields over all people of an export that it may be: those whose records agree in them, and
/// in what else the best one agrees. A name that a dozen people have is worth as many of them.
double log_of_alike(const AgreementClass& rows, const ClassMatch& best, ExportIndex e, FieldMask granted,
                    FieldMask others) {
  if (rows.matches.size() == 1 && rows.matches.front().held_by(e))
    return std::log(best.records) + RowTerms::information(rows, best.agrees & granted);
  double sum = kLogZero;
  for (const ClassMatch& match : rows.matches) {
    if ((match.differs & granted) != 0 || (match.agrees & others) != (best.agrees & others) || !match.held_by(e))
      continue;
    sum = log_add(sum, std::log(match.records) + RowTerms::information(rows, match.agrees & granted));
  }
  return sum;
}

/// Whether a row is somebody's by some fields alone, of a sample that is padded (PaddingRule::kByCommon).
bool is_known_by(const RowTerms& terms, const AgreementClass& rows, const ClassMatch& match, FieldMask fields,
                 double log_rows, const Elsewhere& elsewhere, double log_good_part = std::log(kGoodPart)) {
  const auto c = static_cast<std::size_t>(&rows - terms.classes().data());
  const double log = (match.differs & fields) == 0 ? RowTerms::information(rows, match.agrees & fields)
                                                   : terms.log_damaged(rows, match, fields);
  return !is_stray(log + std::log(match.records) - log_rows, elsewhere, c, log_good_part);
}

Frame frame_of(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  return {[&terms, e, &elsewhere](const AgreementClass& rows, const BookReading& reading) -> const ClassMatch* {
            const ClassMatch* const match = best_match(terms, rows, e);
            if (match == nullptr || reading.rule == PaddingRule::kWorse) return match;
            if (reading.rule != PaddingRule::kByCommon) return known_match(terms, rows, e, elsewhere, reading.rule);
            const FieldMask common = reading.common & terms.fields_of(e);
            return is_known_by(terms, rows, *match, common, terms.log_rows(e), elsewhere) ? match : nullptr;
          },
          [e, others = terms.fields_of(e)](const AgreementClass& rows, const ClassMatch& best, FieldMask granted) {
            return log_of_alike(rows, best, e, granted, others & ~granted);
          },
          terms.log_rows(e), terms.fields_of(e), e};
}

/// `kept`: the granted fields in play.
SourceLikelihood identities(const RowTerms& terms, const Frame& frame, FieldMask kept, const BookReading& reading,
                            const Elsewhere& elsewhere) {
  const SourceLikelihood by_rows = add_up(terms, elsewhere, reading.rule, [&](const AgreementClass& rows) {
    const ClassMatch* match = frame.match_of(rows, reading);
    if (match == nullptr) {
      RowTerm none;
      none.unreachable = frame.of && terms.is_unreachable(rows, *frame.of);
      return none;
    }
    const FieldMask differs = match->differs & kept;
    const double log = differs == 0 ? frame.log_of_alike(rows, *match, kept)
                                    : terms.log_damaged(rows, *match, kept) + std::log(match->records);
    if (differs == 0) return RowTerm{RowSort::kClean, log - frame.log_rows, false};
    const Slips slips = slips_of(*match, kept);
    RowTerm damaged{RowSort::kDamaged, log - frame.log_rows, false, slips, log_errors_near(slips)};
    damaged.held = terms.held_otherwise(rows, *match, kept);
    return damaged;
  });
  const CellSource cells{[&](const AgreementClass& rows) { return frame.match_of(rows, reading); }, frame.log_rows,
                         kept, frame.of};
  return either(by_rows, by_cells(terms, cells, elsewhere, reading.rule, Columns::kTheirs));
}

SourceLikelihood identities(const RowTerms& terms, ExportIndex e, const Frame& frame, const BookReading& reading,
                            const Elsewhere& elsewhere) {
  return with_columns_replaced(terms, e, reading.granted & frame.fields, kTheirColumns,
                               [&](FieldMask kept) { return identities(terms, frame, kept, reading, elsewhere); });
}

/// ln of the fields that others gather themselves, or share upstream with us.
double log_of_others(const RowTerms& terms, const Frame& frame, const BookReading& reading) {
  const FieldMask others = frame.fields & ~reading.granted;
  std::vector<ForeignField> fields;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    const auto prior = foreign_prior(terms.roles()[f]);
    if ((others >> f & 1) == 0 || !prior) continue;
    const FieldAgreement agreement =
        agreement_of(terms, f, [&](const AgreementClass& rows) { return frame.match_of(rows, reading); });
    ForeignField field{agreement.log_foreign(*prior) + log_others_near(agreement.slips()), kLogZero};
    if (const double shared = terms.shared_upstream(f); shared > 0) {
      field.shared = std::log(shared) + agreement.information() + agreement.log_errors({kDamagedAlpha, kDamagedBeta}) +
                     log_errors_near(agreement.slips());
    }
    fields.push_back(field);
  }
  return log_foreign_fields(fields);
}

/// The records that a reading of a frame gives the classes.
using Picks = std::vector<const ClassMatch*>;
Picks picks_of(const RowTerms& terms, const Frame& frame, const BookReading& reading) {
  Picks picks;
  picks.reserve(terms.classes().size());
  for (const AgreementClass& rows : terms.classes()) picks.push_back(frame.match_of(rows, reading));
  return picks;
}

/// The granted fields, and those that agree in most of the rows that are somebody's as a whole: chance makes no column
/// do so that can tell anything.
FieldMask fields_in_common(const RowTerms& terms, const Frame& frame, FieldMask granted) {
  constexpr double kMost = 0.75;
  const Picks somebodys = picks_of(terms, frame, {granted, PaddingRule::kUnsurePadded});
  const auto match_of = [&](const AgreementClass& rows) {
    return somebodys[static_cast<std::size_t>(&rows - terms.classes().data())];
  };
  FieldMask common = frame.fields & granted;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    if (((frame.fields & ~common) >> f & 1) == 0) continue;
    const FieldAgreement agreement = agreement_of(terms, f, match_of);
    if (agreement.agreeing() > kMost * (agreement.agreeing() + agreement.differing())) common |= FieldMask{1} << f;
  }
  return common;
}

/// The frame with its records found already, whatever the reading. Keeps a reference to `picks`.
Frame picked(const RowTerms& terms, const Frame& frame, const Picks& picks) {
  Frame one = frame;
  one.match_of = [&terms, &picks](const AgreementClass& rows, const BookReading&) {
    return picks[static_cast<std::size_t>(&rows - terms.classes().data())];
  };
  return one;
}

/// Rows that look like somebody's by chance pad others' books, few or many, or are damaged rows of them. Each reading
/// gives every row to one of the two, and is a part of the sum over all ways to do so: the largest is the least it
/// comes to, as the one reading that our exports have. So is each reading of the fields in doubt: all granted, or all
/// gathered.
template <typename Identities>
SourceLikelihood over_rules(const RowTerms& terms, const Frame& frame, Identities&& identities_by) {
  SourceLikelihood best;
  best.log = kLogZero;
  const FieldMask all = terms.granted_fields();
  const FieldMask doubtful = terms.doubtful_fields() & frame.fields;
  for (const FieldMask granted : {all, all & ~doubtful}) {
    std::vector<Picks> tried;  // beside PaddingRule::kWorse, rules are nothing but what they pick
    for (const PaddingRule rule :
         {PaddingRule::kWorse, PaddingRule::kUnlinked, PaddingRule::kUnsure, PaddingRule::kUnsurePadded,
          PaddingRule::kUnsureButForReplaced, PaddingRule::kUnsurePaddedButForReplaced, PaddingRule::kByCommon}) {
      // A row's term is all that it is worth where all of its columns are granted: then rows pad as they do under ours.
      if (rule == PaddingRule::kWorse && (frame.fields & ~granted) != 0) continue;
      if (is_but_for_replaced(rule) && (terms.replaced() & frame.fields) == 0) continue;
      BookReading reading{granted, rule};
      if (rule == PaddingRule::kByCommon) reading.common = fields_in_common(terms, frame, granted);
      const Picks picks = picks_of(terms, frame, reading);
      if (rule != PaddingRule::kWorse) {
        if (std::find(tried.begin(), tried.end(), picks) != tried.end()) continue;
        tried.push_back(picks);
      }
      const Frame read = picked(terms, frame, picks);
      SourceLikelihood one = identities_by(read, reading);
      one.log += log_of_others(terms, read, reading);
      if (one.log > best.log) best = one;
    }
    if (doubtful == 0) break;
  }
  return best;
}

}  // namespace

SourceLikelihood likelihood_of_identities(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  return identities(terms, e, frame_of(terms, e, elsewhere), {terms.granted_fields(), PaddingRule::kWorse}, elsewhere);
}

SourceLikelihood likelihood_same_people(const RowTerms& terms, ExportIndex e, const Elsewhere& elsewhere) {
  return over_rules(terms, frame_of(terms, e, elsewhere), [&](const Frame& frame, const BookReading& reading) {
    return identities(terms, e, frame, reading, elsewhere);
  });
}

SourceLikelihood likelihood_same_people_of_all(const RowTerms& terms, double united, double log_padded,
                                               const Elsewhere& elsewhere) {
  std::vector<ClassMatch> all;
  for (const AgreementClass& rows : terms.classes()) all.push_back(united_match(terms, rows));
  const double log_rows = terms.log_rows(terms.largest()) + std::log(united);
  // Padded as one export's people may be, and as a feed of ours that nobody registered is.
  const double good_part = std::max(std::log(kGoodPart), log_padded);
  const auto match_of = [&](const AgreementClass& rows, const BookReading& reading) -> const ClassMatch* {
    const auto c = static_cast<std::size_t>(&rows - terms.classes().data());
    const ClassMatch& match = all[c];
    if (match.agrees == 0) return nullptr;
    const PaddingRule rule = reading.rule;
    if (rule == PaddingRule::kUnlinked) return &match;
    if (rule == PaddingRule::kByCommon)
      return is_known_by(terms, rows, match, reading.common, log_rows, elsewhere, good_part) ? &match : nullptr;
    const FieldMask kept = is_but_for_replaced(rule) ? ~terms.replaced() : ~FieldMask{0};
    const double log = (match.differs & kept) == 0
                           ? RowTerms::information(rows, match.agrees)
                           : terms.log_damaged(rows, match, (match.agrees | match.differs) & kept);
    return is_known(terms, match, log - log_rows, elsewhere, c, rule, good_part) ? &match : nullptr;
  };
  // As many people as the export knows that knows most of them: whom several know, they know by records of their own.
  const FieldMask known = united_fields(terms);
  FieldMask granted_then = 0;
  std::vector<double> alike;
  ExportSet holders, more;
  const auto alike_of = [&](const AgreementClass& rows, const ClassMatch&, FieldMask) {
    return alike[static_cast<std::size_t>(&rows - terms.classes().data())];
  };
  const auto find_alike = [&](FieldMask granted) {
    if (!alike.empty() && granted == granted_then) return;
    granted_then = granted;
    alike.clear();
    for (std::size_t c = 0; c < all.size(); ++c) {
      const AgreementClass& rows = terms.classes()[c];
      alike.push_back(RowTerms::information(rows, all[c].agrees & granted));
      if (all[c].agrees == 0 || (rows.matches.size() < 2 && rows.matches.front().records <= 1)) continue;
      holders.clear();  // nobody else has any of them
      for (const ClassMatch& match : rows.matches) {
        unite(holders, match.exports, more);
        std::swap(holders, more);
      }
      for (const ExportIndex e : holders) {
        if (terms.exports()[e].description.kind == ExportKind::kExternal) continue;
        alike.back() = std::max(alike.back(), log_of_alike(rows, all[c], e, granted, known & ~granted));
      }
    }
  };
  const Frame frame{match_of, alike_of, log_rows, known};
  return over_rules(terms, frame, [&](const Frame& read, const BookReading& reading) {
    find_alike(reading.granted & known);
    return identities(terms, read, reading.granted & known, reading, elsewhere);
  });
}

bool holds_all(const RowTerms& terms, ExportIndex e, const SourceLikelihood& found) {
  constexpr double kNearlyAll = 0.9;
  if ((found.foreign & ~terms.measures()) != 0 || found.explained() < kNearlyAll * terms.rows()) return false;
  for (std::size_t f = 0; f < terms.fields(); ++f) {
    if ((found.foreign >> f & 1) != 0) continue;  // rounded
    if ((terms.fields_of(e) >> f & 1) == 0) return false;
    const FieldAgreement column =
        agreement_of(terms, f, [&](const AgreementClass& rows) { return best_match(terms, rows, e); });
    if (column.agreeing() < kNearlyAll * (column.agreeing() + column.differing())) return false;
  }
  return true;
}

}  // namespace sidik
