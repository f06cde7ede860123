#include "trace/field_role.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include "fields/canonical.h"
#include "fields/check_digits.h"
#include "fields/column_names.h"
#include "fields/null_token.h"
#include "fields/schema.h"
#include "fields/text_folding.h"
#include "registry/hashed_columns.h"

namespace sidik {
namespace {

using Words = std::initializer_list<std::string_view>;

bool holds(std::string_view name, Words words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return name.find(word) != name.npos; });
}
bool is_one(std::string_view name, Words words) { return std::find(words.begin(), words.end(), name) != words.end(); }

constexpr double kHardlyTwo = 0.5;        // distinct share of numbers that hardly two rows have
constexpr std::uint64_t kFewCodes = 300;  // identifiers of so few values are codes of a class, not numbers of persons

/// Numbers that the state, or another office, gave the person, the car or the goods: whoever deals with them has them.
bool is_official_number(std::string_view name) {
  return meaning_of(name) == HeaderMeaning::kNik ||
         holds(name, {"nik",           "noktp",           "npwp",          "nokk",           "kartukeluarga",
                      "familycard",    "passport",        "paspor",        "reisepass",      "taxid",
                      "taxnumber",     "taxno",           "voter",         "nationalid",     "nationalnumber",
                      "identitas",     "idcard",          "citizen",       "socialsecurity", "socialsec",
                      "insee",         "personnummer",    "fodselsnummer", "codicefiscale",  "aadhaar",
                      "aadhar",        "personalausweis", "steuernummer",  "steuerid",       "driverlic",
                      "drivinglic",    "driverslic",      "licenceno",     "licenseno",      "licencenumber",
                      "licensenumber", "licenseplate",    "licenceplate",  "numberplate",    "nopol",
                      "nopolisi",      "platno",          "norangka",      "nomesin",        "chassis",
                      "kennzeichen",   "sozialvers",      "fahrgestell",   "immatricul",     "matricula"}) ||
         holds(name, {"паспорт", "снилс", "госномер", "身份证", "护照", "车牌", "车架", "社保"}) || name == "инн" ||
         is_one(name,
                {"kk",          "nkk",   "ktp",   "ssn",       "sin",  "nin",   "nino", "nid",     "cnic",  "nric",
                 "mykad",       "cpf",   "cnpj",  "curp",      "rfc",  "dni",   "nie",  "nif",     "cif",   "rut",
                 "pesel",       "bsn",   "oib",   "egn",       "cnp",  "hkid",  "vin",  "nosim",   "plate", "plateno",
                 "platenumber", "vatid", "vatno", "vatnumber", "inn",  "snils", "nir",  "ahv",     "avs",   "jmbg",
                 "amka",        "nip",   "cccd",  "cmnd",      "ean",  "ean13", "ean8", "gtin",    "upc",   "isbn",
                 "isbn13",      "issn",  "isin",  "imo",       "icao", "iata",  "mmsi", "barcode", "doi",   "orcid"});
}

/// A part of the address.
bool is_post_code(std::string_view name) {
  return holds(name, {"postcode", "postalcode", "zipcode", "kodepos", "kdpos", "pincode", "postleitzahl", "codepostal",
                      "codigopostal"}) ||
         is_one(name, {"zip", "plz", "pin", "cep", "cap", "postal", "pos", "zip5", "zip4", "eircode"});
}

constexpr FieldRole kGrantedRole{ForeignAgreement::kGranted, false};
constexpr FieldRole kFollowing{ForeignAgreement::kGranted, true};
constexpr FieldRole kContactRole{ForeignAgreement::kContact, false};
constexpr FieldRole kOwnRole{ForeignAgreement::kOwnNumber, false};
constexpr FieldRole kAttributeRole{ForeignAgreement::kAttribute, false};
constexpr FieldRole kDoubtfulRole{ForeignAgreement::kGranted, false, true};

/// How many of the rows with a NIK of 16 digits fit what `fits(nik, value)` says.
template <typename Fits>
double share_fitting(const SampleSurvey& survey, std::size_t nik_column, const Reading& reading, Fits&& fits) {
  double fitting = 0;
  double all = 0;
  const std::size_t rows = std::min<std::size_t>(survey.screened.rows, 400);
  for (std::size_t r = 0; r < rows; ++r) {
    const CanonicalValue nik = canonical(FieldType::kNik, survey.screened.columns[nik_column][r]);
    const CanonicalValue value = canonical(reading.type, survey.screened.columns[reading.column][r], reading.options);
    if (nik.state != ValueState::kValid || nik.text.size() != 16 || value.state != ValueState::kValid) continue;
    all += 1;
    fitting += fits(nik.text, value.text) ? 1 : 0;
  }
  return all >= 5 ? fitting / all : 0;
}

bool repeats_birth_date(std::string_view nik, std::string_view date) {
  if (date.size() < 10) return false;
  const int day = (nik[6] - '0') * 10 + (nik[7] - '0');
  const int written = (date[8] - '0') * 10 + (date[9] - '0');
  return (day == written || day == written + 40) && nik.substr(8, 2) == date.substr(5, 2) &&
         nik.substr(10, 2) == date.substr(2, 2);
}

/// Whether dates lie as far apart as the days on which people were born do, and an office's own hardly ever.
bool spans_lives(const SampleSurvey& survey, const Reading& reading) {
  constexpr std::size_t kEnough = 400, kFewest = 10;
  constexpr int kYears = 35;  // between the twentieth part and the rest, at both ends
  std::vector<int> years;
  const std::size_t rows = std::min(survey.screened.rows, kEnough);
  for (std::size_t r = 0; r < rows; ++r) {
    const CanonicalValue value = canonical(reading.type, survey.screened.columns[reading.column][r], reading.options);
    if (value.state == ValueState::kValid && value.text.size() >= 10) years.push_back(std::atoi(value.text.c_str()));
  }
  if (years.size() < kFewest) return false;
  std::sort(years.begin(), years.end());
  const std::size_t out = years.size() / 20;
  return years[years.size() - 1 - out] - years[out] >= kYears;
}

/// Whether the numbers have the check digits of those that a state or a trade gives out, whatever their column is
/// called: others have them of the same people.
bool is_official_by_digits(const SampleSurvey& survey, const Reading& reading) {
  constexpr std::size_t kEnough = 400;
  constexpr double kFewest = 12, kMost = 0.9;  // one in ten is right by chance
  std::vector<std::uint32_t> counts(check_system_count());
  double all = 0;
  const std::size_t rows = std::min(survey.screened.rows, kEnough);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::string_view cell = survey.screened.columns[reading.column][r];
    if (is_null_token(cell)) continue;
    all += 1;
    count_checked(cell, counts);
  }
  if (all < kFewest) return false;
  const auto system = checked_by(counts, kMost * all);
  return system && is_official(*system);
}

/// A name in letters that the words above are not written in.
bool is_foreign(std::string_view name) {
  return std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

/// Whether the NIK's sex decides the value.
bool is_sex(const SampleSurvey& survey, std::size_t nik_column, const Reading& reading) {
  std::array<std::map<std::string, int>, 2> seen;
  share_fitting(survey, nik_column, reading, [&](std::string_view nik, const std::string& value) {
    ++seen[nik[6] >= '4' ? 1 : 0][value];
    return true;
  });
  std::array<std::string, 2> common;
  int fitting = 0;
  int all = 0;
  for (std::size_t sex = 0; sex < 2; ++sex) {
    int most = 0;
    for (const auto& [value, count] : seen[sex]) {
      all += count;
      if (count > most) {
        most = count;
        common[sex] = value;
      }
    }
    fitting += most;
  }
  return all >= 8 && common[0] != common[1] && !common[0].empty() && !common[1].empty() && fitting * 100 >= all * 95;
}

/// Values of a column in whichever export has most of them, and against the rows where they are most of these.
struct Distinct {
  std::uint64_t values = 0;
  double share = 0;
};
Distinct distinct_values(const MappedColumn& mapped, const std::vector<ExportManifest>& exports) {
  Distinct distinct;
  for (const ExportManifest& manifest : exports) {
    for (const ExportColumn& column : manifest.columns) {
      for (const auto& as : mapped.as) {
        if (std::find(as.columns.begin(), as.columns.end(), column.id) == as.columns.end()) continue;
        distinct.values = std::max(distinct.values, column.statistics.distinct);
        distinct.share = std::max(distinct.share, static_cast<double>(column.statistics.distinct) /
                                                      static_cast<double>(std::max<std::uint64_t>(1, manifest.rows)));
      }
    }
  }
  return distinct;
}

/// Digests are worth what they are of; of numbers it is not told whose they are.
FieldRole hashed_role(const HashedColumn& hashed) {
  const bool phone = hashed.spelling != "plain";
  return phone || holds(normalised_name(hashed.field), {"mail", "surel"}) ? kContactRole : kGrantedRole;
}

FieldRole usual_role(FieldType type, std::uint64_t distinct) {
  switch (type) {
    case FieldType::kPhone:
    case FieldType::kEmail:
    case FieldType::kAddress:
      return kContactRole;
    case FieldType::kIdentifier:
      return distinct > 0 && distinct <= kFewCodes ? kAttributeRole : kOwnRole;
    case FieldType::kTimestamp:
      return kOwnRole;
    case FieldType::kInteger:
    case FieldType::kDecimal:
      return kAttributeRole;
    case FieldType::kCategory:
      return distinct > 2 && distinct <= 50 ? kAttributeRole : kDoubtfulRole;
    case FieldType::kBoolean:
    case FieldType::kText:
      return kDoubtfulRole;
    default:
      return kGrantedRole;
  }
}

}  // namespace

std::optional<BetaPrior> foreign_prior(const FieldRole& role) {
  std::optional<BetaPrior> prior = foreign_prior(role.doubtful ? ForeignAgreement::kAttribute : role.agreement);
  if (prior) {
    prior->alpha += role.agreed;
    prior->beta += role.differed;
  }
  return prior;
}

std::optional<FieldRole> role_by_name(FieldType type, std::string_view name) {
  const bool dated = type == FieldType::kDate || type == FieldType::kTimestamp;
  if (dated) {
    if (holds(name, {"lahir",      "lhr",        "birth",   "dob",      "geburt",  "gebdat",    "naissance",
                     "nascimento", "nacimiento", "nascita", "urodz",    "dogum",   "narozen",   "naroden",
                     "szulet",     "nascut",     "naster",  "syntym",   "fodsel",  "fodt",      "fodd",
                     "rodjen",     "rodenj",     "rojstv",  "geboorte", "geboren", "naixement", "ngaysinh"}) ||
        holds(name,
              {"рожден", "народжен", "роден", "γεννησ", "出生", "生日", "生年月日", "생년월일", "생일", "الميلاد"}) ||
        is_one(name, {"geb", "nele", "neele"}))
      return kFollowing;
    return name.empty() ? std::nullopt : std::optional(kOwnRole);
  }
  const bool number = type == FieldType::kIdentifier || type == FieldType::kInteger;
  if (number && is_post_code(name)) return kContactRole;
  if (type == FieldType::kIdentifier) {
    if (is_official_number(name)) return kGrantedRole;
    // Numbers that whoever deals with people gives them.
    if (holds(name,
              {"会員番号", "会员号",   "顧客番号",     "客户号",        "客户编号",    "社員番号",      "工号",
               "患者番号", "契約番号", "合同号",       "注文番号",      "订单号",      "회원번호",      "고객번호",
               "사번",     "주문번호", "номерклиента", "номердоговора", "номерзаказа", "табельныйномер"}))
      return kOwnRole;
    return holds(name, {"iban", "rekening", "bankacc", "imei", "imsi", "msisdn"}) ? std::optional(kContactRole)
                                                                                  : std::nullopt;
  }
  if (type == FieldType::kPhone || type == FieldType::kEmail || type == FieldType::kAddress) return std::nullopt;
  if (holds(name, {"kelamin", "jenkel", "gender"}) || is_one(name, {"sex", "jk", "lp"})) return kFollowing;
  if (holds(name, {"district", "regency", "kabupaten", "kecamatan", "provin", "wilayah", "region"}) ||
      is_one(name, {"kab", "kec", "kota", "city", "prov", "kdkab", "kdkec", "kdprov", "kodewilayah"})) {
    return kFollowing;
  }
  if (holds(name, {"agama",     "religion", "tempatlahir", "tmplhr",      "birthplace", "placeofbirth", "kawin",
                   "stawin",    "statkwn",  "marital",     "goldarah",    "blood",      "desa",         "kelurahan",
                   "village",   "negara",   "country",     "nationality", "pekerjaan",  "occupation",   "pendidikan",
                   "education", "race",     "age",         "umur",        "usia",       "nama",         "name"})) {
    return kGrantedRole;
  }
  if (holds(name,
            {"kelas",  "class",  "segmen",     "segment", "status", "paket", "plan",  "kantor", "office",  "branch",
             "cabang", "hubkel", "tanggungan", "depend",  "faskes", "premi", "iuran", "amount", "balance", "saldo"})) {
    return kAttributeRole;
  }
  return std::nullopt;
}

std::vector<FieldRole> field_roles(const ColumnMap& map, const SampleSurvey& survey,
                                   const std::vector<ExportManifest>& exports) {
  std::optional<std::size_t> nik_column;
  for (const MappedColumn& mapped : map.mapped) {
    if (mapped.as.front().reading.type == FieldType::kNik && !nik_column) nik_column = mapped.column;
  }
  std::vector<FieldRole> roles;
  for (const MappedColumn& mapped : map.mapped) {
    const Reading& reading = mapped.as.front().reading;
    const FieldType type = reading.type;
    const Distinct distinct = distinct_values(mapped, exports);
    FieldRole role = usual_role(type, distinct.values);
    const bool own = role.agreement == ForeignAgreement::kOwnNumber;
    // Of a number or a class whose name nobody here can read it is not told whose it is.
    if (is_foreign(mapped.name) && (type == FieldType::kCategory || (type == FieldType::kIdentifier && own)))
      role = kDoubtfulRole;
    if (const auto named = role_by_name(type, normalised_name(fold_to_latin(mapped.name, false)))) role = *named;
    if (type == FieldType::kIdentifier && role.agreement == ForeignAgreement::kOwnNumber &&
        is_official_by_digits(survey, reading))
      role = kGrantedRole;
    if (type == FieldType::kDate && role.agreement == ForeignAgreement::kOwnNumber && spans_lives(survey, reading))
      role = kGrantedRole;
    if (const auto hashed = hashed_column_of(mapped.name)) role = hashed_role(*hashed);
    if (nik_column && *nik_column != mapped.column) {
      if (type == FieldType::kDate || type == FieldType::kTimestamp) {
        if (share_fitting(survey, *nik_column, reading, repeats_birth_date) > 0.5) role = kFollowing;
      } else if (type == FieldType::kCategory || type == FieldType::kBoolean || type == FieldType::kText) {
        if (is_sex(survey, *nik_column, reading)) role = kFollowing;
      }
    }
    role.personal = role.agreement == ForeignAgreement::kContact || type == FieldType::kNik ||
                    (identity_rank(type) && distinct.share >= kHardlyTwo);
    roles.push_back(role);
  }
  return roles;
}

}  // namespace sidik
