#include "scenario_run.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include "app/pipeline.h"
#include "base/log.h"
#include "config/load.h"
#include "support/ledger_expectations.h"
#include "support/manual_clock.h"
#include "support/other_connection.h"
#include "support/stepped_pipeline.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

constexpr std::chrono::hours kBeyondAnyWindow{100};

Config make_config(const Scenario& scenario, const Windows& windows, const TempDir& directory) {
  const std::string path = directory.file("config.json");
  std::ofstream(path) << scenario.config_json;
  Config config = load_config(path, empty_environment());
  config.db_path = directory.file("test.db");
  config.window.group_commit = windows.length;
  config.window.group_commit_max_rows = windows.max_packets;
  config.sluice.decode_workers = windows.decode_workers;
  return config;
}

std::vector<SourceSpec> sources_of(const Config& config) {
  std::vector<SourceSpec> specs;
  for (const SourceConfig& source : config.sources) {
    specs.push_back({.name = source.tag,
                     .rules = {.iata_filter = source.iata_filter, .region = source.region}});
  }
  return specs;
}

/// Some of what is stored comes from SQLite's own clock, so the test's can't begin anywhere.
ManualClock started_now() {
  ManualClock clock;
  clock.set_wall(SystemClock().wall());
  return clock;
}

/// One run: sends, polls, turns the clock.
class Runner {
 public:
  Runner(const Scenario& scenario, const Windows& windows)
      : scenario_(scenario),
        config_(make_config(scenario, windows, directory_)),
        pipeline_(config_, sources_of(config_), clock_),
        polls_each_message_(windows.length.count() == 0) {
    for (std::size_t i = 0; i < config_.sources.size(); ++i) {
      intakes_.push_back(pipeline_.intake(i));
    }
  }

  Outcome run() {
    outcome_.began = clock_.wall();
    pipeline_.open_store();
    for (const Step& step : scenario_.steps) play(step);
    flush();
    for (Intake& intake : intakes_) intake.close();
    while (!pipeline_.seats().back().stage->done()) flush();
    ExpectLedgerAtRest(pipeline_.metrics().ledger);
    outcome_.transactions =
        static_cast<std::int64_t>(pipeline_.metrics().write.transactions.value());
    read_stats();
    pipeline_.close_store();
    // The schema's own marks are made by SQLite, with the real clock.
    outcome_.ended = std::max(clock_.wall(), SystemClock().wall());
    read_tables();
    return std::move(outcome_);
  }

 private:
  void play(const Step& step) {
    switch (step.kind) {
      case Step::Kind::kMessage:
        return send(step);
      case Step::Kind::kSleep:
        flush();
        return clock_.advance(step.pause);
      case Step::Kind::kSql:
        flush();
        return OtherConnection(config_.db_path).execute(step.sql);
      case Step::Kind::kTick:
      case Step::Kind::kRetention:
        return flush();
    }
  }

  void send(const Step& step) {
    // Between two sources there is no order but that of the batches.
    if (step.source != last_source_) pass(kPastEveryLinger);
    last_source_ = step.source;
    const WallTime now = clock_.wall();
    intakes_.at(step.source)
        .take({.received = now,
               .topic = step.topic,
               .payload = outcome_.times.substitute(step.payload, now)});
    if (polls_each_message_) poll_until_quiet();
  }

  void poll_until_quiet() {
    for (std::size_t moved = 1; moved != 0;) {
      moved = 0;
      for (const Pipeline::Seat& seat : pipeline_.seats()) moved += seat.stage->poll();
    }
  }

  /// Lets every batch and window end. The wall clock stands still meanwhile.
  void flush() {
    pass(kPastEveryLinger);
    pass(kBeyondAnyWindow);
  }

  void pass(std::chrono::milliseconds time) {
    const WallTime wall = clock_.wall();
    poll_until_quiet();
    clock_.advance(time);
    clock_.set_wall(wall);
    poll_until_quiet();
  }

  void read_stats() {
    const PipelineMetrics& metrics = pipeline_.metrics();
    const LedgerTotals totals = metrics.ledger.totals();
    const auto rejected = [&](RejectReason reason) {
      return static_cast<std::int64_t>(totals.rejected[static_cast<std::size_t>(reason)]);
    };
    const auto value = [](const Counter& counter) {
      return static_cast<std::int64_t>(counter.value());
    };
    const WriteMetrics& write = metrics.write;
    outcome_.stats = {
        {"transmissions_inserted", value(write.transmissions_inserted)},
        {"observations", value(write.observations_inserted) + value(write.observations_merged)},
        {"duplicates", value(write.duplicate_packets)},
        {"node_upserts", value(write.node_upserts)},
        {"observer_upserts", value(write.observer_upserts)},
        {"signature_drops", rejected(RejectReason::kAdvertBadSignature)},
        {"write_errors", rejected(RejectReason::kDbRejected)},
    };
  }

  void read_tables() {
    sqlite3* database = nullptr;
    if (sqlite3_open(config_.db_path.c_str(), &database) != SQLITE_OK) {
      throw std::runtime_error("cannot open the database again");
    }
    outcome_.observer_rowids = read_table(database, "observers", {"rowid"});
    for (const auto& [name, table] : scenario_.tables) {
      outcome_.tables[name] = read_table(database, name, table.columns);
    }
    sqlite3_close(database);
  }

  static Value column_value(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
      case SQLITE_NULL:
        return Null{};
      case SQLITE_INTEGER:
        return std::int64_t{sqlite3_column_int64(statement, column)};
      case SQLITE_FLOAT:
        return sqlite3_column_double(statement, column);
      default:
        return std::string(static_cast<const char*>(sqlite3_column_blob(statement, column)),
                           static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
    }
  }

  static ActualRows read_table(sqlite3* database, const std::string& name,
                               const std::vector<std::string>& columns) {
    // The expectation has samples in the order of their key.
    const char* order = name == "observer_metrics" ? "observer_id, timestamp" : "rowid";
    const std::string sql =
        fmt::format("SELECT {} FROM {} ORDER BY {}", fmt::join(columns, ", "), name, order);
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(database));
    }
    ActualRows rows;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      auto& cells = rows.emplace_back();
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        cells.push_back(column_value(statement, i));
      }
    }
    sqlite3_finalize(statement);
    return rows;
  }

  const Scenario& scenario_;
  TempDir directory_;
  ManualClock clock_ = started_now();
  const Config config_;
  Pipeline pipeline_;
  const bool polls_each_message_;
  std::vector<Intake> intakes_;
  std::size_t last_source_ = 0;
  Outcome outcome_;
};

}  // namespace

Outcome run_scenario(const Scenario& scenario, const Windows& windows) {
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  Outcome outcome = Runner(scenario, windows).run();
  set_log_sink({});
  outcome.log = std::move(lines);
  return outcome;
}

}  // namespace sluice::test
