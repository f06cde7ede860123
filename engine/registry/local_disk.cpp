#include "registry/local_disk.h"

#include <sys/vfs.h>

#include <string>
#include <utility>

#include "base/error.h"

namespace sidik {
namespace {

// statfs(2), f_type. FUSE and 9p are not among them: local disks and the insides of containers come by those as well.
constexpr std::pair<std::uint32_t, const char*> kNetworkKinds[] = {
    {0x6969, "NFS"},      {0x517b, "SMB"},        {0xff534d42, "CIFS"},  {0xfe534d42, "SMB2"},
    {0x564c, "NCP"},      {0x73757245, "Coda"},   {0x5346414f, "AFS"},   {0x6b414653, "AFS"},
    {0x00c36400, "Ceph"}, {0x0bd00bd0, "Lustre"}, {0x47504653, "GPFS"},  {0x7461636f, "OCFS2"},
    {0x01161970, "GFS2"}, {0x19830326, "BeeGFS"}, {0xaad7aaea, "PanFS"}, {0x20030528, "OrangeFS"},
};

}  // namespace

std::uint64_t file_system_kind(const std::filesystem::path& path) {
  std::filesystem::path at = std::filesystem::absolute(path).lexically_normal();
  for (;;) {
    struct statfs status {};
    if (::statfs(at.c_str(), &status) == 0) return static_cast<std::uint32_t>(status.f_type);
    if (!at.has_relative_path()) return 0;
    at = at.parent_path();
  }
}

void require_local_disk(const std::filesystem::path& path, std::uint64_t kind) {
  for (const auto& [number, name] : kNetworkKinds)
    if (kind == number)
      throw Error(ErrorKind::kUsage, path.string(),
                  std::string("lies on a network file system (") + name +
                      "), where locks and syncs do not hold what they promise, so that two machines could break the "
                      "registry; put it on a local disk, and copy it elsewhere as a backup");
}

}  // namespace sidik
