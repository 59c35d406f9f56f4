// sluice.limits through the whole pipeline: what is over a limit is rejected and counted, what is
// not is written, and the verdicts hang on receive times alone.

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "app/own_stats_json.h"
#include "app/report.h"
#include "support/frames.h"
#include "support/process_memory.h"
#include "support/stepped_pipeline.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

// More than twice as many as are remembered: everything that is bounded has come to its bound. A
// million, where a sanitizer does not make it last for minutes.
const std::uint32_t kInventedIds = memory_can_be_measured() ? 1'000'000 : 50'000;

PipelineSpec limited(const std::function<void(LimitsConfig&)>& set) {
  PipelineSpec spec;
  spec.tweak = [set](Config& config) { set(config.sluice.limits); };
  return spec;
}

std::uint64_t rejected(const SteppedPipeline& pipeline, RejectReason reason,
                       std::size_t source = 0) {
  return totals_of(pipeline.account(source)).rejected[static_cast<std::size_t>(reason)];
}

Message forged_advert(std::uint32_t n) {
  AdvertSpec advert;
  advert.time += n;
  advert.well_signed = false;
  PacketSpec spec;
  spec.raw = advert_hex(advert);
  return packet_message(spec);
}

Message advert_of(std::uint8_t node, std::uint32_t n = 0) {
  AdvertSpec advert;
  advert.seed = node;
  advert.time += n;
  PacketSpec spec;
  spec.raw = advert_hex(advert);
  return packet_message(spec);
}

TEST(ObserverRateLimit, RefusesWhatIsOverItAndNobodyElse) {
  SteppedPipeline pipeline(limited([](auto& limits) { limits.observer_messages_per_minute = 10; }));
  for (std::uint32_t i = 0; i < 100; ++i) pipeline.receive(text_message(i, "LOUD"));
  for (std::uint32_t i = 0; i < 10; ++i) pipeline.receive(text_message(1000 + i, "QUIET"));
  pipeline.finish();
  EXPECT_EQ(rejected(pipeline, RejectReason::kObserverRateLimited), 90U);
  EXPECT_EQ(pipeline.other().count("observations"), 20);
}

TEST(ObserverRateLimit, CountsStatusesToo) {
  SteppedPipeline pipeline(limited([](auto& limits) { limits.observer_messages_per_minute = 3; }));
  for (int i = 0; i < 5; ++i) pipeline.receive(status_message("OBS1"));
  pipeline.finish();
  EXPECT_EQ(rejected(pipeline, RejectReason::kObserverRateLimited), 2U);
  EXPECT_EQ(pipeline.other().value("SELECT packet_count FROM observers"), "3");
}

TEST(ObserverRateLimit, ARefusedCopyIsNeverTheFirst) {
  SteppedPipeline pipeline(limited([](auto& limits) { limits.observer_messages_per_minute = 1; }));
  pipeline.receive(text_message(1, "LOUD"));
  pipeline.receive(text_message(2, "LOUD"));  // over the limit
  pipeline.receive(text_message(2, "QUIET"));
  pipeline.finish();
  EXPECT_EQ(pipeline.pipeline().metrics().dedup.fresh_transmissions.value(), 2U);
  EXPECT_EQ(pipeline.other().rows("SELECT o.id FROM observers o JOIN observations b ON"
                                  " b.observer_idx = o.rowid ORDER BY b.id"),
            (std::vector<std::string>{"LOUD", "QUIET"}));
}

/// What is stored of a minute of traffic that comes live, or all at once after a lock.
std::vector<std::string> stored(bool live, std::int64_t workers) {
  PipelineSpec spec = limited([](auto& limits) { limits.observer_messages_per_minute = 20; });
  spec.decode_workers = workers;
  SteppedPipeline pipeline(spec);
  for (std::uint32_t i = 0; i < 600; ++i) {
    const WallTime at = kTestEpoch + i * 100ms;
    if (live) {
      pipeline.advance(100ms);
      pipeline.receive(text_message(i, fmt::format("OBS{}", i % 7 == 0 ? 2 : 1)), 0, at);
      pipeline.run();
    } else {
      pipeline.receive(text_message(i, fmt::format("OBS{}", i % 7 == 0 ? 2 : 1)), 0, at);
    }
  }
  pipeline.finish();
  return pipeline.other().rows(
      "SELECT t.raw_hex, b.timestamp FROM observations b JOIN transmissions t ON"
      " t.id = b.transmission_id ORDER BY b.id");
}

TEST(ObserverRateLimit, LiveAndCatchUpHaveTheSameVerdicts) {
  const std::vector<std::string> live = stored(true, 1);
  EXPECT_GT(live.size(), 40U);
  EXPECT_LT(live.size(), 120U);
  EXPECT_EQ(stored(false, 1), live);
  EXPECT_EQ(stored(false, 4), live);
}

TEST(ObserverRateLimit, IsKeptForEachSource) {
  PipelineSpec spec = limited([](auto& limits) { limits.observer_messages_per_minute = 2; });
  spec.sources = 2;
  SteppedPipeline pipeline(spec);
  for (std::uint32_t i = 0; i < 3; ++i) {
    pipeline.receive(text_message(i), 0);
    pipeline.receive(text_message(i), 1);
  }
  pipeline.finish();
  EXPECT_EQ(rejected(pipeline, RejectReason::kObserverRateLimited, 0), 1U);
  EXPECT_EQ(rejected(pipeline, RejectReason::kObserverRateLimited, 1), 1U);
}

TEST(NewObserverLimit, InventedIdsFillNeitherTableNorMemory) {
  SteppedPipeline pipeline(limited([](auto& limits) { limits.new_observers_per_hour = 100; }));
  pipeline.take_in(text_message(1, "KNOWN"));
  PeakMemory memory;
  for (std::uint32_t i = 0; i < kInventedIds; ++i) {
    pipeline.receive(text_message(7, fmt::format("FAKE{}", i)));
    if (i % 1000 == 0) {
      pipeline.run();
      memory.look();
    }
  }
  for (std::uint32_t i = 0; i < 5; ++i) pipeline.receive(text_message(100 + i, "KNOWN"));
  pipeline.finish();
  EXPECT_EQ(pipeline.other().count("observers"), 100);
  EXPECT_EQ(rejected(pipeline, RejectReason::kTooManyObservers), kInventedIds - 99U);
  // The clock stands still, so the window holds 65,536 messages, and with them their journal.
  if (memory_can_be_measured()) {
    EXPECT_LT(memory.growth_bytes(), std::size_t{96} << 20U);
  }
  EXPECT_EQ(pipeline.other().value("SELECT packet_count FROM observers WHERE id = 'KNOWN'"), "6");
  EXPECT_EQ(pipeline.pipeline().metrics().flood.new_observers.value(), 100U);
}

TEST(NewObserverLimit, WithoutItInventedIdsFillATableButNoMemory) {
  // Each makes rows, so this takes longer: the suite `soak` has a million.
  const char* const wanted = std::getenv("SLUICE_INVENTED_IDS");
  const std::uint32_t ids = wanted != nullptr
                                ? static_cast<std::uint32_t>(std::strtoul(wanted, nullptr, 10))
                                : std::min(kInventedIds, 300'000U);
  PipelineSpec spec = limited([](auto& limits) { limits.new_observers_per_hour = 0; });
  spec.max_rows = 10'000;
  SteppedPipeline pipeline(spec);
  PeakMemory memory;
  for (std::uint32_t i = 0; i < ids; ++i) {
    pipeline.receive(text_message(7, fmt::format("FAKE{}", i)));
    if (i % 1000 == 0) {
      pipeline.run();
      memory.look();
    }
  }
  pipeline.finish();
  EXPECT_EQ(pipeline.other().count("observers"), ids);
  EXPECT_EQ(pipeline.pipeline().metrics().flood.new_observers.value(), ids);
  // Twice the 262,144 that are remembered, SQLite's cache, a window.
  if (memory_can_be_measured()) {
    EXPECT_LT(memory.growth_bytes(), std::size_t{128} << 20U);
  }
}

TEST(NewObserverLimit, WhatMakesNoRowIsNotCounted) {
  SteppedPipeline pipeline(limited([](auto& limits) { limits.new_observers_per_hour = 1; }));
  pipeline.receive(status_message("RETAINED", R"("model":"x")", true));
  Message forged = forged_advert(1);
  pipeline.receive(forged);  // of OBS1, which gets no row by it
  pipeline.receive({.topic = "meshcore/message/channel/0", .payload = R"({"text":"A: hi"})"});
  pipeline.receive(text_message(1, "FIRST"));
  pipeline.receive(text_message(1, "SECOND"));
  pipeline.finish();
  EXPECT_EQ(pipeline.other().rows("SELECT id FROM observers"), std::vector<std::string>{"FIRST"});
  EXPECT_EQ(rejected(pipeline, RejectReason::kTooManyObservers), 1U);
}

TEST(NewObserverLimit, TheDatabaseTellsWhoIsKnown) {
  TempDir directory;
  ManualClock clock;
  const auto session = [&](const std::vector<Message>& messages) {
    Config config = make_config({}, directory.file("kept.db"));
    config.sluice.limits.new_observers_per_hour = 1;
    Pipeline pipeline(config, make_sources(1), clock);
    Intake intake = pipeline.intake(0);
    for (const Message& message : messages)
      intake.take({.received = clock.wall(), .topic = message.topic, .payload = message.payload});
    pipeline.open_store();
    intake.close();
    while (!pipeline.seats().back().stage->done()) {
      for (const Pipeline::Seat& seat : pipeline.seats()) static_cast<void>(seat.stage->poll());
      clock.advance(10ms);
    }
    const LedgerTotals totals = pipeline.metrics().ledger.totals();
    pipeline.close_store();
    return totals.rejected[static_cast<std::size_t>(RejectReason::kTooManyObservers)];
  };
  EXPECT_EQ(session({text_message(1, "A"), text_message(1, "B")}), 1U);
  EXPECT_EQ(session({text_message(2, "A"), text_message(2, "B"), text_message(2, "C")}), 1U);
}

TEST(NewNodeLimit, RefusesTheTransmissionWithAllItsCopies) {
  SteppedPipeline pipeline(limited([](auto& limits) { limits.new_nodes_per_hour = 2; }));
  for (std::uint8_t node = 1; node <= 5; ++node) {
    pipeline.receive(advert_of(node));
    pipeline.receive(advert_of(node));
  }
  pipeline.receive(advert_of(1, 60));  // known by now
  pipeline.finish();
  EXPECT_EQ(pipeline.other().count("nodes"), 2);
  EXPECT_EQ(pipeline.other().count("transmissions"), 3);
  EXPECT_EQ(rejected(pipeline, RejectReason::kTooManyNodes), 6U);
}

TEST(NewNodeLimit, IsOffByDefaultButCounted) {
  SteppedPipeline pipeline;
  for (std::uint8_t node = 1; node <= 5; ++node) pipeline.receive(advert_of(node));
  pipeline.finish();
  EXPECT_EQ(pipeline.other().count("nodes"), 5);
  EXPECT_EQ(pipeline.pipeline().metrics().flood.new_nodes.value(), 5U);
}

TEST(DroppedPacketsLimit, MoreForgeriesAreRejectedWithoutARow) {
  SteppedPipeline pipeline(limited([](auto& limits) { limits.dropped_packets_per_hour = 3; }));
  for (std::uint32_t i = 0; i < 10; ++i) pipeline.receive(forged_advert(i));
  pipeline.finish();
  EXPECT_EQ(pipeline.other().count("dropped_packets"), 3);
  EXPECT_EQ(rejected(pipeline, RejectReason::kAdvertBadSignature), 10U);
  EXPECT_EQ(pipeline.pipeline().metrics().flood.dropped_rows_suppressed.value(), 7U);
}

TEST(Talkers, StandInStatsAndLog) {
  SteppedPipeline pipeline(limited([](auto& limits) { limits.observer_messages_per_minute = 4; }));
  for (std::uint32_t i = 0; i < 10; ++i) pipeline.receive(text_message(i, "LOUD\x1b[2J"));
  pipeline.receive(text_message(1, "QUIET"));
  pipeline.finish();
  const std::string json = own_stats_json(pipeline.pipeline(), 1s, {});
  EXPECT_NE(
      json.find(R"("talkers":[{"source":"source-0","minute":"2026-01-01T00:00:00Z",)"
                R"("messages":11,"loudest":[{"id":"LOUD\u001b[2J","messages":10,"refused":6})"),
      std::string::npos)
      << json;
  std::string lines;
  for (const std::string& line : stats_lines(pipeline.pipeline())) lines += line + '\n';
  EXPECT_NE(lines.find("[talkers] source=source-0 minute=2026-01-01T00:00:00Z messages=11"
                       " LOUD?[2J=10 (6 refused) QUIET=1\n"),
            std::string::npos)
      << lines;
}

}  // namespace
}  // namespace sluice::test
