#include "app/run.h"

#include <iostream>

#include "app/descriptor_limit.h"
#include "app/exit_code.h"
#include "app/journal_failure_watch.h"
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
#include "app/source_identity.h"
#include "app/startup_watch.h"
#include "app/stats_reporter.h"
#include "app/supervision.h"
#include "base/log_collapse.h"
#include "store/store_error.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kStatsInterval = 5min;
// Main waits for a lock in SQLite only as long as nothing else that it does is missed.
constexpr auto kOpenPatience = 500ms;

std::vector<SourceSpec> specs_of(const Config& config) {
  std::vector<SourceSpec> specs;
  for (std::size_t i = 0; i < config.sources.size(); ++i) {
    const SourceConfig& source = config.sources[i];
    specs.push_back({.name = source.tag,
                     .rules = {.iata_filter = source.iata_filter, .region = source.region},
                     .identity = source_identity(config.sources, i)});
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

std::vector<StartingSource> starting(Receivers& receivers, const Config& config) {
  std::vector<StartingSource> sources;
  std::vector<WatchedSource> all = watched(receivers, config);
  for (std::size_t i = 0; i < all.size(); ++i) {
    sources.push_back({.tag = std::move(all[i].tag),
                       .connect_timeout = config.sources[i].connect_timeout,
                       .look = std::move(all[i].look)});
  }
  return sources;
}

/// The running process: everything that main has to look after, in the order in which it comes
/// into being.
///
/// Thread: main.
class Service {
 public:
  Service(const RunCommand& command, const Config& config, const Clock& clock, SignalWatch& signals,
          Wakeup& news)
      : config_(config),
        clock_(clock),
        signals_(signals),
        news_(news),
        home_(config),
        pipeline_(config, specs_of(config), clock,
                  {.directory = home_.directory(),
                   .foreign = command.foreign_journals,
                   .named = home_.name()}),
        keeper_(pipeline_, clock, news, config.sluice.threads.journal),
        receivers_(config, pipeline_, home_.directory(), clock, news),
        supervision_(config, pipeline_, receivers_, clock),
        watchdog_(watched(receivers_, config), clock),
        stats_(config, pipeline_, receivers_, clock) {}

  /// Until somebody asks to stop. Returns the exit code.
  int live() {
    StartupWatch startup(starting(receivers_, config_), config_.sluice.exit_without_broker, clock_);
    receivers_.start();  // subscribe first: opening the database may take a while, and the journals
                         // can wait for it
    if (!open_store(startup)) return give_up_opening();
    PipelineThreads threads(pipeline_, clock_, news_);
    try {
      supervision_.started(threads, keeper_);
      const int exit_code = watch_over(threads, startup);
      shut_down(threads);
      return exit_code;
    } catch (...) {
      die_of(std::current_exception(),
             pipeline_);  // unwinding would wait for threads that nobody ends any more
    }
  }

  [[nodiscard]] const Pipeline& pipeline() const noexcept { return pipeline_; }

 private:
  /// Another process may be holding the database's lock (a migration, a backup), and an index may
  /// have to be built: both are waited out, while the journals take what arrives. False: somebody
  /// asked to stop meanwhile.
  bool open_store(StartupWatch& startup) {
    LogCollapse troubles;
    for (;;) {
      const std::uint32_t ticket = news_.prepare();
      try {
        pipeline_.open_store(kOpenPatience, [&] { return may_keep_starting(startup); });
        return true;
      } catch (const StoreError& error) {
        if (error.kind() == StoreErrorKind::kInterrupted) return false;
        if (error.kind() != StoreErrorKind::kBusy) throw;
        if (!may_keep_starting(startup)) return false;
        const std::string line = fmt::format("{}; trying again", error.what());
        for (const std::string& told : troubles.note(line, clock_.mono())) log_warn("{}", told);
      }
      news_.wait(ticket, 500ms);
    }
  }

  bool may_keep_starting(StartupWatch& startup) {
    if (signals_.stops_asked() > 0) return false;
    die_of_failures();
    supervision_.still_starting();
    startup.look();
    watch_sources();
    return true;
  }

  /// And says how all is.
  void watch_sources() {
    for (const WatchdogLine& line : watchdog_.step()) log_line(line.level, line.text);
    stats_.step(watchdog_, supervision_.health());
  }

  /// Of what runs from the beginning.
  void die_of_failures() {
    for (const std::exception_ptr& failure : {receivers_.failure(), keeper_.failure()}) {
      if (failure) die_of(failure, pipeline_);
    }
  }

  int give_up_opening() {
    receivers_.stop();
    const std::uint64_t received = pipeline_.metrics().ledger.totals().received;
    log_error("stopped before the database could be opened: {} messages {}", received,
              pipeline_.outlives_the_process() ? "wait in the journal" : "are lost");
    return kExitFatal;
  }

  /// What main does while the others work. Returns how the process is to end.
  int watch_over(PipelineThreads& threads, StartupWatch& startup) {
    JournalFailureWatch journals(pipeline_, receivers_);
    MonoTime next_stats = clock_.mono() + kStatsInterval;
    while (signals_.stops_asked() == 0) {
      const std::uint32_t ticket = news_.prepare();
      if (const std::exception_ptr failure = threads.failure()) die_of(failure, pipeline_);
      die_of_failures();
      pipeline_.remove_finished_journals();
      if (!journals.step()) {
        log_error("no source can receive any more: ending, so that a new start makes new journals");
        return kExitFatal;
      }
      if (!startup.consider()) {
        log_error("no broker could be reached, and sluice.exitWithoutBroker is set");
        return kExitFatal;
      }
      supervision_.step();
      watch_sources();
      if (clock_.mono() >= next_stats) {
        for (const std::string& line : stats_lines(pipeline_)) log_info("{}", line);
        next_stats += kStatsInterval;
      }
      if (signals_.stops_asked() == 0) news_.wait(ticket, 250ms);
    }
    return kExitDone;
  }

  void shut_down(PipelineThreads& threads) {
    Shutdown shutdown(pipeline_, threads, signals_, news_, clock_);
    shutdown.on_wait([&] {
      supervision_.step();
      stats_.step(watchdog_, supervision_.health());
    });
    supervision_.stopping();
    shutdown.begin_deadline();
    receivers_.ask_to_stop();
    // One may be in the middle of a name look-up.
    shutdown.wait_until([&] { return receivers_.finished(); });
    receivers_.stop();
    shutdown.wait_until([&] { return threads.drained(); });
    keeper_.stop();  // the journals are about to be removed
    shutdown.drain_and_close();
  }

  const Config& config_;
  const Clock& clock_;
  SignalWatch& signals_;
  Wakeup& news_;
  JournalHome home_;
  Pipeline pipeline_;
  KeeperThread keeper_;
  Receivers receivers_;
  Supervision supervision_;
  LivenessWatchdog watchdog_;
  StatsReporter stats_;
};

}  // namespace

int run(const RunCommand& command) {
  const SystemClock clock;
  Wakeup news;
  SignalWatch signals(news);
  begin_log(command);
  const MonoTime began = clock.mono();
  LoadReport report;
  const Config config = load_for(command, report);
  require_descriptors(config.sources.size());
  Service service(command, config, clock, signals, news);
  const int exit_code = service.live();
  for (const std::string& line : stats_lines(service.pipeline())) log_info("{}", line);
  log_info("Done.");
  signals.end_dumps();
  stop_log();
  if (command.report)
    std::cout << report_table(service.pipeline(), clock.mono() - began) << std::flush;
  return exit_code;
}

}  // namespace sluice
