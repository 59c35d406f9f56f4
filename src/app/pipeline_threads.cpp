#include "app/pipeline_threads.h"

#include "app/shutdown.h"

namespace sluice {

PipelineThreads::PipelineThreads(Pipeline& pipeline, const Clock& clock, Wakeup& ended) {
  try {
    for (const Pipeline::Seat& seat : pipeline.seats()) {
      threads_.emplace_back(seat.name, *seat.stage, *seat.wakeup, clock, ended, *seat.placement);
    }
  } catch (...) {
    die_of(std::current_exception(),
           pipeline);  // those that did start would wait for the others for ever
  }
}

std::exception_ptr PipelineThreads::failure() const noexcept {
  for (const StageThread& thread : threads_) {
    if (thread.finished() && thread.error()) return thread.error();
  }
  return nullptr;
}

void PipelineThreads::join() {
  for (StageThread& thread : threads_) thread.join();
}

}  // namespace sluice
