#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "base/wakeup.h"

namespace sluice {

/// Turns SIGINT and SIGTERM into a flag and a wake-up, and lets SIGUSR1 interrupt blocking system
/// calls. SIGQUIT and SIGUSR2 from outside put the stacks of all threads into the log, and the
/// process goes on; so does SIGABRT, which is what systemd's watchdog sends, before the process
/// ends. None of that needs any other thread to be alive. Make it before any other thread: threads
/// inherit the blocked signals.
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

  /// No more stacks from here on. Before stop_log().
  void end_dumps();

 private:
  void dump(bool and_abort);
  void run();

  Wakeup& asked_;
  std::atomic<int> stops_asked_{0};
  std::atomic<bool> ending_{false};
  std::mutex dumping_;
  bool may_dump_ = true;  // guarded by dumping_
  std::thread thread_;
};

}  // namespace sluice
