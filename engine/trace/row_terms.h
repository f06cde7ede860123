// What one class of rows is worth under one export: clean, damaged, stale, or not explained at all.
// All values are ln of P(row | export) relative to the product of the frequencies of the row's visible values.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "trace/agreement.h"
#include "trace/feed_dates.h"

namespace sidik {

/// What hardly two people share is worth no less than a row of the largest export but for this, nats.
inline constexpr double kHardlyShared = 0.7;

enum class RowSort : std::uint8_t { kUnlinked, kDamaged, kStale, kClean };

/// Whether a source has the row's person, in another version than the row is.
enum class HeldOtherwise : bool { kNo, kYes };

struct RowTerm {
  RowSort sort = RowSort::kUnlinked;
  double log = 0;            // without the shares of damaged and stale rows, which are integrated over; 0 for unlinked
  bool changed = false;      // the row stood otherwise in an earlier export of the feed (stale rows are changed, too)
  Slips slips = {};          // of a damaged row, no part of `log`
  double near = 0;           // log_errors_near() of the row by itself
  bool unreachable = false;  // RowTerms::is_unreachable()
  HeldOtherwise held = HeldOtherwise::kNo;
};

/// Of the fields of `fields` in which a record differs.
Slips slips_of(const ClassMatch& match, FieldMask fields);

/// What a class of rows is to one export.
struct ClassStanding {
  const ClassMatch* match = nullptr;  // the best record that the export has, if any; what follows is of no use without
  double agreeing = 0;                // information of its fields that agree
  double own = 0;                     // RowTerms::term() in all its fields, no earlier exports looked at, `near` in it
  double but_for_replaced = 0;        // the same without RowTerms::replaced()
};

/// What is known beside the classes. Immutable to those who ask, on any number of threads.
class RowTerms {
 public:
  RowTerms(const Agreement& agreement, const ColumnMap& map, const std::vector<FieldRole>& roles,
           const std::vector<ExportManifest>& exports);
  const std::vector<AgreementClass>& classes() const { return agreement_.classes; }
  const std::vector<ExportManifest>& exports() const { return exports_; }
  const std::vector<FieldRole>& roles() const { return roles_; }
  std::size_t fields() const { return roles_.size(); }
  /// Whether one column at most says anything: others are masked so that nothing of them can be told, or empty.
  bool is_of_one_column() const { return speaking_ < 2; }
  /// The mapped columns that an export has.
  FieldMask fields_of(ExportIndex e) const { return fields_[e]; }
  /// Of them those whose values stand for the export's, which writes others.
  FieldMask recoded_of(ExportIndex e) const { return recoded_[e]; }
  /// The fields that anybody has of the people.
  FieldMask granted_fields() const;
  /// Of them those that rivals may have gathered themselves instead.
  FieldMask doubtful_fields() const;
  /// Whether a field's values are nearly unique by type: NIK, identifier, phone, e-mail.
  bool unique(std::size_t f) const { return unique_[f] != 0; }
  /// Whether a field's value follows from a NIK that these rows show.
  bool follows(const AgreementClass& rows, std::size_t f) const {
    return roles_[f].follows_nik && (rows.visible & niks_) != 0;
  }
  /// The fields that agree in hardly a linked row: another's columns as a whole, and no errors row by row.
  FieldMask replaced() const { return replaced_; }
  /// Numbers and decimals that are gathered by whoever has them, and are nobody's own: amounts, counts, scores.
  FieldMask measures() const { return measures_; }
  /// ln of the prior that a field was replaced as a whole by other values; its part of one event where all fields are
  /// that name people.
  double log_replaced(std::size_t f) const;
  /// Contacts, classes and our own dates change; names, birth dates and numbers stay.
  bool changes_over_time(std::size_t f) const;
  /// The fields that are contacts, and what anybody has of people that may move with these: codes and words (a
  /// district, a town), no names, dates or numbers.
  FieldMask contacts() const { return contacts_; }
  bool moves(std::size_t f) const { return (moving_ >> f & 1) != 0; }
  /// The fields that are numbers of a person: NIK, card or another identifier, no contact.
  FieldMask numbers() const { return numbers_; }
  /// Of them those whose values in these rows hardly two people share: a code of offices is no number of a person.
  FieldMask numbers_of(const AgreementClass& rows) const;
  /// Of a source's record: that it differs in some of `fields`, and is of the rows' person by a number that they share
  /// (whole families have one phone).
  HeldOtherwise held_otherwise(const AgreementClass& rows, const ClassMatch& match, FieldMask fields) const;
  /// Whether these values tell one of the largest export's rows from all others, surely: none is alike by chance.
  bool singles_out(const AgreementClass& rows, FieldMask fields) const;
  /// The first of the rows' records that knows a field, of those that share a number with `person`; of all where that
  /// agrees in none. Nothing where there is none.
  const ClassMatch* knowing(const AgreementClass& rows, const ClassMatch& person, std::size_t f) const;
  /// Whether some record has a number of the rows' person.
  bool holds_a_number(const AgreementClass& rows) const;
  /// Of rows whose values hardly two people share, in some field (a name is enough): whether a record has one of them;
  /// nothing of rows that show none.
  std::optional<bool> rare_value_known(const AgreementClass& rows) const;
  /// A factor on the odds that others have a field from the same register upstream as we (outside.h); 0 for our own
  /// numbers.
  double shared_upstream(std::size_t f) const;
  /// Of the values of a field that do not agree with the row's best record, nor with another of that person: those that
  /// are registered all the same, and those that are not (distinct rows; both 0 where the registry cannot tell).
  double strange_seen(std::size_t f) const { return strange_seen_[f]; }
  double strange_unseen(std::size_t f) const { return strange_unseen_[f]; }
  /// The odds that another of the sample's rows shows the same value of a field (value_repeats()); 0 where not known.
  double repeats(std::size_t f) const { return f < agreement_.repeats.size() ? agreement_.repeats[f] : 0; }
  /// The distinct rows, of all classes.
  double rows() const { return rows_; }

  /// ln of what it costs an export that the sample shows numbers and contacts of others (ColumnMap::strangers).
  double log_strangers_numbers(ExportIndex e) const { return strangers_numbers_[e]; }

  /// Whether rows would not be found if they were of an export: of the columns that they share none has an index there,
  /// nor gives its rows their tags. Whatever they were found by, that the export has no record for them says nothing.
  bool is_unreachable(const AgreementClass& rows, ExportIndex e) const {
    return (rows.visible & fields_[e]) != 0 && (rows.visible & leading_[e]) == 0;
  }

  /// A class under export `e` with the columns `fields` in play; `earlier` are the feed's exports before it.
  RowTerm term(const AgreementClass& rows, ExportIndex e, FieldMask fields, std::span<const ExportIndex> earlier) const;

  /// One a class. Found when an export is first asked for, for it is asked again and again: by field, rule and round.
  const std::vector<ClassStanding>& standings(ExportIndex e) const;
  /// Of one of classes().
  const ClassStanding& standing(const AgreementClass& rows, ExportIndex e) const {
    return standings(e)[static_cast<std::size_t>(&rows - classes().data())];
  }

  /// Sum of ln(1/u) over some fields, the mean of the class.
  static double information(const AgreementClass& rows, FieldMask fields);
  /// ln of a damaged row: each field that differs was hit, each that agrees was not, or was hit and holds the same.
  double log_damaged(const AgreementClass& rows, const ClassMatch& match, FieldMask fields) const;
  /// ln(1/u) of a value by itself, as whoever draws it by itself would have it: of what follows from a number of the
  /// row and of what goes with other values as well.
  double alone(const AgreementClass& rows, std::size_t f) const {
    return follows(rows, f) && f < agreement_.told.size() ? agreement_.told[f] : rows.alone[f];
  }
  /// ln of what it costs one row of a class to have values of some fields that were drawn by themselves agree.
  double log_drawn(const AgreementClass& rows, FieldMask fields) const;
  double log_rows(ExportIndex e) const { return log_rows_[e]; }

  /// Strangers' term of a class (outside.h), its cells counted in the largest export.
  double log_strangers(const AgreementClass& rows, double clumping) const;
  ExportIndex largest() const { return largest_; }

 private:
  /// Those of `among` whose values are worth more than `least` nats.
  static FieldMask rarer_than(const AgreementClass& rows, FieldMask among, double least);
  /// The numbers of these rows that are no codes of a class.
  FieldMask telling_numbers(const AgreementClass& rows) const;
  /// Whether the best record agrees in a field, or another that shares a number with it.
  bool agrees_somewhere(const AgreementClass& rows, std::size_t f) const;

  const Agreement& agreement_;
  const std::vector<FieldRole>& roles_;
  const std::vector<ExportManifest>& exports_;
  std::vector<FieldMask> fields_, recoded_, leading_;
  std::vector<double> log_rows_, strangers_numbers_;
  std::vector<double> hit_;  // one a field
  std::vector<char> unique_;
  std::vector<char> dated_;
  std::size_t speaking_ = 0;  // fields that one row in twenty shows
  FieldMask numbers_ = 0, niks_ = 0, contacts_ = 0, moving_ = 0, replaced_ = 0, measures_ = 0;
  std::vector<double> strange_seen_, strange_unseen_;
  ExportIndex largest_ = 0;
  double rows_ = 0;
  mutable std::vector<std::vector<ClassStanding>> standings_;  // by export
  mutable std::unique_ptr<std::once_flag[]> found_;            // by export
};

}  // namespace sidik
