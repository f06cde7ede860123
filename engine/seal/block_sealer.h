// One block of rows to its sealed text. A pure function of the block, so that blocks are sealed side by side.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "fingerprints/batch_fingerprinter.h"
#include "ingest/table_reader.h"
#include "seal/sealed_text.h"
#include "seal/withholding.h"

namespace sidik {

/// The tags of rows by their first valid identity. One object a thread.
class IdentityTags {
 public:
  IdentityTags(const Secret& fingerprint_secret, const Schema& schema);
  /// One tag a row; kNone for a row without an identity.
  void compute(std::span<const std::vector<std::string_view>> columns, std::size_t rows, std::vector<RowTag>& tags);
  static constexpr RowTag kNone = ~RowTag{0};

 private:
  std::vector<std::size_t> order_;
  std::vector<ValueFingerprinter> fingerprinters_;  // one for each of order_
  std::vector<std::uint32_t> rows_;                 // to be tagged, and their values
  std::vector<std::string_view> raw_;
  std::vector<ValueState> states_;
  std::vector<RowTag> some_;
};

/// One object a thread.
class BlockSealer {
 public:
  /// `number` is below SealInput::threads. What is planted is `planted`, or those of `lines` that the stream finds
  /// places for.
  BlockSealer(const SealInput& input, unsigned number, const PlantedRows& planted,
              const std::vector<std::string>& lines, const Schema& schema, const std::vector<MarkedColumn>& marked,
              const Dialect& dialect);

  /// Appends the sealed text of `block` to `out`.
  void seal(const TextBlock& block, const TableReader& reader, std::string& out);

  std::uint64_t rows() const { return rows_; }
  std::uint64_t withheld() const { return withheld_; }
  std::uint64_t planted() const { return planted_; }
  std::uint64_t positions() const { return marker_.positions(); }

 private:
  struct Edit {
    std::size_t begin, end;  // of the block's text
    std::string_view text;   // instead
  };
  void add_marks(const TextBlock& block);
  void merge_edits();
  void add_withheld(const TextBlock& block);
  void add_planted(const TextBlock& block);
  void add_from_stream(const TextBlock& block);
  std::size_t record_end(std::string_view text, std::size_t begin) const;

  const SealInput& input_;
  unsigned number_;
  const PlantedRows& planted_rows_;
  const std::vector<std::string>& stream_lines_;
  Dialect dialect_;
  std::string forbidden_;
  std::string line_end_;
  Marker marker_;
  Withholding withholding_;
  IdentityTags identities_;
  Batch batch_;
  std::vector<RowTag> tags_;
  std::vector<std::uint8_t> left_out_;
  std::vector<Edit> edits_;
  std::vector<std::string> lines_;
  std::uint64_t rows_ = 0, withheld_ = 0, planted_ = 0;
};

}  // namespace sidik
