#include <cstdio>
#include <iostream>
#include <thread>

#include <unistd.h>

#include "app/exit_code.h"
#include "app/file_limits.h"
#include "app/journal_home.h"
#include "app/load.h"
#include "app/pipeline.h"
#include "app/pipeline_threads.h"
#include "app/report.h"
#include "app/run.h"
#include "app/shutdown.h"
#include "app/signal_watch.h"
#include "config/load.h"
#include "receive/capture_source.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

/// One line on a terminal that keeps itself up to date; silent elsewhere.
class Progress {
 public:
  explicit Progress(const Clock& clock)
      : clock_(clock), began_(clock.mono()), shown_(isatty(STDERR_FILENO) == 1) {}

  void show(const Pipeline& pipeline) {
    if (!shown_) return;
    const LedgerTotals sum = pipeline.metrics().ledger.totals();
    const double seconds = std::chrono::duration<double>(clock_.mono() - began_).count();
    fmt::print(stderr, "\r\033[K{} read, {} committed, {} merged, {:.0f}/s", sum.received,
               sum.committed, sum.merged,
               seconds > 0 ? static_cast<double>(sum.received - sum.in_flight) / seconds : 0.0);
    drawn_ = true;
  }

  void end() {
    if (drawn_) fmt::print(stderr, "\r\033[K");
  }

 private:
  const Clock& clock_;
  const MonoTime began_;
  const bool shown_;
  bool drawn_ = false;
};

Config config_for(const IngestCommand& command, LoadReport& report) {
  Config config;
  if (command.config_given) {
    config = load_for(command, report);
  } else {
    apply_overrides(command, config);
  }
  lift_default_limits(report, config.sluice.limits);
  config.db_path = command.db_path;
  return config;
}

/// A capture does not say which source a message came from, so the first one's filter and region
/// stand for all of it.
SourceSpec spec_for(const Config& config, const LoadReport& report) {
  if (config.sources.empty() || report.source_is_assumed) return {.name = "capture", .rules = {}};
  const SourceConfig& source = config.sources.front();
  if (config.sources.size() > 1) {
    log_info("capture: taken in as from the first of {} sources, {}", config.sources.size(),
             source.tag);
  }
  return {.name = source.tag,
          .rules = {.iata_filter = source.iata_filter, .region = source.region}};
}

}  // namespace

int ingest(const IngestCommand& command) {
  const SystemClock clock;
  Wakeup news;
  SignalWatch signals(news);
  begin_log(command);
  const MonoTime began = clock.mono();

  LoadReport report;
  const Config config = config_for(command, report);
  const FileLock lock = lock_database(config);
  Pipeline pipeline(config, {spec_for(config, report)}, clock);
  // A capture line holds the record once more as JSON text: escapes make it up to six times as
  // long.
  const std::size_t longest_line =
      static_cast<std::size_t>(config.sluice.journal.max_record_bytes) * 6 + 4096;
  CaptureSource source(command.file, longest_line, pipeline.intake(0), clock,
                       &pipeline.feed_wakeup());
  pipeline.open_store();

  Wakeup source_wakeup;
  PipelineThreads threads(pipeline, clock, news);
  Progress progress(clock);
  try {
    StageThread reader("receive", source, source_wakeup, clock, news,
                       config.sluice.threads.receive);
    Shutdown shutdown(pipeline, threads, signals, news, clock);
    // A file is patient, and so are we with it: only a stop by hand has a deadline.
    shutdown.wait_until([&] {
      if (signals.stops_asked() > 0) {
        source.stop();
        reader.interrupt();  // it may be waiting for standard input
      }
      progress.show(pipeline);
      return reader.finished();
    });
    if (reader.error()) std::rethrow_exception(reader.error());
    shutdown.wait_until([&] {
      progress.show(pipeline);
      return threads.drained();
    });
    shutdown.drain_and_close();
  } catch (...) {
    die_of(std::current_exception(), pipeline);
  }
  progress.end();
  for (const std::string& line : stats_lines(pipeline)) log_info("{}", line);
  log_info("Done.");
  signals.end_dumps();
  stop_log();
  if (command.report) std::cout << report_table(pipeline, clock.mono() - began) << std::flush;
  const bool complete = !source.failed() && pipeline.metrics().ledger.totals().imbalance() == 0;
  return complete ? kExitDone : kExitFatal;
}

}  // namespace sluice
