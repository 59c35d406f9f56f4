#pragma once

#include <string>
#include <vector>

#include "app/liveness_watchdog.h"
#include "app/pipeline.h"
#include "app/proc_io.h"
#include "app/receivers.h"
#include "app/stats_file.h"
#include "app/stats_json.h"
#include "app/supervision.h"

namespace sluice {

/// Keeps the stats file up to date, once a second.
///
/// Thread: main.
class StatsReporter {
 public:
  StatsReporter(const Config& config, const Pipeline& pipeline, Receivers& receivers,
                const Clock& clock);

  /// Writes the file if it is time. Never throws for what the disk does.
  void step(const LivenessWatchdog& watchdog, const Health& health);

 private:
  [[nodiscard]] std::vector<StatsSource> look_at_sources(WallTime now);

  const Config& config_;
  const Pipeline& pipeline_;
  Receivers& receivers_;
  const Clock& clock_;
  const MonoTime began_;
  MonoTime due_;
  StatsFile file_;
  ProcIoMeter proc_io_;

  struct Outcomes {
    std::uint64_t count = 0;
    std::int64_t grew_unix = 0;
  };
  std::vector<Outcomes> outcomes_;  // by source
};

}  // namespace sluice
