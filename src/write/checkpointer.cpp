#include "write/checkpointer.h"

#include "store/store_error.h"

namespace sluice {

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
    // Somebody else is checkpointing, or the database file has no room to grow: the WAL has
    // everything, and can wait.
    if (error.kind() != StoreErrorKind::kBusy && error.kind() != StoreErrorKind::kFull) throw;
    due_ = began + options_.age;
    return;
  }
  metrics_.checkpoints.add();
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock_.mono() - began);
  metrics_.checkpoint_us.record(static_cast<std::uint64_t>(took.count()));
  // What a reader kept back waits for the next time; it must not make every commit try again.
  settled_pages_ = result.wal_pages;
  due_ = result.complete ? MonoTime::max() : began + options_.age;
}

}  // namespace sluice
