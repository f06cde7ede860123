#include "fields/common_names.h"

#include <array>

#include "fields/token_set.h"

namespace sidik {

namespace {

// Words of up to eight letters, the most frequent of each kind; each covers at least one Indonesian in a few hundred.
constexpr std::string_view kNames =
    "muhammad mohammad mohamad muhamad moh moch mochamad mohd ahmad achmad abdul abdullah abdur siti sri nur nurul "
    "nuraini "
    "dewi ayu putri putra dwi tri eka agus budi bambang slamet sugeng joko eko andi adi arif rizky rizki dian indah "
    "rina rini "
    "ratna wahyu hidayat santoso setiawan susanto susanti wati sari lestari rahayu rahman rahmat hasan husein hasanah "
    "fatimah "
    "aisyah khadijah yusuf ibrahim ismail ali umar usman sulaiman supri suryadi suryani sutrisno suparman sugiarto "
    "haryanto "
    "hartono hartati kurniawan wijaya saputra pratama nugroho purnomo prasetyo wibowo gunawan hermawan irawan yulianti "
    "yuliana "
    "yanti yati sumiati sulastri suhartini kartini endang ani ana anna maria yohanes paulus petrus fransisk ketut "
    "wayan made "
    "nyoman gede kadek komang luh ida putu dedi dedy deni denny hendra heri herman edi edy yudi rudi rudy toni ronny "
    "anton iwan "
    "irwan asep ujang cecep dadang tatang entin euis neneng nining iis aan amir anwar aminah maryam zainab zainal "
    "nasution siregar "
    "lubis harahap simanjun sitorus ginting sembirin tarigan hutapea situmora rohani rohana maimunah salmah saleh "
    "salim syarif "
    "syahrul fitri fitriani fauzi fajar firman bayu galih gilang yoga yogi reza rendi randi doni dodi linda lina lia "
    "mega maya "
    "mira nina nita novi novita ratih retno riska rosita santi sinta sinta shinta tuti titi titin umi wiwik wulandar "
    "yuni zahra "
    "intan melati bunga citra anisa annisa aulia nabila salsabil safitri permata utami puspita kusuma wulan mulyani "
    "mulyadi mulyono "
    "suharto sukarno susilo sumarni sumarno suyanto suyatno supardi suwarno warsito karyono paijo tukiman ngatiman "
    "marsudi rusdi "
    "john mary james robert patricia jennifer michael william david richard joseph thomas charles sarah karen nancy "
    "lisa betty "
    "susan jessica margaret daniel matthew anthony mark donald steven paul andrew joshua kenneth kevin brian george "
    "edward ronald "
    "timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel "
    "emily emma "
    "olivia sophia isabella elizabet linda barbara sandra ashley kimberly donna carol michelle amanda melissa deborah "
    "stephani "
    "rebecca laura helen sharon cynthia kathleen amy angela shirley brenda pamela nicole samantha katherin christin "
    "rachel carolyn "
    "smith johnson williams jones garcia miller davis rodrigue martinez hernande lopez gonzalez wilson anderson taylor "
    "moore "
    "jackson martin thompson white harris clark lewis robinson walker allen peter frank henry jose juan carlos luis "
    "anne alice jane";

constexpr std::size_t kLongestName = 8;

constexpr auto kSet = [] {
  TokenMap<11> set;
  std::string_view rest = kNames;
  while (!rest.empty()) {
    const std::size_t space = rest.find(' ');
    set.insert(pack_literal(rest.substr(0, space)), 1);
    rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
  }
  return set;
}();

}  // namespace

bool has_common_name(std::string_view value) {
  std::uint64_t word = 0;
  std::size_t size = 0;
  const auto known = [&] { return size >= 2 && kSet.find(word) != 0; };
  for (const char c : value) {
    if (is_ascii_letter(c)) {
      // Longer words are known by their first eight letters.
      if (size < kLongestName) word |= static_cast<std::uint64_t>(byte_of(kLowerTable[byte_of(c)])) << (8 * size);
      ++size;
      continue;
    }
    if (known()) return true;
    word = 0;
    size = 0;
  }
  return known();
}

}  // namespace sidik
