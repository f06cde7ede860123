// The sealed text of an export as a stream: byte for byte what was read, but for marked values, withheld rows and
// planted ones.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields/schema.h"
#include "ingest/byte_source.h"
#include "ingest/table_reader.h"
#include "registry/known_schemas.h"
#include "seal/marker.h"
#include "seal/seal_secrets.h"
#include "seal/sealing.h"

namespace sidik {

class CanaryStream;
struct SchemaDecision;

/// How an export is to be sealed.
struct SealRequest {
  enum class Marks : std::uint8_t { kNone, kWhereDataVary };
  Marks marks = Marks::kWhereDataVary;
  std::vector<std::string> allowed;      // columns or types whose spellings may be chosen as well
  unsigned coalition = kUsualCoalition;  // colluders that the code is laid out for
  double withhold = 0;                   // share of the rows to leave out
};

/// A row of nobody that is planted.
struct Canary {
  std::vector<std::string> cells;  // values of the table's columns, spelled as theirs
  std::uint64_t before = 0;        // the row (Batch::row_order) that it goes before, or kAtTheEnd
};
inline constexpr std::uint64_t kAtTheEnd = ~std::uint64_t{0};

/// Lines to plant, without a line end, by the row that each goes before.
using PlantedRows = std::multimap<std::uint64_t, std::string>;

/// What sealing takes beside the text.
struct SealInput {
  SealSecrets secrets;
  Secret fingerprint_secret;  // withheld rows are chosen by their tags
  SealRequest request;
  KnownSchemas known;  // of the export
  /// By CanaryPlan, from the same bytes: nothing is decided again.
  std::shared_ptr<const SchemaDecision> decided{};
  TableReaderOptions reader;
  std::vector<Canary> canaries;
  std::shared_ptr<CanaryStream> stream;  // instead of them, for a text that nobody has read before
  unsigned threads = 1;
  /// Is given all bytes of the sealed text, in the encoding of what was read, in order.
  std::function<void(std::string_view)> sink;
};

/// Reads a table of text and gives its sealed copy. The decision on channels is made on the first 64 MiB, which are
/// kept until then. Not thread-safe; several threads work inside. Throws as TableReader does, and as ChannelSurvey
/// does.
class SealedText final : public ByteSource {
 public:
  /// `raw` gives the bytes as found; what is compressed is decompressed, compression() tells how it was.
  SealedText(std::unique_ptr<ByteSource> raw, SealInput input);
  ~SealedText() override;

  std::size_t read(std::span<char> out) override;
  std::string name() const override;
  std::uint64_t consumed() const override;
  std::uint64_t total() const override;

  /// How the bytes were compressed that this text was read from; the text is plain.
  Compression found_compression() const;
  const Schema& schema() const;
  /// What the types were decided by; for RegistrationOptions::decided.
  std::shared_ptr<const SchemaDecision> decision() const;
  /// The channels that were chosen, and counts of what was done so far; whole at the end.
  Sealing sealing() const;
  const std::vector<MarkedColumn>& marked_columns() const;
  std::uint64_t marked_positions() const;
  /// Canaries that a row turned out to have the number of, when they were planted already: they say nothing.
  std::uint64_t void_canaries() const;
  /// Of the input, so far.
  std::uint64_t rows_read() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sidik
