#include "registry/known_schemas.h"

#include <limits>
#include <set>

#include "base/error.h"
#include "registry/catalogue.h"
#include "registry/pinned_schema.h"
#include "registry/registry.h"
#include "registry/registry_state.h"

namespace sidik {
namespace {

std::set<std::string> names_of(const Schema& schema) {
  std::set<std::string> names;
  for (const ColumnSchema& column : schema.columns) names.insert(normalised_name(column.name));
  return names;
}

std::optional<FeedSchema> schema_of_same_columns(const Registry& registry, const RegistryKey& key,
                                                 std::uint64_t sequence, const std::vector<std::string>& names) {
  const Catalogue& catalogue = registry.state().catalogue;
  std::set<std::string> wanted;
  for (const std::string& name : names) wanted.insert(normalised_name(name));
  for (const auto& [feed, encrypted] : catalogue.schemas_pinned_before(sequence)) {
    FeedSchema found;
    found.feed = feed;
    try {
      found.schema =
          without_hashed_columns(decrypt_schema(encrypted, feed, key, catalogue.place() + ", feed '" + feed + "'"));
    } catch (const Error&) {
      continue;  // another key's
    }
    if (names_of(found.schema) == wanted) return found;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> KnownSchemas::names(const std::vector<std::string>& header, std::size_t columns) const {
  if (!header.empty() || schema() == nullptr || schema()->columns.size() != columns) return header;
  std::vector<std::string> names;
  for (const ColumnSchema& column : schema()->columns) names.push_back(column.name);
  return names;
}

KnownSchemas known_schemas(const Registry& registry, const RegistryKey& key, const ExportDescription& description,
                           const std::optional<Schema>& given) {
  KnownSchemas known;
  known.given = given;
  if (!description.feed.empty()) known.pinned = registry.pinned_schema(description.feed, key);
  for (std::optional<Schema>* const schema : {&known.given, &known.pinned}) {
    if (!*schema) continue;
    if (known.hashed.empty()) known.hashed = hashed_columns_of(**schema);
    *schema = without_hashed_columns(std::move(**schema));
  }
  if (known.schema() != nullptr) return known;
  const auto registered = registry.state().catalogue.find(description.name);
  const std::uint64_t sequence =
      registered ? registered->envelope.sequence : std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  known.alike = [&registry, &key, sequence](const std::vector<std::string>& names) {
    return schema_of_same_columns(registry, key, sequence, names);
  };
  return known;
}

}  // namespace sidik
