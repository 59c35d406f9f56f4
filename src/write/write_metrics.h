#pragma once

#include "metrics/counter.h"
#include "metrics/histogram.h"
#include "metrics/recent_samples.h"

namespace sluice {

/// What the writer tells of itself.
///
/// Thread: bound(write) writes, any reads.
struct WriteMetrics {
  Counter transactions;           ///< COMMITs with rows that landed
  Counter group_commit_flushes;   ///< of these, windows; stays 0 in per-record mode
  Counter position_transactions;  ///< COMMITs of nothing but the journals' positions
  Counter failed_windows;         ///< those that did not land at the first attempt
  Counter failed_attempts;        ///< attempts that were rolled back and will be repeated
  Counter locked_attempts;        ///< of these, those that met another process's lock
  Counter transmissions_inserted;
  Counter duplicate_packets;  ///< packets whose transmission was known already
  Counter observations_inserted;
  Counter observations_merged;
  Counter observer_upserts;
  Counter node_upserts;
  Counter checkpoints;
  Gauge window_packets;     ///< packets in the window that is open now
  Gauge oldest_waiting_ms;  ///< age of a window whose commit keeps failing; 0 when all is well

  // Of windows with rows, as CoreScope's page shows them.
  RecentSamples window_wait_us;  ///< from the moment a window is due or full until its lock is had
  RecentSamples window_hold_us;  ///< BEGIN IMMEDIATE … COMMIT
  Counter contended_windows;     ///< those that waited for more than 100 ms

  Histogram packets_per_window;
  Histogram lock_hold_us;  ///< BEGIN IMMEDIATE … COMMIT
  Histogram commit_us;     ///< the COMMIT alone
  Histogram checkpoint_us;
  Histogram receive_to_commit_us;
};

}  // namespace sluice
