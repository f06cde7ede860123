// Whether a registry may lie where it is put: its locks and syncs must mean what they say, and on network file systems
// they do not.
#pragma once

#include <cstdint>
#include <filesystem>

namespace sidik {

/// The number by which the system knows the kind of file system that `path` is on, or its nearest folder that exists;
/// 0 where it cannot be told.
std::uint64_t file_system_kind(const std::filesystem::path& path);

/// Throws Error(kUsage) where `kind` is that of a network or cluster file system, naming it and saying why.
void require_local_disk(const std::filesystem::path& path, std::uint64_t kind);

}  // namespace sidik
