#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <optional>

#include "app/pipeline.h"
#include "app/pipeline_threads.h"
#include "app/signal_watch.h"

namespace sluice {

/// How long the process may take to write what it holds, from the first request to stop.
/// Supervisors commonly wait 20 s between TERM and KILL.
inline constexpr std::chrono::seconds kStopDeadline{15};

/// The last part of a process's life: everything it still waits for, it waits for here. The first
/// request to stop sets the deadline; when that passes, or somebody asks once more, it says what is
/// lost and ends the process with kExitFatal. Everything committed is safe then.
///
/// Thread: main.
class Shutdown {
 public:
  Shutdown(Pipeline& pipeline, PipelineThreads& threads, const SignalWatch& signals, Wakeup& news,
           const Clock& clock);

  /// Is called while it waits, ten times a second.
  void on_wait(std::function<void()> look) { look_ = std::move(look); }

  /// The reason for ending is known: the deadline starts now. Without this call (a file came to its
  /// end) there is none until somebody asks.
  void begin_deadline();

  /// Until `done()` holds.
  template <typename Condition>
  void wait_until(const Condition& done) {
    while (!done()) wait_a_little();
  }

  /// Until all that was received is written; then closes the database.
  void drain_and_close();

 private:
  void wait_a_little();

  Pipeline& pipeline_;
  PipelineThreads& threads_;
  const SignalWatch& signals_;
  Wakeup& news_;
  const Clock& clock_;
  std::function<void()> look_;
  int stops_heard_ = 0;
  std::optional<MonoTime> last_moment_;
};

/// Writes the stacks of all threads to the log and ends the process with kExitStalled.
[[noreturn]] void die_of_stall(const Pipeline& pipeline);

/// Logs the failure of a stage and ends the process: what its queue held can't be written any more.
[[noreturn]] void die_of(const std::exception_ptr& failure, const Pipeline& pipeline);

}  // namespace sluice
