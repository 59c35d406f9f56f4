#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "store/connection.h"
#include "store/statements.h"
#include "write/known_rows.h"
#include "write/window.h"
#include "write/write_metrics.h"

namespace sluice {

/// What the database said of a window that was committed.
struct WindowOutcome {
  std::vector<std::uint64_t> inserted;             ///< observations by source
  std::vector<std::uint64_t> merged;               ///< into rows of earlier windows, by source
  std::vector<std::uint64_t> receptions_inserted;  ///< of phones, by source
  std::vector<std::uint64_t> receptions_repeated;  ///< … that were there already
  std::uint64_t transmissions_inserted = 0;
  // As many as single writes would have made: each contact, each accepted advert.
  std::uint64_t observer_upserts = 0;
  std::uint64_t node_upserts = 0;
};

/// Writes one window in one transaction: BEGIN IMMEDIATE … COMMIT, and nothing in between that
/// could wait.
///
/// Thread: bound(write).
class WindowTransaction {
 public:
  WindowTransaction(Connection& connection, std::size_t source_count, std::size_t slot_count,
                    const Clock& clock, WriteMetrics& metrics);

  /// On StoreError everything is rolled back and nothing is remembered; the same window can be
  /// applied again.
  const WindowOutcome& apply(Window& window);

 private:
  void write_rows(Window& window);
  void write_observers(std::vector<PendingObserver>& observers, WallTime clock_now);
  void write_before_contact(PendingObserver& observer, WallTime clock_now);
  void write_transmissions(Window& window);
  [[nodiscard]] KnownRows::Row insert_transmission(const PendingTransmission& pending);
  void touch_transmission(KnownRows::Row& row, const PendingTransmission& pending);
  void write_observations(Window& window);
  void write_metrics(Window& window);
  void write_nodes(std::vector<PendingNode>& nodes, WallTime clock_now);
  void write_drops(const std::vector<PendingDrop>& drops);
  void write_receptions(const std::vector<PendingReception>& receptions);

  Connection& connection_;
  Statements statements_;
  const Clock& clock_;
  WriteMetrics& metrics_;
  KnownRows known_;
  std::int64_t data_version_ = 0;  // as of our last look: differs when another process has written
  std::vector<KnownRows::Row>
      rows_;  // of this window's transmissions; learnt once they are committed
  WindowOutcome outcome_;
};

}  // namespace sluice
