#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/liveness_watchdog.h"
#include "base/clock.h"

namespace sluice {

/// What can be seen of a stage from outside.
struct StageSigns {
  bool ended = false;
  bool inside = false;        ///< within a poll()
  std::uint64_t polls = 0;    ///< begun so far
  std::uint64_t moved = 0;    ///< messages; of all stages that share its input, if there are twins
  std::uint64_t waiting = 0;  ///< before it, in what `unit` says
  bool blocked = false;       ///< what it would do can't be passed on, or waits for a database that
                              ///< others lock: then standing still is no fault of its own
};

/// A stage to watch. `look` is called from step() only.
struct WatchedStage {
  std::string name;
  std::string unit;  ///< of what waits before it: `messages`, `batches`
  std::function<StageSigns()> look;
};

struct StageWatchdogOptions {
  std::chrono::seconds warn_after{10};
  std::chrono::seconds remind_every{60};
  std::chrono::seconds give_up_after{120};
  /// A longer time between two steps means that we ourselves did not run (SIGSTOP, a machine that
  /// swaps): then nothing is known about the stages, and every limit starts anew.
  std::chrono::seconds longest_pause{5};
};

/// Notices a stage that stands still although it has work: within one poll() for too long, or with
/// input, room behind it, and nothing moving. Times are counted from when the watchdog saw it.
///
/// Thread: main.
class StageWatchdog {
 public:
  StageWatchdog(std::vector<WatchedStage> stages, const Clock& clock,
                const StageWatchdogOptions& options);

  /// Looks at every stage; a few times a second. Returns what is to be logged; each line has the
  /// word WATCHDOG.
  [[nodiscard]] std::vector<WatchdogLine> step();

  /// Stages that have stood still for longer than `warn_after`, in words; empty when all is well.
  [[nodiscard]] const std::vector<std::string>& complaints() const noexcept { return complaints_; }

  /// True once one of them has for longer than `give_up_after`: it won't come back.
  [[nodiscard]] bool hopeless() const noexcept { return hopeless_; }

 private:
  struct Watched {
    WatchedStage stage;
    StageSigns last;
    MonoTime still_since;
    MonoTime told_at = MonoTime::min();  // min() while there was no reason to
  };

  [[nodiscard]] static bool stands_still(const StageSigns& before, const StageSigns& now);
  void judge(Watched& watched, MonoTime now, std::vector<WatchdogLine>& lines);

  const Clock& clock_;
  const StageWatchdogOptions options_;
  std::vector<Watched> stages_;
  MonoTime last_step_;
  std::vector<std::string> complaints_;
  bool hopeless_ = false;
};

}  // namespace sluice
