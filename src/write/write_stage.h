#pragma once

#include <memory>
#include <vector>

#include "base/log_throttle.h"
#include "base/stage.h"
#include "journal/journal.h"
#include "metrics/ledger.h"
#include "model/batch.h"
#include "model/flow.h"
#include "queue/handle_queue.h"
#include "store/store_error.h"
#include "write/checkpointer.h"
#include "write/position_keeper.h"
#include "write/window.h"
#include "write/window_outcome.h"
#include "write/window_policy.h"
#include "write/window_transaction.h"
#include "write/write_metrics.h"

namespace sluice {

struct WriteOptions {
  WindowPolicy window;
  std::chrono::seconds metrics_sample_interval{300};
  std::size_t slots = 16384;  ///< of dedup's memory
  CheckpointOptions checkpoint;
  std::chrono::milliseconds slow_transaction{500};  ///< one that takes longer is logged
};

/// Collects one window, writes it in one transaction, settles the accounts, and lets the journals
/// go on.
///
/// The window is the unit of everything: a commit that fails because the database is locked or
/// full, or the disk for a moment, leaves it as it is, sealed, until a later attempt lands.
/// Meanwhile nothing more is taken in, the queues fill, feed stops, and the journals take what
/// arrives: receive does not notice.
///
/// Thread: bound(write). It owns the one connection's transactions.
class WriteStage final : public Stage {
 public:
  struct Source {
    Journal* journal;
    SourceLedger* ledger;
  };

  WriteStage(HandleQueue<Batch>& in, std::vector<Source> sources, Connection& connection,
             WindowFlow& flow, const WriteOptions& options, const Clock& clock,
             WriteMetrics& metrics);

  /// Throws StoreError for what no later attempt can mend.
  std::size_t poll() override;
  [[nodiscard]] bool done() const override { return done_; }
  [[nodiscard]] MonoTime next_deadline() const override;

 private:
  [[nodiscard]] std::size_t collect();
  void open_window();
  [[nodiscard]] bool is_full() const noexcept;
  /// Ends the window: with a transaction if it has rows or the positions are due, or if one is
  /// wanted in any case.
  void flush(bool store_positions = false);
  void settle(const WindowOutcome& outcome);
  void note_wait(MonoTime::duration waited) noexcept;
  void log_refusals(const WindowOutcome& outcome);
  [[nodiscard]] bool may_try_again(const StoreError& error) noexcept;
  void postpone(const StoreError& error);

  HandleQueue<Batch>::Consumer in_;
  std::vector<Source> sources_;
  WindowFlow& flow_;
  const WindowPolicy policy_;
  const Clock& clock_;
  WriteMetrics& metrics_;

  Window window_;
  WindowTransaction transaction_;
  WindowOutcome without_rows_;  // of windows that need no transaction
  PositionKeeper positions_;
  Checkpointer checkpointer_;

  std::unique_ptr<Batch> batch_;  // being read; what comes before cursor_ is in the window
  std::size_t cursor_ = 0;
  std::size_t held_bytes_ = 0;        // what the open window keeps from being freed
  std::int64_t batch_in_window_ = 0;  // entries of batch_ that the open window holds
  std::vector<std::unique_ptr<Batch>>
      held_;  // read to the end, kept for the views of the open window

  MonoTime window_due_ = MonoTime::max();  // max() while no window is open
  MonoTime retry_at_ = MonoTime::min();    // of a sealed window; min() when none is sealed
  MonoTime first_failure_;
  MonoTime due_;  // since when the window has been due or full, once it was tried
  std::chrono::milliseconds retry_pause_{0};
  int failed_by_disk_ = 0;  // attempts at the sealed window, one after the other
  LogThrottle refusal_lines_;
  bool sealed_ = false;
  bool done_ = false;
};

}  // namespace sluice
