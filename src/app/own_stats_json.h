#pragma once

#include <chrono>
#include <string>

#include "app/pipeline.h"
#include "app/supervision.h"

namespace sluice {

/// The stats file's object `sluice`: what CoreScope's keys have no place for. Ledger by source with
/// reasons, windows, latencies in milliseconds, queues, journals, what the disk was asked for.
[[nodiscard]] std::string own_stats_json(const Pipeline& pipeline, std::chrono::seconds uptime,
                                         const Health& health);

}  // namespace sluice
