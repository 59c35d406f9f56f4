// How far the journals are done: stored with the rows, and never behind what is released.

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/frames.h"
#include "support/stepped_pipeline.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using test::SteppedPipeline;
using testing::IsEmpty;

const test::Message kRubbish{.topic = "t", .payload = "no json"};

/// Of a source's journal, as another process reads it; "" when there is none.
std::string stored(SteppedPipeline& sluice, std::size_t source = 0) {
  const std::string& uuid = sluice.pipeline().journals()[source].uuid();
  const auto rows =
      sluice.other().rows("SELECT seq FROM sluice_position WHERE journal_uuid = '" + uuid + "'");
  return rows.empty() ? "" : rows[0];
}

std::uint64_t released(SteppedPipeline& sluice, std::size_t source = 0) {
  return sluice.pipeline().journals()[source].released();
}

TEST(Position, IsStoredWithTheRows) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(test::text_message(1));
  sluice.take_in(test::text_message(1));
  sluice.take_in(kRubbish);
  EXPECT_EQ(stored(sluice), "");
  EXPECT_EQ(released(sluice), 0U);
  sluice.advance(1000ms);
  EXPECT_EQ(stored(sluice), "3");
  EXPECT_EQ(released(sluice), 3U);
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 1U);
  EXPECT_EQ(sluice.write_metrics().position_transactions.value(), 0U);
  sluice.finish();
  EXPECT_EQ(sluice.write_metrics().position_transactions.value(), 0U);
}

TEST(Position, IsStoredForTheSourcesThatMoved) {
  SteppedPipeline sluice({.window = 1000ms, .sources = 3});
  sluice.take_in(test::text_message(1), 0);
  sluice.take_in(kRubbish, 2);
  sluice.advance(1000ms);
  EXPECT_EQ(stored(sluice, 0), "1");
  EXPECT_EQ(stored(sluice, 1), "");
  EXPECT_EQ(stored(sluice, 2), "1");
  sluice.take_in(test::text_message(1), 1);
  sluice.advance(1000ms);
  EXPECT_EQ(stored(sluice, 0), "1");
  EXPECT_EQ(stored(sluice, 1), "1");
  sluice.finish();
}

TEST(Position, WindowWithoutRowsIsSettledAtOnceAndReleasedWithTheNextTransaction) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(kRubbish);
  sluice.advance(1000ms);
  EXPECT_EQ(sluice.account().in_batches, 0);
  EXPECT_EQ(totals_of(sluice.account()).rejected_total(), 1U);
  EXPECT_EQ(stored(sluice), "");
  EXPECT_EQ(released(sluice), 0U);
  sluice.take_in(test::text_message(1));
  sluice.advance(1000ms);
  EXPECT_EQ(stored(sluice), "2");
  EXPECT_EQ(released(sluice), 2U);
  EXPECT_EQ(sluice.write_metrics().position_transactions.value(), 0U);
  sluice.finish();
}

TEST(Position, IsNotLeftUnstoredForLongerThanTenSeconds) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(kRubbish);
  sluice.advance(1000ms);
  EXPECT_LE(sluice.stage("write").next_deadline(), sluice.clock().mono() + 10s);
  sluice.advance(9s);
  EXPECT_EQ(stored(sluice), "");
  sluice.advance(1s);
  EXPECT_EQ(stored(sluice), "1");
  EXPECT_EQ(released(sluice), 1U);
  EXPECT_EQ(sluice.write_metrics().position_transactions.value(), 1U);
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 0U);
  EXPECT_EQ(sluice.write_metrics().packets_per_window.count(), 0U);
  sluice.advance(60s);
  EXPECT_EQ(sluice.write_metrics().position_transactions.value(), 1U) << "nothing new to store";
  sluice.finish();
}

TEST(Position, IsStoredAfterSoManyMessagesWithoutRows) {
  for (const auto window : {1000ms, 0ms}) {
    SteppedPipeline sluice({.window = window});
    for (int i = 0; i < 5000; ++i) sluice.receive(kRubbish);
    sluice.run();
    sluice.advance(20ms);
    sluice.advance(1000ms);
    EXPECT_EQ(sluice.write_metrics().position_transactions.value(), 1U);
    EXPECT_GE(released(sluice), 4096U);
    sluice.finish();
  }
}

TEST(Position, NeverKeepsAJournalFull) {
  SteppedPipeline sluice({.window = 1000ms, .tweak = [](Config& config) {
                            config.sluice.journal.max_bytes = 1;  // three segments
                            config.sluice.journal.max_record_bytes = 1 << 20;
                          }});
  const std::string large(900'000, 'x');
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(sluice.offer({.topic = "t", .payload = large})) << i;
    sluice.run();
    sluice.advance(1020ms);
    if (i == 50) sluice.take_in(test::text_message(1));
  }
  sluice.finish();
  EXPECT_GT(sluice.write_metrics().position_transactions.value(), 0U);
  EXPECT_EQ(sluice.account().receive.dropped[0].value(), 0U);
}

TEST(Position, ALongWindowNeverKeepsAJournalFull) {
  SteppedPipeline sluice({.window = 30s, .sources = 2, .tweak = [](Config& config) {
                            config.sluice.journal.max_bytes = 1;  // three segments
                            config.sluice.journal.max_record_bytes = 1 << 20;
                          }});
  for (std::uint32_t i = 0; i < 100; ++i) {
    test::Message large = test::text_message(i);
    large.payload.append(900'000, ' ');
    ASSERT_TRUE(sluice.offer(large, i % 2)) << i;
    sluice.run();
    sluice.advance(20ms);
  }
  EXPECT_GT(sluice.write_metrics().transactions.value(), 10U);
  sluice.finish();
  EXPECT_EQ(sluice.other().count("observations"), 100);
}

TEST(Position, EndOfInputStoresAndReleasesEverything) {
  for (const auto window : {1000ms, 0ms}) {
    SteppedPipeline sluice({.window = window, .sources = 2});
    sluice.take_in(test::text_message(1), 0);
    sluice.take_in(kRubbish, 0);
    for (int i = 0; i < 3; ++i) sluice.take_in(kRubbish, 1);
    EXPECT_EQ(released(sluice, 1), 0U);
    sluice.finish();
    EXPECT_EQ(released(sluice, 0), 2U);
    EXPECT_EQ(released(sluice, 1), 3U);
  }
}

TEST(Position, WithoutInputThereIsNone) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.finish();
  EXPECT_THAT(sluice.other().rows("SELECT * FROM sluice_position"), IsEmpty());
}

TEST(Position, TransactionOfItsOwnIsRepeatedLikeAnyOther) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(kRubbish);
  sluice.advance(1000ms);
  sluice.other().execute("BEGIN IMMEDIATE");
  sluice.close_inputs();
  sluice.run();
  for (int i = 0; i < 5; ++i) sluice.advance(500ms);
  EXPECT_FALSE(sluice.done());
  EXPECT_EQ(sluice.write_metrics().failed_windows.value(), 1U);
  sluice.other().execute("COMMIT");
  sluice.finish();
  EXPECT_EQ(released(sluice), 1U);
}

TEST(Position, GoesWithARepeatedWindow) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(test::text_message(1));
  sluice.other().execute("BEGIN IMMEDIATE");
  sluice.advance(1000ms);
  sluice.take_in(kRubbish);  // waits behind the sealed window
  EXPECT_EQ(released(sluice), 0U);
  sluice.other().execute("COMMIT");
  sluice.advance(500ms);
  EXPECT_EQ(stored(sluice), "1");
  EXPECT_EQ(released(sluice), 1U);
  sluice.finish();
  EXPECT_EQ(released(sluice), 2U);
}

}  // namespace
}  // namespace sluice
