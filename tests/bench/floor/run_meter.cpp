#include "bench/floor/run_meter.h"

#include <ctime>

#include <sqlite3.h>

namespace sluice::bench {
namespace {

double read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

double thread_cpu_seconds() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

std::uint64_t executed_statements(sqlite3* database) {
  std::uint64_t sum = 0;
  for (sqlite3_stmt* statement = sqlite3_next_stmt(database, nullptr); statement != nullptr;
       statement = sqlite3_next_stmt(database, statement))
    sum += static_cast<std::uint64_t>(sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_RUN, 0));
  return sum;
}

RunMeter::RunMeter()
    : wall_(read_clock(CLOCK_MONOTONIC)),
      process_cpu_(read_clock(CLOCK_PROCESS_CPUTIME_ID)),
      io_(io_counts()) {}

void RunMeter::finish(RunFigures& figures) const {
  figures.wall_seconds = read_clock(CLOCK_MONOTONIC) - wall_;
  figures.process_cpu_seconds = read_clock(CLOCK_PROCESS_CPUTIME_ID) - process_cpu_;
  const IoCounts now = io_counts();
  figures.wal_bytes = now.wal_bytes - io_.wal_bytes;
  figures.db_bytes = now.db_bytes - io_.db_bytes;
  figures.fsyncs = now.wal_syncs + now.db_syncs + now.other_syncs - io_.wal_syncs - io_.db_syncs -
                   io_.other_syncs;
}

}  // namespace sluice::bench
