#include "trace/sample_reader.h"

#include <openssl/evp.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "base/bytes.h"
#include "base/error.h"
#include "base/parallel.h"
#include "fields/schema.h"
#include "trace/distinct_rows.h"

namespace sidik {
namespace {

/// SHA-256 of all that is shown to it.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) fail();
  }
  void update(std::span<const char> bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) fail();
  }
  std::string hex() {
    std::uint8_t digest[32];
    if (EVP_DigestFinal_ex(context_.get(), digest, nullptr) != 1) fail();
    return to_hex(digest);
  }

 private:
  [[noreturn]] static void fail() { throw Error(ErrorKind::kFailed, "", "the crypto library cannot compute SHA-256"); }
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

TableReaderOptions reader_options(const TraceOptions& options) {
  TableReaderOptions reader;
  reader.dialect = options.dialect;
  reader.raggedness = Raggedness::kLenient;
  return reader;
}

/// Places the columns of a further file among those that are there.
FileLayout place_columns(const TableReader& reader, std::vector<std::optional<std::string>>& names, bool first) {
  FileLayout layout;
  const std::size_t columns = reader.columns();
  if (reader.header().empty()) {
    const bool same = !first && names.size() == columns;
    for (std::size_t c = 0; c < columns; ++c) {
      if (same) {
        layout.column_of.push_back(c);
        continue;
      }
      layout.column_of.push_back(names.size());
      names.emplace_back();
    }
    return layout;
  }
  std::vector<char> taken(names.size());
  for (std::size_t c = 0; c < columns; ++c) {
    const std::string name = c < reader.header().size() ? reader.header()[c] : "";
    std::size_t place = names.size();
    for (std::size_t other = 0; other < taken.size(); ++other) {
      if (!taken[other] && names[other] && normalised_name(*names[other]) == normalised_name(name)) {
        place = other;
        break;
      }
    }
    if (place == names.size()) {
      names.emplace_back(name);
    } else {
      taken[place] = 1;
    }
    layout.column_of.push_back(place);
  }
  return layout;
}

/// Hands the batches of one table to several threads.
void read_table(TableReader& reader, unsigned threads, const std::function<void(unsigned, const Batch&)>& work) {
  std::mutex reading;
  bool done = false;
  run_on_threads(threads, [&](unsigned thread) {
    TextBlock block;
    Batch batch;
    while (true) {
      {
        const std::lock_guard lock(reading);
        if (done) return;
        if (!reader.read_block(block)) {
          done = true;
          return;
        }
      }
      reader.parse(block, batch);
      work(thread, batch);
    }
  });
}

void keep_rows(const RowDraw& draw, const SampleSurvey& survey, ScreenedRows& out) {
  const auto rows = draw.rows();
  out.rows = rows.size();
  out.columns.resize(survey.names.size());
  for (auto& column : out.columns) column.resize(rows.size());
  const auto drawn = draw.text();
  auto text = std::make_unique<char[]>(drawn.size() + kTextSlack);
  std::copy(drawn.begin(), drawn.end(), text.get());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const FileLayout& layout = survey.layouts[file_of(rows[r].file_line)];
    const char* at = text.get() + rows[r].text;
    const auto lengths = draw.lengths(rows[r]);
    for (std::size_t c = 0; c < lengths.size(); ++c) {
      const std::size_t length = lengths[c] == RowDraw::kNoCell ? 0 : lengths[c];
      if (lengths[c] != RowDraw::kNoCell) out.columns[layout.column_of[c]][r] = {at, length};
      at += length + kTextSlack;
    }
    out.copies.push_back(rows[r].copies);
    out.place.push_back(rows[r].file_line);
    out.line.push_back(line_of(rows[r].file_line));
  }
  out.text.push_back(std::move(text));
}

}  // namespace

SampleSurvey survey_sample(const std::vector<SampleInput>& sample, const TraceOptions& options) {
  SampleSurvey survey;
  const unsigned threads = std::max(1U, options.threads);
  struct Share {
    explicit Share(std::size_t most) : draw(most) {}
    RowDraw draw;
    DistinctCount distinct;
    std::uint64_t rows = 0, rejected = 0;
    std::vector<std::string_view> cells;
  };
  std::vector<Share> shares(threads, Share(std::max<std::size_t>(1, options.screening_rows)));
  Sha256 digest;
  bool any_header = false;
  for (std::size_t file = 0; file < sample.size(); ++file) {
    auto raw = teed(sample[file].open(), [&](std::span<const char> bytes) { digest.update(bytes); });
    Compression compression = Compression::kNone;
    TableReader reader(decompressed(std::move(raw), &compression), reader_options(options));
    survey.layouts.push_back(place_columns(reader, survey.names, file == 0));
    any_header = any_header || !reader.header().empty();
    if (file == 0) {
      survey.dialect = reader.dialect();
      survey.dialect.compression = compression;
    }
    TraceProgress progress;
    std::mutex telling;
    read_table(reader, threads, [&](unsigned thread, const Batch& batch) {
      Share& share = shares[thread];
      share.rows += batch.rows;
      share.rejected += batch.rejected.size();
      share.cells.resize(batch.columns.size());
      for (std::size_t r = 0; r < batch.rows; ++r) {
        for (std::size_t c = 0; c < batch.columns.size(); ++c) share.cells[c] = batch.columns[c][r];
        const std::uint64_t row = row_digest(share.cells);
        share.distinct.add(row);
        if (share.draw.wants(row)) {
          share.draw.add(row, file_line(file, batch.row_line[r]), share.cells);
        }
      }
      if (!options.progress) return;
      const std::lock_guard lock(telling);
      progress.rows += batch.rows;
      progress.bytes = reader.consumed();
      progress.total_bytes = reader.total();
      options.progress(progress);
    });
  }
  run_on_threads(threads, [&](unsigned thread) {
    shares[thread].distinct.settle();
    shares[thread].draw.settle();
  });
  for (unsigned thread = 0; thread < threads; ++thread) {
    survey.rows += shares[thread].rows;
    survey.rejected += shares[thread].rejected;
    if (thread == 0) continue;
    shares[0].draw.merge(shares[thread].draw);
    shares[0].distinct.merge(shares[thread].distinct);
  }
  if (survey.rows == 0 && !any_header) {
    throw Error(ErrorKind::kRefused, sample.empty() ? "" : sample.front().name,
                "there is neither a row nor a header in the sample; expected a table of text, such as CSV");
  }
  survey.distinct = shares[0].distinct.count();
  survey.sha256 = digest.hex();
  keep_rows(shares[0].draw, survey, survey.screened);
  survey.edits.given = survey.names.size();
  return survey;
}

void read_again(const std::vector<SampleInput>& sample, const SampleSurvey& survey, const TraceOptions& options,
                const std::function<void(unsigned thread, const SampleBatch& batch)>& work) {
  const unsigned threads = std::max(1U, options.threads);
  struct Placed {
    std::vector<std::vector<std::string_view>> columns;
    std::vector<std::uint64_t> places;
    EditedText text;
  };
  std::vector<Placed> placed(threads);
  for (std::size_t file = 0; file < sample.size(); ++file) {
    TableReader reader(decompressed(sample[file].open()), reader_options(options));
    const FileLayout& layout = survey.layouts[file];
    read_table(reader, threads, [&](unsigned thread, const Batch& batch) {
      auto& [columns, places, text] = placed[thread];
      columns.resize(survey.edits.given);
      for (auto& column : columns) column.assign(batch.rows, {});
      for (std::size_t c = 0; c < batch.columns.size() && c < layout.column_of.size(); ++c) {
        columns[layout.column_of[c]].assign(batch.columns[c].begin(), batch.columns[c].end());
      }
      places.clear();
      for (std::size_t r = 0; r < batch.rows; ++r) places.push_back(file_line(file, batch.row_line[r]));
      undo_shifts(survey.edits.shifts, places, columns);
      text.clear();
      append_derived(survey.edits.derived, batch.rows, columns, text);
      work(thread, {batch.rows, columns, places});
    });
  }
}

void derive_columns(SampleSurvey& survey, std::vector<DerivedColumn> derived) {
  survey.names.resize(survey.edits.given);
  survey.screened.columns.resize(survey.edits.given);
  survey.edits.derived = std::move(derived);
  survey.names.resize(survey.edits.given + survey.edits.derived.size());
  append_derived(survey.edits.derived, survey.screened.rows, survey.screened.columns, survey.screened.text);
}

std::vector<std::vector<std::string>> shifted_cells(const std::vector<SampleInput>& sample, const SampleSurvey& survey,
                                                    const std::vector<ColumnShift>& shifts, std::size_t rows,
                                                    const TraceOptions& options) {
  std::vector<std::pair<std::uint64_t, std::size_t>> row_at;
  for (std::size_t r = 0; r < rows; ++r) row_at.emplace_back(survey.screened.place[r], r);
  std::sort(row_at.begin(), row_at.end());
  std::vector<std::vector<std::string>> cells(shifts.size(), std::vector<std::string>(rows));
  read_again(sample, survey, options, [&](unsigned, const SampleBatch& batch) {
    std::vector<std::vector<std::string_view>> columns(batch.columns.begin(), batch.columns.end());
    for (std::size_t s = 0; s < shifts.size(); ++s) {
      columns[shifts[s].column] = batch.columns[shifts[s].column];
      undo_shifts({shifts[s]}, batch.places, columns);
      for (std::size_t r = 0; r < batch.rows; ++r) {
        const auto at = std::lower_bound(row_at.begin(), row_at.end(), std::pair(batch.places[r], std::size_t{0}));
        // Rows are of one batch each: no two threads write the same cell.
        if (at != row_at.end() && at->first == batch.places[r]) cells[s][at->second] = columns[shifts[s].column][r];
      }
    }
  });
  return cells;
}

void undo_in_survey(const std::vector<SampleInput>& sample, SampleSurvey& survey, std::vector<ColumnShift> shifts,
                    const TraceOptions& options) {
  const auto cells = shifted_cells(sample, survey, shifts, survey.screened.rows, options);
  for (std::size_t s = 0; s < shifts.size(); ++s) {
    std::size_t size = kTextSlack;
    for (const std::string& cell : cells[s]) size += cell.size();
    auto text = std::make_unique<char[]>(size);
    char* at = text.get();
    for (std::size_t r = 0; r < cells[s].size(); ++r) {
      std::copy(cells[s][r].begin(), cells[s][r].end(), at);
      survey.screened.columns[shifts[s].column][r] = {at, cells[s][r].size()};
      at += cells[s][r].size();
    }
    survey.screened.text.push_back(std::move(text));
  }
  survey.edits.shifts = std::move(shifts);
}

}  // namespace sidik
