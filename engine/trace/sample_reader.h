// Reads a sample, however large: digest of its bytes, counts, and the rows that a trace screens, drawn over the whole
// of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/batch.h"
#include "trace/sample_edits.h"
#include "trace/trace.h"

namespace sidik {

/// Where the columns of one file go: file column i is column column_of[i] of the sample.
struct FileLayout {
  std::vector<std::size_t> column_of;
};

/// The distinct rows that are screened, column by column, in the order of their digests (which says nothing about what
/// is in them, so any part of them is a fair one).
struct ScreenedRows {
  std::size_t rows = 0;
  std::vector<std::vector<std::string_view>> columns;  // kTextSlack readable bytes behind each value
  std::vector<std::uint32_t> copies;                   // how often the row stands in the sample
  std::vector<std::uint64_t> place;                    // of its first copy: file_line() in distinct_rows.h
  std::vector<std::uint64_t> line;                     // of its first copy, in its file
  std::vector<std::unique_ptr<char[]>> text;           // what the views point into
};

struct SampleSurvey {
  std::vector<std::optional<std::string>> names;  // of the sample's columns; nothing where there is no header
  std::vector<FileLayout> layouts;                // one a file
  std::uint64_t rows = 0;
  std::uint64_t distinct = 0;  // exact up to four million, then estimated within 0.1 %
  std::uint64_t rejected = 0;
  std::string format = "csv";
  Dialect dialect;     // of the first file
  std::string sha256;  // of all bytes as given, one file after another
  ScreenedRows screened;
  SampleEdits edits;  // `screened` and batches are as edited; so is `names`, with nothing for derived columns
  bool whole() const { return screened.rows == distinct; }
};

/// One pass over all files. Keeps the `options.screening_rows` distinct rows of smallest digest: the same whatever the
/// threads. Files whose headers name the same columns, or that have none and as many columns, share them. Throws
/// Error(kRefused) where there is neither a row nor a header.
SampleSurvey survey_sample(const std::vector<SampleInput>& sample, const TraceOptions& options);

/// A batch of a second pass: columns as the survey's; a column that the file lacks has null views.
struct SampleBatch {
  std::size_t rows = 0;
  std::span<const std::vector<std::string_view>> columns;
  std::span<const std::uint64_t> places;  // file_line() of each row
};

/// Reads all rows again and hands batches to `work(thread, batch)` on `options.threads` threads, in no fixed order.
void read_again(const std::vector<SampleInput>& sample, const SampleSurvey& survey, const TraceOptions& options,
                const std::function<void(unsigned thread, const SampleBatch& batch)>& work);

/// Sets the derived columns, in place of those that there were.
void derive_columns(SampleSurvey& survey, std::vector<DerivedColumn> derived);

/// The cells of the shifted columns as they are with `shifts` undone, of the first `rows` screened rows: one list a
/// shift. Reads the sample again.
std::vector<std::vector<std::string>> shifted_cells(const std::vector<SampleInput>& sample, const SampleSurvey& survey,
                                                    const std::vector<ColumnShift>& shifts, std::size_t rows,
                                                    const TraceOptions& options);

/// Undoes these shifts in the survey, in place of those that there were none of. REQUIRES: no derived columns so far.
void undo_in_survey(const std::vector<SampleInput>& sample, SampleSurvey& survey, std::vector<ColumnShift> shifts,
                    const TraceOptions& options);

}  // namespace sidik
