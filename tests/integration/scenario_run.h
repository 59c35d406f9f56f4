#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scenario_file.h"
#include "scenario_time.h"

namespace sluice::test {

/// How the messages of a scenario are cut into transactions. The tables must not show it.
struct Windows {
  std::string name;
  std::chrono::milliseconds length{0};  ///< 0 = a transaction per record
  std::int64_t max_packets = 1000;
  std::int64_t decode_workers = 1;
};

using ActualRows = std::vector<std::vector<Value>>;

/// What a run has left behind.
struct Outcome {
  std::map<std::string, ActualRows> tables;  ///< columns and order as the expectation has them
  ActualRows observer_rowids;                ///< in the order of the rows, one cell each
  std::map<std::string, std::int64_t> stats;
  std::vector<std::string> log;  ///< every line, without its time
  ScenarioTimes times;
  WallTime began;
  WallTime ended;
  std::int64_t transactions = 0;
};

/// Sends a scenario through a whole pipeline, without a thread and with a clock that only moves
/// where the scenario sleeps. Ticks and retention are passed over. Expects the ledger to balance.
[[nodiscard]] Outcome run_scenario(const Scenario& scenario, const Windows& windows);

}  // namespace sluice::test
