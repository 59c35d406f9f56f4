#pragma once

#include <vector>

#include "app/pipeline.h"
#include "app/pipeline_threads.h"
#include "app/receivers.h"
#include "app/stage_watchdog.h"

namespace sluice {

/// The pipeline's stages for their watchdog. A stage is blocked while any queue behind it is full,
/// so that of a row of stages that wait for one, only that one is to blame; the writer is while it
/// repeats a window that the database did not take.
[[nodiscard]] std::vector<WatchedStage> watched_stages(const Pipeline& pipeline,
                                                       const PipelineThreads& threads);

/// The receive threads: while connected, each owes a turn of its loop now and then.
[[nodiscard]] std::vector<WatchedStage> watched_receivers(const Receivers& receivers);

/// A thread beside the flow: all that it owes is to come back from each step.
[[nodiscard]] WatchedStage watched_helper(const StageThread& thread);

/// Why not everything is well, although every stage does what it can; empty when it is.
[[nodiscard]] std::vector<std::string> degradations(const Pipeline& pipeline);

}  // namespace sluice
