#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/pipeline.h"
#include "metrics/histogram.h"

namespace sluice {

/// One kind of work that writes, as the stats file's `writer_perf` shows it (contract 6). CoreScope
/// samples the last 1024 of each kind; ours are histograms over the whole run.
struct WriterComponent {
  const char* name;
  std::uint64_t count;
  /// How often the database's lock could not be had.
  std::uint64_t contention;
  const Histogram* wait_us;
  const Histogram* hold_us;
};

/// The components that have data. `mqtt_handler` is our window: it holds the write lock from BEGIN
/// to COMMIT; what waits is a message, from its arrival until it is committed, the length of the
/// window included.
[[nodiscard]] std::vector<WriterComponent> writer_components(const PipelineMetrics& metrics);

/// As a JSON object.
[[nodiscard]] std::string writer_perf_json(const std::vector<WriterComponent>& components);

}  // namespace sluice
