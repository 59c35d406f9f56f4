#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/liveness_watchdog.h"
#include "app/pipeline.h"
#include "base/clock.h"

namespace sluice {

/// Tells of journals that have no room: the receive thread only counts, since it must neither wait
/// nor write. At QoS 0 the newest messages are lost then, which is a line at once, one a second
/// while it goes on, and one when there is room again (contract 7.4). It stays a reason to be
/// degraded for a minute, so that whoever looks now and then sees it, too.
///
/// Thread: main.
class JournalWatch {
 public:
  JournalWatch(const Pipeline& pipeline, const Clock& clock);

  /// A few times a second. Returns what is to be logged.
  [[nodiscard]] std::vector<WatchdogLine> step();

  /// What is wrong with the journals as of the last step(), in words.
  [[nodiscard]] std::vector<std::string> reasons() const;

 private:
  struct Source {
    std::uint64_t dropped = 0;         // for lack of room
    std::uint64_t refused = 0;         // these, and what was left with the broker
    std::uint64_t dropped_before = 0;  // before the trouble that is told of now
    std::uint64_t appended = 0;        // when something was refused last
    MonoTime refused_at = MonoTime::min();
    bool full = false;  // the last message that is known of found no room
  };

  void look(std::size_t index, MonoTime now);
  [[nodiscard]] bool is_recent(const Source& source, MonoTime now) const noexcept;

  const Pipeline& pipeline_;
  const Clock& clock_;
  std::vector<Source> sources_;  // as in the ledger
  std::uint64_t told_ = 0;       // messages dropped that a line has told of
  bool dropping_ = false;        // … and none has said that there is room again
  MonoTime next_line_ = MonoTime::min();
};

}  // namespace sluice
