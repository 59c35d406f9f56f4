#pragma once

#include <cstdint>
#include <string>

#include "bench/floor/run_figures.h"

namespace sluice::bench {

struct PipelineRun {
  std::string capture;
  std::string database;
  std::int64_t window_ms = 1000;  ///< 0: a commit per packet
  std::int64_t max_rows = 1000;
  bool lean_indexes = false;
};

/// Sends a capture file through the whole pipeline, in this process: the file source, all stages on
/// their threads, the writer. Throws what a stage throws.
[[nodiscard]] RunFigures run_pipeline(const PipelineRun& run);

}  // namespace sluice::bench
