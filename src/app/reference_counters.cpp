#include "app/reference_counters.h"

namespace sluice {

ReferenceCounters reference_counters(const PipelineMetrics& metrics) {
  const WriteMetrics& write = metrics.write;
  const LedgerTotals sum = metrics.ledger.totals();
  return {.tx_inserted = write.transmissions_inserted.value(),
          .obs_inserted = write.observations_inserted.value() + write.observations_merged.value(),
          .tx_dupes = write.duplicate_packets.value(),
          .node_upserts = write.node_upserts.value(),
          .observer_upserts = write.observer_upserts.value(),
          .write_errors = write.failed_windows.value() +
                          sum.rejected[static_cast<std::size_t>(RejectReason::kDbRejected)],
          .sig_drops = sum.rejected[static_cast<std::size_t>(RejectReason::kAdvertBadSignature)]};
}

}  // namespace sluice
