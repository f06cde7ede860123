#include "fields/column_names.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fields/characters.h"
#include "fields/schema.h"

namespace sidik {

namespace {

using Words = std::vector<std::string>;

/// Whether `word` is one of the words of `list`, which stand apart by spaces.
bool is_one_of(std::string_view word, std::string_view list) {
  for (std::size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    const bool begins = at == 0 || list[at - 1] == ' ';
    const std::size_t end = at + word.size();
    if (begins && !word.empty() && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

bool has_word(const Words& words, std::string_view list) {
  return std::any_of(words.begin(), words.end(), [list](const std::string& word) { return is_one_of(word, list); });
}

/// The header's words in lower case: apart at anything but letters and digits, and where a small letter meets a
/// capital.
Words words_of(std::string_view header) {
  Words words;
  bool fresh = true;
  char before = ' ';
  for (const char c : header) {
    const bool part = is_ascii_letter(c) || is_ascii_digit(c) || byte_of(c) >= 0x80;
    const bool capital = c >= 'A' && c <= 'Z';
    const bool small_before = before >= 'a' && before <= 'z';
    if (!part || (capital && small_before)) fresh = true;
    before = c;
    if (!part) continue;
    if (fresh) words.emplace_back();
    fresh = false;
    words.back().push_back(kLowerTable[byte_of(c)]);
  }
  return words;
}

bool contains_any(std::string_view name, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [name](std::string_view part) { return name.find(part) != std::string_view::npos; });
}
bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [name](std::string_view part) { return name.starts_with(part); });
}
bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [name](std::string_view part) { return name.ends_with(part); });
}

constexpr std::string_view kNikNames =
    "nik noktp ktp nonik nikktp ktpno nomorktp nomornik nikpeserta nikpasien nikpegawai nikkk "
    "nomorindukkependudukan noindukkependudukan nationalid nationalidnumber idktp noidentitas nomoridentitas";
constexpr std::string_view kFamilyCardNames =
    "kk nokk nomorkk nokartukeluarga nomorkartukeluarga kartukeluarga familycard "
    "familycardnumber familycardno nkk";
constexpr std::string_view kRowNames =
    "no nomor nomorurut nourut row rowno rownum rownumber rowindex index idx unnamed0 n nr seq "
    "sequence urut urutan num number line lineno";
constexpr std::string_view kPhoneWords =
    "hp telp telepon telpon telephone tlp tlpn phone phones handphone mobile cell cellphone "
    "msisdn wa whatsapp nohp notelp notlp notelepon ponsel fax tel nohape hape nowa";
constexpr std::string_view kPersonWords =
    "lengkap peserta pasien pegawai karyawan nasabah ibu ayah bapak suami istri anak cetak "
    "depan belakang tengah kepala keluarga dokter first last full middle given family customer patient employee member "
    "person "
    "owner author student guru siswa mahasiswa pelanggan anggota pemilik wali holder client passenger driver doctor "
    "nurse "
    "beneficiary sender recipient maiden panggilan ktp debitur dosen kandung sur tertanggung penduduk";
constexpr std::string_view kQuantityWords =
    "jumlah jml total count qty quantity amount nilai harga price saldo balance gaji salary "
    "income pendapatan umur usia age tinggi berat height weight luas area size lat latitude lon lng long longitude "
    "persen percent "
    "percentage rate score skor populasi population year tahun thn bulan month day hari hour minute distance jarak "
    "duration durasi "
    "length width depth temperature temp elevation altitude speed volume sum avg mean min max median tarif biaya cost "
    "fee premi "
    "premium iuran tagihan plafon plafond nominal value revenue sales discount diskon stok stock rank ratio rating "
    "delay bedrooms "
    "bathrooms floors rooms sqft capacity kapasitas mass magnitude kk_count bedroom bathroom votes points goals";
constexpr std::string_view kCategoryWords =
    "jenkel jk sex gender kelamin agama religion status kelas class type jenis tipe kategori "
    "category kota kab kabupaten kec kecamatan kel kelurahan desa prov provinsi city country state region negara "
    "province county "
    "segmen segment pekerjaan occupation golongan gol darah hubungan pendidikan education jabatan department "
    "departemen unit "
    "cabang branch district regency species genus method level grade group language bahasa currency color colour warna "
    "carrier "
    "kewarganegaraan nationality marital kawin perkawinan jurusan gelombang faskes";
constexpr std::string_view kIdentifierWords =
    "id ids kode kd code key uuid guid npwp nip nrp nuptk nisn nis nim nrm mrn norm "
    "rekening rek norek nokartu kartu card polis policy account acct akun passport paspor imei serial sku isbn issn "
    "ref reference "
    "invoice noka psnoka psnokalama sep nosep pos zip zipcode postal postcode kodepos hash token username user userid "
    "login "
    "nomor no number num nmr bpjs nobpjs npp barcode ean upc ssn tin vin plate nopol iban bic swift icd tailnum "
    "flightnum doi";
constexpr std::string_view kTextWords =
    "keterangan catatan remark remarks comment comments description deskripsi note notes uraian "
    "pesan message body text content title judul abstract summary review";

bool is_email(std::string_view name) {
  return contains_any(name, {"email", "surel"}) && !contains_any(name, {"count", "verif"});
}

bool is_phone(const Words& words, std::string_view name) {
  if (ends_with_any(name, {"type", "count", "verified"})) return false;
  return has_word(words, kPhoneWords) || contains_any(name, {"telp", "telepon", "phone", "nohp", "msisdn", "whatsapp"});
}

bool is_address(const Words& words, std::string_view name) {
  if (contains_any(name, {"ipaddr", "macaddr", "email"}) || has_word(words, "ip mac web url")) return false;
  return contains_any(name, {"alamat", "address", "almt"}) || has_word(words, "street jalan addr domisili");
}

HeaderMeaning date_meaning(const Words& words, std::string_view name) {
  const bool birth = contains_any(name, {"lahir", "lhr", "birth"}) || name == "dob";
  if (birth && contains_any(name, {"tmp", "tempat", "place", "kota", "city", "country", "negara", "weight", "order"}))
    return HeaderMeaning::kCategory;
  if (birth &&
      (starts_with_any(name, {"tgl", "tg", "tanggal", "birth", "dob"}) || contains_any(name, {"date", "day", "dob"})))
    return HeaderMeaning::kBirthDate;
  if (contains_any(name, {"timestamp", "datetime"}) || has_word(words, "waktu") ||
      starts_with_any(name, {"tsinput", "tsupdate", "tsstatus", "tscreate", "tsmod", "tsdelete"}) ||
      ends_with_any(name, {"createdat", "updatedat", "deletedat", "modifiedat", "createtime", "updatetime"}) ||
      name == "ts" || (words.size() > 1 && words.back() == "at"))
    return HeaderMeaning::kTimestamp;
  if (has_word(words, "tgl tanggal date tmt tat dates") || starts_with_any(name, {"tgl", "tanggal"}) ||
      ends_with_any(name, {"date", "tgl"}))
    return ends_with_any(name, {"update", "candidate", "mandate", "validate"}) &&
                   !has_word(words, "tgl tanggal date") && !name.starts_with("tgl")
               ? HeaderMeaning::kNone
               : HeaderMeaning::kDate;
  return HeaderMeaning::kNone;
}

HeaderMeaning name_meaning(const Words& words, std::string_view name) {
  if (contains_any(name, {"username", "filename", "hostname", "nickname", "rename"}) || has_word(words, "user"))
    return HeaderMeaning::kNone;
  if (is_one_of(name, "nama name names nm dokter pasien nasabah pegawai author director pelapor penanggungjawab"))
    return HeaderMeaning::kName;
  if (contains_any(name, {"ibukandung", "namaibu", "namaayah", "namagadis"})) return HeaderMeaning::kPersonName;
  if (is_one_of(name,
                "nmcetak surname lastname firstname fullname namalengkap nmlengkap nmpeserta nmpasien namapeserta "
                "namapasien namaibu namaayah namakk"))
    return HeaderMeaning::kPersonName;
  const bool named =
      has_word(words, "nama name nm") || starts_with_any(name, {"nama", "nmp", "nml"}) || name.ends_with("name");
  if (!named) return HeaderMeaning::kNone;
  if (has_word(words, kPersonWords)) return HeaderMeaning::kPersonName;
  return HeaderMeaning::kOtherName;
}

HeaderMeaning code_meaning(const Words& words, std::string_view name) {
  if (words.empty()) return HeaderMeaning::kNone;
  const std::string& first = words.front();
  const std::string& last = words.back();
  if (is_one_of(last, "type class status category kelas jenis flag level")) return HeaderMeaning::kCategory;
  if (is_one_of(first, "flag is has isflag") || starts_with_any(name, {"flag", "isactive", "isdeleted"}))
    return HeaderMeaning::kFlag;
  if (is_one_of(first, "jml jumlah total count avg sum")) return HeaderMeaning::kQuantity;
  if (is_one_of(first, kIdentifierWords) || is_one_of(last, kIdentifierWords)) return HeaderMeaning::kIdentifier;
  if (has_word(words, kQuantityWords)) return HeaderMeaning::kQuantity;
  if (has_word(words, kCategoryWords)) return HeaderMeaning::kCategory;
  if (has_word(words, kTextWords)) return HeaderMeaning::kText;
  if (has_word(words, kIdentifierWords)) return HeaderMeaning::kIdentifier;

  // Glued: NOKAPST, KDKANTOR, JMLANAK, CUSTOMERID, POLICYNO.
  if (starts_with_any(name, {"jml", "jumlah", "total"})) return HeaderMeaning::kQuantity;
  if (starts_with_any(
          name, {"kd", "kode", "noka", "norek", "noreg", "nopol", "noinduk", "nosep", "nopeg", "nokartu", "noanggota",
                 "nofaktur", "nosurat", "psnoka", "nomor", "userinput", "userupdate", "usercreate"}))
    return HeaderMeaning::kIdentifier;
  if (ends_with_any(name, {"number", "code", "uuid", "guid"}) ||
      (name.size() > 4 && name.ends_with("no") && !name.ends_with("ano")))
    return HeaderMeaning::kIdentifier;
  if (name.size() > 3 && name.ends_with("id") &&
      !ends_with_any(
          name, {"paid", "valid", "bid", "grid", "covid", "acid", "void", "said", "aid", "oid", "lid", "uid", "rid"}))
    return HeaderMeaning::kIdentifier;
  if (starts_with_any(name, {"jenis", "jenkel", "status", "kelas", "stat"})) return HeaderMeaning::kCategory;
  return HeaderMeaning::kNone;
}

}  // namespace

HeaderMeaning meaning_of(std::string_view header) {
  const Words words = words_of(header);
  std::string name = normalised_name(header);
  while (!name.empty() && is_ascii_digit(name.back()) && name != "unnamed0") name.pop_back();  // nohp2, alamat1
  if (header == "#") return HeaderMeaning::kRowNumber;
  if (name.empty()) return HeaderMeaning::kNone;
  if (is_one_of(name, kNikNames) ||
      (has_word(words, "nik ktp") && !has_word(words, "nama name alamat tgl tanggal jenis status")))
    return HeaderMeaning::kNik;
  if (is_one_of(name, kFamilyCardNames)) return HeaderMeaning::kFamilyCard;
  if (is_one_of(name, kRowNames)) return HeaderMeaning::kRowNumber;
  if (is_email(name)) return HeaderMeaning::kEmail;
  if (is_phone(words, name)) return HeaderMeaning::kPhone;
  if (const HeaderMeaning date = date_meaning(words, name); date != HeaderMeaning::kNone) return date;
  if (is_address(words, name)) return HeaderMeaning::kAddress;
  if (const HeaderMeaning named = name_meaning(words, name); named != HeaderMeaning::kNone) return named;
  return code_meaning(words, name);
}

}  // namespace sidik
