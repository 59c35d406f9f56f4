#pragma once

#include <chrono>

namespace sluice {

/// Wall-clock time, microseconds since the Unix epoch, UTC. Everything that is stored is one of
/// these.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// Monotonic time, for windows, lingers and latencies. Never stored.
using MonoTime = std::chrono::steady_clock::time_point;

/// The only way time comes in. Stages take a Clock so that a test can be the one who turns it.
///
/// Thread: any.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime wall() const noexcept = 0;
  [[nodiscard]] virtual MonoTime mono() const noexcept = 0;
};

/// The machine's clocks.
///
/// Thread: any.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const noexcept override;
  [[nodiscard]] MonoTime mono() const noexcept override;
};

}  // namespace sluice
