#include "base/wakeup.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

TEST(Wakeup, NewsSinceTheTicketMakeWaitReturnAtOnce) {
  Wakeup wakeup;
  const auto ticket = wakeup.prepare();
  wakeup.notify();
  wakeup.wait(ticket, 24h);  // would outlast the test
}

TEST(Wakeup, WithoutNewsTheTimeoutEndsIt) {
  Wakeup wakeup;
  wakeup.wait(wakeup.prepare(), 1ms);
  wakeup.wait(wakeup.prepare(), 0ns);
  wakeup.wait(wakeup.prepare(), -5s);
}

TEST(Wakeup, WakesEverySleeper) {
  Wakeup wakeup;
  std::atomic<bool> go{false};
  auto sleep_until_go = [&] {
    for (;;) {
      const auto ticket = wakeup.prepare();
      if (go.load()) return;
      wakeup.wait(ticket, 24h);
    }
  };
  std::thread first(sleep_until_go);
  std::thread second(sleep_until_go);
  go.store(true);
  wakeup.notify();
  first.join();
  second.join();
}

}  // namespace
}  // namespace sluice
