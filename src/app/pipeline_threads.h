#pragma once

#include <deque>
#include <exception>

#include "app/pipeline.h"
#include "app/stage_thread.h"

namespace sluice {

/// The pipeline's stages, each on its thread.
///
/// Thread: main.
class PipelineThreads {
 public:
  /// Starts them. `ended` is notified whenever one ends, well or not.
  PipelineThreads(Pipeline& pipeline, const Clock& clock, Wakeup& ended);

  /// Everything that was received is written.
  [[nodiscard]] bool drained() const noexcept { return threads_.back().finished(); }

  /// What the first stage that failed has thrown, or null. A failed stage ends the process: the
  /// others would wait for it for ever.
  [[nodiscard]] std::exception_ptr failure() const noexcept;

  /// In the order of the flow.
  [[nodiscard]] const std::deque<StageThread>& all() const noexcept { return threads_; }

  void join();

 private:
  std::deque<StageThread> threads_;
};

}  // namespace sluice
