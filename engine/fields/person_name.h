// Names of people as registries write them.
#pragma once

#include <string_view>

namespace sidik {

/// Writes the name in lower case, its words apart by one space, without punctuation, without titles before it (dr.,
/// Ir., H., Hj., Prof., Tn., alm.) and degrees after it (S.Kom, S.H., M.Si., Ph.D.), and returns the end; nullptr where
/// `text` holds no letters, more digits than letters, or more than 400 bytes. The order of words is kept, and Muhammad,
/// Moh. and M. stay three names. A name that consists of titles only keeps the last. REQUIRES: as write_nik.
char* write_person_name(std::string_view text, char* out);

}  // namespace sidik
