#pragma once

#include <chrono>

#include "base/clock.h"

namespace sluice::test {

/// 2026-01-01T00:00:00Z, where every manual clock begins.
inline constexpr WallTime kTestEpoch{std::chrono::seconds{1767225600}};

/// A clock that the test turns. Wall and monotonic time go together, except through set_wall().
///
/// Thread: bound to the test; any may look while it stands still.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const noexcept override { return wall_; }
  [[nodiscard]] MonoTime mono() const noexcept override {
    // Stages on threads of their own may look at a clock that nobody turns.
    if (at_each_look_.count() != 0) mono_ += at_each_look_;
    return mono_;
  }

  void advance(std::chrono::microseconds by) noexcept {
    wall_ += by;
    mono_ += by;
  }
  /// The wall clock is stepped, as NTP does; monotonic time does not notice.
  void set_wall(WallTime time) noexcept { wall_ = time; }
  /// From now on whatever lies between two looks at the monotonic clock takes so long.
  void pass_at_each_look(std::chrono::microseconds time) noexcept { at_each_look_ = time; }

 private:
  WallTime wall_ = kTestEpoch;
  mutable MonoTime mono_{std::chrono::hours{1}};
  std::chrono::microseconds at_each_look_{0};
};

}  // namespace sluice::test
