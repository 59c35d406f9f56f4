#pragma once

#include <cstdint>

#include "app/pipeline.h"

namespace sluice {

/// The counters of CoreScope's ingestor, with its meanings: its `[stats]` line and the head of the
/// stats file show the same ones (contract 6, 7.5).
struct ReferenceCounters {
  std::uint64_t tx_inserted = 0;
  std::uint64_t obs_inserted = 0;  ///< merges included
  std::uint64_t tx_dupes = 0;      ///< packets whose transmission was there already
  std::uint64_t node_upserts = 0;
  std::uint64_t observer_upserts = 0;
  /// Windows that did not land at the first attempt, and messages that the database refused.
  std::uint64_t write_errors = 0;
  std::uint64_t sig_drops = 0;
};

[[nodiscard]] ReferenceCounters reference_counters(const PipelineMetrics& metrics);

}  // namespace sluice
