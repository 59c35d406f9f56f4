#pragma once

#include <optional>
#include <string>
#include <vector>

#include "load_options.h"
#include "load_step.h"
#include "machine_facts.h"

namespace sluice {

/// Everything that a load test has found out.
struct LoadReport {
  std::string began;  ///< UTC
  std::string command_line;
  std::string mark;  ///< what the run's observers begin with
  MachineFacts machine;
  std::string ingestor;  ///< name and version, as far as known
  std::size_t templates = 0;
  std::size_t observers = 0;
  double network_rate = 0;  ///< messages per second of the operator's network, 0 = unknown
  bool searched = false;    ///< for the limit; otherwise one rate was tried
  std::optional<double> highest_held;
  std::optional<double> lowest_failed;
  std::uint64_t vanished_rows = 0;
  std::string fault;  ///< why the test ended early
  std::vector<StepResult> steps;
  std::vector<TimelinePoint> timeline;
  std::vector<LatencyPoint> latencies;

  /// What was asked for holds, or a limit was found.
  [[nodiscard]] bool good() const noexcept;
};

/// The result in plain words, a sentence or a few.
[[nodiscard]] std::string verdict_text(const LoadReport& report);
/// A word or two for a table.
[[nodiscard]] std::string_view to_string(StepVerdict verdict) noexcept;
/// What happened in a step, for the terminal: a line, and a few more if something is missing.
[[nodiscard]] std::string step_text(const StepResult& step);

/// One JSON object.
[[nodiscard]] std::string report_json(const LoadReport& report);
/// A page that needs nothing besides itself.
[[nodiscard]] std::string report_html(const LoadReport& report);

}  // namespace sluice
