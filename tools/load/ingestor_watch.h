#pragma once

#include <optional>
#include <string>

#include "load_step.h"
#include "process_watch.h"
#include "stats_file.h"

namespace sluice {

/// What can be seen of the ingestor from outside: /proc, and its stats file. Both may be missing.
///
/// Thread: bound(its user).
class IngestorWatch {
 public:
  IngestorWatch(std::optional<int> pid, std::string stats_path);

  /// Fills in what belongs to the ingestor: levels as they are, rates since the last call.
  void sample(double now, TimelinePoint& point);

  void begin_step();
  /// What it counted since begin_step(); nothing without a stats file.
  [[nodiscard]] std::optional<IngestorDelta> step_delta(double seconds) const;
  /// CPU since begin_step(), in percent of one core.
  [[nodiscard]] double step_cpu_percent(double seconds) const;

  [[nodiscard]] bool has_process() const noexcept { return process_.has_value(); }
  [[nodiscard]] const std::optional<StatsSample>& stats() const noexcept { return stats_; }
  /// Reads both again.
  void refresh();

 private:
  void rates(double seconds, TimelinePoint& point) const;

  std::optional<int> pid_;
  StatsFile file_;
  std::optional<ProcessSample> process_, last_process_, step_process_;
  std::optional<StatsSample> stats_, last_stats_, step_stats_;
  double last_at_ = 0;
};

}  // namespace sluice
