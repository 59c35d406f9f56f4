#include "bench/floor/pipeline_run.h"

#include <chrono>
#include <deque>
#include <stdexcept>

#include <sqlite3.h>

#include "app/pipeline.h"
#include "app/stage_thread.h"
#include "base/clock.h"
#include "bench/floor/run_meter.h"
#include "receive/capture_source.h"

namespace sluice::bench {
namespace {

using namespace std::chrono_literals;

/// The writer, and how much of its thread's time it has used by its last poll.
class TimedStage final : public Stage {
 public:
  explicit TimedStage(Stage& stage) : stage_(stage) {}

  std::size_t poll() override {
    const std::size_t moved = stage_.poll();
    if (stage_.done()) cpu_seconds_ = thread_cpu_seconds();
    return moved;
  }
  [[nodiscard]] bool done() const override { return stage_.done(); }
  [[nodiscard]] MonoTime next_deadline() const override { return stage_.next_deadline(); }

  [[nodiscard]] double cpu_seconds() const noexcept { return cpu_seconds_; }

 private:
  Stage& stage_;
  double cpu_seconds_ = 0;
};

/// The connection is the pipeline's own affair; SQLite tells of each that is opened.
sqlite3* opened_last = nullptr;
int note_opened(sqlite3* database, char** /*error*/, const sqlite3_api_routines* /*api*/) {
  opened_last = database;
  return SQLITE_OK;
}

}  // namespace

RunFigures run_pipeline(const PipelineRun& run) {
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(note_opened));
  const SystemClock clock;
  Config config;
  config.db_path = run.database;
  config.window.group_commit = std::chrono::milliseconds(run.window_ms);
  config.window.group_commit_max_rows = run.max_rows;
  config.sluice.limits = {.observer_messages_per_minute = 0,
                          .new_observers_per_hour = 0,
                          .new_nodes_per_hour = 0,
                          .dropped_packets_per_hour = 0};
  config.sluice.indexes = run.lean_indexes ? Indexes::kLean : Indexes::kFull;
  Pipeline pipeline(config, {{.name = "capture", .rules = {}}}, clock);
  CaptureSource source(run.capture, std::size_t{8} << 20U, pipeline.intake(0), clock,
                       &pipeline.feed_wakeup());
  pipeline.open_store();
  sqlite3* database = opened_last;
  sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(note_opened));

  RunFigures figures;
  Wakeup ended;
  Wakeup source_wakeup;
  const auto& seats = pipeline.seats();
  TimedStage writer(*seats.back().stage);
  const RunMeter meter;
  {
    std::deque<StageThread> threads;
    for (std::size_t i = 0; i + 1 < seats.size(); ++i)
      threads.emplace_back(seats[i].name, *seats[i].stage, *seats[i].wakeup, clock, ended);
    threads.emplace_back(seats.back().name, writer, *seats.back().wakeup, clock, ended);
    StageThread reader("receive", source, source_wakeup, clock, ended);
    reader.join();
    for (StageThread& thread : threads) thread.join();
    for (const StageThread& thread : threads)
      if (thread.error()) std::rethrow_exception(thread.error());
  }
  meter.finish(figures);
  const WriteMetrics& write = pipeline.metrics().write;
  figures.writer_cpu_seconds = writer.cpu_seconds();
  figures.observations = write.observations_inserted.value();
  figures.packets = write.transmissions_inserted.value() + write.duplicate_packets.value();
  figures.transactions = write.transactions.value();
  figures.checkpoints = write.checkpoints.value();
  figures.statements = executed_statements(database);
  if (pipeline.metrics().ledger.totals().imbalance() != 0)
    throw std::runtime_error("the ledger is off");
  pipeline.close_store();
  return figures;
}

}  // namespace sluice::bench
