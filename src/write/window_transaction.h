#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/connection.h"
#include "write/bisection.h"
#include "write/slow_writer.h"
#include "write/window.h"
#include "write/window_outcome.h"
#include "write/window_rows.h"
#include "write/write_metrics.h"

namespace sluice {

/// How far one journal is done once the transaction that stores this has landed.
struct JournalPosition {
  std::string_view journal;  ///< uuid
  std::uint64_t seq = 0;
};

/// Writes one window in one transaction: BEGIN IMMEDIATE … COMMIT, and nothing in between that
/// could wait. The journals' positions go with the rows, so that either all of a message is in, or
/// nothing.
///
/// Thread: bound(write).
class WindowTransaction {
 public:
  /// One that takes longer than `slow` is logged.
  WindowTransaction(Connection& connection, const WindowShape& shape,
                    std::chrono::milliseconds slow, const Clock& clock, WriteMetrics& metrics);

  /// On StoreError everything is rolled back and nothing is remembered; the same window can be
  /// applied again, and must be, with the same positions: should the COMMIT have landed although it
  /// failed, the positions in the database tell, and the outcome is that of the attempt. An empty
  /// window stores positions alone. Rows that can never be written are in the outcome, as refusals.
  const WindowOutcome& apply(Window& window, const std::vector<JournalPosition>& positions);

 private:
  /// Fills outcome_, within the transaction.
  void write(Window& window);
  [[nodiscard]] bool has_landed(const std::vector<JournalPosition>& positions);

  Connection& connection_;
  WindowRows rows_;
  Bisection bisection_;
  const Clock& clock_;
  WriteMetrics& metrics_;
  SlowWriter slow_writer_;
  WindowOutcome outcome_;
  bool bisected_ = false;        // outcome_ was reached in pieces, whose row ids are not kept
  bool commit_unclear_ = false;  // the last attempt failed in its COMMIT
};

}  // namespace sluice
