#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/pipeline.h"
#include "app/proc_io.h"
#include "app/supervision.h"
#include "receive/mqtt_status.h"

namespace sluice {

/// What the stats file tells of one source.
struct StatsSource {
  std::string tag;
  std::string broker;  ///< the mapped URL, user-info masked (deviation D20)
  MqttStatusSample status;
  std::int64_t last_message_unix = 0;  ///< when a message of it last had its outcome; 0 = never
};

/// What the stats file tells besides the pipeline's own numbers.
struct StatsMoment {
  WallTime now;
  std::chrono::seconds uptime{0};
  std::vector<StatsSource> sources;
  std::optional<ProcIoRates> proc_io;
  std::int64_t watchdog_last_tick_unix = 0;
  std::uint64_t watchdog_faults = 0;
  Health health;
};

/// Sources of the same tag share one entry (contract 1.3): counts are added up, times are the
/// latest, and one connection is enough to be connected.
[[nodiscard]] std::vector<StatsSource> shared_by_tag(const std::vector<StatsSource>& sources);

/// The content of the stats file: CoreScope's keys in CoreScope's order (contract 6), then ours in
/// the object `sluice`. Valid JSON whatever the names contain.
[[nodiscard]] std::string stats_json(const Pipeline& pipeline, const StatsMoment& moment);

}  // namespace sluice
