#pragma once

#include "load_options.h"
#include "load_report.h"
#include "step_runner.h"

namespace sluice {

/// A whole load test: reads the capture, introduces the observers, runs the steps, and tells on
/// standard error what each has brought.
///
/// Thread: bound(its user).
class LoadTest {
 public:
  explicit LoadTest(const LoadOptions& options) : options_(options) {}

  /// Throws what makes it impossible to begin; what ends it later is in the report.
  [[nodiscard]] LoadReport run();

 private:
  void introduce(TemplateSet& templates, ObserverRows& rows, LoadReport& report) const;
  void run_steps(StepRunner& runner, LoadReport& report) const;
  /// False when nothing further makes sense.
  bool run_step(StepRunner& runner, double rate, LoadReport& report) const;
  void search_limit(StepRunner& runner, LoadReport& report) const;
  void say(const std::string& line) const;

  const LoadOptions& options_;
};

}  // namespace sluice
