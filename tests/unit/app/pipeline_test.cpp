#include "app/pipeline.h"

#include <chrono>
#include <exception>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/pipeline_threads.h"
#include "support/frames.h"
#include "support/random_traffic.h"
#include "support/stepped_pipeline.h"
#include "support/table_contents.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

/// A pipeline with all its threads, whose clock stands still, so that rows can be compared. With a
/// clock that stands still windows end by their cap, and at the end.
class ThreadedRun {
 public:
  ThreadedRun(std::int64_t workers, const std::vector<test::Message>& messages,
              std::int64_t max_rows = 1000)
      : pipeline_(
            test::make_config({.window = 1000ms, .max_rows = max_rows, .decode_workers = workers},
                              directory_.file("test.db")),
            test::make_sources(1), clock_) {
    // Everything lies in the journal and the input is closed before the first stage runs, so that
    // no linger has to pass.
    Intake intake = pipeline_.intake(0);
    for (const test::Message& message : messages) {
      intake.take({.received = clock_.wall(),
                   .topic = message.topic,
                   .payload = message.payload,
                   .retained = message.retained});
    }
    intake.close();
    pipeline_.open_store();
    Wakeup ended;
    PipelineThreads threads(pipeline_, clock_, ended);
    threads.join();
    EXPECT_TRUE(threads.drained());
    EXPECT_EQ(threads.failure(), nullptr);
    test::ExpectLedgerAtRest(pipeline_.metrics().ledger);
    pipeline_.close_store();
  }

  [[nodiscard]] const PipelineMetrics& metrics() const { return pipeline_.metrics(); }
  [[nodiscard]] test::OtherConnection database() const {
    return test::OtherConnection(directory_.file("test.db"));
  }

 private:
  test::TempDir directory_;
  test::ManualClock clock_;
  Pipeline pipeline_;
};

class DecodeWorkers : public testing::TestWithParam<std::int64_t> {};

TEST_P(DecodeWorkers, CopiesOfOneAdvertCostOneDecodeAndOneSignatureCheck) {
  std::vector<test::Message> copies;
  for (std::uint8_t i = 0; i < 27; ++i) {
    test::PacketSpec copy;
    copy.raw = test::advert_hex({.path = test::Bytes(i, 0xAB)});
    copy.observer = "OBS" + std::to_string(i);
    copies.push_back(test::packet_message(copy));
  }
  const ThreadedRun run(GetParam(), copies);
  EXPECT_EQ(run.metrics().dedup.fresh_transmissions.value(), 1U);
  EXPECT_EQ(run.metrics().dedup.known_copies.value(), 26U);
  EXPECT_EQ(run.metrics().dedup.payload_decodes.value(), 1U);
  EXPECT_EQ(run.metrics().dedup.signature_checks.value(), 1U);
  EXPECT_EQ(run.database().count("transmissions"), 1);
  EXPECT_EQ(run.database().count("observations"), 27);
  EXPECT_EQ(run.database().value("SELECT advert_count FROM nodes"), "1");
}

TEST_P(DecodeWorkers, CopiesOfOneGroupTextCostOneDecode) {
  // "Alice: Hi all", sealed with the key that everybody has.
  const test::Bytes sealed = {0x11, 0x2A, 0xF5, 0x66, 0x2A, 0x06, 0x9B, 0xC6, 0x40,
                              0xEB, 0x98, 0xF5, 0xA1, 0x7F, 0x58, 0x12, 0x91, 0x18,
                              0xA4, 0xDF, 0xEC, 0xE4, 0x8F, 0x44, 0x74, 0x5E, 0x4C,
                              0x65, 0x49, 0x74, 0xF8, 0xC1, 0xED, 0xAB, 0xC1};
  std::vector<test::Message> messages;
  for (std::uint8_t i = 0; i < 27; ++i) {
    test::PacketSpec copy;
    copy.raw = test::flood_hex(5, test::Bytes(i, 0xAB), sealed);
    copy.observer = "OBS" + std::to_string(i);
    messages.push_back(test::packet_message(copy));
    // A batch's worth of what needs no decode, so that each worker gets copies.
    for (int filler = 0; filler < 256; ++filler)
      messages.push_back(test::status_message(copy.observer));
  }
  const ThreadedRun run(GetParam(), messages);
  EXPECT_EQ(run.metrics().dedup.payload_decodes.value(), 1U);
  EXPECT_EQ(run.metrics().dedup.fresh_transmissions.value(), 1U);
  EXPECT_EQ(run.metrics().dedup.known_copies.value(), 26U);
  EXPECT_EQ(run.database().count("observations"), 27);
  EXPECT_EQ(run.database().value("SELECT channel_hash FROM transmissions"), "Public");
}

TEST(Pipeline, CountsNoDecodeForATextWithoutAFrame) {
  test::SteppedPipeline sluice({.window = 1000ms});
  sluice.receive({.topic = "meshcore/message/channel/0", .payload = R"({"text":"Al: hi"})"});
  sluice.finish();
  EXPECT_EQ(sluice.pipeline().metrics().dedup.fresh_transmissions.value(), 1U);
  EXPECT_EQ(sluice.pipeline().metrics().dedup.payload_decodes.value(), 0U);
  EXPECT_EQ(sluice.other().count("transmissions"), 1);
}

TEST_P(DecodeWorkers, NumberOfThemDoesNotShowInIdsOrRows) {
  test::RandomTraffic traffic({.seed = 99, .transmissions = 300, .observers = 10});
  std::vector<test::Message> messages;
  for (int i = 0; i < 8000; ++i) messages.push_back(traffic.next());
  const ThreadedRun one(1, messages);
  const ThreadedRun several(GetParam(), messages);
  const auto contents = test::table_contents(one.database());
  EXPECT_GT(contents.size(), 1000U);
  EXPECT_EQ(test::table_contents(several.database()), contents);
  const char* const ids = "SELECT id, hash FROM transmissions ORDER BY id";
  EXPECT_EQ(several.database().rows(ids), one.database().rows(ids));
  EXPECT_EQ(to_line(several.metrics().ledger.totals()), to_line(one.metrics().ledger.totals()));
}

INSTANTIATE_TEST_SUITE_P(OneTwoFour, DecodeWorkers, testing::Values(1, 2, 4));

TEST(Pipeline, SeatsStandInTheOrderOfTheFlow) {
  test::SteppedPipeline sluice({.decode_workers = 2});
  std::vector<std::string> names;
  for (const Pipeline::Seat& seat : sluice.pipeline().seats()) names.push_back(seat.name);
  EXPECT_THAT(names, testing::ElementsAre("feed", "decode-0", "decode-1", "dedup", "write"));
  sluice.finish();
}

TEST(Pipeline, TakesMessagesBeforeTheStoreIsOpen) {
  const test::TempDir directory;
  const test::ManualClock clock;
  Pipeline pipeline(test::make_config({}, directory.file("test.db")), test::make_sources(1), clock);
  Intake intake = pipeline.intake(0);
  const test::Message message = test::text_message(1);
  intake.take({.received = clock.wall(), .topic = message.topic, .payload = message.payload});
  intake.close();
  test::ExpectLedgerBalances(pipeline.metrics().ledger);
  EXPECT_EQ(pipeline.metrics().ledger.totals().in_flight, 1U);
  pipeline.open_store();
  while (!pipeline.seats().back().stage->done()) {
    for (const Pipeline::Seat& seat : pipeline.seats()) seat.stage->poll();
  }
  test::ExpectLedgerAtRest(pipeline.metrics().ledger);
  pipeline.close_store();
  EXPECT_EQ(test::OtherConnection(directory.file("test.db")).count("observations"), 1);
}

TEST(Pipeline, ClosedInputsDrainAndFlushThroughToTheEnd) {
  test::SteppedPipeline sluice({.window = 24h, .sources = 2});
  for (std::uint32_t n = 0; n < 700; ++n) sluice.receive(test::text_message(n), n % 2);
  sluice.close_inputs();
  sluice.run();  // the clock stands still: nothing waits for it
  EXPECT_TRUE(sluice.done());
  for (const Pipeline::Seat& seat : sluice.pipeline().seats()) {
    EXPECT_TRUE(seat.stage->done()) << seat.name;
  }
  EXPECT_EQ(sluice.other().count("observations"), 700);
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 1U);
  for (const auto& queue : sluice.pipeline().queue_depths())
    EXPECT_EQ(queue.depth, 0U) << queue.name;
  sluice.finish();
}

TEST(Pipeline, WithoutMessagesEndsWithoutATransaction) {
  test::SteppedPipeline sluice({.sources = 3});
  sluice.close_inputs();
  sluice.run();
  EXPECT_TRUE(sluice.done());
  EXPECT_EQ(sluice.write_metrics().transactions.value(), 0U);
  sluice.finish();
}

TEST(Pipeline, OneOpenSourceKeepsItRunning) {
  test::SteppedPipeline sluice({.sources = 2});
  sluice.pipeline().intake(0).close();
  sluice.take_in(test::text_message(1), 1);
  sluice.advance(1000ms);
  EXPECT_FALSE(sluice.done());
  EXPECT_EQ(sluice.other().count("observations"), 1);
  sluice.finish();
}

TEST(Pipeline, LedgerBalancesAtEveryStop) {
  test::SteppedPipeline sluice({.window = 1000ms, .max_rows = 20, .sources = 3});
  test::RandomTraffic traffic({.seed = 5});
  for (int i = 0; i < 3000; ++i) {
    sluice.receive(traffic.next(), traffic.draw(3));
    // Anywhere: in the middle of a linger, of a window, of one stage's turn.
    if (traffic.draw(10) == 0) sluice.clock().advance(std::chrono::milliseconds(traffic.draw(300)));
    const auto& seats = sluice.pipeline().seats();
    if (traffic.draw(2) == 0) {
      seats[traffic.draw(static_cast<std::uint32_t>(seats.size()))].stage->poll();
    }
    test::ExpectLedgerBalances(sluice.ledger());
    if (testing::Test::HasFailure()) return;
  }
  sluice.finish();
}

TEST(Pipeline, LeanIndexesAreADatabaseWithThreeLess) {
  const auto indexes = [](Indexes wanted) {
    test::SteppedPipeline sluice({.tweak = [&](Config& c) { c.sluice.indexes = wanted; }});
    sluice.receive(test::text_message(1));
    sluice.finish();
    EXPECT_EQ(sluice.other().count("observations"), 1);
    return std::stoi(sluice.other().value(
        "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"));
  };
  EXPECT_EQ(indexes(Indexes::kFull) - indexes(Indexes::kLean), 3);
}

TEST(PipelineThreads, FailureOfAStageSurfaces) {
  const test::TempDir directory;
  const test::ManualClock clock;
  Pipeline pipeline(test::make_config({}, directory.file("test.db")), test::make_sources(1), clock);
  pipeline.open_store();
  test::OtherConnection(directory.file("test.db")).execute("DROP TABLE observations");
  Intake intake = pipeline.intake(0);
  const test::Message message = test::text_message(1);
  intake.take({.received = clock.wall(), .topic = message.topic, .payload = message.payload});
  intake.close();
  Wakeup ended;
  PipelineThreads threads(pipeline, clock, ended);
  threads.join();
  ASSERT_NE(threads.failure(), nullptr);
  EXPECT_THROW(std::rethrow_exception(threads.failure()), StoreError);
  EXPECT_EQ(pipeline.metrics().ledger.totals().committed, 0U);
  test::ExpectLedgerBalances(pipeline.metrics().ledger);  // the window is still counted
  pipeline.close_store();
}

TEST(Pipeline, SmallMemoryOfTransmissionsCostsDecodesButNoRows) {
  test::SteppedPipeline sluice({.window = 1000ms, .dedup_transmissions = 4});
  for (int lap = 0; lap < 3; ++lap) {
    for (std::uint32_t n = 0; n < 50; ++n) sluice.receive(test::text_message(n));
    sluice.advance(1020ms);
    sluice.advance(1020ms);
  }
  sluice.finish();
  EXPECT_EQ(sluice.pipeline().metrics().dedup.fresh_transmissions.value(), 150U);
  EXPECT_EQ(sluice.pipeline().metrics().dedup.payload_decodes.value(), 150U);
  EXPECT_EQ(sluice.other().count("transmissions"), 50);
  EXPECT_EQ(sluice.other().count("observations"), 50);
  EXPECT_EQ(sluice.account().write.merged.value(), 100U);
}

}  // namespace
}  // namespace sluice
