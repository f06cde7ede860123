// Exports of one population, some with fewer columns, some a month older: what merged runs are tried on. Beside each
// the plain table that it must be found to hold, however runs are merged.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "registry/run_merge.h"
#include "registry/run_twin.h"

namespace sidik::test {

struct SharedExport {
  ExportDescription description;
  Schema schema;
  std::vector<Block> blocks;
  Twin twin;  // its codes in the order of the schema
};

struct SharedPlan {
  std::size_t people = 200;
  std::size_t exports = 6;
  double share = 0.8;        // of the people in an export
  double churn = 0.1;        // chance a date and person to become another version
  double fewer_columns = 0;  // chance an export to lack some columns
  double repeated = 0.05;    // rows that stand twice or more
  double family = 0.05;      // people with a second row under the same tag
  double no_identity = 0.03;
  std::uint64_t seed = 1;
};

inline std::vector<SharedExport> shared_exports(const SharedPlan& plan) {
  std::mt19937_64 random(plan.seed);
  const auto chance = [&](double p) { return std::uniform_real_distribution<double>(0, 1)(random) < p; };
  const std::vector<ColumnPlan> columns = {{FieldType::kNik, 0, 0, 0, true, true},
                                           {FieldType::kPersonName, 0, 0, 0, true, false},
                                           {FieldType::kPhone, 0, 0, 0, true, false},
                                           {FieldType::kCategory, 0, 0, 0, false, false},
                                           {FieldType::kAddress, 0, 0, 0, true, false}};
  std::vector<unsigned> version(plan.people);
  std::vector<SharedExport> out;
  for (std::size_t e = 0; e < plan.exports; ++e) {
    for (auto& v : version) v += chance(plan.churn) ? 1 : 0;
    SharedExport one;
    one.description.name = "export-" + std::to_string(e);
    one.description.feed = e % 3 == 2 ? "b" : "a";
    one.description.at = 1000000 + static_cast<UtcSeconds>(e) * 86400;
    one.description.registered_at = 2000000 + static_cast<UtcSeconds>(e);
    one.description.registered_by = "investigators";
    std::vector<std::size_t> chosen;
    const bool fewer = chance(plan.fewer_columns);
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (c == 0 || !fewer || chance(0.6)) chosen.push_back(c);
    TablePlan table;
    for (const std::size_t c : chosen) table.columns.push_back(columns[c]);
    one.schema = schema_of(table);
    for (std::size_t i = 0; i < chosen.size(); ++i) one.schema.columns[i].name = "c" + std::to_string(chosen[i]);

    const auto add_row = [&](std::size_t person, unsigned variant) {
      if (one.blocks.empty() || one.blocks.back().batch.rows == 64) {
        one.blocks.emplace_back();
        one.blocks.back().batch.columns.resize(chosen.size());
      }
      Block& block = one.blocks.back();
      const bool nobody = mix(person * 31 + plan.seed) % 1000 < static_cast<std::uint64_t>(plan.no_identity * 1000);
      std::uint64_t whole = 5;
      for (std::size_t i = 0; i < chosen.size(); ++i) {
        const std::size_t c = chosen[i];
        // Each column changes with some versions only, and a few people have nothing in it.
        const std::uint64_t changes = c == 0 ? 0 : version[person] / (c == 1 ? 5 : c == 2 ? 1 : 2) + variant * 1000;
        const bool null = (c == 0 && nobody) || (c != 0 && mix(person * 7 + c + changes) % 10 == 0);
        const bool invalid = !null && c == 2 && mix(person + changes * 3) % 15 == 0;
        const std::uint64_t distinct = c == 3 ? 3 : c == 1 ? 40 : ~std::uint64_t{0};
        const std::uint64_t id = mix(person * 1000003 + c * 101 + changes * 77 + plan.seed) % distinct;
        const Fingerprint value = null ? 0 : mix(id * 16 + c + (invalid ? 8 : 0)) | 1;
        auto& column = block.batch.columns[i];
        column.fingerprints.push_back(value);
        column.states.push_back(null ? ValueState::kNull : invalid ? ValueState::kInvalid : ValueState::kValid);
        column.codes.push_back(null ? kNullCode : c == 0 ? kTagCode : value_code(value));
        whole = mix(whole ^ (value + c * 3));
      }
      const Fingerprint identity = block.batch.columns[0].fingerprints.back();
      // Few different tags, so that some share a prefix and some are sampled for positions.
      RowTag tag = row_tag(nobody ? whole : mix(identity));
      if (person % 16 == 0) tag &= ~RowTag{63};
      if (person % 50 == 1) tag = (tag & 0xfffff) | RowTag{0x123456} << 20;
      block.batch.tags.push_back(tag);
      block.batch.tag_column.push_back(nobody ? FingerprintedBatch::kWholeRow : 0);
      block.order.push_back(static_cast<std::uint64_t>(one.blocks.size() - 1) << 32 | block.batch.rows);
      ++block.batch.rows;
    };
    for (std::size_t person = 0; person < plan.people; ++person) {
      if (!chance(plan.share)) continue;
      add_row(person, 0);
      while (chance(plan.repeated)) add_row(person, 0);
      if (mix(person * 91) % 1000 < static_cast<std::uint64_t>(plan.family * 1000)) add_row(person, 1);
    }
    one.twin = twin_of(table, one.blocks);
    out.push_back(std::move(one));
  }
  return out;
}

inline RunFile build_shared(FileSystem& files, const RegistryKey& key, const SharedExport& shared,
                            const std::filesystem::path& path) {
  RunBuildOptions options;
  options.spill_directory = path.parent_path();
  RunBuilder builder(files, key, shared.schema, options);
  auto appender = builder.appender();
  for (const Block& block : shared.blocks) appender.add(block.batch, block.order);
  ExportManifest manifest = manifest_for(shared.schema, shared.description.name);
  manifest.description = shared.description;
  return builder.finish(manifest, path);
}

}  // namespace sidik::test
