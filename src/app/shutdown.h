#pragma once

#include <chrono>

#include "app/pipeline.h"
#include "app/pipeline_threads.h"
#include "app/signal_watch.h"

namespace sluice {

/// How long the pipeline may take to write what it holds, once its sources have ended. Supervisors
/// commonly wait 20 s between TERM and KILL.
inline constexpr std::chrono::seconds kDrainDeadline{15};

/// Waits until all that was received is written, then closes the database. If a stage fails, the
/// deadline passes (the database stays locked, say) or somebody asks once more to stop, it says
/// what is lost and ends the process with kExitFatal; everything committed is safe.
void drain_and_close(Pipeline& pipeline, PipelineThreads& threads, const SignalWatch& signals,
                     Wakeup& news, const Clock& clock, std::chrono::seconds deadline);

/// Logs the failure of a stage and ends the process: what its queue held can't be written any more.
[[noreturn]] void die_of(std::exception_ptr failure, const Pipeline& pipeline);

}  // namespace sluice
