#pragma once

#include <cstdint>
#include <vector>

#include "store/connection.h"
#include "store/statements.h"
#include "store/store_error.h"
#include "write/known_rows.h"
#include "write/window.h"
#include "write/window_outcome.h"

namespace sluice {

/// Turns a window into rows, and remembers the ids of those that were committed. The transaction
/// around it is its caller's.
///
/// Thread: bound(write).
class WindowRows {
 public:
  WindowRows(Connection& connection, std::size_t slot_count);

  /// Call after BEGIN. Somebody else's commit may have deleted what is remembered, of any slot:
  /// then every row is looked up again the next time it is needed.
  void notice_others();
  /// Writes everything and adds what became of it to `outcome`. On StoreError a part is written:
  /// the caller undoes it, and may write the same window again.
  void write(Window& window, WallTime clock_now, WindowOutcome& outcome);
  /// The last window that was written is committed.
  void learn(const Window& window);
  /// Nothing that is remembered is certain any more.
  void forget() noexcept { known_.forget_all(); }

  /// Whether a write() failed for what it was given, so that it would fail again and again, and
  /// other rows would not.
  [[nodiscard]] bool is_rows_fault(const StoreError& error);

  [[nodiscard]] PositionStatements& positions() noexcept { return statements_.positions; }

 private:
  void write_observers(std::vector<PendingObserver>& observers, WallTime clock_now);
  void write_before_contact(PendingObserver& observer, WallTime clock_now);
  void write_transmissions(Window& window);
  void insert_unknown(Window& window);
  void find_transmission(KnownRows::Row& row, const PendingTransmission& pending);
  void touch_transmission(KnownRows::Row& row, const PendingTransmission& pending);
  void write_observations(Window& window);
  void write_metrics(Window& window);
  void write_nodes(std::vector<PendingNode>& nodes, WallTime clock_now);
  void write_drops(const std::vector<PendingDrop>& drops);
  void write_receptions(const std::vector<PendingReception>& receptions);
  void judge_retained(Window& window);

  Connection& connection_;
  Statements statements_;
  KnownRows known_;
  std::int64_t data_version_ = 0;  // as of our last look: differs when another process has written
  std::vector<KnownRows::Row> rows_;  // of the window's transmissions; learnt once it is committed
  WindowOutcome* outcome_ = nullptr;  // during write()
};

}  // namespace sluice
