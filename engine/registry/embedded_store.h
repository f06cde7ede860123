// The store inside this process: a snapshot of a registry's runs, asked as if they were one.
#pragma once

#include <memory>
#include <vector>

#include "registry/catalogue.h"
#include "registry/registry.h"

namespace sidik {

/// Answers of several runs made one: export numbers of the snapshot, caps over the union, each prefix once.
/// The answers do not depend on how exports are spread over runs, the grouping of records apart.
class EmbeddedStore final : public FingerprintStore {
 public:
  struct OpenRun {
    std::shared_ptr<const Run> run;
    /// The snapshot's number of each of run->exports(), rising; kRemoved where it is not live.
    std::vector<ExportIndex> exports;
  };
  static constexpr ExportIndex kRemoved = 0xffffffff;
  /// `exports` are in the snapshot's order, `runs` in any. `generation` is kept locked as long as the store lives.
  EmbeddedStore(RegistryId registry, std::vector<ExportManifest> exports, std::vector<OpenRun> runs, std::string state,
                std::string audit_head, std::vector<std::string> set_aside, std::unique_ptr<File> generation);

  const RegistryId& registry_id() const override { return registry_; }
  std::string state() const override { return state_; }
  std::string audit_head() const override { return audit_head_; }
  std::vector<std::string> set_aside() const override { return set_aside_; }
  const std::vector<ExportManifest>& exports() const override { return exports_; }
  Epoch epoch_of(ExportIndex e) const override;

  void find_records(Epoch epoch, std::span<const RowTag> tags, RecordAnswers& out) const override;
  void find_records_by_prefix(Epoch epoch, std::span<const std::uint32_t> prefixes, RecordAnswers& out) const override;
  void find_records_between(Epoch epoch, RowTag from, RowTag to, RecordAnswers& out) const override;
  void find_candidates(Epoch epoch, FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                       CandidateAnswers& out) const override;
  void contains(Epoch epoch, FieldType type, std::span<const IndexEntry> entries,
                std::span<std::uint8_t> found) const override;
  std::vector<FieldType> indexed_types() const override;
  std::vector<PositionAnswer> positions(Epoch epoch, std::span<const RowTag> tags) const override;
  std::optional<RowTag> scan(ExportIndex e, RowTag from, std::size_t most, RecordAnswers& out) const override;

 private:
  /// The run of an export, and its place in it.
  std::pair<const OpenRun*, ExportIndex> run_of(ExportIndex e) const;

  RegistryId registry_;
  std::vector<ExportManifest> exports_;
  std::vector<OpenRun> runs_;
  std::vector<std::pair<const OpenRun*, ExportIndex>> homes_;  // by export
  std::string state_;
  std::string audit_head_;
  std::vector<std::string> set_aside_;
  std::unique_ptr<File> generation_;
};

/// Opens the runs of all committed exports, several at a time, and holds each against its signed envelope.
/// Throws Error(kDamaged) naming the first that does not fit, Error(kKey) where the key may not open runs.
std::unique_ptr<FingerprintStore> open_embedded_store(const Registry::State& state, const RegistryKey& key);

}  // namespace sidik
