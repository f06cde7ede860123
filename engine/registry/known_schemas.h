// What is known of an export's columns before it is read: the schema that was given, its feed's, or that of a feed
// whose columns are called the same. One place for whoever registers and whoever seals.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fields/schema.h"
#include "registry/hashed_columns.h"

namespace sidik {

class Registry;
struct ExportDescription;
struct RegistryKey;

/// The schema that a feed pinned.
struct FeedSchema {
  std::string feed;
  Schema schema;
};

/// All without the columns that are made while registering: those are in no file.
struct KnownSchemas {
  std::optional<Schema> given;       // by the user
  std::optional<Schema> pinned;      // by the first export of its feed
  std::vector<HashedColumn> hashed;  // those that the given schema declares, or else the pinned one
  /// Asked where nothing is given or pinned: the oldest feed whose columns are called so, in any order. May be empty.
  std::function<std::optional<FeedSchema>(const std::vector<std::string>& names)> alike;

  /// The given schema, or else the pinned one; null where neither is known.
  const Schema* schema() const { return given ? &*given : pinned ? &*pinned : nullptr; }
  /// The columns' names: the header's, or where that is empty those of the known schema with as many columns.
  std::vector<std::string> names(const std::vector<std::string>& header, std::size_t columns) const;
};

/// Of the export `description`; one that is registered already is read as it was then: feeds that came after it say
/// nothing. `registry` and `key` must outlive what is returned. Throws Error(kKey), Error(kDamaged).
KnownSchemas known_schemas(const Registry& registry, const RegistryKey& key, const ExportDescription& description,
                           const std::optional<Schema>& given);

}  // namespace sidik
