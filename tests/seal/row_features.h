// What somebody who has a table, and no registry, can measure of its rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fields/schema.h"
#include "seal/boosting.h"

namespace sidik::looks {

/// Rows of cells, in the order of the table.
struct Table {
  Schema schema;
  std::vector<std::vector<std::string>> rows;
};

/// Features of each row: shapes and parts of its values, how common they and their parts are in the table, whether they
/// fit each other, and its place in its household and among its neighbours.
std::vector<Features> features_of(const Table& table);

/// What each feature measures, in their order.
std::vector<std::string> feature_names(const Schema& schema);

/// Of each row what its household has in common (address, else phone, else the row's own number): rows of one household
/// are no two witnesses.
std::vector<std::uint64_t> households_of(const Table& table);

}  // namespace sidik::looks
