#include "schema_file.h"

#include <unistd.h>

#include "base/error.h"
#include "base/file_system.h"
#include "console.h"
#include "progress.h"
#include "table_survey.h"

namespace sidik::command {

Schema read_schema_file(const std::string& path) {
  constexpr std::uint64_t kLongest = std::uint64_t{16} << 20;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    throw Error(ErrorKind::kUsage, path,
                "is no file; expected a schema file (sidik register FILE --write-schema makes one)");
  const Bytes bytes = read_whole_file(posix_file_system(), path, kLongest);
  return Schema::from_toml(as_text(bytes), path);
}

void require_no_file(const std::string& path) {
  if (path != "-" && posix_file_system().exists(path))
    throw Error(ErrorKind::kUsage, path, "exists already, and a schema file is not overwritten; name another one");
}

void write_schema_file(const Schema& schema, const std::string& path) {
  const std::string text = schema.to_toml();
  if (path == "-") return print(text);
  require_no_file(path);
  const auto file = posix_file_system().open(path, OpenMode::kCreate);
  file->write_at(0, as_bytes(text));
  file->sync();
}

Schema infer_schema(std::vector<std::unique_ptr<ByteSource>> sources, const TableReaderOptions& options, bool quiet) {
  ProgressLine progress(quiet);
  Survey::Options survey_options;
  survey_options.reader = options;
  survey_options.most_bytes = std::uint64_t{64} << 20;
  survey_options.progress = [&](std::uint64_t rows, std::uint64_t bytes, std::uint64_t total) {
    progress.update("reading", rows, bytes, total);
  };
  Survey survey(std::move(survey_options));
  for (auto& source : sources) {
    const std::string name = source->name();
    survey.read(std::move(source));
    if (survey.tables().size() > 1)
      throw Error(ErrorKind::kRefused, name,
                  "has other columns than the file before it; the files of one export have the same");
  }
  if (survey.rows() == 0)
    throw Error(ErrorKind::kRefused, survey.files().at(0).name, "has no rows to infer a schema from");
  return survey.tables().at(0).inference->finish().schema;
}

Schema schema_of(const RegistrationResult& result) {
  Schema schema;
  for (const ExportColumn& column : result.manifest.columns) schema.columns.push_back(column.schema);
  return schema.columns.empty() ? result.inference.schema : schema;
}

}  // namespace sidik::command
