// A lost wake-up shows as a hang: whoever sleeps here would sleep for a day.

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "base/wakeup.h"
#include "model/flow.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

TEST(FlowStress, FeedLearnsOfEveryBatchThatItWaitsFor) {
  constexpr std::uint64_t kBatches = 200'000;
  SourceFlow flow;
  Wakeup feed_wakeup;
  std::thread dedup([&] {
    for (std::uint64_t batches = 1; batches <= kBatches; ++batches) {
      if (flow.note_in_order(batches)) feed_wakeup.notify();
    }
  });
  // Always one further than the last that was seen, so that feed waits as often as it can.
  for (std::uint64_t seen = 0; seen < kBatches;) {
    const auto ticket = feed_wakeup.prepare();
    if (flow.has_reached(seen + 1)) {
      seen = flow.in_order();
    } else {
      feed_wakeup.wait(ticket, 24h);
    }
  }
  dedup.join();
}

}  // namespace
}  // namespace sluice
