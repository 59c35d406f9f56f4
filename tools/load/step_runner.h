#pragma once

#include <chrono>
#include <future>
#include <vector>

#include "database_check.h"
#include "ingestor_watch.h"
#include "load_options.h"
#include "load_source.h"
#include "load_step.h"
#include "progress_line.h"
#include "replayer.h"
#include "visibility_watch.h"

namespace sluice {

/// Runs one step after the other: publishes on a thread of its own, and meanwhile looks at the
/// database and the ingestor; then waits until everything is visible, and compares.
///
/// Thread: bound(its user).
class StepRunner {
 public:
  using Clock = std::chrono::steady_clock;

  /// Keeps references.
  StepRunner(const LoadOptions& options, const TemplateSet& templates, const RunMark& mark,
             const ReadOnlyDatabase& database, ObserverRows& observers);

  /// Measured and judged.
  [[nodiscard]] StepResult run(double rate, double seconds);

  /// Rows of earlier steps that are not in the database any more.
  [[nodiscard]] std::uint64_t vanished_rows(const std::vector<StepResult>& steps);

  [[nodiscard]] const std::vector<TimelinePoint>& timeline() const noexcept { return timeline_; }
  [[nodiscard]] const std::vector<LatencyPoint>& latencies() const noexcept { return latencies_; }
  [[nodiscard]] const IngestorWatch& ingestor() const noexcept { return ingestor_; }

 private:
  struct PublisherResult {
    ReplayResult replay;
    double cpu_seconds = 0;
  };

  [[nodiscard]] PublisherResult publish(double rate);
  void watch_publishing(std::future<PublisherResult>& publisher, StepResult& step);
  void wait_until_visible(std::uint64_t rows, StepResult& step);
  /// After so many seconds without any.
  [[nodiscard]] bool nothing_will_come(double quiet, const StepResult& step) const;
  void wait_until_counted(std::uint64_t counted_before, StepResult& step);
  /// For the second new sample of the ingestor's, which it begins once a second: the first may have
  /// been begun before now.
  void wait_for_stats();
  void compare(const std::vector<ExpectedRow>& expected, StepResult& step);
  void note_missing(const std::vector<ExpectedRow>& missing, StepResult& step);
  void add_latencies(const std::vector<ExpectedRow>& published, const std::vector<double>& latency,
                     StepResult& step);

  /// Looks at the database; once a second at the rest.
  void look(const StepResult& step);
  void add_point(double now, const StepResult& step);
  [[nodiscard]] double step_time() const;
  [[nodiscard]] double run_time() const;

  const LoadOptions& options_;
  const TemplateSet& templates_;
  ObserverRows& observers_;
  LoadSource source_;
  VisibilityWatch visibility_;
  DatabaseCheck check_;
  IngestorWatch ingestor_;
  ProgressLine progress_;
  Clock::time_point run_start_;
  Clock::time_point step_start_;
  bool publishing_ = false;
  unsigned steps_ = 0;
  double next_point_at_ = 0;
  double last_point_at_ = 0;
  std::uint64_t published_at_point_ = 0;
  std::uint64_t rows_at_point_ = 0;
  std::vector<TimelinePoint> timeline_;
  std::vector<LatencyPoint> latencies_;
};

}  // namespace sluice
