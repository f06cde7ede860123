#include "registry/local_disk.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace sidik {
namespace {

// statfs(2), f_type. FUSE and 9p are not among them: local disks and the insides of containers come by those as well.
// Which of FUSE's it is, the mount's type tells.
constexpr std::pair<std::uint32_t, const char*> kNetworkKinds[] = {
    {0x6969, "NFS"},      {0x517b, "SMB"},        {0xff534d42, "CIFS"},  {0xfe534d42, "SMB2"},
    {0x564c, "NCP"},      {0x73757245, "Coda"},   {0x5346414f, "AFS"},   {0x6b414653, "AFS"},
    {0x00c36400, "Ceph"}, {0x0bd00bd0, "Lustre"}, {0x47504653, "GPFS"},  {0x7461636f, "OCFS2"},
    {0x01161970, "GFS2"}, {0x19830326, "BeeGFS"}, {0xaad7aaea, "PanFS"}, {0x20030528, "OrangeFS"},
};

constexpr std::uint32_t kFuse = 0x65735546;
constexpr const char* kNetworkFuse[] = {
    "sshfs",    "glusterfs", "ceph",     "ceph-fuse", "s3fs",      "rclone",    "goofys",     "gcsfuse",
    "mount-s3", "curlftpfs", "smbnetfs", "davfs",     "juicefs",   "JuiceFS",   "mfs",        "moosefs",
    "lizardfs", "afpfs",     "hdfs",     "blobfuse",  "blobfuse2", "seaweedfs", "gvfsd-fuse",
};

/// The path itself, or what is there of the folders above it.
std::filesystem::path nearest(const std::filesystem::path& path) {
  std::filesystem::path at = std::filesystem::absolute(path).lexically_normal();
  struct stat status {};
  while (at.has_relative_path() && ::stat(at.c_str(), &status) != 0) at = at.parent_path();
  return at;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& name) {
  throw Error(ErrorKind::kUsage, path.string(),
              "lies on a network file system (" + name +
                  "), where locks and syncs do not hold what they promise, so that two machines could break the "
                  "registry; put it on a local disk, and copy it elsewhere as a backup");
}

}  // namespace

std::uint64_t file_system_kind(const std::filesystem::path& path) {
  struct statfs status {};
  return ::statfs(nearest(path).c_str(), &status) == 0 ? static_cast<std::uint32_t>(status.f_type) : 0;
}

std::string mount_type(const std::string& mounts, unsigned major, unsigned minor) {
  const std::string device = std::to_string(major) + ":" + std::to_string(minor);
  std::istringstream lines(mounts);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() > 3 && fields[2] == device && fields.end() - dash > 1) return dash[1];
  }
  return {};
}

void require_local_disk(const std::filesystem::path& path, std::uint64_t kind, const std::string& type) {
  for (const auto& [number, name] : kNetworkKinds)
    if (kind == number) refuse(path, name);
  if (kind != kFuse || !type.starts_with("fuse.")) return;
  for (const char* const name : kNetworkFuse)
    if (type.substr(5) == name) refuse(path, type);
}

void require_local_disk(const std::filesystem::path& path) {
  const std::uint64_t kind = file_system_kind(path);
  struct stat status {};
  if (kind != kFuse || ::stat(nearest(path).c_str(), &status) != 0) return require_local_disk(path, kind, {});
  std::ifstream file("/proc/self/mountinfo");
  const std::string mounts{std::istreambuf_iterator<char>(file), {}};
  require_local_disk(path, kind, mount_type(mounts, major(status.st_dev), minor(status.st_dev)));
}

}  // namespace sidik
