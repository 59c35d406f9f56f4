#pragma once

#include <chrono>
#include <string>

#include "app/pipeline.h"

namespace sluice {

/// The lines of the five-minute report and of the shutdown: CoreScope's `[stats]` line
/// (contract 7.5), the ledger, and how the pipeline is doing.
[[nodiscard]] std::vector<std::string> stats_lines(const Pipeline& pipeline);

/// The whole account as a table for people: ledger by source, transactions and fsyncs, latencies,
/// memory.
[[nodiscard]] std::string report_table(const Pipeline& pipeline,
                                       std::chrono::duration<double> ran_for);

}  // namespace sluice
