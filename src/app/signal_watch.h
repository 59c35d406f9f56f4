#pragma once

#include <atomic>
#include <thread>

#include "base/wakeup.h"

namespace sluice {

/// Turns SIGINT and SIGTERM into a flag and a wake-up, and lets SIGUSR1 interrupt blocking system
/// calls. Make it before any other thread: threads inherit the blocked signals.
///
/// Thread: made and destroyed by main; the questions any.
class SignalWatch {
 public:
  /// `asked` is notified at each signal.
  explicit SignalWatch(Wakeup& asked);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// How often somebody asked us to stop.
  [[nodiscard]] int stops_asked() const noexcept {
    return stops_asked_.load(std::memory_order_acquire);
  }

 private:
  void run();

  Wakeup& asked_;
  std::atomic<int> stops_asked_{0};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace sluice
