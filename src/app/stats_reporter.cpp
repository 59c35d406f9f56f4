#include "app/stats_reporter.h"

#include "base/timestamp_text.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kInterval{1};

}  // namespace

StatsReporter::StatsReporter(const Config& config, const Pipeline& pipeline, Receivers& receivers,
                             const Clock& clock)
    : config_(config),
      pipeline_(pipeline),
      receivers_(receivers),
      clock_(clock),
      began_(clock.mono()),
      due_(began_),
      file_(config.stats_path),
      outcomes_(config.sources.size()) {}

void StatsReporter::step(const LivenessWatchdog& watchdog, const Health& health) {
  const MonoTime now = clock_.mono();
  if (now < due_) return;
  due_ = std::max(due_ + kInterval, now);
  const WallTime wall = clock_.wall();
  file_.publish(
      stats_json(pipeline_, {.now = wall,
                             .uptime = std::chrono::floor<std::chrono::seconds>(now - began_),
                             .sources = look_at_sources(wall),
                             .proc_io = proc_io_.measure(read_proc_io(), now),
                             .watchdog_last_tick_unix = watchdog.last_tick_unix(),
                             .watchdog_faults = watchdog.faults(),
                             .health = health}));
}

std::vector<StatsSource> StatsReporter::look_at_sources(WallTime now) {
  std::vector<StatsSource> sources;
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    const LedgerTotals totals = totals_of(pipeline_.metrics().ledger.sources()[i]);
    const std::uint64_t count = totals.committed + totals.merged + totals.rejected_total();
    if (count != outcomes_[i].count) outcomes_[i] = {count, epoch_seconds(now)};
    sources.push_back({.tag = config_.sources[i].tag,
                       .broker = config_.sources[i].url.display(),
                       .status = receivers_.sources()[i].status().sample(now),
                       .last_message_unix = outcomes_[i].grew_unix});
  }
  return sources;
}

}  // namespace sluice
