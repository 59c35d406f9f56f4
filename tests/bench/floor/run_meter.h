#pragma once

#include <cstdint>

#include "bench/floor/run_figures.h"
#include "store/io_counter.h"

struct sqlite3;

namespace sluice::bench {

/// Seconds of processor time that the calling thread has used.
[[nodiscard]] double thread_cpu_seconds();

/// Statements that were executed on a connection, BEGIN and COMMIT included, by SQLite's own count.
/// Those that are finalised already are missing.
[[nodiscard]] std::uint64_t executed_statements(sqlite3* database);

/// Takes the figures of one run, from its construction to finish().
///
/// Thread: bound(its user).
class RunMeter {
 public:
  RunMeter();
  void finish(RunFigures& figures) const;

 private:
  double wall_;
  double process_cpu_;
  IoCounts io_;
};

}  // namespace sluice::bench
