#include "registry/table_stream.h"

#include "base/error.h"
#include "fields/schema.h"

namespace sidik {
namespace {

/// So many tables are opened before they are needed: a wrong one is found before the first is read to its end, and
/// memory stays bounded.
constexpr std::size_t kOpenAhead = 16;

std::string plural(std::size_t count, const char* thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

void require_same_columns(const TableReader& first, const TableReader& table) {
  const std::string expected = "the parts of one export must have the same columns as " + first.name();
  if (table.columns() != first.columns())
    throw Error(ErrorKind::kRefused, table.name(),
                "has " + plural(table.columns(), "column") + " where the first file has " +
                    std::to_string(first.columns()) + "; " + expected);
  for (std::size_t c = 0; c < first.header().size() && c < table.header().size(); ++c)
    if (normalised_name(table.header()[c]) != normalised_name(first.header()[c]))
      throw Error(ErrorKind::kRefused, table.name(),
                  "its column " + std::to_string(c + 1) + " is '" + table.header()[c] + "' where the first file has '" +
                      first.header()[c] + "'; " + expected);
}

}  // namespace

TableStream::TableStream(std::vector<std::unique_ptr<ByteSource>> sources, TableReaderOptions options)
    : sources_(std::move(sources)), options_(std::move(options)) {
  if (sources_.empty())
    throw Error(ErrorKind::kUsage, "", "there is nothing to read; name a file, or - for standard input");
  bool all_known = true;
  for (const auto& source : sources_) {
    total_ += source->total();
    all_known = all_known && source->total() != 0;
  }
  if (!all_known) total_ = 0;
  open_.push_back(open_next());
  first_ = open_.front();
  name_ = first_->name();
  if (options_.expected_header.empty()) options_.expected_header = first_->header();
  open_ahead();
}

std::shared_ptr<TableReader> TableStream::open_next() {
  auto table = std::make_shared<TableReader>(std::move(sources_[next_source_]), options_);
  ++next_source_;
  if (first_) require_same_columns(*first_, *table);
  return table;
}

void TableStream::open_ahead() {
  while (next_source_ < sources_.size() && open_.size() < kOpenAhead) open_.push_back(open_next());
}

bool TableStream::read(Block& block) {
  while (!open_.empty()) {
    if (open_.front()->read_block(block.text)) {
      block.table = open_.front();
      block.first_number = first_number_;
      blocks_read_ = block.text.number + 1;
      return true;
    }
    finished_bytes_ += open_.front()->consumed();
    first_number_ += blocks_read_;
    blocks_read_ = 0;
    open_.pop_front();
    open_ahead();
  }
  return false;
}

void TableStream::parse(const Block& block, Batch& batch) {
  block.table->parse(block.text, batch);
  if (block.first_number == 0) return;
  for (auto& order : batch.row_order) order += block.first_number << 32;
}

std::uint64_t TableStream::consumed() const {
  return finished_bytes_ + (open_.empty() ? 0 : open_.front()->consumed());
}

}  // namespace sidik
