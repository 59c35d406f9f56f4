#include "support/fault_vfs.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <sqlite3.h>

namespace sluice::test {
namespace {

std::atomic<FaultPlan*> current_plan{nullptr};

/// The file object that SQLite sees; the real one lies behind it.
struct FaultyFile {
  sqlite3_file base;
  const char* name;  // SQLite keeps it until the file is closed; null for temporary ones
};

constexpr std::size_t kRealFileOffset =
    (sizeof(FaultyFile) + alignof(std::max_align_t) - 1) & ~(alignof(std::max_align_t) - 1);

sqlite3_file* real(sqlite3_file* file) noexcept {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<std::byte*>(file) + kRealFileOffset);
}

FaultPlan::Verdict verdict_on(const char* name, FaultCall call) {
  FaultPlan* plan = current_plan.load();
  if (plan == nullptr || name == nullptr) return {};
  const FaultFile which = plan->file_of(name);
  if (which == FaultFile::kAny) return {};
  return plan->judge(call, which);
}

template <typename Call>
int judged(sqlite3_file* file, FaultCall kind, Call call) {
  const auto verdict = verdict_on(reinterpret_cast<FaultyFile*>(file)->name, kind);
  if (verdict.code == SQLITE_OK) return call(real(file));
  if (verdict.late) static_cast<void>(call(real(file)));
  return verdict.code;
}

int file_read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  return judged(file, FaultCall::kRead, [&](sqlite3_file* below) {
    return below->pMethods->xRead(below, out, size, offset);
  });
}

int file_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  return judged(file, FaultCall::kWrite, [&](sqlite3_file* below) {
    return below->pMethods->xWrite(below, data, size, offset);
  });
}

int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
  return judged(file, FaultCall::kTruncate,
                [&](sqlite3_file* below) { return below->pMethods->xTruncate(below, size); });
}

int file_sync(sqlite3_file* file, int flags) {
  return judged(file, FaultCall::kSync,
                [&](sqlite3_file* below) { return below->pMethods->xSync(below, flags); });
}

int file_control(sqlite3_file* file, int operation, void* argument) {
  const auto pass_on = [&](sqlite3_file* below) {
    return below->pMethods->xFileControl(below, operation, argument);
  };
  // What SQLite calls when everything of a COMMIT is done: an error from here is the only one that
  // a COMMIT in WAL mode reports after it has landed.
  if (operation == SQLITE_FCNTL_COMMIT_PHASETWO) return judged(file, FaultCall::kCommit, pass_on);
  return pass_on(real(file));
}

int file_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  const auto pass_on = [&](sqlite3_file* below) {
    return below->pMethods->xShmLock(below, offset, count, flags);
  };
  constexpr int kWriteLock = 0;
  constexpr int kCheckpointLock = 1;
  const bool to_write = (flags & SQLITE_SHM_LOCK) != 0 && (flags & SQLITE_SHM_EXCLUSIVE) != 0 &&
                        (offset == kWriteLock || offset == kCheckpointLock);
  return to_write ? judged(file, FaultCall::kLock, pass_on) : pass_on(real(file));
}

int file_close(sqlite3_file* file) {
  const int code = real(file)->pMethods->xClose(real(file));
  file->pMethods = nullptr;
  return code;
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

int file_sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }

int file_device_characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

int file_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  return real(file)->pMethods->xShmMap(real(file), region, size, extend, memory);
}

void file_shm_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }

int file_shm_unmap(sqlite3_file* file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

// Version 2: no memory-mapped reads, so that every read can fail.
constexpr sqlite3_io_methods kMethods = {2,
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
                                         nullptr,
                                         nullptr};

int vfs_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* below = static_cast<sqlite3_vfs*>(vfs->pAppData);
  auto* faulty = new (file) FaultyFile{{nullptr}, name};
  real(file)->pMethods = nullptr;
  if (const auto verdict = verdict_on(name, FaultCall::kOpen); verdict.code != SQLITE_OK)
    return verdict.code;
  const int code = below->xOpen(below, name, real(file), flags, out_flags);
  if (real(file)->pMethods != nullptr) faulty->base.pMethods = &kMethods;
  return code;
}

constexpr char kVfsName[] = "sluice-faults";

/// Before main(): a shim that Sluice puts over the default VFS wraps this one then.
int install() noexcept {
  sqlite3_initialize();
  sqlite3_vfs* below = sqlite3_vfs_find("unix");
  // Everything but opening is the real one's; its functions find their own object by these fields.
  static sqlite3_vfs vfs = *below;
  vfs.pNext = nullptr;
  vfs.zName = kVfsName;
  vfs.szOsFile = static_cast<int>(kRealFileOffset) + below->szOsFile;
  vfs.pAppData = below;
  vfs.xOpen = vfs_open;
  return sqlite3_vfs_register(&vfs, 1);
}

const int kInstalled = install();

}  // namespace

FaultPlan::FaultPlan(std::string database, std::uint32_t seed)
    : database_(std::move(database)), random_(seed) {
  if (kInstalled != SQLITE_OK) throw std::runtime_error("the faulty VFS is not installed");
  FaultPlan* none = nullptr;
  if (!current_plan.compare_exchange_strong(none, this))
    throw std::logic_error("there is a FaultPlan already");
}

FaultPlan::~FaultPlan() { current_plan = nullptr; }

void FaultPlan::fail(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  rules_.push_back({.fault = fault, .probability = -1});
}

void FaultPlan::fail_at_random(const Fault& fault, double probability) {
  const std::lock_guard lock(mutex_);
  rules_.push_back({.fault = fault, .probability = probability});
}

void FaultPlan::fail_and_tell(const Fault& fault, std::function<void()> moment) {
  const std::lock_guard lock(mutex_);
  rules_.push_back({.fault = fault, .probability = -1, .moment = std::move(moment)});
}

void FaultPlan::clear() {
  const std::lock_guard lock(mutex_);
  rules_.clear();
}

std::uint64_t FaultPlan::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

FaultPlan::Verdict FaultPlan::judge(FaultCall call, FaultFile file) {
  const std::lock_guard lock(mutex_);
  const Fault* chosen = nullptr;
  const std::function<void()>* moment = nullptr;
  for (Rule& rule : rules_) {
    const Fault& fault = rule.fault;
    const bool matches =
        fault.call == call && (fault.file == FaultFile::kAny || fault.file == file);
    if (!matches) continue;
    ++rule.met;  // each rule sees each call, so that they do not hang on each other
    const bool strikes = rule.probability < 0
                             ? rule.met >= fault.nth && rule.met < fault.nth + fault.times
                             : static_cast<double>(random_()) <
                                   rule.probability * static_cast<double>(std::mt19937::max());
    if (!strikes || chosen != nullptr) continue;
    chosen = &fault;
    moment = &rule.moment;
  }
  if (chosen == nullptr) return {};
  if (*moment) (*moment)();
  ++failed_;
  return {.code = chosen->code, .late = chosen->late};
}

FaultFile FaultPlan::file_of(const char* name) const {
  const std::string_view file = name;
  if (!file.starts_with(database_)) return FaultFile::kAny;
  const std::string_view ending = file.substr(database_.size());
  if (ending.empty()) return FaultFile::kDatabase;
  return ending == "-wal" ? FaultFile::kWal : FaultFile::kAny;
}

}  // namespace sluice::test
