#include "write/checkpointer.h"

#include "base/log.h"
#include "store/store_error.h"

namespace sluice {
namespace {

/// Somebody else is checkpointing, the database file has no room to grow, or the disk fails: the
/// WAL has everything. Should commits fail, too, they will tell. But after a failed fsync the
/// kernel may take for written what is not.
bool can_wait(const StoreError& error) noexcept {
  switch (error.kind()) {
    case StoreErrorKind::kBusy:
    case StoreErrorKind::kFull:
      return true;
    case StoreErrorKind::kIo:
      return !error.is_failed_sync();
    default:
      return false;
  }
}

}  // namespace

Checkpointer::Checkpointer(Connection& connection, const CheckpointOptions& options,
                           const Clock& clock, WriteMetrics& metrics)
    : connection_(connection), options_(options), clock_(clock), metrics_(metrics) {}

void Checkpointer::consider() {
  const std::int64_t pages = connection_.wal_pages();
  if (pages < settled_pages_)
    settled_pages_ = 0;  // a commit has begun the WAL again from its start
  const MonoTime now = clock_.mono();
  if (pages == settled_pages_ && now < due_) return;  // past due: a reader kept some of it back
  if (due_ == MonoTime::max()) due_ = now + options_.age;
  if (pages - settled_pages_ >= options_.wal_pages || now >= due_) checkpoint();
}

void Checkpointer::checkpoint() {
  const MonoTime began = clock_.mono();
  CheckpointResult result;
  try {
    result = connection_.checkpoint_passive();
  } catch (const StoreError& error) {
    if (!can_wait(error)) throw;
    if (!failing_) log_warn("database: {}; the WAL grows until a later one succeeds", error.what());
    failing_ = true;
    settled_pages_ = connection_.wal_pages();  // as below
    due_ = began + options_.age;
    return;
  }
  if (failing_) log_info("database: checkpoints succeed again");
  failing_ = false;
  metrics_.checkpoints.add();
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock_.mono() - began);
  metrics_.checkpoint_us.record(static_cast<std::uint64_t>(took.count()));
  // What a reader kept back waits for the next time; it must not make every commit try again.
  settled_pages_ = result.wal_pages;
  due_ = result.complete ? MonoTime::max() : began + options_.age;
}

}  // namespace sluice
