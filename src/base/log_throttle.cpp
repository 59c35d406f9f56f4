#include "base/log_throttle.h"

#include <utility>

namespace sluice {

bool LogThrottle::admit(MonoTime now) noexcept {
  if (is_over(now)) {
    began_ = now;
    admitted_ = 0;
  }
  if (admitted_ < lines_per_second_) {
    ++admitted_;
    return true;
  }
  ++suppressed_;
  return false;
}

std::uint64_t LogThrottle::take_suppressed(MonoTime now) noexcept {
  if (suppressed_ == 0 || now < due()) return 0;
  told_at_ = now;
  return std::exchange(suppressed_, 0);
}

}  // namespace sluice
