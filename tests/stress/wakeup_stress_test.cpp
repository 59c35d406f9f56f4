// A lost wake-up shows as a hang: whoever sleeps here would sleep for a day.

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/wakeup.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kForEver = 24h;

TEST(WakeupStress, PingPongLosesNothing) {
  Wakeup ping;
  Wakeup pong;
  std::atomic<int> pings{0};
  std::atomic<int> pongs{0};
  constexpr int kRounds = 50000;
  std::thread player([&] {
    for (int i = 1; i <= kRounds; ++i) {
      for (;;) {
        const auto ticket = ping.prepare();
        if (pings.load(std::memory_order_relaxed) >= i) break;
        ping.wait(ticket, kForEver);
      }
      pongs.store(i, std::memory_order_relaxed);
      pong.notify();
    }
  });
  for (int i = 1; i <= kRounds; ++i) {
    pings.store(i, std::memory_order_relaxed);
    ping.notify();
    for (;;) {
      const auto ticket = pong.prepare();
      if (pongs.load(std::memory_order_relaxed) >= i) break;
      pong.wait(ticket, kForEver);
    }
  }
  player.join();
}

TEST(WakeupStress, ManyNotifiersAndManySleepers) {
  Wakeup wakeup;
  std::atomic<int> produced{0};
  std::atomic<int> taken{0};
  constexpr int kNotifiers = 3;
  constexpr int kSleepers = 3;
  constexpr int kEach = 20000;
  std::vector<std::thread> threads;
  for (int i = 0; i < kNotifiers; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < kEach; ++k) {
        produced.fetch_add(1, std::memory_order_relaxed);
        wakeup.notify();
      }
    });
  }
  for (int i = 0; i < kSleepers; ++i) {
    threads.emplace_back([&] {
      for (;;) {
        const auto ticket = wakeup.prepare();
        int done = taken.load(std::memory_order_relaxed);
        if (done == kNotifiers * kEach) return;
        if (done < produced.load(std::memory_order_relaxed)) {
          if (taken.compare_exchange_strong(done, done + 1) && done + 1 == kNotifiers * kEach) {
            wakeup.notify();  // the others end, too
          }
          continue;
        }
        wakeup.wait(ticket, kForEver);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, kNotifiers * kEach);
}

}  // namespace
}  // namespace sluice
