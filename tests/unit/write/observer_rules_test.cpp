// What a window does to observers and their samples: contract 3.5 and 3.6, deviations D1, D5, D13
// and D21.

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
using testing::HasSubstr;
using testing::IsEmpty;

constexpr bool kRetained = true;

class ObserverRules : public testing::TestWithParam<std::chrono::milliseconds> {
 protected:
  /// Windows that hold the whole test, or none at all: the rows are the same.
  SteppedPipeline sluice_{{.window = GetParam()}};

  void end_window() { sluice_.advance(10min); }
  std::vector<std::string> observers(const std::string& columns) {
    return sluice_.other().rows("SELECT " + columns + " FROM observers ORDER BY id");
  }
};

TEST_P(ObserverRules, RetainedStatusOfAnUnknownObserverMakesNoRow) {
  sluice_.take_in(test::status_message("A", R"("model":"m")", kRetained));
  sluice_.finish();
  EXPECT_THAT(observers("id"), IsEmpty());
  EXPECT_EQ(sluice_.account().write.committed.value(), 0U);
  EXPECT_THAT(to_line(totals_of(sluice_.account())), HasSubstr("(retained_unknown_observer=1)"));
}

TEST_P(ObserverRules, RetainedStatusIsCountedByWhatItFinds) {
  sluice_.take_in(test::status_message("A", R"("model":"1")", kRetained));
  sluice_.take_in(test::status_message("A", R"("model":"2")", kRetained));
  sluice_.take_in(test::status_message("A", R"("model":"3")"));
  sluice_.take_in(test::status_message("A", R"("model":"4")", kRetained));
  end_window();
  sluice_.take_in(test::status_message("A", R"("model":"5")", kRetained));
  sluice_.finish();
  EXPECT_THAT(observers("id, model, packet_count"), ElementsAre("A|5|1"));
  EXPECT_EQ(sluice_.account().write.committed.value(), 3U);
  EXPECT_THAT(to_line(totals_of(sluice_.account())), HasSubstr("(retained_unknown_observer=2)"));
}

TEST_P(ObserverRules, RetainedStatusDescribesAKnownObserverButIsNoContact) {
  sluice_.take_in(test::status_message("A", R"("origin":"old","battery_mv":4000)"));
  end_window();
  sluice_.other().execute("UPDATE observers SET inactive = 1");
  sluice_.take_in(
      test::status_message("A", R"("origin":"new","model":"m","battery_mv":3900)", kRetained));
  sluice_.finish();
  EXPECT_THAT(observers("name, model, battery_mv, packet_count, last_seen, inactive"),
              ElementsAre("new|m|3900|1|2026-01-01T00:00:00Z|1"));
  EXPECT_THAT(sluice_.other().rows("SELECT battery_mv FROM observer_metrics"), ElementsAre("4000"));
}

TEST_P(ObserverRules, RetainedStatusBeforeTheFirstContactIsForgotten) {
  sluice_.take_in(test::status_message("A", R"("model":"m")", kRetained));
  sluice_.take_in(test::text_message(1, "A"));
  sluice_.finish();
  EXPECT_THAT(observers("id, model, packet_count"), ElementsAre("A|NULL|1"));
}

TEST_P(ObserverRules, RetainedStatusAfterTheFirstContactCounts) {
  sluice_.take_in(test::text_message(1, "A"));
  sluice_.take_in(test::status_message("A", R"("model":"m")", kRetained));
  sluice_.finish();
  EXPECT_THAT(observers("id, model, packet_count"), ElementsAre("A|m|1"));
}

TEST_P(ObserverRules, LaterValuesReplaceAbsentOnesKeep) {
  sluice_.take_in(test::status_message("A", R"("model":"m1","firmware":"f1","noise_floor":-100)"));
  sluice_.take_in(test::status_message("A", R"("model":"m2","repeat":false)"));
  sluice_.take_in(test::status_message("A", R"("client_version":"c1")"));
  sluice_.finish();
  EXPECT_THAT(observers("model, firmware, client_version, noise_floor, can_relay, can_relay_seen"),
              ElementsAre("m2|f1|c1|-100.0|0|1"));
}

TEST_P(ObserverRules, EmptyNamesAndRegionsOverwriteNothing) {
  sluice_.take_in(test::status_message("A", R"("origin":"name")", false, "SJC"));
  test::PacketSpec packet;
  packet.raw = test::text_hex(1);
  packet.observer = "A";
  packet.origin = "";
  packet.region = "";
  sluice_.take_in(test::packet_message(packet));
  packet.region_override = "  ";  // blank once it is trimmed
  sluice_.take_in(test::packet_message(packet));
  sluice_.finish();
  EXPECT_THAT(observers("name, iata, packet_count"), ElementsAre("name|SJC|3"));
}

TEST_P(ObserverRules, TimesAreThoseOfReceiving) {
  sluice_.take_in(test::text_message(1, "A"));
  sluice_.advance(5s);
  sluice_.take_in(test::text_message(2, "A"));
  sluice_.advance(5s);
  sluice_.take_in(test::status_message("A"));
  sluice_.finish();
  EXPECT_THAT(observers("first_seen, last_packet_at, last_seen"),
              ElementsAre("2026-01-01T00:00:00Z|2026-01-01T00:00:05Z|2026-01-01T00:00:10Z"));
  EXPECT_THAT(sluice_.other().rows("SELECT first_seen, last_seen FROM transmissions ORDER BY id"),
              ElementsAre("2026-01-01T00:00:00Z|1767225600", "2026-01-01T00:00:05Z|1767225605"));
}

TEST_P(ObserverRules, SamplesOfOneIntervalMerge) {
  sluice_.take_in(test::status_message("A", R"("noise_floor":-100,"battery_mv":4000)"));
  sluice_.take_in(test::status_message("A", R"("battery_mv":3990,"recv_errors":2)"));
  sluice_.take_in(test::status_message("A", R"("model":"nothing to sample")"));
  sluice_.finish();
  EXPECT_THAT(sluice_.other().rows("SELECT observer_id, timestamp, noise_floor, battery_mv,"
                                   " recv_errors, packets_sent FROM observer_metrics"),
              ElementsAre("A|2026-01-01T00:00:00Z|-100.0|3990|2|NULL"));
}

TEST_P(ObserverRules, SamplesGoToTheNearestInterval) {
  for (const auto at : {149s, 1s, 299s, 1s}) {  // seconds after the epoch: 149, 150, 449, 450
    sluice_.advance(at);
    sluice_.receive(test::status_message("A", R"("battery_mv":1)"));
    sluice_.run();
  }
  sluice_.finish();
  EXPECT_THAT(sluice_.other().rows("SELECT timestamp FROM observer_metrics ORDER BY 1"),
              ElementsAre("2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z", "2026-01-01T00:10:00Z"));
}

TEST_P(ObserverRules, SampleThatComesBackToAnOlderIntervalMergesThereToo) {
  const WallTime now = sluice_.clock().wall();
  const auto sample = [&](const char* members, std::chrono::seconds after) {
    sluice_.receive(test::status_message("A", members), 0, now + after);
    sluice_.run();
    sluice_.advance(20ms);
  };
  sluice_.clock().set_wall(now + 1h);
  sample(R"("battery_mv":1)", 0s);
  sample(R"("battery_mv":2)", 300s);
  sample(R"("recv_errors":3)", 0s);  // a clock was stepped back
  sluice_.finish();
  EXPECT_THAT(sluice_.other().rows(
                  "SELECT battery_mv, recv_errors FROM observer_metrics ORDER BY timestamp"),
              ElementsAre("1|3", "2|NULL"));
}

TEST_P(ObserverRules, RepeatsMergeByTheNewestValueThatIsThere) {
  test::PacketSpec packet;
  packet.raw = test::text_hex(1, {0xAA});
  packet.snr = 5;
  packet.rssi = -80;
  packet.direction = "rx";
  sluice_.take_in(test::packet_message(packet));
  packet.snr.reset();
  packet.rssi = -70;
  packet.score = 9;
  packet.direction = "tx";
  sluice_.advance(3s);
  sluice_.take_in(test::packet_message(packet));
  sluice_.finish();
  EXPECT_THAT(
      sluice_.other().rows("SELECT direction, snr, rssi, score, timestamp FROM observations"),
      ElementsAre("rx|5.0|-70.0|9|1767225600"));
  EXPECT_EQ(sluice_.other().value("SELECT last_seen FROM transmissions"), "1767225603");
  EXPECT_EQ(sluice_.account().write.merged.value(), 1U);
}

TEST_P(ObserverRules, AnotherPathIsAnotherObservation) {
  test::PacketSpec packet;
  for (const test::Bytes& path : {test::Bytes{}, test::Bytes{0xAA}, test::Bytes{0xAA, 0xBB}}) {
    packet.raw = test::text_hex(1, path);
    sluice_.take_in(test::packet_message(packet));
  }
  sluice_.finish();
  EXPECT_THAT(sluice_.other().rows("SELECT path_json FROM observations ORDER BY id"),
              ElementsAre("[]", R"(["AA"])", R"(["AA","BB"])"));
  EXPECT_EQ(sluice_.other().count("transmissions"), 1);
}

TEST_P(ObserverRules, RecordsWithoutAnObserverNeverMerge) {
  for (int i = 0; i < 3; ++i) sluice_.take_in(test::text_message(1, ""));
  sluice_.finish();
  EXPECT_EQ(sluice_.other().count("observations"), 3);
  EXPECT_EQ(sluice_.other().count("observers"), 0);
  EXPECT_EQ(sluice_.other().count("transmissions"), 1);
}

TEST_P(ObserverRules, NodesAndDropsAreWrittenWithTheWindow) {
  test::PacketSpec packet;
  packet.raw = test::advert_hex({.seed = 5, .name = "Hill", .located = true});
  sluice_.take_in(test::packet_message(packet));
  packet.observer = "OBS2";
  sluice_.take_in(test::packet_message(packet));
  packet.raw = test::advert_hex({.seed = 5, .time = 1767225700, .name = "Hill top"});
  sluice_.take_in(test::packet_message(packet));
  packet.raw = test::advert_hex({.seed = 6, .well_signed = false});
  sluice_.take_in(test::packet_message(packet));
  sluice_.take_in(test::packet_message(packet));
  sluice_.finish();
  EXPECT_THAT(sluice_.other().rows("SELECT public_key, name, role, advert_count, lat FROM nodes"),
              ElementsAre(test::advert_public_key(5) + "|Hill top|repeater|2|52.5"));
  EXPECT_THAT(sluice_.other().rows("SELECT reason, observer_id, node_pubkey FROM dropped_packets"),
              testing::Each("invalid signature|OBS2|" + test::advert_public_key(6)));
  EXPECT_EQ(sluice_.other().count("dropped_packets"), 2);
  EXPECT_EQ(sluice_.other().count("transmissions"), 2);
}

INSTANTIATE_TEST_SUITE_P(WindowAndPerPacket, ObserverRules, testing::Values(10min, 0ms));

}  // namespace
}  // namespace sluice
