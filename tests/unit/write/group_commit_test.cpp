// The window, as contract 1.6 and its redesign have it. Every figure that is checked here is read
// by a second connection: what counts is what another process can see.

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/frames.h"
#include "support/stepped_pipeline.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using test::PipelineSpec;
using test::SteppedPipeline;
using testing::ElementsAre;
using testing::ElementsAreArray;

TEST(GroupCommit, FiftyPacketsInAWideWindowAreOneTransaction) {
  SteppedPipeline sluice({.window = 10min});
  for (std::uint32_t n = 0; n < 50; ++n) sluice.take_in(test::text_message(n));
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 0U);
  EXPECT_EQ(sluice.write_metrics().window_packets.value(), 50);
  EXPECT_EQ(sluice.other().count("transmissions"), 0);
  EXPECT_EQ(sluice.other().count("observers"), 0);

  sluice.advance(10min);
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 1U);
  EXPECT_EQ(sluice.write_metrics().group_commit_flushes.value(), 1U);
  EXPECT_EQ(sluice.other().count("transmissions"), 50);
  EXPECT_EQ(sluice.other().count("observations"), 50);
  EXPECT_EQ(sluice.other().value("SELECT packet_count FROM observers"), "50");
  sluice.finish();
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 1U);
}

TEST(GroupCommit, WindowCountsFromItsFirstRecord) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.advance(5s);  // no window is open: nothing ticks
  sluice.take_in(test::text_message(1));
  const MonoTime opened = sluice.clock().mono();
  EXPECT_EQ(sluice.stage("write").next_deadline(), opened + 1000ms);
  sluice.advance(500ms);
  sluice.take_in(test::text_message(2));
  EXPECT_EQ(sluice.stage("write").next_deadline(), opened + 1000ms);
  sluice.advance(399ms);  // together with the linger one millisecond short of the window
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 0U);
  sluice.advance(1ms);
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 1U);
  sluice.finish();
}

TEST(GroupCommit, AnyRecordOpensTheWindow) {
  for (const test::Message& first :
       {test::status_message("A"), test::Message{.topic = "t", .payload = "no json"}}) {
    SteppedPipeline sluice({.window = 1000ms});
    sluice.take_in(first);
    EXPECT_EQ(sluice.stage("write").next_deadline(), sluice.clock().mono() + 1000ms);
    sluice.finish();
  }
}

TEST(GroupCommit, WindowWithoutRowsSettlesWithoutATransaction) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in({.topic = "t", .payload = "no json"});
  EXPECT_EQ(sluice.account().in_batches, 1);
  sluice.advance(1000ms);
  EXPECT_EQ(sluice.account().in_batches, 0);
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 0U);
  EXPECT_EQ(sluice.write_metrics().group_commit_flushes.value(), 0U);
  sluice.finish();
}

TEST(GroupCommit, CapOfThreeAndSevenPacketsAreTwoEarlyFlushesAndOneAtTheEnd) {
  SteppedPipeline sluice({.window = 10min, .max_rows = 3});
  for (std::uint32_t n = 0; n < 7; ++n) sluice.take_in(test::text_message(n));
  EXPECT_EQ(sluice.write_metrics().group_commit_flushes.value(), 2U);
  EXPECT_EQ(sluice.other().count("observations"), 6);
  sluice.advance(10min);
  EXPECT_EQ(sluice.write_metrics().group_commit_flushes.value(), 3U);
  EXPECT_EQ(sluice.other().count("observations"), 7);
  sluice.finish();
}

TEST(GroupCommit, BatchIsSplitExactlyAtTheCap) {
  SteppedPipeline sluice({.window = 30s, .max_rows = 3});
  for (std::uint32_t n = 0; n < 7; ++n) sluice.receive(test::text_message(n));
  sluice.run();
  sluice.advance(20ms);  // all seven in one batch
  EXPECT_EQ(sluice.pipeline().metrics().batch_messages.max(), 7U);
  EXPECT_EQ(sluice.write_metrics().group_commit_flushes.value(), 2U);
  EXPECT_EQ(sluice.write_metrics().packets_per_window.max(), 3U);
  EXPECT_EQ(sluice.other().count("observations"), 6);
  EXPECT_EQ(sluice.account().in_batches, 1);
  test::ExpectLedgerBalances(sluice.ledger());
  // The rest has a window of its own, which began when it was opened.
  EXPECT_EQ(sluice.stage("write").next_deadline(), sluice.clock().mono() + 30s);
  sluice.finish();
  EXPECT_EQ(sluice.write_metrics().group_commit_flushes.value(), 3U);
}

TEST(GroupCommit, CapCountsRepeatsButNeitherStatusesNorRejects) {
  SteppedPipeline sluice({.window = 10min, .max_rows = 4});
  sluice.take_in(test::text_message(1));
  for (int i = 0; i < 20; ++i) sluice.take_in(test::status_message("B", R"("model":"m")"));
  for (int i = 0; i < 20; ++i) sluice.take_in({.topic = "t", .payload = "no json"});
  test::AdvertSpec forged;
  forged.well_signed = false;
  test::PacketSpec refused;
  refused.raw = test::advert_hex(forged);
  for (int i = 0; i < 20; ++i) sluice.take_in(test::packet_message(refused));
  sluice.take_in(test::text_message(1));
  sluice.take_in(test::text_message(1));
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 0U);
  sluice.take_in(test::text_message(1));
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 1U);
  EXPECT_EQ(sluice.other().value("SELECT packet_count FROM observers WHERE id = 'B'"), "20");
  sluice.finish();
}

TEST(GroupCommit, ZeroMakesEachPacketVisibleAtOnceAndNeverFlushes) {
  SteppedPipeline sluice({.window = 0ms, .max_rows = 3});
  for (std::uint32_t n = 0; n < 7; ++n) {
    sluice.receive(test::text_message(n));
    sluice.run();  // the clock stands still
    EXPECT_EQ(sluice.other().count("observations"), n + 1);
  }
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 7U);
  EXPECT_EQ(sluice.write_metrics().group_commit_flushes.value(), 0U);
  EXPECT_EQ(sluice.stage("write").next_deadline() > sluice.clock().mono(), true);
  sluice.finish();
  EXPECT_EQ(sluice.write_metrics().group_commit_flushes.value(), 0U);
}

TEST(GroupCommit, ZeroCommitsTheRecordsOfABatchOneByOne) {
  SteppedPipeline sluice({.window = 0ms});
  for (std::uint32_t n = 0; n < 5; ++n) sluice.receive(test::text_message(n));
  sluice.receive(test::status_message("B"));
  sluice.run();
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 6U);
  EXPECT_EQ(sluice.write_metrics().packets_per_window.max(), 1U);
  sluice.finish();
}

TEST(GroupCommit, AllWritesOfAWindowAppearTogether) {
  SteppedPipeline sluice({.window = 1000ms});
  test::PacketSpec advert;
  advert.raw = test::advert_hex({.seed = 3, .name = "Hill"});
  test::AdvertSpec forged;
  forged.well_signed = false;
  test::PacketSpec refused;
  refused.raw = test::advert_hex(forged);
  sluice.take_in(test::packet_message(advert));
  sluice.take_in(test::packet_message(refused));
  sluice.take_in(test::text_message(1, "OBS2"));
  sluice.take_in(test::status_message("OBS3", R"("noise_floor":-110)"));

  const std::string all =
      "SELECT (SELECT count(*) FROM transmissions), (SELECT count(*) FROM observations),"
      " (SELECT count(*) FROM observers), (SELECT count(*) FROM observer_metrics),"
      " (SELECT count(*) FROM nodes), (SELECT count(*) FROM dropped_packets)";
  EXPECT_EQ(sluice.other().value(all), "0|0|0|0|0|0");
  // A snapshot that was begun before the commit never sees any of it.
  const test::OtherConnection snapshot(sluice.db_path());
  snapshot.execute("BEGIN");
  EXPECT_EQ(snapshot.value(all), "0|0|0|0|0|0");
  sluice.advance(1000ms);
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 1U);
  EXPECT_EQ(sluice.other().value(all), "2|2|3|1|1|1");
  EXPECT_EQ(snapshot.value(all), "0|0|0|0|0|0");
  snapshot.execute("COMMIT");
  sluice.finish();
}

TEST(GroupCommit, WriteLockIsFreeWhileAWindowIsOpen) {
  SteppedPipeline sluice({.window = 10min});
  for (std::uint32_t n = 0; n < 5; ++n) {
    sluice.take_in(test::text_message(n));
    sluice.other().execute("BEGIN IMMEDIATE");
    sluice.other().execute("CREATE TABLE IF NOT EXISTS theirs(n)");
    sluice.other().execute("INSERT INTO theirs VALUES (1)");
    sluice.other().execute("COMMIT");
  }
  sluice.finish();
  EXPECT_EQ(sluice.other().count("theirs"), 5);
  EXPECT_EQ(sluice.other().count("observations"), 5);
}

TEST(GroupCommit, FirstPacketOfAnObserverIsLinkedToIt) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(test::text_message(1, "NEW"));
  sluice.advance(1000ms);
  EXPECT_THAT(sluice.other().rows("SELECT o.id FROM observations x"
                                  " JOIN observers o ON o.rowid = x.observer_idx"),
              ElementsAre("NEW"));
  sluice.finish();
}

TEST(GroupCommit, IdsAscendInCommitOrder) {
  SteppedPipeline sluice({.window = 1000ms, .max_rows = 4});
  std::vector<std::string> received;
  for (std::uint32_t i = 0; i < 11; ++i) {
    const std::uint32_t n = i * 7 % 11;  // in the order of nothing but their reception
    received.push_back(test::text_hex(n));
    sluice.receive(test::text_message(n));
  }
  sluice.finish();
  EXPECT_EQ(sluice.write_metrics().group_commit_flushes.value(), 3U);
  EXPECT_THAT(sluice.other().rows("SELECT raw_hex FROM transmissions ORDER BY id"),
              ElementsAreArray(received));
  EXPECT_THAT(sluice.other().rows("SELECT raw_hex FROM observations ORDER BY id"),
              ElementsAreArray(received));
}

TEST(GroupCommit, CountsTransmissionsRepeatsAndMerges) {
  SteppedPipeline sluice({.window = 1000ms});
  for (int i = 0; i < 3; ++i) sluice.take_in(test::text_message(1, "A"));
  sluice.take_in(test::text_message(1, "B"));
  sluice.take_in(test::text_message(2, "B"));
  sluice.advance(1000ms);
  sluice.take_in(test::text_message(1, "A"));
  sluice.finish();
  const WriteMetrics& metrics = sluice.write_metrics();
  EXPECT_EQ(metrics.transmissions_inserted.value(), 2U);
  EXPECT_EQ(metrics.duplicate_packets.value(), 4U);
  EXPECT_EQ(metrics.observations_inserted.value(), 3U);
  EXPECT_EQ(metrics.observations_merged.value(), 3U);
  EXPECT_EQ(metrics.observer_upserts.value(), 6U);  // as many as single writes would have made
  EXPECT_EQ(sluice.account().write.committed.value(), 3U);
  EXPECT_EQ(sluice.account().write.merged.value(), 3U);
  EXPECT_EQ(metrics.receive_to_commit_us.count(), 6U);
}

TEST(GroupCommit, FloodOfRejectsDoesNotMakeAWindowEndless) {
  SteppedPipeline sluice({.window = 10min, .max_rows = 1});
  for (int i = 0; i < 70000; ++i) {
    sluice.receive({.topic = "t", .payload = "x"});
    if (i % 1000 == 0) sluice.run();
  }
  sluice.advance(20ms);
  EXPECT_LT(sluice.account().in_batches, 65536);
  EXPECT_GT(sluice.account().write.rejected[1].value(), 0U);
  sluice.finish();
}

TEST(GroupCommit, AccountsAreKeptBySource) {
  SteppedPipeline sluice({.window = 1000ms, .sources = 3});
  sluice.take_in(test::text_message(1, "A"), 0);
  sluice.take_in(test::text_message(1, "A"), 1);  // the same copy over another broker
  sluice.take_in(test::text_message(1, "B"), 1);
  sluice.take_in({.topic = "t", .payload = "no json"}, 2);
  sluice.take_in(test::status_message("A"), 2);
  sluice.finish();
  EXPECT_EQ(sluice.account(0).write.committed.value(), 1U);
  EXPECT_EQ(sluice.account(0).write.merged.value(), 0U);
  EXPECT_EQ(sluice.account(1).write.committed.value(), 1U);
  EXPECT_EQ(sluice.account(1).write.merged.value(), 1U);
  EXPECT_EQ(sluice.account(2).write.committed.value(), 1U);
  EXPECT_EQ(totals_of(sluice.account(2)).rejected_total(), 1U);
}

TEST(GroupCommit, JournalIsReleasedUpToTheLastCommit) {
  SteppedPipeline sluice({.window = 1000ms, .tweak = [](Config& config) {
                            config.sluice.journal.max_bytes = 1;  // three segments
                            config.sluice.journal.max_record_bytes = 1000;
                          }});
  // Many times the journal's size goes through it.
  const std::string filler(900, ' ');
  for (std::uint32_t n = 0; n < 20000; ++n) {
    test::Message message = test::text_message(n % 7);
    message.payload += filler.substr(0, 990 - message.topic.size() - message.payload.size());
    ASSERT_TRUE(sluice.offer(message));
    if (n % 200 == 199) sluice.advance(1020ms);
    if (n % 200 == 199) sluice.advance(1020ms);
  }
  sluice.finish();
  EXPECT_EQ(sluice.account().receive.received.value(), 20000U);
  EXPECT_EQ(sluice.account().receive.dropped[0].value(), 0U);
}

}  // namespace
}  // namespace sluice
