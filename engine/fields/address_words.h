// The words of addresses that are written in several ways, and the one way in which a form has them.
#pragma once

#include <array>
#include <string_view>

namespace sidik {

struct AddressWord {
  std::string_view form;     // at most 8 bytes; a form of itself
  std::string_view written;  // spellings of up to 12 letters, apart by spaces
};

inline constexpr std::array<AddressWord, 50> kAddressWords = {{
    {"jl", "jalan jln jl jlan"},
    {"gg", "gang gg"},
    {"no", "no nomor nomer nmr"},
    {"rt", "rt"},
    {"rw", "rw"},
    {"kel", "kel kelurahan"},
    {"ds", "ds desa"},
    {"dsn", "dsn dusun"},
    {"kec", "kec kecamatan"},
    {"kab", "kab kabupaten"},
    {"kota", "kota kodya kotamadya"},
    {"prov", "prov provinsi propinsi prop"},
    {"kp", "kp kampung kampong kmp kamp"},
    {"lingk", "lingk lingkungan link lk"},
    {"perum", "perum perumahan prm"},
    {"komp", "komp kompleks komplek complex kompl"},
    {"blok", "blok blk block"},
    {"lt", "lt lantai"},
    {"gd", "gd gdg gedung"},
    {"lr", "lr lrg lorong"},
    {"ruko", "ruko"},
    {"kav", "kav kavling kapling"},
    {"jend", "jend jenderal jendral jendr"},
    {"kol", "kol kolonel"},
    {"kapt", "kapt kapten"},
    {"letjen", "letjen"},
    {"gn", "gn gunung"},
    {"tj", "tj tanjung tg"},
    {"sei", "sei sungai"},
    {"pd", "pd pondok"},
    {"tmn", "tmn taman"},
    {"rmh", "rmh rumah"},
    {"sd", "sd"},
    {"bt", "bt bukit"},
    {"ps", "ps pasar psr"},
    {"bpk", "bpk bapak"},
    {"apt", "apt apartemen apartment apart"},
    {"st", "st street"},
    {"rd", "rd road"},
    {"ave", "ave avenue av"},
    {"blvd", "blvd boulevard boul"},
    {"ln", "ln lane"},
    {"ct", "ct court"},
    {"sq", "sq square"},
    {"ste", "ste suite"},
    {"hwy", "hwy highway"},
    {"pkwy", "pkwy parkway"},
    {"fl", "fl floor"},
    {"bldg", "bldg building"},
    {"dr", "dr drive"},
}};

}  // namespace sidik
