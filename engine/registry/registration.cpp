#include "registry/registration.h"

#include "base/error.h"
#include "registry/commit.h"
#include "registry/compaction.h"
#include "registry/export_reading.h"
#include "registry/input_checks.h"
#include "registry/known_keys.h"
#include "registry/merge_commit.h"
#include "registry/schema_decision.h"

namespace sidik {
namespace {

/// Notes when a source has come to its end: a producer can be asked how it fared from then on, and not before.
class WatchedSource final : public ByteSource {
 public:
  WatchedSource(std::unique_ptr<ByteSource> source, std::size_t& unfinished)
      : source_(std::move(source)), unfinished_(unfinished) {}

  std::size_t read(std::span<char> out) override {
    const std::size_t got = source_->read(out);
    if (got == 0 && !out.empty() && !ended_) {
      ended_ = true;
      --unfinished_;
    }
    return got;
  }
  std::string name() const override { return source_->name(); }
  std::uint64_t consumed() const override { return source_->consumed(); }
  std::uint64_t total() const override { return source_->total(); }
  Compression compression() const override { return source_->compression(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::size_t& unfinished_;
  bool ended_ = false;
};

std::vector<std::unique_ptr<ByteSource>> watched(std::vector<std::unique_ptr<ByteSource>> sources,
                                                 std::size_t& unfinished) {
  unfinished = sources.size();
  for (auto& source : sources) source = std::make_unique<WatchedSource>(std::move(source), unfinished);
  return sources;
}

bool decides(const std::shared_ptr<const SchemaDecision>& decided, const std::vector<std::string>& names,
             std::size_t columns) {
  if (decided == nullptr || decided->inference.schema.columns.size() != columns) return false;
  for (std::size_t c = 0; c < names.size(); ++c)
    if (normalised_name(decided->inference.schema.columns[c].name) != normalised_name(names[c])) return false;
  return true;
}

FileForm form_of(const Dialect& dialect) {
  FileForm form;
  form.delimiter = delimiter_name(dialect.delimiter);
  form.quoted = dialect.quoted;
  form.header = dialect.header;
  form.encoding = encoding_name(dialect.encoding);
  form.line_end = line_end_name(dialect.line_end);
  return form;
}

/// What one registration goes through, step by step.
class Registration {
 public:
  Registration(Registry& registry, const RegistryKey& key, const RegistrationOptions& options)
      : registry_(registry), key_(key), options_(options), description_(options.description) {
    registry.require_key(key);
    if (!key.can_fingerprint())
      throw Error(
          ErrorKind::kKey, "",
          "a " + std::string(role_name(key.role)) + " key cannot register; use a register or an investigators' key");
    description_.registered_by = key.holder;
    check_description(description_);
    {
      const auto& state = registry.state();
      const Transaction transaction = state.catalogue.read();
      KnownKeys::read(state.catalogue, state.config.id, state.config.signing_public)
          .require_may_register(key, description_.feed);
    }
    reservation_ = Reservation::take(registry.state(), description_, existing_);
    if (existing_) require_same_description(description_, existing_->envelope.entry.description);
    known_ = known_schemas(registry, key, description_, options.schema);
    hashed_ = options.also_hashed.empty() ? known_.hashed : options.also_hashed;
  }

  RegistrationResult run(std::vector<std::unique_ptr<ByteSource>> sources) {
    std::size_t unfinished = 0;
    try {
      read(watched(std::move(sources), unfinished));
    } catch (const Error& error) {
      // An input that ends badly because its producer failed: the producer's own failure says more.
      if (error.kind() == ErrorKind::kRefused && unfinished == 0 && options_.before_commit) options_.before_commit();
      throw;
    }
    if (options_.before_commit) options_.before_commit();
    check_reading(reading_, options_, place_);
    for (auto& warning : reading_warnings(reading_, result_.inference, options_))
      result_.warnings.push_back(std::move(warning));
    result_.rejected = reading_.rejected;
    for (const auto& rejected : reading_.first_rejected) result_.first_rejected.push_back(rejected.row);
    if (existing_)
      confirm_existing();
    else
      write();
    return std::move(result_);
  }

 private:
  void read(std::vector<std::unique_ptr<ByteSource>> sources) {
    const std::size_t parts = sources.size();
    TableStream tables(std::move(sources), options_.reader);
    place_ = parts == 1 ? tables.name() : tables.name() + " and " + std::to_string(parts - 1) + " more";
    const auto names = known_.names(tables.header(), tables.columns());
    if (tables.header().empty() && !names.empty())
      result_.warnings.push_back(tables.name() + " has no header; its columns are taken in the schema's order");
    const bool decided = decides(options_.decided, names, tables.columns());
    Inference inference(names, tables.columns(), options_.threads);
    ExportHead head = read_head(tables, decided ? nullptr : &inference, options_.threads);
    form_ = form_of(tables.dialect());
    if (head.rows > 0) {
      SchemaDecision decision = decided ? *options_.decided : decide_schema(inference, names, known_, place_);
      for (auto& warning : check_drift(decision.drift, options_)) result_.warnings.push_back(std::move(warning));
      result_.inference = std::move(decision.inference);
      add_hashed_columns(hashed_, result_.inference.schema);
      ColumnProfile made;
      made.values = head.rows;
      made.valid_share = 1;
      result_.inference.profiles.resize(result_.inference.schema.columns.size(), made);
      head.samples.resize(result_.inference.schema.columns.size());
      spellings_ = describe_spellings(head, result_.inference.schema);
    } else {
      result_.inference = inference.finish();
    }
    if (!existing_) builder_.emplace(registry_.files(), key_, result_.inference.schema, build_options());
    reading_ =
        read_export(tables, std::move(head), result_.inference.schema, key_, builder_ ? &*builder_ : nullptr, options_);
  }

  RunBuildOptions build_options() const {
    RunBuildOptions build;
    build.memory = options_.memory;
    build.threads = options_.threads;
    build.spill_directory =
        options_.spill_directory.empty() ? registry_.state().folder.spill() : options_.spill_directory;
    return build;
  }

  /// What is known without the run; RunBuilder::finish fills in the rest.
  ExportManifest manifest() const {
    ExportManifest manifest;
    manifest.description = description_;
    manifest.rejected = reading_.rejected;
    manifest.form = form_;
    manifest.content_digest = reading_.content_digest;
    if (options_.sealing) manifest.sealing = options_.sealing();
    const Schema& schema = result_.inference.schema;
    const auto ids = column_ids(schema);
    for (std::size_t c = 0; c < schema.columns.size(); ++c) {
      ExportColumn column;
      column.id = ids[c];
      column.schema = schema.columns[c];
      column.spelling = spellings_[c];
      column.statistics.invalid = reading_.invalid[c];
      manifest.columns.push_back(std::move(column));
    }
    return manifest;
  }

  void write() {
    if (options_.progress) options_.progress({reading_.rows, 0, 0, "writing"});
    description_.registered_at = utc_now();
    result_.manifest = manifest();
    const RunFile run = builder_->finish(result_.manifest, reservation_->building());
    builder_.reset();  // its spill is gone before the commit
    result_.entry = reservation_->commit({result_.manifest, run, result_.inference.schema}, key_);
  }

  /// The name is taken: by this very content, and all is done, or by another.
  void confirm_existing() {
    const CatalogueEntry& entry = existing_->envelope.entry;
    if (entry.content_digest != reading_.content_digest)
      throw Error(ErrorKind::kNameTaken, "export '" + description_.name + "'",
                  "is registered already with other content (" + std::to_string(entry.rows) + " rows, this input has " +
                      std::to_string(reading_.rows) + "); choose another name");
    // The first commit may have been interrupted after it took effect and before the disk said so.
    registry_.files().sync_directory(registry_.directory());
    result_.already_registered = true;
    const RunsInUse in_use = runs_in_use(registry_.state());  // its run stays while it is looked at
    result_.entry = *registry_.find(description_.name);
    result_.manifest = manifest();
    result_.manifest.description = entry.description;
    result_.manifest.rows = entry.rows;
    result_.manifest.records_digest = entry.records_digest;
    if (!key_.can_open()) return;
    const auto run = Run::open(registry_.files(), result_.entry.run.path, key_);
    for (const auto& written : run->exports())
      if (written.description.name == description_.name) result_.manifest = written;
    if (options_.sealed_alike && !options_.sealed_alike(result_.manifest))
      throw Error(ErrorKind::kNameTaken, "export '" + description_.name + "'",
                  "is registered already with these rows, but was not sealed like this: a trace would not know the "
                  "copy's marks; choose another name, or ask for the same marks");
  }

  Registry& registry_;
  const RegistryKey& key_;
  const RegistrationOptions& options_;
  ExportDescription description_;
  std::optional<StoredExport> existing_;
  std::unique_ptr<Reservation> reservation_;
  KnownSchemas known_;
  std::vector<HashedColumn> hashed_;
  std::optional<RunBuilder> builder_;  // after the reservation: its spill goes first
  std::string place_;
  FileForm form_;
  std::vector<Spelling> spellings_;
  ExportReading reading_;
  RegistrationResult result_;
};

}  // namespace

RegistrationResult register_export(Registry& registry, const RegistryKey& key,
                                   std::vector<std::unique_ptr<ByteSource>> sources,
                                   const RegistrationOptions& options) {
  RegistrationResult result = Registration(registry, key, options).run(std::move(sources));
  if (!result.already_registered) compact_after_registration(registry, key, options.threads);
  return result;
}

}  // namespace sidik
