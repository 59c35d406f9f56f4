#include "app/stage_watchdog.h"

#include <utility>

#include <fmt/format.h>

namespace sluice {

StageWatchdog::StageWatchdog(std::vector<WatchedStage> stages, const Clock& clock,
                             const StageWatchdogOptions& options)
    : clock_(clock), options_(options), last_step_(clock.mono()) {
  for (WatchedStage& stage : stages) {
    StageSigns signs = stage.look();
    stages_.push_back({.stage = std::move(stage), .last = signs, .still_since = last_step_});
  }
}

std::vector<WatchdogLine> StageWatchdog::step() {
  const MonoTime now = clock_.mono();
  std::vector<WatchdogLine> lines;
  if (now - last_step_ > options_.longest_pause) {
    lines.push_back(
        {LogLevel::kWarn, fmt::format("WATCHDOG: did not run for {} s (stopped, or the machine is "
                                      "overloaded); its limits start anew",
                                      (now - last_step_) / std::chrono::seconds(1))});
    for (Watched& watched : stages_) watched.still_since = now;
  }
  last_step_ = now;
  complaints_.clear();
  hopeless_ = false;
  for (Watched& watched : stages_) judge(watched, now, lines);
  return lines;
}

bool StageWatchdog::stands_still(const StageSigns& before, const StageSigns& now) {
  if (now.ended) return false;
  if (now.inside && before.inside && now.polls == before.polls) return true;
  return now.moved == before.moved && now.waiting > 0 && !now.blocked;
}

void StageWatchdog::judge(Watched& watched, MonoTime now, std::vector<WatchdogLine>& lines) {
  const StageSigns signs = watched.stage.look();
  const StageSigns before = std::exchange(watched.last, signs);
  const auto still_for = std::chrono::floor<std::chrono::seconds>(now - watched.still_since);
  if (!stands_still(before, signs)) {
    if (watched.told_at != MonoTime::min()) {
      lines.push_back({LogLevel::kInfo, fmt::format("WATCHDOG: stage {} moves again, after {} s",
                                                    watched.stage.name, still_for.count())});
    }
    watched.told_at = MonoTime::min();
    watched.still_since = now;
    return;
  }
  if (still_for < options_.warn_after) return;
  std::string complaint = fmt::format(
      "stage {} stands still for {} s ({}, {} {} before it)", watched.stage.name, still_for.count(),
      signs.inside ? "within one step" : "between two steps", signs.waiting, watched.stage.unit);
  if (still_for >= options_.give_up_after) hopeless_ = true;
  if (hopeless_ || watched.told_at == MonoTime::min() ||
      now - watched.told_at >= options_.remind_every) {
    watched.told_at = now;
    lines.push_back({LogLevel::kError, "WATCHDOG: " + complaint});
  }
  complaints_.push_back(std::move(complaint));
}

}  // namespace sluice
