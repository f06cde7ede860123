#include "fields/canonical.h"

#include <algorithm>
#include <memory>

#include "fields/address.h"
#include "fields/boolean.h"
#include "fields/characters.h"
#include "fields/date.h"
#include "fields/email.h"
#include "fields/identifier.h"
#include "fields/nik.h"
#include "fields/null_token.h"
#include "fields/number.h"
#include "fields/person_name.h"
#include "fields/phone.h"
#include "fields/text_folding.h"

namespace sidik {

namespace {

// One writer a type: the end of the form, `out` for no value, nullptr for a value that is not of the type. (See nik.h
// for what a writer may rely on.) `kMayBeNull`: a form can be a null token though the value was none ("N-A" as an
// identifier).
struct Nik {
  static constexpr bool kMayBeNull = false;
  static constexpr bool kTakesAnyByte = false;
  static char* write(std::string_view text, const CanonicalOptions&, char* out) { return write_nik(text, out); }
};
struct Identifier {
  static constexpr bool kMayBeNull = true;
  static constexpr bool kTakesAnyByte = false;
  static char* write(std::string_view text, const CanonicalOptions&, char* out) { return write_identifier(text, out); }
};
struct Phone {
  static constexpr bool kMayBeNull = false;
  static constexpr bool kTakesAnyByte = false;
  static char* write(std::string_view text, const CanonicalOptions&, char* out) { return write_phone(text, out); }
};
struct Email {
  static constexpr bool kMayBeNull = false;
  static constexpr bool kTakesAnyByte = true;
  static char* write(std::string_view text, const CanonicalOptions&, char* out) { return write_email(text, out); }
};
struct PersonName {
  static constexpr bool kMayBeNull = true;
  static constexpr bool kTakesAnyByte = true;
  static char* write(std::string_view text, const CanonicalOptions&, char* out) { return write_person_name(text, out); }
};
struct Address {
  static constexpr bool kMayBeNull = true;
  static constexpr bool kTakesAnyByte = true;
  static char* write(std::string_view text, const CanonicalOptions&, char* out) { return write_address(text, out); }
};
struct Date {
  static constexpr bool kMayBeNull = false;
  static constexpr bool kTakesAnyByte = false;
  static char* write(std::string_view text, const CanonicalOptions& options, char* out) {
    return write_date(text, options, out);
  }
};
struct Timestamp {
  static constexpr bool kMayBeNull = false;
  static constexpr bool kTakesAnyByte = false;
  static char* write(std::string_view text, const CanonicalOptions& options, char* out) {
    return write_timestamp(text, options, out);
  }
};
struct Integer {
  static constexpr bool kMayBeNull = false;
  static constexpr bool kTakesAnyByte = false;
  static char* write(std::string_view text, const CanonicalOptions& options, char* out) {
    return write_integer(text, options, out);
  }
};
struct Decimal {
  static constexpr bool kMayBeNull = false;
  static constexpr bool kTakesAnyByte = false;
  static char* write(std::string_view text, const CanonicalOptions& options, char* out) {
    return write_decimal(text, options, out);
  }
};
struct Boolean {
  static constexpr bool kMayBeNull = false;
  static constexpr bool kTakesAnyByte = false;
  static char* write(std::string_view text, const CanonicalOptions&, char* out) { return write_boolean(text, out); }
};
/// Category and text: the fold itself, here of tidy ASCII.
struct Text {
  static constexpr bool kMayBeNull = false;
  static constexpr bool kTakesAnyByte = false;
  static char* write(std::string_view text, const CanonicalOptions&, char* out) { return fold_tidy_ascii(text, out); }
};

/// Curly quotes, long dashes and the like as the ASCII marks that they stand for: types other than text ignore or need
/// those.
void plain_punctuation(std::string& text, std::size_t size) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size;) {
    char mark = 0;
    if (i + 2 < size && byte_of(text[i]) == 0xe2 && byte_of(text[i + 1]) == 0x80) {
      const std::size_t third = byte_of(text[i + 2]);
      if (third >= 0x90 && third <= 0x95) mark = '-';
      if (third >= 0x98 && third <= 0x9b) mark = '\'';
      if (third >= 0x9c && third <= 0x9f) mark = '"';
    } else if (i + 2 < size && byte_of(text[i]) == 0xe2 && byte_of(text[i + 1]) == 0x88 &&
               byte_of(text[i + 2]) == 0x92) {
      mark = '-';
    }
    if (mark != 0) {
      text[kept++] = mark;
      i += 3;
    } else if (i + 1 < size && byte_of(text[i]) == 0xca && byte_of(text[i + 1]) >= 0xb9 &&
               byte_of(text[i + 1]) <= 0xbf) {
      text[kept++] = '\'';  // modifier letters that serve as apostrophes
      i += 2;
    } else {
      text[kept++] = text[i++];
    }
  }
  text.resize(kept);
}

/// Appends forms to a column, growing its buffer ahead of each.
class ColumnWriter {
 public:
  ColumnWriter(const CanonicalOptions& options, std::size_t values, CanonicalColumn& out)
      : options_(options), out_(out) {
    out_.begin.resize(values + 1);
    out_.state.resize(values);
    out_.begin[0] = 0;
    make_room(0);
  }

  template <class Type>
  void write(std::size_t i, std::string_view raw) {
    const std::string_view text = trim_blanks(raw);
    out_.state[i] = text.empty() ? ValueState::kNull : write_trimmed<Type>(text);
    out_.begin[i + 1] = static_cast<std::uint32_t>(used_);
  }

 private:
  template <class Type>
  ValueState write_trimmed(std::string_view text) {
    if (is_trimmed_null_token(text)) return ValueState::kNull;
    // Writers that take no byte over 0x7f are tried before anything else is asked.
    if constexpr (Type::kTakesAnyByte)
      if (!is_ascii(text)) return write_unicode<Type>(text);
    char* out = make_room(text.size());
    if (char* end = Type::write(text, options_, out); end != nullptr) return accept<Type>(out, end, ValueState::kValid);
    if (!is_ascii(text)) return write_unicode<Type>(text);
    return accept<Text>(out, fold_ascii(text, out),
                        std::is_same_v<Type, Text> ? ValueState::kValid : ValueState::kInvalid);
  }

  template <class Type>
  ValueState write_unicode(std::string_view raw) {
    const std::string_view folded = fold_unicode(raw, folded_);
    if (folded.empty() || is_trimmed_null_token(folded)) return ValueState::kNull;
    char* out = make_room(std::max(raw.size(), folded.size()));
    if constexpr (std::is_same_v<Type, Text>)
      return accept<Text>(out, copy_loosely(out, folded.data(), folded.size()), ValueState::kValid);
    plain_.assign(folded);
    plain_punctuation(plain_, plain_.size());
    const std::size_t size = plain_.size();
    plain_.append(kTextSlack, '\0');
    const std::string_view plain = trim_blanks({plain_.data(), size});
    if (!plain.empty() && !is_trimmed_null_token(plain))
      if (char* end = Type::write(plain, options_, out); end != nullptr)
        return accept<Type>(out, end, ValueState::kValid);
    return accept<Text>(out, copy_loosely(out, folded.data(), folded.size()), ValueState::kInvalid);
  }

  template <class Type>
  ValueState accept(const char* begin, const char* end, ValueState state) {
    const auto size = static_cast<std::size_t>(end - begin);
    if (size == 0) return ValueState::kNull;
    if constexpr (Type::kMayBeNull)
      if (is_trimmed_null_token({begin, size})) return ValueState::kNull;
    used_ += size;
    return state;
  }

  char* make_room(std::size_t value_size) {
    const std::size_t needed = used_ + 4 * value_size + 2 * kTextSlack;
    if (needed > out_.text.size()) out_.text.resize(std::max(needed, out_.text.size() + out_.text.size() / 2));
    return reinterpret_cast<char*>(out_.text.data()) + used_;
  }

  const CanonicalOptions& options_;
  CanonicalColumn& out_;
  std::size_t used_ = 0;
  std::string folded_;
  std::string plain_;
};

template <class Type>
void write_column(const CanonicalOptions& options, std::span<const std::string_view> raw, CanonicalColumn& out) {
  ColumnWriter writer(options, raw.size(), out);
  for (std::size_t i = 0; i < raw.size(); ++i) writer.write<Type>(i, raw[i]);
}

}  // namespace

void CanonicalColumn::clear() {
  begin.assign(1, 0);
  state.clear();
}

void canonicalise(FieldType type, const CanonicalOptions& options, std::span<const std::string_view> raw,
                  CanonicalColumn& out) {
  switch (type) {
    case FieldType::kNik:
      return write_column<Nik>(options, raw, out);
    case FieldType::kIdentifier:
      return write_column<Identifier>(options, raw, out);
    case FieldType::kPhone:
      return write_column<Phone>(options, raw, out);
    case FieldType::kEmail:
      return write_column<Email>(options, raw, out);
    case FieldType::kPersonName:
      return write_column<PersonName>(options, raw, out);
    case FieldType::kAddress:
      return write_column<Address>(options, raw, out);
    case FieldType::kDate:
      return write_column<Date>(options, raw, out);
    case FieldType::kTimestamp:
      return write_column<Timestamp>(options, raw, out);
    case FieldType::kInteger:
      return write_column<Integer>(options, raw, out);
    case FieldType::kDecimal:
      return write_column<Decimal>(options, raw, out);
    case FieldType::kBoolean:
      return write_column<Boolean>(options, raw, out);
    case FieldType::kCategory:
    case FieldType::kText:
      return write_column<Text>(options, raw, out);
  }
}

CanonicalValue canonical(FieldType type, std::string_view raw, const CanonicalOptions& options) {
  std::string padded(raw);
  padded.append(kTextSlack, '\0');
  const std::string_view value(padded.data(), raw.size());
  CanonicalColumn column;
  canonicalise(type, options, {&value, 1}, column);
  return {column.state[0], std::string(column.value(0))};
}

}  // namespace sidik
