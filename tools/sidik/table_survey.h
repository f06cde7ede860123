// What a table looks like, read off its rows without registry or key: columns, types, counts. For `inspect` and
// --write-schema.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "fields/inference.h"
#include "ingest/table_reader.h"
#include "trace/distinct_rows.h"

namespace sidik::command {

class Sha256;

/// Columns that one or several files have in common, and what is in them.
struct SurveyedTable {
  std::vector<std::string> header;  // empty where there is none
  std::size_t columns = 0;
  std::uint64_t rows = 0;
  std::unique_ptr<Inference> inference;
};

struct SurveyedFile {
  std::string name;
  Dialect dialect;
  std::uint64_t bytes = 0;  // as given, compressed or not
  std::string sha256;
  std::uint64_t rows = 0;
  std::uint64_t rejected = 0;
  std::uint64_t repeated_headers = 0;
  std::uint64_t frame_lines = 0;                // rulers and row counts of a printed table
  std::uint64_t transcoded = 0;                 // values that were no UTF-8
  std::vector<Batch::Rejected> first_rejected;  // up to 10
  std::size_t table = 0;                        // its place in Survey::tables
};

/// Reads files one after another. Files with the same header (or none and as many columns) are one table.
class Survey {
 public:
  struct Options {
    TableReaderOptions reader;
    /// Rows beyond this many bytes of text, over all files, are left unread.
    std::uint64_t most_bytes = std::numeric_limits<std::uint64_t>::max();
    std::function<void(std::uint64_t rows, std::uint64_t bytes, std::uint64_t total)> progress;
  };
  explicit Survey(Options options) : options_(std::move(options)) {}

  /// `raw` gives the bytes as they are found. Throws as TableReader does.
  void read(std::unique_ptr<ByteSource> raw);

  const std::vector<SurveyedTable>& tables() const { return tables_; }
  const std::vector<SurveyedFile>& files() const { return files_; }
  std::uint64_t rows() const { return rows_; }
  std::uint64_t distinct() {
    distinct_.settle();
    return distinct_.count();
  }
  bool distinct_is_exact() { return distinct() <= DistinctCount::kExact; }
  std::uint64_t rejected() const;
  /// Of all bytes as given, one file after another.
  std::string sha256() const;

 private:
  SurveyedTable& table_for(const TableReader& reader, SurveyedFile& file);
  void take_batch(const Batch& batch, SurveyedTable& table, SurveyedFile& file);

  Options options_;
  std::vector<SurveyedTable> tables_;
  std::vector<SurveyedFile> files_;
  std::uint64_t rows_ = 0;
  std::uint64_t text_bytes_ = 0;
  DistinctCount distinct_;
  std::shared_ptr<Sha256> all_bytes_;
};

}  // namespace sidik::command
