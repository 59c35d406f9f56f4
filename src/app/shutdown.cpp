#include "app/shutdown.h"

#include <cstdlib>
#include <string_view>

#include <signal.h>
#include <unistd.h>

#include "app/exit_code.h"
#include "app/report.h"
#include "app/stack_dump.h"
#include "base/log.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 100ms;

[[noreturn]] void give_up(std::string_view why, const Pipeline& pipeline,
                          int exit_code = kExitFatal) {
  log_error("{}", why);
  for (const std::string& line : stats_lines(pipeline)) log_info("{}", line);
  log_error("at most {} messages that were received are not in the database{}",
            pipeline.metrics().ledger.totals().in_flight,
            pipeline.outlives_the_process() ? "; they wait in the journal for the next start" : "");
  // The other threads still run and log; ending the log under them, or joining them, could hang or
  // crash.
  flush_log(3s);
  std::_Exit(exit_code);
}

}  // namespace

void die_of_stall(const Pipeline& pipeline) {
  // Whatever holds the stage up (the heap's lock, a dead disk under the program) may hold us up,
  // too: then this ends the process.
  constexpr unsigned kSeconds = 20;
  signal(SIGALRM, SIG_DFL);
  alarm(kSeconds);
  log_stack_dump();
  give_up("a stage stands still: ending, so that a supervisor starts the process again", pipeline,
          kExitStalled);
}

void die_of(const std::exception_ptr& failure, const Pipeline& pipeline) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    give_up(error.what(), pipeline);
  } catch (...) {
    give_up("an unknown error", pipeline);
  }
}

Shutdown::Shutdown(Pipeline& pipeline, PipelineThreads& threads, const SignalWatch& signals,
                   Wakeup& news, const Clock& clock)
    : pipeline_(pipeline), threads_(threads), signals_(signals), news_(news), clock_(clock) {}

void Shutdown::begin_deadline() {
  if (last_moment_) return;
  last_moment_ = clock_.mono() + kStopDeadline;
  stops_heard_ = signals_.stops_asked();
  log_info("Shutting down...");
}

void Shutdown::wait_a_little() {
  const std::uint32_t ticket = news_.prepare();
  if (const std::exception_ptr failure = threads_.failure()) die_of(failure, pipeline_);
  if (signals_.stops_asked() > stops_heard_) {
    if (last_moment_) give_up("asked to stop once more: stopping at once", pipeline_);
    begin_deadline();
  }
  if (last_moment_ && clock_.mono() >= *last_moment_) {
    give_up("what was received could not be written in time", pipeline_);
  }
  if (look_) look_();
  news_.wait(ticket, kLook);
}

void Shutdown::drain_and_close() {
  wait_until([this] { return threads_.drained(); });
  if (const std::exception_ptr failure = threads_.failure()) die_of(failure, pipeline_);
  threads_.join();
  pipeline_.close_store();
}

}  // namespace sluice
