#pragma once

#include <algorithm>
#include <optional>

#include "base/clock.h"

namespace sluice {

/// The receive times of one window's events, as a column keeps the latest: each event in turn pulls
/// what is in the future back to the clock at apply, and its own time always counts (design 4, rule
/// 6). The two differ from a plain maximum only when the wall clock was set back.
///
/// Thread: bound(write).
class LatestTime {
 public:
  explicit LatestTime(WallTime first = {}) noexcept : latest_(first), last_(first) {}

  void note(WallTime received) noexcept {
    latest_ = std::max(latest_, received);
    last_ = received;
  }
  [[nodiscard]] WallTime at(WallTime clock_now) const noexcept {
    return std::max(last_, std::min(latest_, clock_now));
  }

 private:
  WallTime latest_;
  WallTime last_;  // of the last event in order
};

/// The first event, or a further one.
inline void note(std::optional<LatestTime>& time, WallTime received) noexcept {
  if (time) {
    time->note(received);
  } else {
    time.emplace(received);
  }
}

}  // namespace sluice
