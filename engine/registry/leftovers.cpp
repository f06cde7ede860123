#include "registry/leftovers.h"

#include <optional>

#include "base/error.h"

namespace sidik {
namespace {

/// `name` without `suffix`, where it ends so.
std::optional<std::string> stem(const std::string& name, std::string_view suffix) {
  if (name.size() <= suffix.size() || !std::string_view(name).ends_with(suffix)) return std::nullopt;
  return name.substr(0, name.size() - suffix.size());
}

bool is_hex(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

FolderListing list_folder(FileSystem& files, const RegistryFolder& folder) {
  return {files.list(folder.runs()), files.list(folder.locks()), files.list(folder.spill())};
}

FolderFindings examine_folder(const FolderListing& listing, const RegistryFolder& folder,
                              const CommittedNames& committed, const std::set<std::string>& alive) {
  FolderFindings findings;
  std::set<std::string> enveloped;
  for (const auto& name : listing.runs)
    if (const auto id = stem(name, kEnvelopeSuffix); id && is_hex(*id)) {
      enveloped.insert(*id);
      if (!committed.runs.contains(*id) && !committed.dropped.contains(*id)) findings.unknown_envelopes.push_back(*id);
    }
  std::vector<std::filesystem::path> envelopes;
  std::vector<std::filesystem::path> dropped_envelopes;
  for (const auto& name : listing.runs) {
    const auto path = folder.runs() / name;
    const std::string id = name.substr(0, 32);
    if (committed.dropped.contains(id) && !name.ends_with(kBuildingSuffix)) {
      (name.ends_with(kRunSuffix) ? findings.dropped : dropped_envelopes).push_back(path);
    } else if (const auto removal = stem(name, kRemovalSuffix); removal && is_hex(*removal)) {
      if (!committed.removals.contains(*removal)) findings.unknown_removals.push_back(*removal);
    } else if (const auto pending_removal = stem(name, kPendingRemovalSuffix);
               pending_removal && is_hex(*pending_removal)) {
      if (committed.removals.contains(*pending_removal))
        findings.unfinished_removals.push_back(*pending_removal);
      else
        findings.leftovers.push_back(path);
    } else if (const auto run = stem(name, kRunSuffix); run && is_hex(*run)) {
      if (!committed.runs.contains(*run) && !enveloped.contains(*run)) findings.leftovers.push_back(path);
    } else if (const auto pending = stem(name, kPendingSuffix); pending && is_hex(*pending)) {
      if (!committed.runs.contains(*pending))
        envelopes.push_back(path);
      else if (enveloped.contains(*pending))
        envelopes.push_back(path);
      else
        findings.unfinished.push_back(*pending);
    } else if (const auto token = stem(name, kBuildingSuffix)) {
      if (!alive.contains(*token)) findings.leftovers.push_back(path);
    } else if (!(stem(name, kEnvelopeSuffix) && is_hex(*stem(name, kEnvelopeSuffix)))) {
      findings.leftovers.push_back(path);  // a temporary name of an envelope
    }
  }
  findings.dropped.insert(findings.dropped.end(), dropped_envelopes.begin(), dropped_envelopes.end());
  // A run goes before its envelope: while the envelope stands, it says whose the run was.
  findings.leftovers.insert(findings.leftovers.end(), envelopes.begin(), envelopes.end());
  for (const auto& name : listing.locks)
    if (const auto token = stem(name, kLockSuffix); token && !alive.contains(*token))
      findings.leftovers.push_back(folder.locks() / name);
  // A spill does not say whose it is, and nobody's is only what stands there while nobody writes.
  if (alive.empty())
    for (const auto& name : listing.spill) findings.leftovers.push_back(folder.spill() / name);
  return findings;
}

void finish_rename(FileSystem& files, const std::filesystem::path& from, const std::filesystem::path& to) {
  try {
    files.rename(from, to);
  } catch (const Error&) {
    if (files.exists(from) || !files.exists(to)) throw;
  }
}

void sweep(FileSystem& files, const RegistryFolder& folder, const FolderFindings& findings) {
  bool runs_synced = false;
  for (const auto& path : findings.leftovers) {
    // The runs are gone for good before the envelopes that tell of them.
    if (!runs_synced && path.string().ends_with(kPendingSuffix)) {
      files.sync_directory(folder.runs());
      runs_synced = true;
    }
    files.remove(path);
  }
  for (const auto& id : findings.unfinished_removals)
    finish_rename(files, folder.pending_removal(id), folder.removal(id));
  for (const auto& id : findings.unfinished) finish_rename(files, folder.pending_envelope(id), folder.envelope(id));
}

}  // namespace sidik
