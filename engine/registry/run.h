// A run: one immutable file of encrypted blocks that holds the records, index entries and manifests of one or more
// exports. Building one (any number of rows in bounded memory) and asking one. FORMAT.md has the bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/file_system.h"
#include "fingerprints/batch_fingerprinter.h"
#include "registry/fingerprint_store.h"
#include "registry/manifest.h"

namespace sidik {

struct RunBuildOptions {
  std::size_t memory = std::size_t{512} << 20;  // bytes for buffered records and entries; beyond it they are spilled
  unsigned threads = 1;                         // for sorting, encoding and encrypting in finish()
  std::filesystem::path spill_directory;  // exists; the spill file there is encrypted under a key kept in memory only
};

/// What a finished run file is known by; goes into its envelope.
struct RunFile {
  RunId id{};
  Epoch epoch = 1;
  std::filesystem::path path;
  std::uint64_t length = 0;
  Digest digest{};  // SHA-256 over the file's header block and the trailers (GCM tag, checksum) of all blocks, in order
  Digest key_commitment{};  // of the data key (GCM does not commit to its key)
};

/// Builds the run of one export. Appenders are used by one thread each, at the same time.
class RunBuilder {
 public:
  /// `key` gives registry id, epoch, the public key that the run's data key is wrapped to, and the digest secret.
  /// Nothing is written to `path` before finish(); spill files vanish with the object.
  RunBuilder(FileSystem& files, const RegistryKey& key, const Schema& schema, RunBuildOptions options);
  ~RunBuilder();

  class Appender {
   public:
    /// Takes a batch in. `row_order` has a number a row that rises with the export's own order (Batch::row_order).
    /// Throws Error(kFailed) when the spill cannot be written.
    void add(const FingerprintedBatch& batch, std::span<const std::uint64_t> row_order);

   private:
    friend class RunBuilder;
    struct State;
    std::shared_ptr<State> state_;
  };
  Appender appender();

  /// Sorts, encodes, encrypts and writes the run to `path` (which must not exist), synced. `manifest` comes with
  /// description, rejected, form, content_digest, and per column schema, spelling and invalid count; the rest (rows,
  /// records, tags, identities, statistics, records_digest) is filled in. Once only. On failure no file is left at
  /// `path`.
  RunFile finish(ExportManifest& manifest, const std::filesystem::path& path);

  /// For reports and benches: bytes spilled so far.
  std::uint64_t spilled_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a part of a run costs, for `show`, benches and tests.
struct RunSectionSize {
  std::string name;  // "records", "index name", "positions", "directory", "manifest"
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;  // of coded pages, padding left out
};

/// Asks one run. Immutable once open; const functions may be called by several threads at once.
class Run {
 public:
  /// Opens and authenticates header and manifest. Throws Error(kDamaged) naming file and block, Error(kKey) when the
  /// key is of another registry or may not open, Error(kDamaged) with its own words for a newer format.
  static std::shared_ptr<Run> open(FileSystem& files, const std::filesystem::path& path, const RegistryKey& key);
  /// The same, with answers for those of its exports only that `is_live` says yes to: removed ones stay in the file
  /// until the next merge. What stands for no live export is given by no question.
  using IsLive = std::function<bool(const ExportManifest&)>;
  static std::shared_ptr<Run> open(FileSystem& files, const std::filesystem::path& path, const RegistryKey& key,
                                   const IsLive& is_live);
  virtual ~Run() = default;

  virtual const RunId& id() const = 0;
  virtual Epoch epoch() const = 0;
  virtual const std::vector<ExportManifest>& exports() const = 0;  // all of them, by (feed, date, name)
  /// Gives exports() away, to who keeps them elsewhere: of a thousand a copy takes longer than any question. As many
  /// empty ones are left; questions are answered as before, verify() is not. Nobody else may use the run meanwhile.
  virtual std::vector<ExportManifest> take_exports() = 0;
  virtual bool is_live(ExportIndex place) const = 0;
  virtual std::vector<RunSectionSize> sizes() const = 0;
  virtual std::uint64_t file_length() const = 0;
  /// Of the data key that its blocks open with: a run that another hand sealed to the registry's public key has
  /// another.
  virtual const Digest& key_commitment() const = 0;

  /// As in FingerprintStore; export numbers are places in exports(). The finds append to `out` one group for each
  /// different list of columns that live exports have, in which every code is that column's in every export of the set.
  virtual void find_records(std::span<const RowTag> tags, RecordAnswers& out) const = 0;
  virtual void find_records_by_prefix(std::span<const std::uint32_t> prefixes, RecordAnswers& out) const = 0;
  virtual void find_records_between(RowTag from, RowTag to, RecordAnswers& out) const = 0;
  /// Entries of the values asked, up to cap + 1 for each: (place of the value, prefix), and how many there are in all.
  virtual void find_candidates(FieldType type, std::span<const IndexValue> values, std::uint32_t cap,
                               CandidateAnswers& out) const = 0;
  virtual void contains(FieldType type, std::span<const IndexEntry> entries, std::span<std::uint8_t> found) const = 0;
  virtual std::vector<FieldType> indexed_types() const = 0;
  virtual std::vector<PositionAnswer> positions(std::span<const RowTag> tags) const = 0;
  virtual std::optional<RowTag> scan(ExportIndex e, RowTag from, std::size_t most, RecordAnswers& out) const = 0;

  /// Reads and authenticates every block, decodes every page, recounts and recomputes the records digest of each
  /// export, removed ones too; throws
  /// Error(kDamaged) at the first thing that is not as written, naming it. `progress` is told the bytes read.
  virtual void verify(const std::function<void(std::uint64_t)>& progress) const = 0;
};

/// What the clear header of a run says, and the file's digest recomputed from block checksums: no key needed.
/// Throws Error(kDamaged) naming file and block where a checksum does not fit or the length is wrong.
RunFile verify_run_checksums(FileSystem& files, const std::filesystem::path& path,
                             const std::function<void(std::uint64_t)>& progress);

}  // namespace sidik
