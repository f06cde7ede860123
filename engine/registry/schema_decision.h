// Which schema an export is read with: given, its feed's pinned one, or inferred from its first rows; and what speaks
// against it.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "fields/inference.h"
#include "fields/spelling.h"
#include "registry/known_schemas.h"
#include "registry/table_stream.h"

namespace sidik {

/// The first rows of an export, which the decision is made on; they are fingerprinted later without being read again.
struct ExportHead {
  std::deque<TableStream::Block> blocks;
  std::vector<std::string> names;  // of the columns, as many as there are
  std::uint64_t rows = 0;
  /// Some values of each column, spread over the head: for their spelling.
  std::vector<std::vector<std::string>> samples;
};

/// How much is looked at before types are decided.
inline constexpr std::size_t kHeadBytes = std::size_t{64} << 20;

/// Reads up to kHeadBytes, parses them on so many threads, and shows them to `inference` if there is one.
ExportHead read_head(TableStream& tables, Inference* inference, unsigned threads);

struct SchemaDecision {
  InferenceResult inference;       // its schema is the one to use
  std::vector<std::string> drift;  // against the pinned schema, a sentence each
};

/// Decides. Where nothing is given or pinned, but another feed's columns are called the same, the table takes their
/// types and what of them identifies or is indexed, unless some value contradicts them: so copies of one table have
/// their rows in common, however many values a part of it has. Throws Error(kRefused) where `known.given` names a
/// column that the table has not.
SchemaDecision decide_schema(const Inference& inference, const std::vector<std::string>& names,
                             const KnownSchemas& known, const std::string& place);

/// The spelling of each column of the schema.
std::vector<Spelling> describe_spellings(const ExportHead& head, const Schema& schema);

}  // namespace sidik
