#include "store/io_counter.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <new>

#include <sqlite3.h>

#include "store/store_error.h"

namespace sluice {
namespace {

/// Statistics only: relaxed everywhere, nothing is published through them.
struct KindCounters {
  std::atomic<std::uint64_t> syncs{0};
  std::atomic<std::uint64_t> bytes{0};
};

struct Counters {
  KindCounters db;
  KindCounters wal;
  KindCounters other;
};

Counters& counters() noexcept {
  static Counters instance;
  return instance;
}

/// Lies in the memory that SQLite allocates per file; the real VFS's file object follows it.
struct CountingFile {
  sqlite3_file base;  // first: SQLite sees the object as this
  KindCounters* kind;
};

constexpr std::size_t kRealFileOffset =
    (sizeof(CountingFile) + alignof(std::max_align_t) - 1) & ~(alignof(std::max_align_t) - 1);

CountingFile* self(sqlite3_file* file) noexcept { return reinterpret_cast<CountingFile*>(file); }

sqlite3_file* real(sqlite3_file* file) noexcept {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<std::byte*>(file) + kRealFileOffset);
}

sqlite3_vfs* real(sqlite3_vfs* vfs) noexcept { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

// --- file methods: two count, the rest pass on ---

int file_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  const int code = real(file)->pMethods->xWrite(real(file), data, size, offset);
  if (code == SQLITE_OK)
    self(file)->kind->bytes.fetch_add(static_cast<std::uint64_t>(size), std::memory_order_relaxed);
  return code;
}

int file_sync(sqlite3_file* file, int flags) {
  self(file)->kind->syncs.fetch_add(1, std::memory_order_relaxed);
  return real(file)->pMethods->xSync(real(file), flags);
}

int file_close(sqlite3_file* file) {
  const int code = real(file)->pMethods->xClose(real(file));
  file->pMethods = nullptr;
  return code;
}

int file_read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  return real(file)->pMethods->xRead(real(file), out, size, offset);
}

int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
  return real(file)->pMethods->xTruncate(real(file), size);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}

int file_lock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xLock(real(file), level);
}

int file_unlock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}

int file_check_reserved_lock(sqlite3_file* file, int* result) {
  return real(file)->pMethods->xCheckReservedLock(real(file), result);
}

int file_control(sqlite3_file* file, int operation, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

int file_sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }

int file_device_characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

int file_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  return real(file)->pMethods->xShmMap(real(file), region, size, extend, memory);
}

int file_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

void file_shm_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }

int file_shm_unmap(sqlite3_file* file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

int file_fetch(sqlite3_file* file, sqlite3_int64 offset, int size, void** memory) {
  return real(file)->pMethods->xFetch(real(file), offset, size, memory);
}

int file_unfetch(sqlite3_file* file, sqlite3_int64 offset, void* memory) {
  return real(file)->pMethods->xUnfetch(real(file), offset, memory);
}

constexpr int kNewestFileMethods = 3;

constexpr sqlite3_io_methods file_methods(int version) noexcept {
  return {version,
          file_close,
          file_read,
          file_write,
          file_truncate,
          file_sync,
          file_size,
          file_lock,
          file_unlock,
          file_check_reserved_lock,
          file_control,
          file_sector_size,
          file_device_characteristics,
          file_shm_map,
          file_shm_lock,
          file_shm_barrier,
          file_shm_unmap,
          file_fetch,
          file_unfetch};
}

/// SQLite asks a file's method table, by its version, what the file can do; ours must promise as
/// much as the real one does and no more.
constexpr std::array<sqlite3_io_methods, kNewestFileMethods> kFileMethods = {
    file_methods(1), file_methods(2), file_methods(3)};

// --- VFS methods: one wraps the file, the rest pass on ---

KindCounters* kind_of(int open_flags) noexcept {
  if ((open_flags & SQLITE_OPEN_MAIN_DB) != 0) return &counters().db;
  if ((open_flags & SQLITE_OPEN_WAL) != 0) return &counters().wal;
  return &counters().other;
}

int vfs_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* counting = new (file) CountingFile{{nullptr}, kind_of(flags)};
  real(file)->pMethods = nullptr;
  const int code = real(vfs)->xOpen(real(vfs), name, real(file), flags, out_flags);
  // Also after a failure: a file with methods is one that SQLite has to close.
  if (const auto* methods = real(file)->pMethods) {
    const int version = std::clamp(methods->iVersion, 1, kNewestFileMethods);
    counting->base.pMethods = &kFileMethods[static_cast<std::size_t>(version - 1)];
  }
  return code;
}

int vfs_delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  return real(vfs)->xDelete(real(vfs), name, sync_directory);
}

int vfs_access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
  return real(vfs)->xAccess(real(vfs), name, flags, result);
}

int vfs_full_pathname(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  return real(vfs)->xFullPathname(real(vfs), name, size, out);
}

void* vfs_dl_open(sqlite3_vfs* vfs, const char* name) {
  return real(vfs)->xDlOpen(real(vfs), name);
}

void vfs_dl_error(sqlite3_vfs* vfs, int size, char* out) {
  real(vfs)->xDlError(real(vfs), size, out);
}

void (*vfs_dl_sym(sqlite3_vfs* vfs, void* library, const char* symbol))(void) {
  return real(vfs)->xDlSym(real(vfs), library, symbol);
}

void vfs_dl_close(sqlite3_vfs* vfs, void* library) { real(vfs)->xDlClose(real(vfs), library); }

int vfs_randomness(sqlite3_vfs* vfs, int size, char* out) {
  return real(vfs)->xRandomness(real(vfs), size, out);
}

int vfs_sleep(sqlite3_vfs* vfs, int microseconds) {
  return real(vfs)->xSleep(real(vfs), microseconds);
}

int vfs_current_time(sqlite3_vfs* vfs, double* out) {
  return real(vfs)->xCurrentTime(real(vfs), out);
}

int vfs_last_error(sqlite3_vfs* vfs, int size, char* out) {
  return real(vfs)->xGetLastError(real(vfs), size, out);
}

int vfs_current_time_64(sqlite3_vfs* vfs, sqlite3_int64* out) {
  return real(vfs)->xCurrentTimeInt64(real(vfs), out);
}

int vfs_set_system_call(sqlite3_vfs* vfs, const char* name, sqlite3_syscall_ptr call) {
  return real(vfs)->xSetSystemCall(real(vfs), name, call);
}

sqlite3_syscall_ptr vfs_system_call(sqlite3_vfs* vfs, const char* name) {
  return real(vfs)->xGetSystemCall(real(vfs), name);
}

const char* vfs_next_system_call(sqlite3_vfs* vfs, const char* name) {
  return real(vfs)->xNextSystemCall(real(vfs), name);
}

constexpr char kVfsName[] = "sluice-counting";

/// Zero or SQLite's code. The VFS object lives as long as the process, as SQLite wants it.
int register_counting_vfs() noexcept {
  sqlite3_vfs* below = sqlite3_vfs_find(nullptr);
  if (below == nullptr) return SQLITE_ERROR;
  static sqlite3_vfs vfs = {
      std::min(below->iVersion, 3),
      static_cast<int>(kRealFileOffset) + below->szOsFile,
      below->mxPathname,
      nullptr,
      kVfsName,
      below,
      vfs_open,
      vfs_delete,
      vfs_access,
      vfs_full_pathname,
      vfs_dl_open,
      vfs_dl_error,
      vfs_dl_sym,
      vfs_dl_close,
      vfs_randomness,
      vfs_sleep,
      vfs_current_time,
      vfs_last_error,
      vfs_current_time_64,
      vfs_set_system_call,
      vfs_system_call,
      vfs_next_system_call,
  };
  return sqlite3_vfs_register(&vfs, 0);
}

}  // namespace

IoCounts io_counts() noexcept {
  const auto read = [](const std::atomic<std::uint64_t>& value) {
    return value.load(std::memory_order_relaxed);
  };
  const Counters& all = counters();
  return {read(all.db.syncs), read(all.wal.syncs), read(all.other.syncs),
          read(all.db.bytes), read(all.wal.bytes), read(all.other.bytes)};
}

const char* counting_vfs() {
  static const int kCode = register_counting_vfs();
  if (kCode != SQLITE_OK)
    throw make_store_error(nullptr, kCode, "cannot register the counting VFS");
  return kVfsName;
}

}  // namespace sluice
