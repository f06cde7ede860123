#include "table_survey.h"

#include <algorithm>

#include "base/error.h"
#include "sha256.h"

namespace sidik::command {

void Survey::read(std::unique_ptr<ByteSource> raw) {
  if (!all_bytes_) all_bytes_ = std::make_shared<Sha256>();
  const auto own_bytes = std::make_shared<Sha256>();
  SurveyedFile file;
  file.name = raw->name();
  raw = teed(std::move(raw), [own_bytes, all = all_bytes_, &file](std::span<const char> bytes) {
    own_bytes->add(bytes);
    all->add(bytes);
    file.bytes += bytes.size();
  });
  TableReader reader(decompressed(std::move(raw)), options_.reader);
  file.dialect = reader.dialect();
  SurveyedTable& table = table_for(reader, file);

  TextBlock block;
  Batch batch;
  while (text_bytes_ < options_.most_bytes && reader.read_block(block)) {
    reader.parse(block, batch);
    take_batch(batch, table, file);
    text_bytes_ += block.size;
    if (options_.progress) options_.progress(rows_, reader.consumed(), reader.total());
  }
  file.sha256 = own_bytes->hex();
  table.rows += file.rows;
  files_.push_back(std::move(file));
}

SurveyedTable& Survey::table_for(const TableReader& reader, SurveyedFile& file) {
  const auto same = std::find_if(tables_.begin(), tables_.end(), [&](const SurveyedTable& table) {
    return table.columns == reader.columns() && table.header == reader.header();
  });
  file.table = static_cast<std::size_t>(same - tables_.begin());
  if (same != tables_.end()) return *same;
  SurveyedTable table;
  table.header = reader.header();
  table.columns = reader.columns();
  table.inference = std::make_unique<Inference>(table.header, table.columns);
  tables_.push_back(std::move(table));
  return tables_.back();
}

void Survey::take_batch(const Batch& batch, SurveyedTable& table, SurveyedFile& file) {
  std::vector<std::string_view> cells(batch.columns.size());
  for (std::size_t r = 0; r < batch.rows; ++r) {
    for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = batch.columns[c][r];
    distinct_.add(row_digest(cells));
  }
  if (batch.rows > 0) table.inference->observe(batch.columns);
  rows_ += batch.rows;
  file.rows += batch.rows;
  file.rejected += batch.rejected.size();
  file.repeated_headers += batch.repeated_headers;
  file.frame_lines += batch.frame_lines;
  file.transcoded += batch.transcoded_values;
  for (const Batch::Rejected& rejected : batch.rejected)
    if (file.first_rejected.size() < 10) file.first_rejected.push_back(rejected);
}

std::uint64_t Survey::rejected() const {
  std::uint64_t sum = 0;
  for (const SurveyedFile& file : files_) sum += file.rejected;
  return sum;
}

std::string Survey::sha256() const { return all_bytes_ ? all_bytes_->hex() : Sha256().hex(); }

}  // namespace sidik::command
