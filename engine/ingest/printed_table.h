// Tables as terminals print them: psql's and mysql's aligned output, Markdown. What frames them is no row.
#pragma once

#include <string_view>
#include <vector>

#include "ingest/head_rows.h"

namespace sidik {

/// How a printed table is framed. kRulers: a line of dashes under the header (psql). kBox: pipes at the lines' ends as
/// well (mysql, Markdown, psql's border 2).
enum class Frame { kNone, kRulers, kBox };

/// Read off the first three lines of a text that are not empty: a header, and over or under it a ruler with a joint
/// for each pipe of the header.
Frame frame_of(std::string_view head);

/// Whether a line is made of dashes and joints only: "----+-----", "+----+", "|---|:--|".
bool is_ruler(std::string_view line);

/// Whether a line is what the program says of the table's length: "(12 rows)", "(1 row)", "(3 baris)", "12 rows in
/// set (0.01 sec)".
bool is_row_count(std::string_view line);

/// The rows of the head without rulers, and without the empty cells outside of a box. `text` is what they were read
/// from.
void leave_out_frame(std::vector<HeadRow>& rows, Frame frame, std::string_view text);

}  // namespace sidik
