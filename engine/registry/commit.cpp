#include "registry/commit.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/bytes.h"
#include "base/error.h"
#include "registry/known_keys.h"
#include "registry/pinned_schema.h"

namespace sidik {
namespace {

constexpr std::chrono::milliseconds kPause{25};

bool is_reserved(const Catalogue& catalogue, const std::string& name) {
  const auto reservations = catalogue.reservations();
  return std::any_of(reservations.begin(), reservations.end(), [&](const auto& r) { return r.name == name; });
}

/// The first export of a feed pins its schema; a later one was held against it when it was read. In between another
/// process may have pinned it.
bool pins_schema(const Registry::State& state, const ExportToCommit& done, const RegistryKey& key,
                 FeedState feed_before) {
  const std::string& feed = done.manifest.description.feed;
  if (feed.empty()) return false;
  const auto pinned = state.catalogue.pinned_schema(feed);
  if (!pinned) return true;
  if (feed_before == FeedState::kPinned) return false;
  const auto drift = schema_drift(decrypt_schema(*pinned, feed, key, state.catalogue.place()), done.schema);
  if (drift.empty()) return false;
  throw Error(ErrorKind::kRefused, "feed '" + feed + "'",
              "while this export was read another one pinned the feed's schema, and this one differs: " +
                  drift.front() + "; run the same command again to see all differences");
}

}  // namespace

void sweep_dead_writers(Registry::State& state) {
  const FolderListing listing = list_folder(state.files, state.folder);
  const std::set<std::string> alive = living_writers(state);
  const FolderFindings findings = examine_folder(listing, state.folder, state.catalogue.committed_names(), alive);
  require_whole_catalogue(state, findings);
  // What is done here rests on what was committed before. Where that commit could not be synced, the power may yet take
  // it back, and what it dropped must not be gone then, nor a final name given.
  if (!findings.leftovers.empty() || !findings.dropped.empty() || !findings.unfinished.empty() ||
      !findings.unfinished_removals.empty())
    state.files.sync_directory(state.folder.root);
  for (const auto& reserved : state.catalogue.reservations())
    if (!alive.contains(reserved.token)) state.catalogue.drop_reservation(reserved.token);
  sweep(state.files, state.folder, findings);
  if (findings.dropped.empty()) return;
  if (!leave_generations(state.files, state.folder, listing.locks, state.catalogue.generation())) return;
  bool runs_synced = false;
  for (const auto& path : findings.dropped) {
    // The runs are gone for good before the envelopes that tell of them.
    if (!runs_synced && !path.string().ends_with(kRunSuffix)) {
      state.files.sync_directory(state.folder.runs());
      runs_synced = true;
    }
    state.files.remove(path);
  }
}

Reservation::Reservation(Registry::State& state, std::unique_ptr<WriterLock> lock, FeedState feed)
    : state_(state), lock_(std::move(lock)), token_(lock_->token()), feed_(feed) {}

std::unique_ptr<Reservation> Reservation::take(Registry::State& state, const ExportDescription& description,
                                               std::optional<StoredExport>& existing) {
  const auto deadline = std::chrono::steady_clock::now() + state.options.wait;
  for (;;) {
    {
      Transaction transaction = state.catalogue.write();
      sweep_dead_writers(state);
      existing = state.catalogue.find(description.name);
      if (existing) {
        transaction.commit();
        return nullptr;
      }
      if (!is_reserved(state.catalogue, description.name)) {
        auto lock = std::make_unique<WriterLock>(state.files, state.folder, WriterLock::fresh_token());
        state.catalogue.reserve({description.name, lock->token()}, utc_now());
        const FeedState feed = state.catalogue.pinned_schema(description.feed) ? FeedState::kPinned : FeedState::kFree;
        transaction.commit();
        return std::unique_ptr<Reservation>(new Reservation(state, std::move(lock), feed));
      }
      transaction.commit();
    }
    if (std::chrono::steady_clock::now() >= deadline)
      throw Error(ErrorKind::kBusy, state.folder.root.string(),
                  "another process is registering '" + description.name +
                      "' just now; wait for it (longer with --wait) or choose another name");
    std::this_thread::sleep_for(kPause);
  }
}

Envelope Reservation::make_envelope(const ExportToCommit& done, const RegistryKey& key) const {
  Envelope envelope;
  envelope.registry = state_.config.id;
  envelope.sequence = state_.catalogue.next_sequence();
  envelope.entry.description = done.manifest.description;
  envelope.entry.run = done.run;
  envelope.entry.rows = done.manifest.rows;
  envelope.entry.content_digest = done.manifest.content_digest;
  envelope.entry.records_digest = done.manifest.records_digest;
  envelope.signer = key.signing_public;
  envelope.certificate = key.certificate;
  envelope.audit_head = state_.catalogue.audit_tip().head;
  if (pins_schema(state_, done, key, feed_))
    envelope.pinned_schema = encrypt_schema(done.schema, done.manifest.description.feed, key);
  return envelope;
}

CatalogueEntry Reservation::commit(const ExportToCommit& done, const RegistryKey& key) {
  const RegistryFolder& folder = state_.folder;
  const std::string id = to_hex(done.run.id);
  Envelope envelope;
  {
    Transaction transaction = state_.catalogue.write();
    if (const auto taken = state_.catalogue.find(done.manifest.description.name))
      throw Error(ErrorKind::kNameTaken, "export '" + done.manifest.description.name + "'",
                  "was registered meanwhile by " + taken->envelope.entry.description.registered_by);
    KnownKeys::read(state_.catalogue, state_.config.id, state_.config.signing_public)
        .require_may_register(key, done.manifest.description.feed);
    envelope = make_envelope(done, key);
    const std::string text = envelope_text(envelope, key);

    // Files first, each durable before the next; the transaction alone makes them count.
    write_file_durably(state_.files, folder.pending_envelope(id), as_bytes(text + "\n"));
    state_.files.rename(building(), folder.run(id));
    state_.files.sync_directory(folder.runs());

    state_.catalogue.add_export(envelope, text);
    state_.catalogue.append_audit(key, done.manifest.description.registered_at, "register",
                                  done.manifest.description.name, to_hex(sha256(text)));
    if (!done.manifest.sealing.empty())  // so that what waits for a key can be told without one (waiting.h)
      state_.catalogue.append_audit(key, done.manifest.description.registered_at, "seal",
                                    done.manifest.description.name, to_hex(sha256(text)));
    state_.catalogue.drop_reservation(token_);
    transaction.commit();
  }
  lock_.reset();
  try {
    finish_rename(state_.files, folder.pending_envelope(id), folder.envelope(id));
  } catch (const Error&) {
    // The export is committed; the next writer gives its envelope the final name.
  }
  CatalogueEntry entry = envelope.entry;
  entry.run.path = folder.run(id);
  return entry;
}

Reservation::~Reservation() {
  if (lock_) abandon();
}

void Reservation::abandon() noexcept {
  try {
    Transaction transaction = state_.catalogue.write();
    lock_.reset();  // from here on this writer counts as dead, and its things are swept like anybody's
    state_.catalogue.drop_reservation(token_);
    sweep_dead_writers(state_);
    transaction.commit();
  } catch (...) {
    // What could not be removed now is swept by the next writer.
  }
}

}  // namespace sidik
