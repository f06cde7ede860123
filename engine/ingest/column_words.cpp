// Words that column names are made of; Indonesian and English, with the abbreviations that registries use.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "ingest/header_guess.h"

namespace sidik {
namespace {

// Words that are as likely a value as a name (aktif, laki, islam, jakarta, ...) are left out.
constexpr auto kWords = std::to_array<std::string_view>({
    "account",     "address",      "addr",         "age",
    "agama",       "akhir",        "akun",         "alamat",
    "amount",      "asal",         "awal",         "badge",
    "bank",        "birth",        "birthdate",    "birthday",
    "birthplace",  "branch",       "bulan",        "cabang",
    "cell",        "cellphone",    "cetak",        "city",
    "class",       "code",         "column",       "company",
    "contact",     "country",      "county",       "created",
    "customer",    "daerah",       "daftar",       "date",
    "datetime",    "day",          "departemen",   "department",
    "dependants",  "dependents",   "desa",         "description",
    "district",    "dob",          "domisili",     "dukcapil",
    "email",       "emailaddress", "employee",     "employer",
    "end",         "expired",      "expiry",       "family",
    "faskes",      "father",       "faxno",        "fax",
    "first",       "firstname",    "flag",         "flagtanggungan",
    "full",        "fullname",     "gaji",         "gelar",
    "gender",      "given",        "golongan",     "golongandarah",
    "goldar",      "group",        "handphone",    "hash",
    "hp",          "hubkel",       "hubungan",     "ibu",
    "id",          "identifier",   "identitas",    "income",
    "index",       "induk",        "input",        "instansi",
    "insurance",   "invoice",      "ip",           "issue",
    "jabatan",     "jalan",        "jenis",        "jeniskelamin",
    "jenkel",      "jk",           "job",          "joined",
    "jumlah",      "kab",          "kabkota",      "kabupaten",
    "kantor",      "kartu",        "kd",           "kdgoldarah",
    "kdhubkel",    "kdkantor",     "kdnegara",     "kdstatuspst",
    "kdstawin",    "kec",          "kecamatan",    "kel",
    "kelamin",     "kelas",        "keluarga",     "kelurahan",
    "kepala",      "keterangan",   "key",          "kk",
    "kode",        "kodepos",      "kota",         "ktp",
    "lahir",       "lama",         "last",         "lastname",
    "lat",         "latitude",     "level",        "line",
    "lon",         "longitude",    "mail",         "marital",
    "member",      "middle",       "mobile",       "modified",
    "month",       "mother",       "mulai",        "nama",
    "namalengkap", "name",         "names",        "nasabah",
    "nationality", "negara",       "nik",          "nip",
    "nisn",        "nm",           "nmcetak",      "no",
    "nohp",        "noka",         "nokk",         "noktp",
    "nomer",       "nomor",        "nopeserta",    "note",
    "notel",       "notelp",       "notes",        "npwp",
    "num",         "number",       "occupation",   "operator",
    "order",       "organisation", "organization", "pangkat",
    "participant", "password",     "pasien",       "paspor",
    "passport",    "patient",      "pegawai",      "pekerjaan",
    "pendidikan",  "perkawinan",   "person",       "perusahaan",
    "peserta",     "phone",        "phonenumber",  "place",
    "plan",        "pob",          "policy",       "polis",
    "pos",         "position",     "postal",       "postcode",
    "premi",       "price",        "product",      "prov",
    "province",    "provinsi",     "provider",     "ps",
    "psnoka",      "psnokalama",   "pst",          "quantity",
    "record",      "ref",          "reference",    "regency",
    "region",      "rekening",     "religion",     "role",
    "row",         "rt",           "rtrw",         "rumah",
    "rw",          "salary",       "score",        "segmen",
    "segment",     "serial",       "sex",          "ssn",
    "stamp",       "start",        "state",        "status",
    "stawin",      "street",       "suku",         "surname",
    "tahun",       "tanggal",      "tanggungan",   "tat",
    "tax",         "tel",          "telepon",      "telephone",
    "telp",        "tempat",       "text",         "tgl",
    "tgllahir",    "tglahir",      "time",         "timestamp",
    "tinggal",     "title",        "tmplhr",       "tgllhr",
    "tlp",         "tmt",          "total",        "town",
    "ts",          "tsinput",      "tsstatus",     "tsupdate",
    "ttl",         "type",         "umur",         "unit",
    "update",      "updated",      "url",          "usercode",
    "user",        "userid",       "userinput",    "username",
    "userupdate",  "usia",         "uuid",         "valid",
    "value",       "village",      "ward",         "warga",
    "wilayah",     "year",         "zip",          "zipcode",
    "born",        "lhr",          "tmp",          "baru",
    "new",         "old",          "of",           "dan",
    "and",         "the",          "to",           "from",
    "by",          "at",           "is",           "has",
});

// Words that say nothing alone.
constexpr auto kFillers = std::to_array<std::string_view>({"of", "dan", "and", "the", "to", "from", "by", "at", "is",
                                                           "has", "new", "old", "baru", "lama", "full", "end", "no"});

template <class Words>
bool among(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

bool is_known_column_name(std::string_view name) {
  std::string joined;
  std::string word;
  bool all_known = true;
  bool one_telling = false;
  const auto end_word = [&] {
    if (word.empty()) return;
    all_known = all_known && among(kWords, word);
    one_telling = one_telling || !among(kFillers, word);
    word.clear();
  };
  bool lower_before = false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalpha(byte) == 0) {
      end_word();
      lower_before = false;
      continue;
    }
    const bool upper = std::isupper(byte) != 0;
    if (upper && lower_before) end_word();
    lower_before = !upper;
    word.push_back(static_cast<char>(std::tolower(byte)));
    joined.push_back(word.back());
  }
  end_word();
  if (joined.empty()) return false;
  return (all_known && one_telling) || among(kWords, joined);
}

}  // namespace sidik
