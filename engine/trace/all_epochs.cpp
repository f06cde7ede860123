#include "trace/all_epochs.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"

namespace sidik {

EpochSecrets::EpochSecrets(const RegistryKey& key, const FingerprintStore& store) {
  for (ExportIndex e = 0; e < store.exports().size(); ++e) epochs_.push_back(store.epoch_of(e));
  std::sort(epochs_.begin(), epochs_.end());
  epochs_.erase(std::unique(epochs_.begin(), epochs_.end()), epochs_.end());
  if (epochs_.empty()) epochs_.push_back(key.epoch);
  for (const Epoch epoch : epochs_) {
    const Secret* const secret = key.secret_of(epoch);
    if (secret == nullptr)
      throw Error(ErrorKind::kKey, "key '" + key.holder + "'",
                  "lacks the secret of epoch " + std::to_string(epoch) +
                      ", in which exports were registered (it is of " + "epoch " + std::to_string(key.epoch) +
                      "); use the newest copy of the investigators' key");
    secrets_.emplace(epoch, secret);
  }
}

AllEpochs::AllEpochs(const FingerprintStore& store, std::vector<Epoch> epochs)
    : store_(store), epochs_(std::move(epochs)), exports_(store.exports()) {
  for (ExportIndex e = 0; e < exports_.size(); ++e)
    for (ExportColumn& column : exports_[e].columns) column.id = own_id(store_.epoch_of(e), column.id);
}

ColumnId AllEpochs::own_id(Epoch epoch, ColumnId column) const {
  return column ^ (static_cast<ColumnId>(epoch - epochs_.front()) * 0x9e3779b97f4a7c15);
}

template <typename Ask>
void AllEpochs::ask_each(RecordAnswers& out, Ask&& ask) const {
  out.groups.clear();
  RecordAnswers answers;
  for (const Epoch epoch : epochs_) {
    ask(epoch, answers);
    for (auto& group : answers.groups) {
      for (ColumnId& column : group.columns) column = own_id(epoch, column);
      out.groups.push_back(std::move(group));
    }
  }
}

void AllEpochs::find_records(Epoch, std::span<const RowTag> tags, RecordAnswers& out) const {
  ask_each(out, [&](Epoch epoch, RecordAnswers& answers) { store_.find_records(epoch, tags, answers); });
}

void AllEpochs::find_records_by_prefix(Epoch, std::span<const std::uint32_t> prefixes, RecordAnswers& out) const {
  ask_each(out, [&](Epoch epoch, RecordAnswers& answers) { store_.find_records_by_prefix(epoch, prefixes, answers); });
}

void AllEpochs::find_records_between(Epoch, RowTag from, RowTag to, RecordAnswers& out) const {
  ask_each(out, [&](Epoch epoch, RecordAnswers& answers) { store_.find_records_between(epoch, from, to, answers); });
}

void AllEpochs::find_candidates(Epoch, FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                                CandidateAnswers& out) const {
  out.totals.assign(values.size(), 0);
  std::vector<std::uint64_t> all;  // place of the value, prefix
  CandidateAnswers answers;
  for (const Epoch epoch : epochs_) {
    store_.find_candidates(epoch, type, values, cap, answers);
    for (std::size_t v = 0; v < values.size(); ++v) {
      const std::uint64_t sum = std::uint64_t{out.totals[v]} + answers.totals[v];
      out.totals[v] = static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, 0xffffffffU));
    }
    for (std::size_t i = 0; i < answers.query.size(); ++i)
      all.push_back(static_cast<std::uint64_t>(answers.query[i]) << 32 | answers.prefixes[i]);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  out.query.clear();
  out.prefixes.clear();
  for (const std::uint64_t candidate : all) {
    if (out.totals[candidate >> 32] > cap) continue;
    out.query.push_back(static_cast<std::uint32_t>(candidate >> 32));
    out.prefixes.push_back(static_cast<std::uint32_t>(candidate));
  }
}

void AllEpochs::contains(Epoch, FieldType type, std::span<const IndexEntry> entries,
                         std::span<std::uint8_t> found) const {
  std::fill(found.begin(), found.end(), std::uint8_t{0});
  std::vector<std::uint8_t> here(entries.size());
  for (const Epoch epoch : epochs_) {
    store_.contains(epoch, type, entries, here);
    for (std::size_t i = 0; i < here.size(); ++i) found[i] |= here[i];
  }
}

std::vector<PositionAnswer> AllEpochs::positions(Epoch, std::span<const RowTag> tags) const {
  std::vector<PositionAnswer> all;
  for (const Epoch epoch : epochs_) {
    const auto some = store_.positions(epoch, tags);
    all.insert(all.end(), some.begin(), some.end());
  }
  std::sort(all.begin(), all.end(), [](const PositionAnswer& a, const PositionAnswer& b) {
    return std::tie(a.query, a.export_index, a.position) < std::tie(b.query, b.export_index, b.position);
  });
  return all;
}

std::optional<RowTag> AllEpochs::scan(ExportIndex e, RowTag from, std::size_t most, RecordAnswers& out) const {
  const auto next = store_.scan(e, from, most, out);
  for (auto& group : out.groups)
    for (ColumnId& column : group.columns) column = own_id(store_.epoch_of(e), column);
  return next;
}

}  // namespace sidik
