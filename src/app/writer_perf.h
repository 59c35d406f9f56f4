#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/pipeline.h"
#include "metrics/recent_samples.h"

namespace sluice {

/// One kind of work that writes, as the stats file's `writer_perf` shows it (contract 6).
struct WriterComponent {
  const char* name;
  std::uint64_t count;
  /// How many waited for more than 100 ms.
  std::uint64_t contention;
  const RecentSamples* wait_us;
  const RecentSamples* hold_us;
};

/// The components that have data. `mqtt_handler` is our window. It holds the write lock from BEGIN
/// to COMMIT. In this process nobody else wants that lock, so what a window waits for, from the
/// moment it is due or full, is the writer's turn and another process's lock.
[[nodiscard]] std::vector<WriterComponent> writer_components(const PipelineMetrics& metrics);

/// As a JSON object.
[[nodiscard]] std::string writer_perf_json(const std::vector<WriterComponent>& components);

}  // namespace sluice
