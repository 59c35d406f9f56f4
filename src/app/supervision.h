#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/journal_watch.h"
#include "app/keeper_thread.h"
#include "app/pipeline.h"
#include "app/pipeline_threads.h"
#include "app/receivers.h"
#include "app/service_manager.h"
#include "app/stage_watchdog.h"

namespace sluice {

/// How the process is, in one word and why.
struct Health {
  /// Degraded: everything that can be done is done, but something outside is not as it should be,
  /// or a stage is suspiciously slow. Unhealthy: the process is about to end itself.
  enum class State : std::uint8_t { kOk, kDegraded, kUnhealthy };
  State state = State::kOk;
  std::vector<std::string> reasons;
};
[[nodiscard]] std::string_view to_string(Health::State state) noexcept;
/// `ok`, or `degraded: reason; reason`.
[[nodiscard]] std::string to_line(const Health& health);

/// Main's part in staying alive: watches the stages, tells the service manager, and ends the
/// process when a stage won't come back. The service manager in turn notices when main itself
/// stands still, since its signs of life come from here.
///
/// Thread: main.
class Supervision {
 public:
  Supervision(const Config& config, const Pipeline& pipeline, const Receivers& receivers,
              const Clock& clock);

  /// The database can't be opened yet, or an index is being built: asks the service manager for
  /// patience, and looks after what is received meanwhile.
  void still_starting();
  /// The stages run.
  void started(const PipelineThreads& threads, const KeeperThread& keeper);
  /// Four times a second. Ends the process with kExitStalled, the stacks of all threads in the log,
  /// when a stage has stood still for too long.
  void step();
  /// The end has begun; step() from now on also asks for the time that draining takes.
  void stopping();

  [[nodiscard]] const Health& health() const noexcept { return health_; }

 private:
  void watch_journals();
  void judge();
  void tell_status();

  const Config& config_;
  const Pipeline& pipeline_;
  const Receivers& receivers_;
  const Clock& clock_;
  ServiceManager service_;
  JournalWatch journals_;
  std::optional<StageWatchdog> stages_;
  Health health_;
  bool stopping_ = false;
  MonoTime degraded_told_ = MonoTime::min();
  MonoTime next_status_ = MonoTime::min();
  MonoTime counted_at_;
  std::uint64_t received_ = 0;  // at counted_at_, as is the next one
  std::uint64_t settled_ = 0;
};

}  // namespace sluice
