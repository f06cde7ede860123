// Whether a text's first row names its columns: by how it differs from the rows under it, and by words known as column
// names.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "ingest/head_rows.h"

namespace sidik {

/// Whether rows[first] is a header over the rows behind it.
bool looks_like_header(const std::vector<HeadRow>& rows, std::size_t first);

/// The row that is the header if there is one: the first, or the first behind a title and the like (rows with a third
/// of the table's cells or fewer).
std::size_t header_candidate(const std::vector<HeadRow>& rows);

/// Whether `name` is, or is made up of, words that are known as names of columns (Indonesian and English), in any
/// spelling of case and separators: "TGL_LAHIR", "Nama Peserta", "phoneNumber2".
bool is_known_column_name(std::string_view name);

}  // namespace sidik
