#pragma once

#include <chrono>
#include <cstddef>

#include "base/clock.h"

namespace sluice {

/// Has a busy connection gather some kilobytes, for a millisecond at most, before it wakes its
/// thread. A broker sends message by message, and waking somebody for each costs both sides more
/// than the message itself. A connection that is not busy wakes its thread at once, as before, so
/// receive times stay what they are: those of a busy one are late by that millisecond at most.
///
/// The kernel does the gathering (SO_RCVLOWAT), for TCP only.
///
/// Thread: bound(receive).
class WakePace {
 public:
  /// How long poll() may sleep while it gathers; then there may be something to read although
  /// poll() says no.
  static constexpr std::chrono::milliseconds kLongest{1};
  /// What is gathered, in bytes: some thirty messages.
  static constexpr int kGatheredBytes = 16 << 10U;

  static constexpr int kNoSocket = -1;

  /// A new connection, which is not busy yet; without a socket it never will be.
  void begin(int socket) noexcept;

  /// The thread has been woken, and has read so many messages. The socket is still open.
  void note_wake(std::size_t messages, MonoTime now) noexcept;

  [[nodiscard]] bool gathers() const noexcept { return gathers_; }

 private:
  void gather(bool yes) noexcept;

  int socket_ = kNoSocket;
  bool gathers_ = false;
  MonoTime period_began_;
  std::size_t wakes_ = 0;     // in this period
  std::size_t messages_ = 0;  // likewise
};

}  // namespace sluice
