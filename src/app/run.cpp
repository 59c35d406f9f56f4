#include "app/run.h"

#include <algorithm>
#include <iostream>

#include "app/descriptor_limit.h"
#include "app/exit_code.h"
#include "app/journal_home.h"
#include "app/keeper_thread.h"
#include "app/liveness_watchdog.h"
#include "app/load.h"
#include "app/pipeline.h"
#include "app/pipeline_threads.h"
#include "app/receivers.h"
#include "app/report.h"
#include "app/shutdown.h"
#include "app/signal_watch.h"
#include "app/stats_reporter.h"
#include "app/supervision.h"
#include "base/log_collapse.h"
#include "store/store_error.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kStatsInterval = 5min;

std::vector<SourceSpec> specs_of(const Config& config) {
  std::vector<SourceSpec> specs;
  for (const SourceConfig& source : config.sources) {
    specs.push_back({.name = source.tag,
                     .rules = {.iata_filter = source.iata_filter, .region = source.region}});
  }
  return specs;
}

std::vector<WatchedSource> watched(Receivers& receivers, const Config& config) {
  std::vector<WatchedSource> sources;
  for (std::size_t i = 0; i < receivers.size(); ++i) {
    MqttSource& source = receivers.sources()[i];
    sources.push_back(
        {.tag = config.sources[i].tag,
         .look =
             [&source] {
               const MqttStatus& status = source.status();
               return SourceSigns{status.connected(), status.connects(), status.packets()};
             },
         .reconnect = [&source] { source.request_reconnect(); }});
  }
  return sources;
}

/// Says once how many brokers answered, and decides whether that is enough (deviation D19).
class StartupVerdict {
 public:
  StartupVerdict(const Config& config, MonoTime began)
      : exit_without_broker_(config.sluice.exit_without_broker) {
    std::chrono::seconds longest{0};
    for (const SourceConfig& source : config.sources)
      longest = std::max(longest, source.connect_timeout);
    deadline_ = began + longest;
  }

  /// False: no broker has answered and the configuration says to exit then.
  [[nodiscard]] bool consider(const Receivers& receivers, MonoTime now) {
    if (spoken_ || (receivers.connected() < receivers.size() && now < deadline_)) return true;
    spoken_ = true;
    const std::size_t up = receivers.connected();
    if (up == receivers.size()) {
      log_info("Running — {} MQTT source(s) connected", up);
    } else {
      log_warn("Running — {} MQTT source(s) connected, {} retrying in background", up,
               receivers.size() - up);
    }
    return up > 0 || !exit_without_broker_;
  }

 private:
  const bool exit_without_broker_;
  MonoTime deadline_;
  bool spoken_ = false;
};

/// Opens the database. Another process may be holding its lock (a migration, a backup): that is
/// waited out, while the journals take what arrives. False: somebody asked to stop meanwhile.
bool open_store(Pipeline& pipeline, Supervision& supervision, const SignalWatch& signals,
                Wakeup& news, const Clock& clock) {
  LogCollapse troubles;
  for (;;) {
    const std::uint32_t ticket = news.prepare();
    try {
      pipeline.open_store();
      return true;
    } catch (const StoreError& error) {
      if (error.kind() != StoreErrorKind::kBusy) throw;
      if (signals.stops_asked() > 0) return false;
      supervision.still_starting();
      const std::string line = fmt::format("{}; trying again", error.what());
      for (const std::string& told : troubles.note(line, clock.mono())) log_warn("{}", told);
    }
    news.wait(ticket, 1s);
  }
}

/// What main does while the others work. Returns when it is time to end; false if that is because
/// no broker answered.
bool watch_over(const Config& config, Pipeline& pipeline, Receivers& receivers,
                const KeeperThread& keeper, PipelineThreads& threads, Supervision& supervision,
                const SignalWatch& signals, Wakeup& news, const Clock& clock) {
  LivenessWatchdog watchdog(watched(receivers, config), clock);
  StatsReporter stats(config, pipeline, receivers, clock);
  StartupVerdict verdict(config, clock.mono());
  MonoTime next_stats = clock.mono() + kStatsInterval;
  while (signals.stops_asked() == 0) {
    const std::uint32_t ticket = news.prepare();
    if (const std::exception_ptr failure = threads.failure()) die_of(failure, pipeline);
    if (const std::exception_ptr failure = receivers.failure()) die_of(failure, pipeline);
    if (const std::exception_ptr failure = keeper.failure()) die_of(failure, pipeline);
    pipeline.remove_finished_journals();
    if (!verdict.consider(receivers, clock.mono())) return false;
    for (const WatchdogLine& line : watchdog.step()) log_line(line.level, line.text);
    supervision.step();
    stats.step(watchdog, supervision.health());
    if (clock.mono() >= next_stats) {
      for (const std::string& line : stats_lines(pipeline)) log_info("{}", line);
      next_stats += kStatsInterval;
    }
    if (signals.stops_asked() == 0) news.wait(ticket, 250ms);
  }
  return true;
}

}  // namespace

int run(const RunCommand& command) {
  const SystemClock clock;
  Wakeup news;
  SignalWatch signals(news);
  begin_log(command);
  const MonoTime began = clock.mono();

  const Config config = load_for(command);
  require_descriptors(config.sources.size());
  JournalHome home(config);
  Pipeline pipeline(config, specs_of(config), clock,
                    {.directory = home.directory(), .foreign = command.foreign_journals});
  KeeperThread keeper(pipeline, clock, news);
  Receivers receivers(config, pipeline, home.directory(), clock, news);
  Supervision supervision(config, pipeline, receivers, clock);
  receivers.start();  // subscribe first: opening the database may take a while, and the journals
                      // can wait for it
  if (!open_store(pipeline, supervision, signals, news, clock)) {
    receivers.stop();
    const std::uint64_t received = pipeline.metrics().ledger.totals().received;
    log_error("stopped before the database could be opened: {} messages {}", received,
              home.directory() != nullptr ? "wait in the journal" : "are lost");
    signals.end_dumps();
    stop_log();
    return kExitFatal;
  }
  PipelineThreads threads(pipeline, clock, news);
  bool any_broker = true;
  try {
    supervision.started(threads, keeper);
    any_broker =
        watch_over(config, pipeline, receivers, keeper, threads, supervision, signals, news, clock);
    if (!any_broker) log_error("no broker could be reached, and sluice.exitWithoutBroker is set");
    Shutdown shutdown(pipeline, threads, signals, news, clock);
    shutdown.on_wait([&] { supervision.step(); });
    supervision.stopping();
    shutdown.begin_deadline();
    receivers.ask_to_stop();
    shutdown.wait_until(
        [&] { return receivers.finished(); });  // one may be in the middle of a name look-up
    receivers.stop();
    shutdown.wait_until([&] { return threads.drained(); });
    keeper.stop();  // the journals are about to be removed
    shutdown.drain_and_close();
  } catch (...) {
    die_of(std::current_exception(),
           pipeline);  // unwinding would wait for threads that nobody ends any more
  }
  for (const std::string& line : stats_lines(pipeline)) log_info("{}", line);
  log_info("Done.");
  signals.end_dumps();
  stop_log();
  if (command.report) std::cout << report_table(pipeline, clock.mono() - began) << std::flush;
  return any_broker ? kExitDone : kExitFatal;
}

}  // namespace sluice
