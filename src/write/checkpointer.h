#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "store/connection.h"
#include "write/write_metrics.h"

namespace sluice {

struct CheckpointOptions {
  /// Moves the WAL into the database at this size. Larger: fewer page writes, since a page that
  /// many windows touch is moved once; smaller: a shorter file to read after a crash. Pages of 4
  /// KiB.
  std::int64_t wal_pages = 16384;
  /// … or at this age, so that a quiet network does not leave a WAL lying about.
  std::chrono::seconds age{60};
};

/// Keeps checkpoints out of the commit: between two windows, by WAL size and age. Waits for nobody;
/// what a reader still needs stays in the WAL until the next time.
///
/// Thread: bound(write).
class Checkpointer {
 public:
  Checkpointer(Connection& connection, const CheckpointOptions& options, const Clock& clock,
               WriteMetrics& metrics);

  /// Call after a commit, and when next_deadline() has passed. Throws StoreError, but not for a
  /// database that is busy or has no room, nor for a read or write that fails: the WAL can wait.
  void consider();

  [[nodiscard]] MonoTime next_deadline() const noexcept { return due_; }

 private:
  void checkpoint();

  Connection& connection_;
  const CheckpointOptions options_;
  const Clock& clock_;
  WriteMetrics& metrics_;
  std::int64_t settled_pages_ = 0;  // WAL pages that the last checkpoint has dealt with
  MonoTime due_ = MonoTime::max();  // max() while there is nothing in the WAL
  bool failing_ = false;            // and that has been told
};

}  // namespace sluice
