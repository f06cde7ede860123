#include <openssl/evp.h>

#include <array>
#include <map>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "fingerprints/batch_fingerprinter.h"

namespace sidik {

ColumnId column_id(FieldType type, std::string_view normalised_name) {
  std::string message(type_name(type));
  message.push_back('\0');
  message.append(normalised_name);
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw Error(ErrorKind::kFailed, "OpenSSL", "cannot compute SHA-256");
  return load_u64(digest.data());
}

std::vector<ColumnId> column_ids(const Schema& schema) {
  std::vector<ColumnId> ids;
  ids.reserve(schema.columns.size());
  std::map<std::pair<FieldType, std::string>, int> seen;
  for (const ColumnSchema& column : schema.columns) {
    std::string name = normalised_name(column.name);
    const int times = ++seen[{column.type, name}];
    if (times > 1) name.append("#").append(std::to_string(times));  // no normalised name holds a #
    ids.push_back(column_id(column.type, name));
  }
  return ids;
}

}  // namespace sidik
