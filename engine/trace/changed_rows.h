// Rows that changed between two dates of a feed: which fields time changes together, as the records of the sample's
// people show it, and what a row is worth that its record knows otherwise.
#pragma once

#include <optional>
#include <vector>

#include "trace/row_terms.h"

namespace sidik {

/// Immutable; may be asked by any number of threads.
class ChangedRows {
 public:
  /// Looks at the records of each row's person that have the same columns: what differs between them has changed.
  explicit ChangedRows(const RowTerms& terms);

  /// ln of the chance that of a person's `fields` just those of `differs` have changed, where some have; nothing where
  /// time changes no such fields.
  std::optional<double> log_changed(FieldMask differs, FieldMask fields) const;
  /// ln of what a row of the class is worth, before the division by an export's rows, if it has changed since (or
  /// until) a record: a new value that another record of ours has of the person is as good as one that agrees, half
  /// the time; others are as frequent as they are. Nothing as above.
  std::optional<double> log_row(const AgreementClass& rows, const ClassMatch& record, FieldMask fields) const;

 private:
  struct Change {
    FieldMask fields = 0;
    double rows = 0;
  };

  /// Whether what agrees tells the rows' person from all others.
  bool singles_out(const AgreementClass& rows, FieldMask agrees) const;
  bool same_person(const AgreementClass& rows, const ClassMatch& a, const ClassMatch& b) const;
  bool is_ours(const ClassMatch& match) const;
  void count(FieldMask fields, double rows);
  double expected(FieldMask differs, FieldMask fields) const;

  const RowTerms& terms_;
  FieldMask changing_ = 0, following_ = 0;
  std::vector<Change> seen_;  // each set of fields once
};

}  // namespace sidik
