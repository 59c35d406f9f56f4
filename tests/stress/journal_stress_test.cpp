#include <chrono>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/wakeup.h"
#include "journal/journal.h"
#include "queue/handle_queue.h"
#include "support/manual_clock.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMessages = 300'000;

/// What the n-th message says, so that anybody can check it.
std::string payload_of(std::uint64_t n) {
  std::string text = std::to_string(n);
  text.append(n % 300, static_cast<char>('a' + n % 26));
  return text;
}

/// Appender, reader and releaser, each on its thread, over a journal of a few segments. What the
/// reader hands on travels through a queue, as it does in the pipeline.
TEST(JournalStress, BytesAreIntactUntilTheyAreReleased) {
  Journal journal({.max_bytes = 6 * 8192, .max_record_bytes = 1000, .segment_bytes = 8192});
  Wakeup on_append;
  Wakeup on_push;
  Wakeup on_room;
  HandleQueue<JournalRecord> queue(64, &on_push, &on_room);
  HandleQueue<JournalRecord>::Producer out(queue);
  std::uint64_t times_full = 0;

  std::thread appender([&] {
    for (std::uint64_t n = 1; n <= kMessages; ++n) {
      const std::string payload = payload_of(n);
      while (journal.append({.received = test::kTestEpoch, .topic = "t", .payload = payload}) ==
             AppendResult::kFull) {
        ++times_full;
        std::this_thread::yield();
      }
      on_append.notify();
    }
    journal.close_input();
    on_append.notify();
  });
  std::thread reader([&] {
    for (;;) {
      const auto ticket = on_append.prepare();
      const bool closed = journal.input_closed();
      auto record = std::make_unique<JournalRecord>();
      if (!journal.read(*record)) {
        if (closed) break;
        on_append.wait(ticket, 24h);
        continue;
      }
      for (;;) {
        const auto room = on_room.prepare();
        if (out.try_push(record)) break;
        on_room.wait(room, 24h);
      }
    }
    out.close();
  });

  HandleQueue<JournalRecord>::Consumer in(queue);
  std::deque<std::unique_ptr<JournalRecord>> window;
  std::uint64_t expected = 0;
  bool intact = true;
  const auto release_all = [&] {
    for (const auto& record : window) {
      intact = intact && record->message.payload == payload_of(record->seq);
    }
    if (!window.empty()) journal.release(window.back()->seq);
    window.clear();
  };
  for (;;) {
    const auto ticket = on_push.prepare();
    if (auto record = in.try_pop()) {
      ASSERT_EQ(record->seq, ++expected);
      window.push_back(std::move(record));
      if (window.size() == 50) release_all();
    } else if (in.drained()) {
      break;
    } else {
      release_all();  // or the appender may wait for it for ever
      on_push.wait(ticket, 24h);
    }
  }
  release_all();
  appender.join();
  reader.join();
  EXPECT_TRUE(intact);
  EXPECT_EQ(expected, kMessages);
  EXPECT_EQ(journal.backlog(), 0U);
  RecordProperty("times_full", static_cast<int>(times_full));
}

}  // namespace
}  // namespace sluice
