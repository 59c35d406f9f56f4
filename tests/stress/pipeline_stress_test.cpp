// The whole pipeline with all its threads, sources that append as fast as they can, and everything
// else as small as it goes.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "app/pipeline_threads.h"
#include "support/frames.h"
#include "support/ledger_expectations.h"
#include "support/random_traffic.h"
#include "support/stepped_pipeline.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kTransmissions = 200;

struct StressCase {
  unsigned seed;
  std::size_t sources;
  bool patient;
};

class PipelineStress : public testing::TestWithParam<StressCase> {
 protected:
  PipelineStress() {
    std::mt19937 random(GetParam().seed);
    const std::int64_t windows[] = {0, 1, 7, 50, 1000};
    spec_.window = std::chrono::milliseconds(windows[random() % std::size(windows)]);
    spec_.max_rows = 1 + static_cast<std::int64_t>(random() % 500);
    spec_.sources = GetParam().sources;
    spec_.dedup_transmissions = 2 + static_cast<std::int64_t>(random() % 300);
    spec_.decode_workers = 1 + static_cast<std::int64_t>(random() % 3);
    const bool tiny = random() % 2 == 0;
    spec_.tweak = [tiny](Config& config) {
      config.sluice.journal.max_bytes = tiny ? 1 : 4 << 20;
      config.sluice.journal.max_record_bytes = 4096;
    };
    RecordProperty("window_ms", static_cast<int>(spec_.window.count()));
    RecordProperty("max_rows", static_cast<int>(spec_.max_rows));
    RecordProperty("workers", static_cast<int>(spec_.decode_workers));
  }

  /// One commit per record is slow, so per-record runs get fewer messages.
  [[nodiscard]] std::uint32_t messages_per_source() const {
    return spec_.window.count() == 0 ? 300 : 6000;
  }

  /// A source on its thread: copies of the same transmissions as everybody else's, each heard by an
  /// observer of its own number, so that the rows can be predicted.
  static void send(Pipeline& pipeline, std::size_t source, std::uint32_t count, bool patient) {
    const SystemClock clock;
    Intake intake = pipeline.intake(source);
    for (std::uint32_t n = 0; n < count; ++n) {
      const std::string observer = "OBS" + std::to_string(source) + "-" + std::to_string(n % 5);
      const test::Message message = n % 50 == 49 ? test::Message{.topic = "t", .payload = "no json"}
                                                 : test::text_message(n % kTransmissions, observer);
      const IncomingMessage incoming{
          .received = clock.wall(), .topic = message.topic, .payload = message.payload};
      if (patient) {
        while (!intake.offer(incoming)) std::this_thread::yield();
      } else {
        intake.take(incoming);
      }
      if (intake.reader_waits()) pipeline.feed_wakeup().notify();
    }
    intake.close();
    pipeline.feed_wakeup().notify();
  }

  test::PipelineSpec spec_;
};

TEST_P(PipelineStress, LedgerBalancesAndRowsAreRight) {
  const test::TempDir directory;
  const SystemClock clock;
  Pipeline pipeline(test::make_config(spec_, directory.file("test.db")),
                    test::make_sources(spec_.sources), clock);
  std::vector<std::thread> senders;
  for (std::size_t i = 0; i < spec_.sources; ++i) {
    senders.emplace_back(send, std::ref(pipeline), i, messages_per_source(), GetParam().patient);
  }
  pipeline.open_store();  // while messages come in already
  Wakeup ended;
  PipelineThreads threads(pipeline, clock, ended);
  for (std::thread& sender : senders) sender.join();
  threads.join();
  ASSERT_EQ(threads.failure(), nullptr);
  ASSERT_TRUE(threads.drained());
  test::ExpectLedgerAtRest(pipeline.metrics().ledger);
  const LedgerTotals totals = pipeline.metrics().ledger.totals();
  EXPECT_EQ(totals.received, spec_.sources * messages_per_source());
  pipeline.close_store();

  const test::OtherConnection database(directory.file("test.db"));
  EXPECT_EQ(database.count("observations"), static_cast<std::int64_t>(totals.committed));
  EXPECT_EQ(database.value("SELECT sum(packet_count) FROM observers"),
            std::to_string(totals.committed + totals.merged));
  EXPECT_EQ(database.value("SELECT count(*) FROM (SELECT 1 FROM observations GROUP BY"
                           " transmission_id, observer_idx, path_json HAVING count(*) > 1)"),
            "0");
  if (!GetParam().patient) return;
  // Nothing was dropped, so every (transmission, observer) that was sent has its row.
  EXPECT_EQ(totals.dropped_total(), 0U);
  EXPECT_EQ(totals.rejected_total(), spec_.sources * (messages_per_source() / 50));
  const std::uint32_t different = std::min(messages_per_source(), kTransmissions);
  std::uint32_t expected = 0;
  for (std::uint32_t n = 0; n < different; ++n) expected += n % 50 == 49 ? 0 : 1;
  EXPECT_EQ(database.count("transmissions"), expected);
  EXPECT_EQ(database.count("observations"), static_cast<std::int64_t>(expected * spec_.sources));
}

INSTANTIATE_TEST_SUITE_P(Seeds, PipelineStress,
                         testing::Values(StressCase{1, 1, true}, StressCase{2, 3, true},
                                         StressCase{3, 4, false}, StressCase{4, 2, true},
                                         StressCase{5, 4, true}, StressCase{6, 3, false},
                                         StressCase{7, 2, false}, StressCase{8, 4, true}));

/// Another process takes the lock again and again, and deletes rows; the pipeline loses nothing
/// that it has not been told to lose.
TEST(PipelineStress, OthersWriteToTheSameDatabase) {
  const test::TempDir directory;
  const SystemClock clock;
  const test::PipelineSpec spec{.window = 2ms, .max_rows = 100, .sources = 2};
  Pipeline pipeline(test::make_config(spec, directory.file("test.db")), test::make_sources(2),
                    clock);
  pipeline.open_store();
  Wakeup ended;
  PipelineThreads threads(pipeline, clock, ended);
  std::atomic<bool> over{false};
  std::thread rival([&] {
    const test::OtherConnection database(directory.file("test.db"));
    for (int i = 0; !over.load(); ++i) {
      if (!database.try_execute("BEGIN IMMEDIATE")) continue;
      if (i % 3 == 0) {
        database.execute("DELETE FROM observations WHERE transmission_id % 7 = 0");
        database.execute("DELETE FROM transmissions WHERE id % 7 = 0");
      }
      database.execute("COMMIT");
      std::this_thread::yield();
    }
  });
  std::vector<std::thread> senders;
  for (std::size_t source = 0; source < 2; ++source) {
    senders.emplace_back([&pipeline, &clock, source] {
      Intake intake = pipeline.intake(source);
      for (std::uint32_t n = 0; n < 5000; ++n) {
        const test::Message message = test::text_message(n % kTransmissions);
        intake.take({.received = clock.wall(), .topic = message.topic, .payload = message.payload});
        if (intake.reader_waits()) pipeline.feed_wakeup().notify();
      }
      intake.close();
      pipeline.feed_wakeup().notify();
    });
  }
  for (std::thread& sender : senders) sender.join();
  // The rival goes first when it is time to end, or the drain might be kept waiting without bound.
  over = true;
  rival.join();
  threads.join();
  ASSERT_EQ(threads.failure(), nullptr);
  test::ExpectLedgerAtRest(pipeline.metrics().ledger);
  EXPECT_EQ(pipeline.metrics().ledger.totals().rejected_total(), 0U);
  pipeline.close_store();
  const test::OtherConnection database(directory.file("test.db"));
  EXPECT_EQ(database.value("SELECT packet_count FROM observers"), "10000");
  EXPECT_EQ(database.value("SELECT count(*) FROM observations x LEFT JOIN transmissions t"
                           " ON t.id = x.transmission_id WHERE t.id IS NULL"),
            "0");
}

}  // namespace
}  // namespace sluice
