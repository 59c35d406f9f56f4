#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace sluice {

/// Keeps a flood of one kind of line from filling the log: so many lines a second, the rest is
/// counted, and told after the second, but not oftener than once a minute. It
/// neither writes nor waits; its user does the one and nobody the other.
///
/// Thread: bound to its user.
class LogThrottle {
 public:
  /// `lines_per_second` is at least 1.
  explicit LogThrottle(std::uint32_t lines_per_second) noexcept
      : lines_per_second_(lines_per_second) {}

  /// Whether the line may be written. Call take_suppressed() first, so that what an earlier second
  /// swallowed is told before it.
  [[nodiscard]] bool admit(MonoTime now) noexcept;

  /// How many lines were refused in seconds that are over by now, once; 0 while it is too early to
  /// tell.
  [[nodiscard]] std::uint64_t take_suppressed(MonoTime now) noexcept;

  /// When take_suppressed() will have something to tell; MonoTime::max() while there is nothing.
  [[nodiscard]] MonoTime next_deadline() const noexcept {
    return suppressed_ > 0 ? due() : MonoTime::max();
  }

 private:
  static constexpr std::chrono::seconds kTellEvery{60};

  /// An endless flood is not worth a line a second.
  [[nodiscard]] MonoTime due() const noexcept {
    return std::max(began_ + std::chrono::seconds(1), told_at_ + kTellEvery);
  }
  [[nodiscard]] bool is_over(MonoTime now) const noexcept {
    return now - began_ >= std::chrono::seconds(1);
  }

  std::uint32_t lines_per_second_;
  std::uint32_t admitted_ = 0;  // in the second that began at began_
  std::uint64_t suppressed_ = 0;
  MonoTime began_{};
  MonoTime told_at_ = MonoTime::min();
};

}  // namespace sluice
