// Other processes on the same file: locks, rows that go away, readers that hold the WAL.

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/frames.h"
#include "support/stepped_pipeline.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using test::SteppedPipeline;
using testing::ElementsAre;

TEST(OtherWriters, LockedDatabaseKeepsTheWindowUntilItIsFree) {
  SteppedPipeline sluice({.window = 1000ms});
  for (std::uint32_t n = 0; n < 5; ++n) sluice.take_in(test::text_message(n));
  sluice.other().execute("BEGIN IMMEDIATE");
  sluice.advance(1000ms);
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 0U);
  EXPECT_EQ(sluice.write_metrics().failed_attempts.value(), 1U);
  EXPECT_EQ(sluice.account().in_batches, 5);
  test::ExpectLedgerBalances(sluice.ledger());

  sluice.other().execute("COMMIT");
  EXPECT_EQ(sluice.run(), 0U) << "it waits for its time, not for news";
  sluice.advance(10ms);
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 1U);
  EXPECT_EQ(sluice.other().count("observations"), 5);
  EXPECT_EQ(sluice.write_metrics().oldest_waiting_ms.value(), 0);
  sluice.finish();
}

TEST(OtherWriters, RetriesGetRarerUpToHalfASecond) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(test::text_message(1));
  sluice.other().execute("BEGIN IMMEDIATE");
  sluice.advance(1000ms);
  std::vector<std::chrono::milliseconds> pauses;
  for (int attempt = 0; attempt < 9; ++attempt) {
    const auto pause = sluice.stage("write").next_deadline() - sluice.clock().mono();
    pauses.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(pause));
    sluice.advance(pauses.back());
  }
  EXPECT_THAT(pauses, ElementsAre(10ms, 20ms, 40ms, 80ms, 160ms, 320ms, 500ms, 500ms, 500ms));
  EXPECT_EQ(sluice.write_metrics().failed_attempts.value(), 10U);
  EXPECT_EQ(sluice.write_metrics().oldest_waiting_ms.value(), 2130);
  sluice.other().execute("COMMIT");
  sluice.finish();
  EXPECT_EQ(sluice.other().count("observations"), 1);
}

TEST(OtherWriters, WhileTheDatabaseIsLockedTheJournalTakesEverything) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(test::text_message(0));
  sluice.other().execute("BEGIN IMMEDIATE");
  sluice.advance(1000ms);
  constexpr std::uint32_t kMessages = 60000;  // more than the queues can hold
  for (std::uint32_t n = 1; n <= kMessages; ++n) {
    ASSERT_TRUE(sluice.offer(test::text_message(n % 500)));
    if (n % 5000 == 0) sluice.advance(50ms);
  }
  const std::uint64_t backlog = sluice.pipeline().journals()[0].backlog();
  EXPECT_GT(backlog, 20000U);
  EXPECT_EQ(sluice.account().in_batches, kMessages + 1 - static_cast<std::int64_t>(backlog));
  test::ExpectLedgerBalances(sluice.ledger());
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 0U);

  sluice.other().execute("COMMIT");
  sluice.finish();
  EXPECT_EQ(sluice.account().receive.dropped[0].value(), 0U);
  EXPECT_EQ(sluice.other().count("transmissions"), 500);
  EXPECT_EQ(sluice.other().value("SELECT packet_count FROM observers"),
            std::to_string(kMessages + 1));
}

TEST(OtherWriters, WhileTheDatabaseIsLockedNoStageIsAwakeForNothing) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(test::text_message(0));
  sluice.other().execute("BEGIN IMMEDIATE");
  sluice.advance(1000ms);
  // More than the queues can hold, and more than the log takes: its rest is due in a second.
  for (int i = 0; i < 60000; ++i) sluice.receive(test::status_message("A"));
  sluice.run();
  for (int i = 0; i < 50; ++i) sluice.advance(100ms);
  for (const Pipeline::Seat& seat : sluice.pipeline().seats()) {
    EXPECT_GT(seat.stage->next_deadline(), sluice.clock().mono()) << seat.name;
  }
  sluice.other().execute("COMMIT");
  sluice.finish();
}

TEST(OtherWriters, SealedWindowTakesNothingIn) {
  SteppedPipeline sluice({.window = 1000ms, .max_rows = 2});
  sluice.other().execute("BEGIN IMMEDIATE");
  for (std::uint32_t n = 0; n < 5; ++n) sluice.receive(test::text_message(n));
  sluice.run();
  sluice.advance(20ms);
  EXPECT_EQ(sluice.write_metrics().failed_attempts.value(), 1U);
  sluice.other().execute("COMMIT");
  sluice.finish();
  EXPECT_EQ(sluice.write_metrics().packets_per_window.max(), 2U);
  EXPECT_EQ(sluice.other().count("observations"), 5);
}

TEST(OtherWriters, ShutdownWaitsForTheLock) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(test::text_message(1));
  sluice.other().execute("BEGIN IMMEDIATE");
  sluice.close_inputs();
  for (int i = 0; i < 20; ++i) sluice.advance(500ms);
  EXPECT_FALSE(sluice.done());
  sluice.other().execute("COMMIT");
  sluice.finish();
  EXPECT_EQ(sluice.other().count("observations"), 1);
}

class ForeignDeletes : public testing::TestWithParam<std::chrono::milliseconds> {};

TEST_P(ForeignDeletes, AreNoticedByTheNextCopy) {
  SteppedPipeline sluice({.window = GetParam()});
  sluice.take_in(test::text_message(1));
  sluice.take_in(test::text_message(2));
  sluice.advance(1000ms);
  sluice.other().execute("DELETE FROM observations");
  sluice.other().execute("DELETE FROM transmissions");
  sluice.take_in(test::text_message(1, "LATER"));
  sluice.advance(1000ms);
  EXPECT_EQ(sluice.other().count("transmissions"), 1);
  EXPECT_EQ(sluice.other().count("observations"), 1);
  // … and by a copy that comes windows later: the other rows are gone just the same.
  sluice.take_in(test::text_message(2, "LATER"));
  sluice.finish();
  EXPECT_THAT(sluice.other().rows("SELECT count(*) FROM transmissions t"
                                  " JOIN observations o ON o.transmission_id = t.id"),
              ElementsAre("2"));
}

TEST_P(ForeignDeletes, AreNoticedByARepeatedAttempt) {
  SteppedPipeline sluice({.window = GetParam()});
  sluice.take_in(test::text_message(1));
  sluice.advance(1000ms);
  sluice.other().execute("DELETE FROM observations");
  sluice.other().execute("DELETE FROM transmissions");
  sluice.other().execute("BEGIN IMMEDIATE");
  sluice.take_in(test::text_message(1));
  sluice.advance(1000ms);
  EXPECT_GE(sluice.write_metrics().failed_attempts.value(), 1U);
  sluice.other().execute("COMMIT");
  sluice.finish();
  EXPECT_EQ(sluice.other().count("observations"), 1);
}

TEST_P(ForeignDeletes, OfObserversAreNoticedToo) {
  SteppedPipeline sluice({.window = GetParam()});
  sluice.take_in(test::text_message(1, "A"));
  sluice.take_in(test::text_message(1, "B"));
  sluice.advance(1000ms);
  sluice.other().execute("DELETE FROM observers WHERE id = 'A'");
  sluice.take_in(test::text_message(2, "A"));
  sluice.finish();
  EXPECT_THAT(sluice.other().rows("SELECT o.id FROM observations x JOIN observers o"
                                  " ON o.rowid = x.observer_idx ORDER BY x.id DESC LIMIT 1"),
              ElementsAre("A"));
}

INSTANTIATE_TEST_SUITE_P(WindowAndPerPacket, ForeignDeletes, testing::Values(1000ms, 0ms));

TEST(OtherWriters, TransmissionThatSomebodyElseInsertedIsUsed) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(test::text_message(1));
  sluice.advance(1000ms);
  const std::string hash = sluice.other().value("SELECT hash FROM transmissions");
  sluice.other().execute("DELETE FROM observations");
  sluice.other().execute("DELETE FROM transmissions");
  sluice.other().execute(
      "INSERT INTO transmissions(id, raw_hex, hash, first_seen, last_seen) VALUES"
      " (4711, 'theirs', '" +
      hash + "', '2020-01-01T00:00:00Z', 1577836800)");
  sluice.take_in(test::text_message(1));
  sluice.finish();
  EXPECT_THAT(sluice.other().rows("SELECT id, raw_hex, first_seen, last_seen FROM transmissions"),
              ElementsAre("4711|theirs|2020-01-01T00:00:00Z|1767225601"));
  EXPECT_THAT(sluice.other().rows("SELECT transmission_id FROM observations"), ElementsAre("4711"));
}

TEST(OtherWriters, RowsOfAnEarlierRunAreFound) {
  const test::TempDir directory;
  const test::ManualClock clock;
  for (int run = 0; run < 2; ++run) {
    Pipeline pipeline(test::make_config({}, directory.file("test.db")), test::make_sources(1),
                      clock);
    pipeline.open_store();
    const test::Message message = test::text_message(1);
    Intake intake = pipeline.intake(0);
    intake.take({.received = clock.wall(), .topic = message.topic, .payload = message.payload});
    intake.close();
    while (!pipeline.seats().back().stage->done()) {
      for (const Pipeline::Seat& seat : pipeline.seats()) seat.stage->poll();
    }
    EXPECT_EQ(pipeline.metrics().write.transmissions_inserted.value(), run == 0 ? 1U : 0U);
    EXPECT_EQ(pipeline.metrics().ledger.totals().merged, run == 0 ? 0U : 1U);
    pipeline.close_store();
  }
}

}  // namespace
}  // namespace sluice
