// A row that the database can never take costs the messages that brought it, and nobody else's.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "support/frames.h"
#include "support/random_traffic.h"
#include "support/stepped_pipeline.h"
#include "support/table_contents.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using test::SteppedPipeline;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;

std::uint64_t refused(const SteppedPipeline& sluice, std::size_t source = 0) {
  return sluice.account(source)
      .write.rejected[static_cast<std::size_t>(RejectReason::kDbRejected)]
      .value();
}

/// Refuses rows of `table` for which the expression over NEW is true, whether they are inserted or
/// changed. Another program's trigger does what no schema of ours would.
std::string refusal(const std::string& table, const std::string& when,
                    const std::string& what = "RAISE(ABORT, 'refused')") {
  std::string sql;
  for (const char* event : {"INSERT", "UPDATE"}) {
    sql += fmt::format(
        "CREATE TRIGGER refuse_{0}_{1} BEFORE {1} ON {0} WHEN {2} BEGIN SELECT {3}; END;", table,
        event, when, what);
  }
  return sql;
}

test::Message text(std::uint32_t n, std::string observer, double rssi) {
  test::PacketSpec spec;
  spec.raw = test::text_hex(n);
  spec.observer = std::move(observer);
  spec.rssi = rssi;
  return test::packet_message(spec);
}

TEST(Bisection, RefusesTheOneMessageAndKeepsTheRest) {
  const auto run = [](bool with_culprit) {
    SteppedPipeline sluice({.window = 10s, .sources = 2});
    if (with_culprit) sluice.other().execute(refusal("observations", "NEW.rssi = -13"));
    for (std::uint32_t n = 0; n < 40; ++n) {
      sluice.take_in(text(n % 9, "A", -50), n % 2);
      if (n == 17) {  // the first copy of its transmission, and the first of its observer
        if (with_culprit)
          sluice.take_in(text(99, "B", -13), 1);
        else
          sluice.advance(test::kPastEveryLinger);
        sluice.take_in(text(99, "D", -50), 0);
      }
    }
    sluice.advance(10s);
    if (with_culprit) {
      EXPECT_EQ(sluice.write_metrics().transactions.value(), 1U);
      EXPECT_EQ(sluice.write_metrics().failed_windows.value(), 0U);
      EXPECT_EQ(refused(sluice, 0), 0U);
      EXPECT_EQ(refused(sluice, 1), 1U);
    }
    // What was learnt is right afterwards.
    sluice.take_in(text(99, "C", -50), 0);
    sluice.take_in(text(1, "C", -50), 0);
    sluice.finish();
    return table_contents(sluice.other());
  };
  EXPECT_THAT(run(true), ElementsAreArray(run(false)));
}

TEST(Bisection, RefusesEveryCopyOfATransmissionThatHasNoRow) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.take_in(text(1, "A", -50));
  sluice.finish();
  const std::string hash = sluice.other().value("SELECT hash FROM transmissions");

  SteppedPipeline again({.window = 1000ms});
  again.other().execute(refusal("transmissions", "NEW.hash = '" + hash + "'"));
  for (int i = 0; i < 3; ++i) again.take_in(text(1, "A", -50 - i));
  again.take_in(text(2, "A", -50));
  again.finish();
  EXPECT_EQ(refused(again), 3U);
  EXPECT_EQ(again.account().write.committed.value(), 1U);
  EXPECT_THAT(again.other().rows("SELECT packet_count FROM observers"), ElementsAre("1"))
      << "a refused message leaves nothing at all";
}

TEST(Bisection, PositionPassesTheRefused) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.other().execute(refusal("observers", "1"));
  sluice.take_in(text(1, "A", -50));
  sluice.advance(1000ms);
  EXPECT_EQ(refused(sluice), 1U);
  EXPECT_EQ(sluice.other().value("SELECT seq FROM sluice_position"), "1");
  EXPECT_EQ(sluice.pipeline().journals()[0].released(), 1U);
  sluice.finish();
}

TEST(Bisection, EveryKindOfRowCanBeTheCulprit) {
  SteppedPipeline sluice({.window = 1000ms, .tweak = [](Config& config) {
                            config.client_rx_coverage_enabled = true;
                          }});
  sluice.other().execute(refusal("observer_metrics", "1"));
  sluice.other().execute(refusal("nodes", "1"));
  sluice.other().execute(refusal("dropped_packets", "1"));
  sluice.other().execute(refusal("client_receptions", "1"));
  sluice.take_in(test::status_message("S", R"("noise_floor":-110)"));
  sluice.take_in(test::packet_message({.raw = test::advert_hex({})}));
  sluice.take_in(test::packet_message({.raw = test::advert_hex({.well_signed = false})}));
  sluice.take_in({.topic = "meshcore/client/ab01/packets",
                  .payload = R"({"raw":")" + test::advert_hex({.seed = 2}) +
                             R"(","direction":"rx","gps":{"lat":52.5,"lon":13}})"});
  sluice.take_in(test::text_message(1));
  sluice.take_in({.topic = "t", .payload = "no json"});
  sluice.finish();
  EXPECT_EQ(refused(sluice), 4U);
  EXPECT_THAT(to_line(totals_of(sluice.account())),
              HasSubstr("committed=1 merged=0 rejected=5 (malformed_json=1 db_rejected=4)"));
  EXPECT_EQ(sluice.other().count("observers"), 1);
}

TEST(Bisection, TriggerThatEndsTheTransactionCostsNobodyElse) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.other().execute(refusal("observations", "NEW.rssi = -13", "RAISE(ROLLBACK, 'all of it')"));
  for (std::uint32_t n = 0; n < 20; ++n) sluice.take_in(text(n, "A", n % 7 == 3 ? -13 : -50));
  sluice.finish();
  EXPECT_EQ(refused(sluice), 3U);
  EXPECT_EQ(sluice.other().count("observations"), 17);
  EXPECT_EQ(sluice.other().value("SELECT packet_count FROM observers"), "17");
}

TEST(Bisection, GeneralErrorOfOneRowIsThatRowsFault) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.other().execute(refusal("observations", "NEW.rssi = -13", "json('{')"));
  for (std::uint32_t n = 0; n < 10; ++n) sluice.take_in(text(n, "A", n == 3 ? -13 : -50));
  sluice.finish();
  EXPECT_EQ(refused(sluice), 1U);
  EXPECT_EQ(sluice.other().count("observations"), 9);
}

TEST(Bisection, LockedDatabaseInTheMiddleOnlyDelaysIt) {
  SteppedPipeline sluice({.window = 1000ms});
  sluice.other().execute(refusal("observations", "NEW.rssi = -13"));
  sluice.take_in(text(1, "A", -13));
  sluice.take_in(text(2, "A", -50));
  sluice.other().execute("BEGIN IMMEDIATE");
  sluice.advance(1000ms);
  EXPECT_EQ(refused(sluice), 0U);
  sluice.other().execute("COMMIT");
  sluice.finish();
  EXPECT_EQ(refused(sluice), 1U);
  EXPECT_EQ(sluice.other().count("observations"), 1);
}

TEST(Bisection, IsToldInAFewLines) {
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel level, std::string_view line) {
    if (level == LogLevel::kWarn) lines.emplace_back(line);
  });
  SteppedPipeline sluice({.window = 10s});
  sluice.other().execute(refusal("observations", "1"));
  for (std::uint32_t n = 0; n < 30; ++n) sluice.take_in(text(n, "A", -50));
  sluice.advance(10s);
  sluice.take_in(text(1, "A", -50));
  sluice.advance(10s);
  sluice.finish();
  set_log_sink({});
  EXPECT_EQ(refused(sluice), 31U);
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_THAT(lines[0], HasSubstr("refused a message of source-0 on meshcore/SJC/A/packets"));
  EXPECT_THAT(lines[0], HasSubstr("refused (SQLite"));
  EXPECT_THAT(lines[5], HasSubstr("25 further messages"));
}

/// Any traffic, rows refused by what no later message of the window replaces: whatever a window
/// holds, the outcome is that of single writes.
class BisectionOfRandomTraffic : public testing::TestWithParam<std::uint32_t> {};

TEST_P(BisectionOfRandomTraffic, LeavesWhatSingleWritesWould) {
  const auto run = [](std::chrono::milliseconds window, std::int64_t max_rows) {
    test::RandomTraffic traffic({.seed = GetParam()});
    SteppedPipeline sluice(
        {.window = window,
         .max_rows = max_rows,
         .sources = 2,
         .dedup_transmissions = GetParam() % 2 == 0 ? 5 : 1024,
         .tweak = [](Config& config) { config.client_rx_coverage_enabled = true; }});
    sluice.other().execute(refusal("observations", "NEW.path_json = '[\"A0\"]'"));
    sluice.other().execute(refusal("transmissions", "substr(NEW.hash, 1, 1) IN ('3', 'a')"));
    sluice.other().execute(refusal("observers", "NEW.id = 'OBS1'"));
    sluice.other().execute(refusal("observer_metrics", "NEW.observer_id = 'OBS3'"));
    sluice.other().execute(
        refusal("nodes", "NEW.public_key = '" + test::advert_public_key(2) + "'"));
    sluice.other().execute(refusal("dropped_packets", "NEW.observer_name = 'name 0'"));
    sluice.other().execute(refusal("client_observers", "NEW.name = 'phone 1'"));
    for (int i = 0; i < 200; ++i) {
      const test::Message message = traffic.next();
      sluice.receive(message, traffic.draw(2));
      sluice.run();
      sluice.advance(test::kPastEveryLinger);
    }
    sluice.finish();
    std::vector<std::string> lines = table_contents(sluice.other());
    for (std::size_t i = 0; i < 2; ++i) lines.push_back(to_line(totals_of(sluice.account(i))));
    EXPECT_GT(refused(sluice, 0), 0U);
    return lines;
  };
  const auto single = run(0ms, 1);
  EXPECT_THAT(run(1000ms, 1000), ElementsAreArray(single));
  EXPECT_THAT(run(1h, 1 + GetParam() * 10), ElementsAreArray(single));
}

INSTANTIATE_TEST_SUITE_P(Seeds, BisectionOfRandomTraffic, testing::Range(1U, 11U));

}  // namespace
}  // namespace sluice
