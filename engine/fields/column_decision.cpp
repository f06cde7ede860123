#include "fields/column_decision.h"

#include <cmath>
#include <optional>

namespace sidik {

namespace {

// How many values must be of a type. Most wanted is 98 %; forms that do not arise by chance (NIK, e-mail, dates) need
// fewer, for real columns hold garbage; where the header names the type, half will do: the rest is what the column
// should not hold.
constexpr double kNearlyAll = 0.98;
constexpr double kTellingForm = 0.88;
constexpr double kNamedByHeader = 0.5;

std::string percent(double share) {
  // 99.96 % is not all.
  const double rounded = std::floor(share * 100 + (share < 1 ? 0 : 0.5));
  return std::to_string(static_cast<int>(rounded)) + " %";
}

class Decision {
 public:
  Decision(const ColumnEvidence& evidence, HeaderMeaning meaning, double distinct, double distinct_share)
      : e_(evidence), meaning_(meaning), distinct_(distinct), distinct_share_(distinct_share) {}

  ColumnDecision decide() const {
    if (e_.values == 0) return by_header_alone();
    if (const auto nik = as_nik()) return *nik;
    if (const auto email = as_email()) return *email;
    if (const auto date = as_date()) return *date;
    if (const auto phone = as_phone()) return *phone;
    if (const auto boolean = as_boolean()) return *boolean;
    if (const auto number = as_number()) return *number;
    if (const auto identifier = as_identifier()) return *identifier;
    if (const auto address = as_address()) return *address;
    if (const auto name = as_name()) return *name;
    return as_words();
  }

 private:
  double valid(FieldType type) const { return e_.valid[static_cast<std::size_t>(type)]; }
  bool header_is(HeaderMeaning meaning) const { return meaning_ == meaning; }

  ColumnDecision found(FieldType type, std::string reason) const {
    ColumnDecision decision{type, std::move(reason), false};
    decision.reason += header_words();
    return decision;
  }
  std::string header_words() const { return meaning_ == HeaderMeaning::kNone ? "" : ", and the header fits"; }
  std::string valid_reason(FieldType type, const std::string& what) const {
    return percent(valid(type)) + " are " + what;
  }

  ColumnDecision by_header_alone() const {
    const auto named = [](FieldType type) { return ColumnDecision{type, "no values; named so by the header", false}; };
    switch (meaning_) {
      case HeaderMeaning::kNik:
        return named(FieldType::kNik);
      case HeaderMeaning::kFamilyCard:
      case HeaderMeaning::kIdentifier:
        return named(FieldType::kIdentifier);
      case HeaderMeaning::kPhone:
        return named(FieldType::kPhone);
      case HeaderMeaning::kEmail:
        return named(FieldType::kEmail);
      case HeaderMeaning::kPersonName:
      case HeaderMeaning::kName:
        return named(FieldType::kPersonName);
      case HeaderMeaning::kAddress:
        return named(FieldType::kAddress);
      case HeaderMeaning::kBirthDate:
      case HeaderMeaning::kDate:
        return named(FieldType::kDate);
      case HeaderMeaning::kTimestamp:
        return named(FieldType::kTimestamp);
      case HeaderMeaning::kFlag:
      case HeaderMeaning::kCategory:
        return named(FieldType::kCategory);
      default:
        return {FieldType::kText, "no values, and the header does not tell", false};
    }
  }

  std::optional<ColumnDecision> as_nik() const {
    const double share = valid(FieldType::kNik);
    if (header_is(HeaderMeaning::kFamilyCard) || header_is(HeaderMeaning::kPhone)) return std::nullopt;
    if (share < (header_is(HeaderMeaning::kNik) ? 0.3 : 0.7)) return std::nullopt;
    if (!header_is(HeaderMeaning::kNik) && e_.values >= 40 && e_.women < 0.01)
      return found(FieldType::kIdentifier,
                   percent(share) + " are built as NIKs but none is a woman's: family card numbers");
    return found(FieldType::kNik, valid_reason(FieldType::kNik, "NIKs with a known region and date"));
  }

  std::optional<ColumnDecision> as_email() const {
    if (valid(FieldType::kEmail) < (header_is(HeaderMeaning::kEmail) ? 0.3 : kTellingForm)) return std::nullopt;
    return found(FieldType::kEmail, valid_reason(FieldType::kEmail, "e-mail addresses"));
  }

  bool header_of_date() const {
    return header_is(HeaderMeaning::kDate) || header_is(HeaderMeaning::kBirthDate) ||
           header_is(HeaderMeaning::kTimestamp);
  }

  std::optional<ColumnDecision> as_date() const {
    const double share = valid(FieldType::kDate);
    if (share < (header_of_date() ? kNamedByHeader : kTellingForm)) return std::nullopt;
    const bool speaks_against = header_is(HeaderMeaning::kQuantity) || header_is(HeaderMeaning::kIdentifier) ||
                                header_is(HeaderMeaning::kPhone) || header_is(HeaderMeaning::kFamilyCard);
    if (speaks_against && (e_.compact_dates > 0.5 || e_.two_digit_years > 0.5)) return std::nullopt;
    if (!header_of_date() && e_.compact_dates > 0.5 && share < kNearlyAll) return std::nullopt;
    const bool timed = e_.timed > 0.02 && !header_is(HeaderMeaning::kBirthDate);
    const bool named_time = header_is(HeaderMeaning::kTimestamp) && e_.clock > 0.5;
    const FieldType type = timed || named_time ? FieldType::kTimestamp : FieldType::kDate;
    std::string reason = valid_reason(FieldType::kDate, type == FieldType::kTimestamp ? "dates with times" : "dates");
    if (e_.options.date_order == DateOrder::kMonthFirst) reason += ", month first as second parts over 12 prove";
    return found(type, reason);
  }

  std::optional<ColumnDecision> as_phone() const {
    const double share = valid(FieldType::kPhone);
    if (header_is(HeaderMeaning::kPhone)) {
      if (share < 0.4) return std::nullopt;
      return found(FieldType::kPhone, valid_reason(FieldType::kPhone, "phone numbers"));
    }
    const bool named_otherwise = meaning_ != HeaderMeaning::kNone && meaning_ != HeaderMeaning::kOtherName;
    if (named_otherwise || share < kTellingForm || e_.written_phone < 0.7) return std::nullopt;
    // Digits alone: mobiles, which begin with 08 or 628.
    const bool only_digits = e_.digits_only > kNearlyAll;
    if (only_digits && e_.mobile_digits < 0.7) return std::nullopt;
    return found(FieldType::kPhone, valid_reason(FieldType::kPhone, "phone numbers"));
  }

  std::optional<ColumnDecision> as_boolean() const {
    const bool digits = e_.digits_only > kNamedByHeader;
    const bool flagged = header_is(HeaderMeaning::kFlag);
    const double bar = digits && !flagged ? kNearlyAll : kTellingForm;
    if (valid(FieldType::kBoolean) < bar || e_.yes_and_t || header_is(HeaderMeaning::kQuantity)) return std::nullopt;
    if (digits && !flagged && e_.distinct < 2) return std::nullopt;
    if (header_is(HeaderMeaning::kIdentifier) || header_is(HeaderMeaning::kCategory)) return std::nullopt;
    return found(FieldType::kBoolean, "only yes and no");
  }

  bool named_identifier() const {
    return header_is(HeaderMeaning::kIdentifier) || header_is(HeaderMeaning::kFamilyCard);
  }

  std::optional<ColumnDecision> as_number() const {
    const double whole = valid(FieldType::kInteger);
    const double decimal = valid(FieldType::kDecimal);
    // A few words among numbers are garbage; a few codes (12A) make the column one of codes.
    const double codes = e_.with_digit - decimal;
    const double bar = header_is(HeaderMeaning::kQuantity) ? kNamedByHeader : codes > 0.01 ? kNearlyAll : kTellingForm;
    if (decimal < bar) return std::nullopt;
    if (named_identifier() && valid(FieldType::kIdentifier) >= kTellingForm && e_.fraction < 0.1) return std::nullopt;
    if (e_.fraction > 0 && whole < kNearlyAll) {
      std::string reason = valid_reason(FieldType::kDecimal, "numbers with decimals");
      if (e_.options.decimal_sign == DecimalSign::kComma) reason += " (comma)";
      return found(FieldType::kDecimal, reason);
    }
    return as_whole_number();
  }

  std::optional<ColumnDecision> as_whole_number() const {
    const std::string numbers = valid_reason(FieldType::kInteger, "whole numbers");
    if (header_is(HeaderMeaning::kQuantity)) return found(FieldType::kInteger, numbers);
    if (header_of_date()) return found(FieldType::kInteger, numbers + ", no dates");
    const bool shuffled = e_.dense && header_is(HeaderMeaning::kRowNumber);
    const bool counted = e_.counts_rows && (header_is(HeaderMeaning::kNone) || header_is(HeaderMeaning::kRowNumber));
    if (shuffled || counted) {
      ColumnDecision decision = found(FieldType::kInteger, counted ? "each is one more than the one before: row numbers"
                                                                   : "unique numbers without gaps: row numbers");
      decision.numbers_rows = true;
      return decision;
    }
    if (header_is(HeaderMeaning::kRowNumber)) return found(FieldType::kIdentifier, numbers + " in a column of numbers");
    if (e_.leading_zero > 0.005) return found(FieldType::kIdentifier, "digits with leading zeros");
    if (header_is(HeaderMeaning::kCategory) || header_is(HeaderMeaning::kFlag))
      return found(few() ? FieldType::kCategory : FieldType::kInteger, numbers);
    const bool unique = distinct_share_ >= 0.9;
    if (unique && e_.shortest == e_.longest && e_.shortest >= 6)
      return found(FieldType::kIdentifier, "unique numbers of one length");
    if (unique && e_.mean_size >= 9) return found(FieldType::kIdentifier, "unique long numbers");
    if (e_.shortest == e_.longest && e_.shortest >= 12)
      return found(FieldType::kIdentifier, "long numbers of one length");
    if (e_.dense && e_.values >= 20 && e_.longest >= 3)
      return found(FieldType::kIdentifier, "unique numbers without gaps");
    return found(FieldType::kInteger, numbers);
  }

  /// Few distinct values for their number: a class.
  bool few() const {
    const double values = static_cast<double>(e_.values);
    if (distinct_ <= 1) return true;
    if (values < 200) return distinct_share_ <= 0.5 && distinct_ <= 40;
    return distinct_ <= 5000 && distinct_share_ <= (header_is(HeaderMeaning::kCategory) ? 0.5 : 0.1);
  }

  std::optional<ColumnDecision> as_identifier() const {
    const double share = valid(FieldType::kIdentifier);
    const bool telling = named_identifier() || header_is(HeaderMeaning::kRowNumber) || header_is(HeaderMeaning::kNik);
    if (share < (telling ? 0.8 : kTellingForm) || e_.dotted_quads > 0.5) return std::nullopt;
    const bool words = e_.with_digit < kNamedByHeader;
    const std::string codes = valid_reason(FieldType::kIdentifier, "codes of letters and digits");
    if (telling) {
      if (few() && e_.digits_only < kNamedByHeader) return std::nullopt;
      if (words && e_.spaced > 0.2) return std::nullopt;
      return found(FieldType::kIdentifier, codes);
    }
    if (words || e_.spaced > 0.3 || e_.with_digit < 0.8 || e_.address_like > 0.3) return std::nullopt;
    const bool other = header_is(HeaderMeaning::kAddress) || header_is(HeaderMeaning::kText) ||
                       header_is(HeaderMeaning::kName) || header_is(HeaderMeaning::kPersonName);
    if (other) return std::nullopt;
    if (few() && (e_.digits_only < kNamedByHeader || header_is(HeaderMeaning::kCategory))) return std::nullopt;
    return found(FieldType::kIdentifier, codes);
  }

  std::optional<ColumnDecision> as_address() const {
    const bool named = header_is(HeaderMeaning::kAddress);
    if (valid(FieldType::kAddress) < kTellingForm || (!named && e_.address_like < 0.5)) return std::nullopt;
    if (!named && (header_is(HeaderMeaning::kText) || header_is(HeaderMeaning::kPersonName))) return std::nullopt;
    if (named && few() && e_.address_like < 0.1) return std::nullopt;
    return found(FieldType::kAddress, e_.address_like > 0.1 ? percent(e_.address_like) + " have words of addresses"
                                                            : "texts of letters and digits");
  }

  std::optional<ColumnDecision> as_name() const {
    if (valid(FieldType::kPersonName) < kTellingForm || e_.person_like < 0.7) return std::nullopt;
    const bool known = e_.known_names >= 0.2;
    const std::string names =
        percent(e_.person_like) + " are a few words of letters, " + percent(e_.known_names) + " with a common name";
    switch (meaning_) {
      case HeaderMeaning::kPersonName:
        return found(FieldType::kPersonName, names);
      case HeaderMeaning::kName:
        if (few() && e_.values >= 200 && e_.known_names < 0.1) return std::nullopt;
        if (e_.known_names >= 0.05 || e_.values < 20) return found(FieldType::kPersonName, names);
        return std::nullopt;
      case HeaderMeaning::kNone:
        if (known && !few()) return found(FieldType::kPersonName, names);
        return std::nullopt;
      default:
        return std::nullopt;
    }
  }

  ColumnDecision as_words() const {
    const bool free_text = header_is(HeaderMeaning::kText) && distinct_share_ > 0.3;
    if (few() && !free_text && e_.mean_size <= 60) return found(FieldType::kCategory, "few distinct values");
    return {FieldType::kText, "no other type fits its values", false};
  }

  const ColumnEvidence& e_;
  HeaderMeaning meaning_;
  double distinct_;
  double distinct_share_;
};

}  // namespace

ColumnDecision decide_column(const ColumnEvidence& evidence, HeaderMeaning meaning, double distinct,
                             double distinct_share) {
  return Decision(evidence, meaning, distinct, distinct_share).decide();
}

}  // namespace sidik
