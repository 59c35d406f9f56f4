#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace sluice {

/// So many events in so much time. `count` 0 means no limit.
struct RateLimit {
  static constexpr std::int64_t kMostCount = 1'000'000'000;

  std::int64_t count = 0;           ///< 0 to kMostCount
  std::chrono::microseconds per{};  ///< above 0, at most an hour

  [[nodiscard]] bool off() const noexcept { return count == 0; }
};

/// An allowance that fills up evenly with time and is used up by events; full at first, and a full
/// one is worth `count` events. In whole numbers, so that the same events at the same times always
/// have the same verdict. A clock that steps back fills nothing.
///
/// Thread: bound to its user.
class TokenBucket {
 public:
  TokenBucket(const RateLimit& limit, WallTime at) noexcept : credit_(full(limit)), at_(at) {}

  [[nodiscard]] bool has(const RateLimit& limit, WallTime at) const noexcept {
    return credit(limit, at) >= cost(limit);
  }

  /// False, and nothing is taken, when less than one event's worth is left.
  [[nodiscard]] bool take(const RateLimit& limit, WallTime at) noexcept {
    credit_ = credit(limit, at);
    at_ = at;
    if (credit_ < cost(limit)) return false;
    credit_ -= cost(limit);
    return true;
  }

  /// What is left, in microseconds times `count`: an event costs `per`, and each microsecond brings
  /// `count`.
  [[nodiscard]] std::int64_t credit(const RateLimit& limit, WallTime at) const noexcept {
    const std::int64_t elapsed = std::clamp<std::int64_t>((at - at_).count(), 0, limit.per.count());
    return std::min(full(limit), credit_ + elapsed * limit.count);
  }

 private:
  [[nodiscard]] static std::int64_t cost(const RateLimit& limit) noexcept {
    return limit.per.count();
  }
  [[nodiscard]] static std::int64_t full(const RateLimit& limit) noexcept {
    return limit.count * limit.per.count();
  }

  std::int64_t credit_;
  WallTime at_;
};

}  // namespace sluice
