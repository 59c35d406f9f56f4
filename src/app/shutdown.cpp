#include "app/shutdown.h"

#include <cstdlib>

#include "app/exit_code.h"
#include "app/report.h"
#include "base/log.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kLook{100};

[[noreturn]] void give_up(std::string_view why, const Pipeline& pipeline) {
  log_error("{}", why);
  for (const std::string& line : stats_lines(pipeline)) log_info("{}", line);
  const std::uint64_t lost = pipeline.metrics().ledger.totals().in_flight;
  log_error("{} messages that were received are not in the database", lost);
  stop_log();
  // The stages' threads still run; destroying what they use would be worse than leaving it to the
  // kernel.
  std::_Exit(kExitFatal);
}

}  // namespace

void die_of(std::exception_ptr failure, const Pipeline& pipeline) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    give_up(error.what(), pipeline);
  }
}

void drain_and_close(Pipeline& pipeline, PipelineThreads& threads, const SignalWatch& signals,
                     Wakeup& news, const Clock& clock, std::chrono::seconds deadline) {
  const MonoTime last_moment = clock.mono() + deadline;
  const int asked_so_far = signals.stops_asked();
  while (!threads.drained()) {
    const std::uint32_t ticket = news.prepare();
    if (const std::exception_ptr failure = threads.failure()) die_of(failure, pipeline);
    if (threads.drained()) break;
    if (clock.mono() >= last_moment) give_up("the database could not be written in time", pipeline);
    if (signals.stops_asked() > asked_so_far)
      give_up("asked to stop once more: stopping at once", pipeline);
    news.wait(ticket, kLook);
  }
  if (const std::exception_ptr failure = threads.failure()) die_of(failure, pipeline);
  threads.join();
  pipeline.close_store();
}

}  // namespace sluice
