#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace sluice {

/// An event count: lets a thread sleep until someone has news for it, without a lock and without
/// losing a wake-up.
///
///   consumer:  const auto ticket = wakeup.prepare();
///              if (there is work) ... else wakeup.wait(ticket, timeout);
///   producer:  make the work visible; wakeup.notify();
///
/// notify() costs one read-modify-write, and a system call only while somebody sleeps. It never
/// blocks, so a receive thread may call it.
///
/// Thread: any.
class Wakeup {
 public:
  /// Take a ticket *before* looking for work: news after this call makes wait() return at once.
  [[nodiscard]] std::uint32_t prepare() const noexcept {
    return epoch_.load(std::memory_order_seq_cst);
  }

  /// Sleeps until a notify() since prepare(), or until the timeout. May return early.
  void wait(std::uint32_t ticket, std::chrono::nanoseconds timeout) noexcept;

  /// Wakes every sleeper.
  void notify() noexcept;

 private:
  // Both seq_cst: a sleeper announces itself (sleepers_) and then re-reads epoch_ inside the futex
  // call; a notifier advances epoch_ and then reads sleepers_. In the single total order one of the
  // two sees the other.
  std::atomic<std::uint32_t> epoch_{0};
  std::atomic<std::uint32_t> sleepers_{0};
};

}  // namespace sluice
