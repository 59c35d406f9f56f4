// A lost wake-up shows as a hang: whoever sleeps here would sleep for a day.

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "base/wakeup.h"
#include "journal/journal.h"
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

TEST(FlowStress, FeedLearnsOfEveryRecordThatItWaitsFor) {
  constexpr std::uint64_t kRecords = 200'000;
  Journal journal({.max_bytes = std::size_t{64} << 20U});
  Wakeup feed_wakeup;
  std::thread receive([&] {
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      ASSERT_EQ(journal.append({.received = {}, .topic = "t", .payload = "p"}),
                AppendResult::kAppended);
      if (journal.reader_waits()) feed_wakeup.notify();
    }
  });
  JournalRecord record;
  for (std::uint64_t read = 0; read < kRecords;) {
    const auto ticket = feed_wakeup.prepare();
    if (journal.read(record)) {
      ++read;
    } else if (!journal.has_news()) {
      feed_wakeup.wait(ticket, 24h);
    }
  }
  receive.join();
}

}  // namespace
}  // namespace sluice
