// Exports of several fingerprint epochs asked as if they were of one: each question goes to every epoch.
//
// One value has another fingerprint in each epoch, so a sample's columns are read under each epoch's secret
// (Reading::epoch), and all of them are asked for. That a reading meets what is of another epoch is as likely as
// that two strangers' values meet (record.h), and the records refute it. So that readings, codes and frequencies of two
// epochs are never taken for one another, columns of all epochs but the first have ids of their own here.
#pragma once

#include <map>
#include <vector>

#include "fingerprints/key.h"
#include "registry/fingerprint_store.h"

namespace sidik {

/// The fingerprint secrets that a trace needs. Points into the key, which must outlive it.
class EpochSecrets {
 public:
  /// Of all epochs that exports of `store` are in, or the key's own where there are none. Throws Error(kKey) naming the
  /// epoch where the key lacks its secret.
  EpochSecrets(const RegistryKey& key, const FingerprintStore& store);

  const std::vector<Epoch>& epochs() const { return epochs_; }  // rising
  const Secret& of(Epoch epoch) const { return *secrets_.at(epoch); }

 private:
  std::vector<Epoch> epochs_;
  std::map<Epoch, const Secret*> secrets_;
};

/// The epoch that a question names does not count: all are asked. As thread-safe as the store, which must outlive it.
class AllEpochs final : public FingerprintStore {
 public:
  AllEpochs(const FingerprintStore& store, std::vector<Epoch> epochs);

  const RegistryId& registry_id() const override { return store_.registry_id(); }
  std::string state() const override { return store_.state(); }
  std::vector<std::string> set_aside() const override { return store_.set_aside(); }
  std::string audit_head() const override { return store_.audit_head(); }
  const std::vector<ExportManifest>& exports() const override { return exports_; }
  Epoch epoch_of(ExportIndex e) const override { return store_.epoch_of(e); }

  void find_records(Epoch, std::span<const RowTag> tags, RecordAnswers& out) const override;
  void find_records_by_prefix(Epoch, std::span<const std::uint32_t> prefixes, RecordAnswers& out) const override;
  void find_records_between(Epoch, RowTag from, RowTag to, RecordAnswers& out) const override;
  void find_candidates(Epoch, FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                       CandidateAnswers& out) const override;
  void contains(Epoch, FieldType type, std::span<const IndexEntry> entries,
                std::span<std::uint8_t> found) const override;
  std::vector<FieldType> indexed_types() const override { return store_.indexed_types(); }
  std::vector<PositionAnswer> positions(Epoch, std::span<const RowTag> tags) const override;
  std::optional<RowTag> scan(ExportIndex e, RowTag from, std::size_t most, RecordAnswers& out) const override;

 private:
  template <typename Ask>
  void ask_each(RecordAnswers& out, Ask&& ask) const;
  ColumnId own_id(Epoch epoch, ColumnId column) const;

  const FingerprintStore& store_;
  std::vector<Epoch> epochs_;
  std::vector<ExportManifest> exports_;
};

}  // namespace sidik
