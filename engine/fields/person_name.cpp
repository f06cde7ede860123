#include "fields/person_name.h"

#include <array>
#include <cstdint>

#include "fields/characters.h"
#include "fields/token_set.h"

namespace sidik {

namespace {

constexpr std::size_t kLongestName = 400;
constexpr std::size_t kMostPieces = 4;  // of a degree: A. Md. Keb. has three

// Before a name. Initials that are as often part of the name (R., A., M.) are left in it.
constexpr std::array<std::string_view, 38> kTitles = {
    "dr",  "drs",  "dra", "drg", "drh", "ir",    "prof",   "profesor", "h",      "hj",     "kh",     "haji",  "hajah",
    "hc",  "tn",   "ny",  "nn",  "sdr", "sdri",  "bpk",    "bapak",    "ibu",    "mr",     "mrs",    "ms",    "miss",
    "alm", "almh", "apt", "ns",  "ust", "ustad", "ustadz", "almarhum", "dokter", "doctor", "hajjah", "nyonya"};

// Behind a name, without dots and blanks. Two-letter ones that are common surnames (Ma, Ba) are left out.
constexpr std::array<std::string_view, 130> kDegrees = {
    "sh",    "se",    "st",     "sp",     "skom",   "spd",    "spdi",   "spdsd", "sag",     "ssos",  "ssosi", "sip",
    "ssi",   "sked",  "skep",   "sfarm",  "skm",    "ssn",    "sstp",   "sst",   "stp",     "spsi",  "shut",  "spt",
    "sthi",  "sei",   "sesy",   "shi",    "shum",   "sgz",    "skh",    "sstat", "stars",   "sikom", "sap",   "sak",
    "sakun", "ssit",  "strkeb", "strkep", "strkes", "stt",    "sth",    "sift",  "smb",     "sab",   "sds",   "spdk",
    "spdh",  "mm",    "mh",     "mt",     "msi",    "mkom",   "mpd",    "mpdi",  "mag",     "mhum",  "mkes",  "mkn",
    "mkep",  "mars",  "mba",    "mma",    "map",    "mip",    "mak",    "msc",   "msn",     "mphil", "mph",   "meng",
    "msos",  "mhi",   "mth",    "mei",    "mfarm",  "mpsi",   "mti",    "mstat", "mbiomed", "med",   "mp",    "mds",
    "mtr",   "msak",  "phd",    "amd",    "amdkep", "amdkeb", "amdkom", "amdak", "amdfarm", "amk",   "amkg",  "amkeb",
    "ama",   "ners",  "spa",    "spak",   "spb",    "spog",   "spogk",  "sppd",  "spm",     "spkk",  "spjp",  "spkj",
    "sptht", "sprad", "span",   "spu",    "spp",    "spot",   "spbs",   "spn",   "sps",     "spkfr", "spgk",  "spmk",
    "sppk",  "cpa",   "cfa",    "bsc",    "beng",   "bba",    "llm",    "llb",   "alm",     "almh"};

constexpr auto kTitleSet = token_set<8>(kTitles);
constexpr auto kDegreeSet = token_set<9>(kDegrees);

/// Whatever can be the last piece of a degree, however it was split: "kom" of S.Kom, "i" of M.Pd.I. Most last names are
/// none, and one bit settles them.
constexpr auto kMayEndDegree = [] {
  TokenFilter filter;
  for (const std::string_view degree : kDegrees)
    for (std::size_t from = 0; from < degree.size(); ++from) filter.insert(pack_literal(degree.substr(from)));
  return filter;
}();
constexpr auto kMayBeTitle = [] {
  TokenFilter filter;
  for (const std::string_view title : kTitles) filter.insert(pack_literal(title));
  return filter;
}();

// How a byte is written: dropped (apostrophes join what they stand between), a space, or itself in lower case.
enum : std::uint8_t { kDropped = 0, kLetter = 1, kBreak = 2 };

constexpr std::array<std::uint8_t, 256> kClass = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
    table[c] = word ? kLetter : kBreak;
  }
  table['\''] = kDropped;
  table['`'] = kDropped;
  return table;
}();

constexpr std::array<char, 256> kWritten = [] {
  std::array<char, 256> table = kLowerTable;
  for (std::size_t c = 0; c < 256; ++c)
    if (kClass[c] != kLetter) table[c] = ' ';
  return table;
}();

/// Where the last word of [begin, end) begins.
const char* last_word(const char* begin, const char* end) {
  while (end != begin && end[-1] != ' ') --end;
  return end;
}

/// The end of [begin, end) without the degree that stands there; `end` where none does. One word at least stays.
char* without_degree(char* begin, char* end) {
  std::array<char, 24> joined{};
  std::size_t size = 0;
  char* from = end;
  char* shortened = end;
  for (std::size_t pieces = 0; pieces < kMostPieces && from != begin; ++pieces) {
    char* piece_end = pieces == 0 ? from : from - 1;
    char* piece = begin + (last_word(begin, piece_end) - begin);
    const auto piece_size = static_cast<std::size_t>(piece_end - piece);
    if (piece == begin || piece_size + size > 8) break;
    std::memmove(joined.data() + piece_size, joined.data(), size);
    std::memcpy(joined.data(), piece, piece_size);
    size += piece_size;
    from = piece;
    // A piece before others is short, as S., M., A., Sp., Ph. are: a name's own words are not taken for a part of a
    // degree.
    if ((pieces == 0 || piece_size <= 2) && kDegreeSet.find(pack_token(joined.data(), size)) != 0)
      shortened = piece - 1;
  }
  return shortened;
}

/// The beginning of [begin, end) without a title that stands there; `begin` where none does.
char* without_title(char* begin, const char* end) {
  const std::uint64_t word = load_word(begin);
  const std::uint64_t apart = word ^ (0x20 * kOnes);
  const std::uint64_t space = (apart - kOnes) & ~apart & kHighBits;
  // A title of eight letters has its space in the ninth byte.
  const std::size_t size = space == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(space)) / 8;
  if (static_cast<std::size_t>(end - begin) <= size || begin[size] != ' ') return begin;
  const std::uint64_t token = keep_bytes(word, size);
  if (kMayBeTitle.may_hold(token) && kTitleSet.find(token) != 0) return begin + size + 1;
  // K. H., written apart.
  if (size == 1 && end - begin > 4 && begin[3] == ' ') {
    const char both[16] = {begin[0], begin[2]};
    if (kTitleSet.find(pack_token(both, 2)) != 0) return begin + 4;
  }
  return begin;
}

/// Names of ASCII letters and single blanks, the bulk: the fold as it stands, sixteen bytes at a time. nullptr for
/// others.
char* fold_plain_name(std::string_view text, char* out) {
  const char* p = text.data();
  const std::size_t size = text.size();
  Bytes16 odd{};
  std::size_t i = 0;
  const auto fold_16 = [&](Bytes16 valid) {
    const Bytes16 bytes = load_16(p + i);
    const Bytes16 space = as_mask(bytes == 0x20);
    store_16(out + i, lower_16(bytes));
    odd |= valid & (~(is_letter_16(bytes) | space) | (space & as_mask(load_16(p + i + 1) == 0x20)));
  };
  for (; size - i > 16; i += 16) fold_16(all_16(0xff));
  fold_16(first_bytes(size - i));
  return any_byte(odd) ? nullptr : out + size;
}

/// Words of anything else: punctuation becomes one space, apostrophes vanish. `digits` counts those that were met.
char* fold_name(std::string_view text, char* out, unsigned& digits) {
  char* end = out;
  unsigned after_letter = 0;
  for (const char c : text) {
    const unsigned kind = kClass[byte_of(c)];
    *end = kWritten[byte_of(c)];
    end += (kind & kLetter) | ((kind >> 1) & after_letter);
    after_letter = (kind & kLetter) | (after_letter & ~(kind >> 1) & 1U);
    digits += is_ascii_digit(c) ? 1U : 0U;
  }
  return end != out && end[-1] == ' ' ? end - 1 : end;
}

/// The size of the last word of [begin, end), 9 where it has more than eight bytes.
std::size_t last_word_size(const char* begin, const char* end) {
  const auto size = static_cast<std::size_t>(end - begin);
  const std::uint64_t word = size >= 8 ? load_word(end - 8) : load_word(begin) << (8 * (8 - size));
  const std::uint64_t apart = word ^ (0x20 * kOnes);
  // Bit 7 of each byte that is a space. The shorter test for a zero byte may err above the first, and the last is asked
  // for.
  const std::uint64_t space = ~(((apart & ~kHighBits) + ~kHighBits) | apart) & kHighBits;
  return space == 0 ? (size < 8 ? size : 9) : static_cast<std::size_t>(std::countl_zero(space)) / 8;
}

bool has_letters(const char* begin, const char* end) {
  std::size_t digits = 0;
  std::size_t spaces = 0;
  for (const char* p = begin; p != end; ++p) {
    digits += is_ascii_digit(*p) ? 1U : 0U;
    spaces += *p == ' ' ? 1U : 0U;
  }
  const std::size_t letters = static_cast<std::size_t>(end - begin) - digits - spaces;
  return letters != 0 && digits <= letters;
}

}  // namespace

char* write_person_name(std::string_view text, char* out) {
  if (text.size() > kLongestName) return nullptr;
  unsigned digits = 0;
  char* end = fold_plain_name(text, out);
  if (end == nullptr) end = fold_name(text, out, digits);
  if (end == out) return nullptr;

  for (;;) {
    const std::size_t size = last_word_size(out, end);
    if (size > 8 || size == static_cast<std::size_t>(end - out)) break;
    if (!kMayEndDegree.may_hold(pack_token(end - size, size))) break;
    char* shortened = without_degree(out, end);
    if (shortened == end) break;
    end = shortened;
  }
  char* begin = out;
  for (;;) {
    char* next = without_title(begin, end);
    if (next == begin) break;
    begin = next;
  }
  if (digits != 0 && !has_letters(begin, end)) return nullptr;
  const auto size = static_cast<std::size_t>(end - begin);
  if (begin != out) std::memmove(out, begin, size);
  return out + size;
}

}  // namespace sidik
