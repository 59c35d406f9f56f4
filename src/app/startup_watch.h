#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "app/liveness_watchdog.h"
#include "base/clock.h"

namespace sluice {

/// A source whose first connection is waited for.
struct StartingSource {
  std::string tag;
  std::chrono::seconds connect_timeout;
  std::function<SourceSigns()> look;
};

/// Tells how the start-up goes: which brokers let themselves be waited for, and, once, how many
/// have answered (contract 7.1, 7.5). Whether that is enough is deviation D19.
///
/// Thread: main.
class StartupWatch {
 public:
  /// The sources are about to be started; says how long each may take.
  StartupWatch(std::vector<StartingSource> sources, bool exit_without_broker, const Clock& clock);

  /// Says of each source, once, that its time is up and it has not connected yet.
  void look();

  /// look(), and once everybody is there or nobody is waited for any longer, the verdict. Call it
  /// when everything else runs. False: no broker has answered and the configuration says to exit
  /// then.
  [[nodiscard]] bool consider();

 private:
  struct Waiting {
    StartingSource source;
    MonoTime deadline;
    bool settled = false;  // it has connected, or its line is written
  };

  const bool exit_without_broker_;
  const Clock& clock_;
  std::vector<Waiting> sources_;
  MonoTime last_deadline_;
  bool spoken_ = false;
};

}  // namespace sluice
