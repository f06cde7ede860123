// Whether a registry may lie where it is put: its locks and syncs must mean what they say, and on network file systems
// they do not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace sidik {

/// The number by which the system knows the kind of file system that `path` is on, or its nearest folder that exists;
/// 0 where it cannot be told.
std::uint64_t file_system_kind(const std::filesystem::path& path);

/// The type of the mount of a device ("ext4", "fuse.sshfs"), from the text of /proc/self/mountinfo (proc(5)); "" where
/// it has none.
std::string mount_type(const std::string& mounts, unsigned major, unsigned minor);

/// Throws Error(kUsage) where the path lies on a network or cluster file system, naming it and saying why.
void require_local_disk(const std::filesystem::path& path);
/// The same of what is known of it: its kind and the type of its mount.
void require_local_disk(const std::filesystem::path& path, std::uint64_t kind, const std::string& type = {});

}  // namespace sidik
