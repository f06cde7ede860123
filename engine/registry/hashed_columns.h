// Columns that an export is registered with beside its own: digests of its phones, addresses of mail and numbers, so
// that a leak that shows these hashed (MD5, SHA-1, SHA-256, without salt) is found all the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields/schema.h"
#include "ingest/batch.h"

namespace sidik {

enum class HashAlgorithm : std::uint8_t { kMd5, kSha1, kSha256 };

/// Of which column (by name, or all of a type by the type's name), how, and of which spelling of the canonical value:
/// phones "08" (081234567890), "62" (6281234567890), "+62" (+6281234567890), all else "plain": a NIK's and an
/// identifier's digits, an address of mail in lower case.
struct HashedColumn {
  std::string field;
  HashAlgorithm algorithm = HashAlgorithm::kSha256;
  std::string spelling;
  bool operator==(const HashedColumn&) const = default;
};

/// Reads "phone:md5:08,nik:sha256:plain". Throws Error(kUsage, "--also-hashed") for anything else.
std::vector<HashedColumn> parse_hashed_columns(std::string_view list);

/// What a column of this name is a digest of; nothing where it is no such name.
std::optional<HashedColumn> hashed_column_of(std::string_view name);

/// The hashed columns that a schema has, by their names ("hash:md5:08:" and the column's), and the schema without them.
std::vector<HashedColumn> hashed_columns_of(const Schema& schema);
Schema without_hashed_columns(Schema schema);

/// Appends the hashed columns to the schema: of type text, indexed, no identity. Throws Error(kUsage, "--also-hashed")
/// naming a field that is no column of type nik, identifier, phone or email, or a spelling that is none of its type's.
void add_hashed_columns(const std::vector<HashedColumn>& hashed, Schema& schema);

/// About what hashed columns take in the registry: of each row's value a code of 16 bits and an index entry.
std::uint64_t bytes_of_hashed_columns(std::uint64_t rows, std::size_t columns);

/// Makes the hashed columns of batches. One object a thread.
class ColumnHasher {
 public:
  /// `schema` is with the hashed columns.
  explicit ColumnHasher(const Schema& schema);
  /// Appends a column of lower-case hexadecimal digests for each; null where the value is null or not of its type. The
  /// views are valid until the next call.
  void append(Batch& batch);

 private:
  struct Source {
    std::size_t column;
    FieldType type;
    CanonicalOptions options;
    HashAlgorithm algorithm;
    std::string spelling;
  };
  std::vector<Source> sources_;
  std::size_t given_;
  std::vector<std::string> text_;
  CanonicalColumn canonical_;
};

}  // namespace sidik
