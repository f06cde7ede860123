// What a column's header says about it, in Indonesian and English, glued (TGLLHR, NOHP) or apart (tgl_lahir,
// birthDate).
#pragma once

#include <string_view>

namespace sidik {

enum class HeaderMeaning {
  kNone,
  kNik,
  kFamilyCard,  // 16 digits that look like a NIK and are none
  kRowNumber,   // numbers the rows of this file; may be an identifier all the same
  kIdentifier,
  kPhone,
  kEmail,
  kPersonName,  // says that it is a person's: nama_ibu, patient name, NMCETAK
  kName,        // nama, name: a person's, if the values look so
  kOtherName,   // nama_barang, city name
  kAddress,
  kBirthDate,
  kDate,
  kTimestamp,
  kQuantity,  // amounts, counts, ages, years, coordinates
  kFlag,
  kCategory,
  kText,
};

HeaderMeaning meaning_of(std::string_view header);

}  // namespace sidik
