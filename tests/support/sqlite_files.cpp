#include "support/sqlite_files.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <new>

#include "base/error.h"

namespace sidik::test {
namespace {

/// The locks of one database file, as SQLite's own layer keeps them over fcntl.
struct Locks {
  int shared = 0;
  const void* reserved = nullptr;  // who holds it
  const void* pending = nullptr;
  const void* exclusive = nullptr;
};

}  // namespace

struct SqliteFiles::Layer {
  sqlite3_vfs vfs{};
  FileSystem& files;
  std::string name;
  std::mutex mutex;
  std::map<std::string, Locks> locks;

  explicit Layer(FileSystem& under) : files(under) {}
};

namespace {

/// What SQLite keeps for an open file: it gives the memory, we the content.
struct OpenDatabase {
  sqlite3_file base;
  struct Body {
    FileSystem& files;
    std::unique_ptr<File> file;
    std::filesystem::path path;
    std::mutex& mutex;
    Locks& locks;
    int held = SQLITE_LOCK_NONE;
    bool remove_when_closed = false;
    bool new_journal = false;  // its folder is synced with it, once
  };
  Body* body;
};

OpenDatabase::Body& body_of(sqlite3_file* file) { return *reinterpret_cast<OpenDatabase*>(file)->body; }

/// Our failures as SQLite's codes.
template <class Work>
int guarded(int code, const Work& work) noexcept {
  try {
    return work();
  } catch (const Error& error) {
    return error.message().find("No space") != std::string::npos ? SQLITE_FULL : code;
  } catch (...) {
    return code;
  }
}

void release_to(OpenDatabase::Body& body, int level) {
  if (body.held == SQLITE_LOCK_NONE) return;
  for (const void** owner : {&body.locks.exclusive, &body.locks.pending, &body.locks.reserved})
    if (*owner == &body) *owner = nullptr;
  if (level == SQLITE_LOCK_NONE) --body.locks.shared;
  body.held = level;
}

int close_file(sqlite3_file* file) {
  OpenDatabase::Body& body = body_of(file);
  {
    const std::scoped_lock lock(body.mutex);
    release_to(body, SQLITE_LOCK_NONE);
  }
  guarded(SQLITE_IOERR_CLOSE, [&] {
    if (body.remove_when_closed) body.files.remove(body.path);
    return SQLITE_OK;
  });
  delete &body;
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
  return guarded(SQLITE_IOERR_READ, [&] {
    auto* const bytes = static_cast<std::uint8_t*>(to);
    const auto wanted = static_cast<std::size_t>(amount);
    const std::size_t got = body_of(file).file->read_at(static_cast<std::uint64_t>(offset), {bytes, wanted});
    if (got == wanted) return SQLITE_OK;
    std::memset(bytes + got, 0, wanted - got);
    return SQLITE_IOERR_SHORT_READ;
  });
}

int write_file(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  return guarded(SQLITE_IOERR_WRITE, [&] {
    body_of(file).file->write_at(static_cast<std::uint64_t>(offset),
                                 {static_cast<const std::uint8_t*>(from), static_cast<std::size_t>(amount)});
    return SQLITE_OK;
  });
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return guarded(SQLITE_IOERR_TRUNCATE, [&] {
    body_of(file).file->truncate(static_cast<std::uint64_t>(size));
    return SQLITE_OK;
  });
}

int sync_file(sqlite3_file* file, int) {
  OpenDatabase::Body& body = body_of(file);
  const int synced = guarded(SQLITE_IOERR_FSYNC, [&] {
    body.file->sync();
    return SQLITE_OK;
  });
  if (synced != SQLITE_OK || !body.new_journal) return synced;
  return guarded(SQLITE_IOERR_DIR_FSYNC, [&] {
    body.files.sync_directory(body.path.parent_path());
    body.new_journal = false;
    return SQLITE_OK;
  });
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return guarded(SQLITE_IOERR_FSTAT, [&] {
    *size = static_cast<sqlite3_int64>(body_of(file).file->size());
    return SQLITE_OK;
  });
}

int lock_file(sqlite3_file* file, int level) {
  OpenDatabase::Body& body = body_of(file);
  const std::scoped_lock lock(body.mutex);
  Locks& locks = body.locks;
  if (body.held >= level) return SQLITE_OK;
  const auto others = [&body](const void* owner) { return owner != nullptr && owner != &body; };
  if (level == SQLITE_LOCK_SHARED) {
    if (others(locks.pending) || others(locks.exclusive)) return SQLITE_BUSY;
    ++locks.shared;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (others(locks.reserved)) return SQLITE_BUSY;
    locks.reserved = &body;
  } else {
    if (others(locks.pending) || others(locks.reserved)) return SQLITE_BUSY;
    locks.pending = &body;
    body.held = SQLITE_LOCK_PENDING;
    if (locks.shared > 1) return SQLITE_BUSY;
    locks.exclusive = &body;
  }
  body.held = level;
  return SQLITE_OK;
}

int unlock_file(sqlite3_file* file, int level) {
  OpenDatabase::Body& body = body_of(file);
  const std::scoped_lock lock(body.mutex);
  if (body.held > level) release_to(body, level);
  return SQLITE_OK;
}

int is_reserved(sqlite3_file* file, int* result) {
  OpenDatabase::Body& body = body_of(file);
  const std::scoped_lock lock(body.mutex);
  *result = body.locks.reserved != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int control_file(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

const sqlite3_io_methods kMethods = {
    1,         close_file,  read_file,   write_file,   truncate_file, sync_file,       file_size,
    lock_file, unlock_file, is_reserved, control_file, sector_size,   characteristics, nullptr,
    nullptr,   nullptr,     nullptr,     nullptr,      nullptr};

}  // namespace

SqliteFiles::SqliteFiles(FileSystem& files) : layer_(new Layer(files)) {
  static std::atomic<unsigned> number{0};
  layer_->name = "sidik-test-" + std::to_string(number++);
  sqlite3_vfs* const usual = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = layer_->vfs;
  vfs = *usual;  // time, randomness and sleep are its own
  vfs.pNext = nullptr;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(OpenDatabase);
  vfs.zName = layer_->name.c_str();
  vfs.pAppData = layer_;
  vfs.xOpen = [](sqlite3_vfs* self, const char* name, sqlite3_file* file, int flags, int* got_flags) {
    auto& layer = *static_cast<Layer*>(self->pAppData);
    file->pMethods = nullptr;
    if (name == nullptr) return SQLITE_CANTOPEN;  // temporary files stay in memory
    return guarded(SQLITE_CANTOPEN, [&] {
      const bool there = layer.files.exists(name);
      const bool create = (flags & SQLITE_OPEN_CREATE) != 0;
      auto opened = layer.files.open(name, (flags & SQLITE_OPEN_READONLY) != 0 ? OpenMode::kRead
                                           : create                            ? OpenMode::kOpenOrCreate
                                                                               : OpenMode::kReadWrite);
      const std::scoped_lock lock(layer.mutex);
      auto* const open = reinterpret_cast<OpenDatabase*>(file);
      open->body = new OpenDatabase::Body{layer.files, std::move(opened), name, layer.mutex, layer.locks[name]};
      open->body->remove_when_closed = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
      open->body->new_journal = !there && (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0;
      file->pMethods = &kMethods;
      if (got_flags != nullptr) *got_flags = flags;
      return SQLITE_OK;
    });
  };
  vfs.xDelete = [](sqlite3_vfs* self, const char* name, int sync) {
    auto& layer = *static_cast<Layer*>(self->pAppData);
    return guarded(SQLITE_IOERR_DELETE, [&] {
      if (!layer.files.exists(name)) return SQLITE_IOERR_DELETE_NOENT;
      layer.files.remove(name);
      if (sync != 0) layer.files.sync_directory(std::filesystem::path(name).parent_path());
      return SQLITE_OK;
    });
  };
  vfs.xAccess = [](sqlite3_vfs* self, const char* name, int, int* result) {
    auto& layer = *static_cast<Layer*>(self->pAppData);
    return guarded(SQLITE_IOERR_ACCESS, [&] {
      *result = layer.files.exists(name) ? 1 : 0;
      return SQLITE_OK;
    });
  };
  vfs.xFullPathname = [](sqlite3_vfs*, const char* name, int size, char* out) {
    const std::size_t length = std::strlen(name) + 1;
    if (length > static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
    std::memcpy(out, name, length);
    return SQLITE_OK;
  };
  sqlite3_vfs_register(&vfs, 0);
}

SqliteFiles::~SqliteFiles() {
  sqlite3_vfs_unregister(&layer_->vfs);
  delete layer_;
}

const std::string& SqliteFiles::name() const { return layer_->name; }

}  // namespace sidik::test
