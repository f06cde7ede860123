#include "fields/boolean.h"

#include "fields/characters.h"
#include "fields/spreadsheet.h"

namespace sidik {

char* write_boolean(std::string_view text, char* out) {
  text = without_spreadsheet_wrapping(text);
  if (text.empty() || text.size() > 5) return nullptr;
  switch (lower_word(pack_token(text.data(), text.size()))) {
    case pack_literal("1"):
    case pack_literal("1.0"):
    case pack_literal("y"):
    case pack_literal("t"):
    case pack_literal("ya"):
    case pack_literal("iya"):
    case pack_literal("yes"):
    case pack_literal("true"):
    case pack_literal("benar"):
      store_word(out, pack_literal("true"));
      return out + 4;
    case pack_literal("0"):
    case pack_literal("0.0"):
    case pack_literal("n"):
    case pack_literal("f"):
    case pack_literal("no"):
    case pack_literal("tdk"):
    case pack_literal("tidak"):
    case pack_literal("false"):
    case pack_literal("salah"):
      store_word(out, pack_literal("false"));
      return out + 5;
    default:
      return nullptr;
  }
}

}  // namespace sidik
