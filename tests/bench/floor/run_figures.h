#pragma once

#include <cstdint>

namespace sluice::bench {

/// What one run has cost. Times from the first statement to the last commit; the checkpoints in
/// between are in it, opening, schema and the last checkpoint are not.
struct RunFigures {
  double wall_seconds = 0;
  double writer_cpu_seconds = 0;  ///< of the thread that writes
  double process_cpu_seconds = 0;
  std::uint64_t observations = 0;  ///< rows
  std::uint64_t packets = 0;       ///< messages that reached insert or merge
  std::uint64_t transactions = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t statements = 0;  ///< executed
  std::uint64_t wal_bytes = 0;
  std::uint64_t db_bytes = 0;  ///< written into the database file
  std::uint64_t fsyncs = 0;
};

}  // namespace sluice::bench
