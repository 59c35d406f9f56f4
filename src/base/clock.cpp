#include "base/clock.h"

namespace sluice {

WallTime SystemClock::wall() const noexcept {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

MonoTime SystemClock::mono() const noexcept { return std::chrono::steady_clock::now(); }

}  // namespace sluice
