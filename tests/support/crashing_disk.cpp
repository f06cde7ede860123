#include "support/crashing_disk.h"

#include <algorithm>
#include <cerrno>
#include <random>

namespace sidik::test {
namespace {

constexpr std::size_t kSector = 512;

std::string folder_of(const std::filesystem::path& path) { return path.parent_path().string(); }

}  // namespace

class CrashingDisk::OpenFile final : public File {
 public:
  OpenFile(CrashingDisk& disk, std::filesystem::path path, std::shared_ptr<Content> content, bool writable)
      : disk_(disk), path_(std::move(path)), content_(std::move(content)), writable_(writable) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() override { unlock(); }

  std::uint64_t size() const override {
    const std::scoped_lock lock(disk_.mutex_);
    disk_.require_power();
    return content_->now.size();
  }
  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    const std::scoped_lock lock(disk_.mutex_);
    disk_.require_power();
    const Bytes& bytes = content_->now;
    if (offset >= bytes.size()) return 0;
    const auto n = std::min<std::size_t>(out.size(), bytes.size() - static_cast<std::size_t>(offset));
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), n, out.begin());
    return n;
  }
  void write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) override {
    const std::scoped_lock lock(disk_.mutex_);
    if (!writable_) throw_system_error(path_.string(), "write", EBADF);
    const bool had_power = !disk_.dark_;
    try {
      disk_.step("write", path_);
    } catch (const PowerLost&) {
      if (had_power) change(Write{offset, Bytes(bytes.begin(), bytes.end())});
      throw;
    } catch (const Error&) {
      const auto half = bytes.first(bytes.size() / 2);
      change(Write{offset, Bytes(half.begin(), half.end())});
      throw;
    }
    change(Write{offset, Bytes(bytes.begin(), bytes.end())});
  }
  void truncate(std::uint64_t size) override {
    const std::scoped_lock lock(disk_.mutex_);
    const bool had_power = !disk_.dark_;
    try {
      disk_.step("truncate", path_);
    } catch (const PowerLost&) {
      if (had_power) change(Truncation{size});
      throw;
    }
    change(Truncation{size});
  }
  void sync() override {
    const std::scoped_lock lock(disk_.mutex_);
    Content& content = *content_;
    try {
      disk_.step("sync", path_);
    } catch (const PowerLost&) {
      throw;
    } catch (const Error&) {
      // The system has marked the pages clean: a later sync reports success and writes nothing of them.
      for (const Change& change : content.pending)
        if (disk_.chance_() % 2 == 0) apply(content.durable, change);
      content.pending.clear();
      throw;
    }
    for (const Change& change : content.pending) apply(content.durable, change);
    content.pending.clear();
  }

  bool try_lock(LockKind kind) override {
    const std::scoped_lock lock(disk_.mutex_);
    disk_.require_power();
    release();
    if (content_->exclusive || (kind == LockKind::kExclusive && content_->shared > 0)) return false;
    kind == LockKind::kExclusive ? content_->exclusive = true : ++content_->shared > 0;
    held_ = kind == LockKind::kExclusive ? 2 : 1;
    return true;
  }
  void unlock() override {
    const std::scoped_lock lock(disk_.mutex_);
    release();
  }
  const std::filesystem::path& path() const override { return path_; }

 private:
  void change(Change change) {
    apply(content_->now, change);
    content_->pending.push_back(std::move(change));
  }
  void release() {
    if (held_ == 2) content_->exclusive = false;
    if (held_ == 1) --content_->shared;
    held_ = 0;
  }

  CrashingDisk& disk_;
  std::filesystem::path path_;
  std::shared_ptr<Content> content_;
  bool writable_;
  int held_ = 0;
};

void CrashingDisk::apply(Bytes& bytes, const Change& change) {
  if (const auto* truncation = std::get_if<Truncation>(&change)) {
    bytes.resize(static_cast<std::size_t>(truncation->size));
    return;
  }
  const Write& write = std::get<Write>(change);
  const auto end = static_cast<std::size_t>(write.offset) + write.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  std::copy(write.bytes.begin(), write.bytes.end(), bytes.begin() + static_cast<std::ptrdiff_t>(write.offset));
}

void CrashingDisk::arm(Fault fault, std::uint64_t at, int error_number) {
  const std::scoped_lock lock(mutex_);
  fault_ = fault;
  chance_.seed(static_cast<unsigned>(at) + 1);
  at_ = at;
  error_number_ = error_number;
  operations_ = 0;
  struck_.clear();
}

std::uint64_t CrashingDisk::operations() const {
  const std::scoped_lock lock(mutex_);
  return operations_;
}

void CrashingDisk::require_power() const {
  if (dark_) throw PowerLost();
}

void CrashingDisk::step(const char* action, const std::filesystem::path& path) {
  require_power();
  const std::uint64_t number = operations_++;
  if (fault_ == Fault::kNone || number != at_) return;
  struck_ = std::string(action) + " " + path.string();
  if (fault_ == Fault::kError) throw_system_error(path.string(), action, error_number_);
  dark_ = true;
  throw PowerLost();
}

void CrashingDisk::crash(std::uint64_t seed) {
  const std::scoped_lock lock(mutex_);
  std::mt19937_64 random(seed * 0x9e3779b97f4a7c15U + 1);
  const bool each = seed % 2 == 0;
  const auto kept = [&](bool is_name) {
    if (each) return random() % 2 == 0;
    switch (seed % 8) {
      case 1:
        return true;
      case 3:
        return false;
      case 5:
        return !is_name;
      default:
        return is_name;
    }
  };
  for (const NameChange& change : pending_) {
    if (!kept(true)) continue;
    for (const auto& [name, content] : change.names)
      if (content)
        durable_[name] = content;
      else
        durable_.erase(name);
  }
  for (const auto& [name, content] : durable_) {
    for (const Change& change : content->pending) {
      const auto* write = std::get_if<Write>(&change);
      if (!each || write == nullptr || random() % 3 != 0) {
        if (kept(false)) apply(content->durable, change);
        continue;
      }
      // Torn: each sector of the disk that it touches by itself.
      for (std::size_t at = 0; at < write->bytes.size();) {
        const auto offset = static_cast<std::size_t>(write->offset) + at;
        const std::size_t n = std::min(kSector - offset % kSector, write->bytes.size() - at);
        const auto begin = write->bytes.begin() + static_cast<std::ptrdiff_t>(at);
        if (random() % 2 == 0)
          apply(content->durable, Write{offset, Bytes(begin, begin + static_cast<std::ptrdiff_t>(n))});
        at += n;
      }
    }
    content->pending.clear();
    content->now = content->durable;
    content->shared = 0;
    content->exclusive = false;
  }
  pending_.clear();
  now_ = durable_;
  fault_ = Fault::kNone;
  dark_ = false;
}

CrashingDisk::Image CrashingDisk::image() const {
  const std::scoped_lock lock(mutex_);
  Image image;
  for (const auto& [name, content] : now_) image.files[name] = content->now;
  for (const auto& [name, there] : folders_) image.folders.push_back(name);
  return image;
}

void CrashingDisk::restore(const Image& image) {
  const std::scoped_lock lock(mutex_);
  now_.clear();
  folders_.clear();
  pending_.clear();
  for (const auto& [name, bytes] : image.files) {
    now_[name] = std::make_shared<Content>();
    now_[name]->now = now_[name]->durable = bytes;
  }
  durable_ = now_;
  for (const auto& name : image.folders) folders_[name] = true;
  fault_ = Fault::kNone;
  dark_ = false;
}

void CrashingDisk::change_names(const std::string& folder,
                                std::vector<std::pair<std::string, std::shared_ptr<Content>>> names) {
  for (const auto& [name, content] : names)
    if (content)
      now_[name] = content;
    else
      now_.erase(name);
  pending_.push_back({folder, std::move(names)});
}

std::unique_ptr<File> CrashingDisk::open(const std::filesystem::path& path, OpenMode mode, Caching) {
  const std::scoped_lock lock(mutex_);
  require_power();
  const std::string name = path.string();
  const auto found = now_.find(name);
  if (found != now_.end()) {
    if (mode == OpenMode::kCreate) throw_system_error(name, "open", EEXIST);
    return std::make_unique<OpenFile>(*this, path, found->second, mode != OpenMode::kRead);
  }
  if (mode == OpenMode::kRead || mode == OpenMode::kReadWrite) throw_system_error(name, "open", ENOENT);
  const bool had_power = !dark_;
  auto content = std::make_shared<Content>();
  try {
    step("create", path);
  } catch (const PowerLost&) {
    if (had_power) change_names(folder_of(path), {{name, content}});
    throw;
  }
  change_names(folder_of(path), {{name, content}});
  return std::make_unique<OpenFile>(*this, path, content, true);
}

bool CrashingDisk::exists(const std::filesystem::path& path) {
  const std::scoped_lock lock(mutex_);
  require_power();
  return now_.contains(path.string()) || folders_.contains(path.string());
}

void CrashingDisk::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  const std::scoped_lock lock(mutex_);
  require_power();
  const auto found = now_.find(from.string());
  if (found == now_.end()) throw_system_error(from.string(), "rename", ENOENT);
  const std::vector<std::pair<std::string, std::shared_ptr<Content>>> names = {{to.string(), found->second},
                                                                               {from.string(), nullptr}};
  try {
    step("rename", from);
  } catch (const PowerLost&) {
    change_names(folder_of(to), names);
    throw;
  }
  change_names(folder_of(to), names);
}

void CrashingDisk::remove(const std::filesystem::path& path) {
  const std::scoped_lock lock(mutex_);
  require_power();
  if (!now_.contains(path.string())) return;
  try {
    step("remove", path);
  } catch (const PowerLost&) {
    change_names(folder_of(path), {{path.string(), nullptr}});
    throw;
  }
  change_names(folder_of(path), {{path.string(), nullptr}});
}

void CrashingDisk::make_directory(const std::filesystem::path& path) {
  const std::scoped_lock lock(mutex_);
  require_power();
  folders_[path.string()] = true;
}

void CrashingDisk::sync_directory(const std::filesystem::path& path) {
  const std::scoped_lock lock(mutex_);
  step("sync folder", path);
  const std::string folder = path.string();
  std::vector<NameChange> others;
  for (NameChange& change : pending_) {
    if (change.folder != folder) {
      others.push_back(std::move(change));
      continue;
    }
    for (const auto& [name, content] : change.names)
      if (content)
        durable_[name] = content;
      else
        durable_.erase(name);
  }
  pending_ = std::move(others);
}

std::vector<std::string> CrashingDisk::list(const std::filesystem::path& path) {
  const std::scoped_lock lock(mutex_);
  require_power();
  std::vector<std::string> names;
  for (const auto& [name, content] : now_)
    if (folder_of(name) == path.string()) names.push_back(std::filesystem::path(name).filename().string());
  for (const auto& [name, there] : folders_)
    if (folder_of(name) == path.string()) names.push_back(std::filesystem::path(name).filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::uint64_t CrashingDisk::free_space(const std::filesystem::path&) { return std::uint64_t{1} << 40; }

}  // namespace sidik::test
