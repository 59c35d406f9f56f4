#include "dedup/event_log.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "packet/payload_decoder.h"
#include "support/manual_clock.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class EventLogTest : public ::testing::Test {
 protected:
  EventLogTest() {
    set_log_sink([this](LogLevel, std::string_view line) { lines_.emplace_back(line); });
  }
  ~EventLogTest() override { set_log_sink({}); }

  void reject(std::string_view topic, RejectReason reason) {
    Entry entry;
    entry.topic = topic;
    batch_.reject(entry, reason);
    batch_.add(entry);
  }
  void refuse_frame(std::string_view topic, std::string_view raw, RejectReason reason) {
    reject(topic, reason);
    batch_.entries.back().index = static_cast<std::uint32_t>(batch_.refused_frames.size());
    batch_.refused_frames.push_back(raw);
  }
  void add_status(std::string_view id, std::string_view name, std::string_view iata) {
    Entry entry;
    entry.kind = Entry::Kind::kStatus;
    entry.index = static_cast<std::uint32_t>(batch_.statuses.size());
    StatusReport& status = batch_.statuses.emplace_back();
    status.observer_id = id;
    status.name = name;
    status.iata = iata;
    batch_.add(entry);
  }
  void add_advert(RejectReason verdict, bool foreign = false) {
    auto facts = std::make_shared<TransmissionFacts>();
    facts->verdict = verdict;
    facts->verdict_detail = "invalid lat: 91.000000";
    facts->foreign = foreign;
    facts->advert.emplace();
    facts->advert->pubkey = "0123456789abcdef0123456789abcdef";
    facts->advert->name = "No\nde";
    facts->advert->lat = 38.05;
    facts->advert->lon = -122;
    Entry entry;
    entry.kind = Entry::Kind::kPacket;
    entry.index = static_cast<std::uint32_t>(batch_.packets.size());
    Packet& packet = batch_.packets.emplace_back();
    packet.content_hash = 0xab;
    packet.report.observer_id = "OBS1";
    packet.facts = std::move(facts);
    batch_.add(entry);
  }

  test::ManualClock clock_;
  EventLog log_{{"src"}, clock_};
  std::atomic<std::int64_t> in_flight_{0};
  Batch batch_{0, 0, in_flight_};
  std::vector<std::string> lines_;
};

TEST_F(EventLogTest, ShortensTheObserverOfWhatIsRefused) {
  reject("meshcore/SJC/0123456789/packets", RejectReason::kObserverBlacklisted);
  reject("meshcore/client/0123456789/packets", RejectReason::kObserverBlacklisted);
  refuse_frame("meshcore/SJC/0123456789/packets", "zz", RejectReason::kBadHex);
  refuse_frame("meshcore/SJC", "15", RejectReason::kFrameTooShort);
  refuse_frame("meshcore/client/0123456789/packets", "15", RejectReason::kFrameTooShort);
  log_.note(batch_);
  EXPECT_THAT(
      lines_,
      ElementsAre(
          "MQTT [src] observer 01234567 blacklisted, dropping",
          "MQTT [src] client 01234567 blacklisted, dropping",
          "MQTT [src] decode error: invalid hex: encoding/hex: invalid byte: U+007A 'z' "
          "(topic=meshcore/SJC/01234567/packets observer=01234567 rawHexLen=2)",
          "MQTT [src] decode error: packet too short (need at least header + pathLength) "
          "(topic=meshcore/SJC observer= rawHexLen=2)",
          "MQTT [src] client decode error: packet too short (need at least header + pathLength)"));
}

TEST_F(EventLogTest, TellsOfAdvertsThatAreNotLikeTheOthers) {
  add_advert(RejectReason::kNone);
  add_advert(RejectReason::kAdvertCorrupted);
  add_advert(RejectReason::kAdvertBadSignature);
  add_advert(RejectReason::kNone, true);
  add_advert(RejectReason::kGeoFiltered, true);
  log_.note(batch_);
  EXPECT_THAT(lines_, ElementsAre("MQTT [src] skipping corrupted ADVERT: invalid lat: 91.000000",
                                  "MQTT [src] DROPPED invalid signature: hash=00000000000000ab "
                                  "name=No?de observer=OBS1 pubkey=0123456789abcdef",
                                  "MQTT [src] foreign advert: node=0123456789abcdef name=No?de "
                                  "lat=38.0500 lon=-122.0000 observer=OBS1"));
}

TEST_F(EventLogTest, MakesNamesPrintable) {
  add_status("OBS1", "Hill\x1b[2J\n", " sjc ");
  add_status("OBS\x01", "", "");
  log_.note(batch_);
  EXPECT_THAT(lines_,
              ElementsAre("MQTT [src] status: Hill?[2J? ( sjc )", "MQTT [src] status: OBS? ()"));
}

TEST_F(EventLogTest, TellsOfClocksThatAreNotBelieved) {
  const auto add = [this](ClockFault fault, std::string_view timestamp) {
    add_advert(RejectReason::kNone);
    batch_.packets.back().clock_fault = fault;
    batch_.packets.back().report.timestamp = timestamp;
  };
  add(ClockFault::kNone, "2026-01-01T00:00:00Z");
  add(ClockFault::kFuture, "2026-11-24T10:30:38Z");
  add(ClockFault::kStale, "2020-01-01T00:00:00");
  add(ClockFault::kUnparsable, "gar\nbage");
  Entry entry;
  entry.kind = Entry::Kind::kClientReception;
  ClientReception& reception = batch_.client_receptions.emplace_back();
  reception.clock_fault = ClockFault::kUnparsable;
  reception.report.timestamp = "never";
  batch_.add(entry);
  log_.note(batch_);
  EXPECT_THAT(
      lines_,
      ElementsAre(
          "MQTT [src] future timestamp \"2026-11-24T10:30:38Z\", using ingest time",
          "MQTT [src] stale timestamp \"2020-01-01T00:00:00\" (>30d old), using ingest time",
          "MQTT [src] unparseable timestamp \"gar?bage\", using ingest time",
          "MQTT [src] unparseable timestamp \"never\", using ingest time"));
}

TEST_F(EventLogTest, NamesTheKeyThatIsNone) {
  reject("meshcore/client/ NotHex! /packets", RejectReason::kClientBadKey);
  log_.note(batch_);
  EXPECT_THAT(lines_, ElementsAre("MQTT [src] client: invalid pubkey \"nothex!\", dropping"));
}

TEST_F(EventLogTest, CountsWhatAFloodWouldFillTheLogWith) {
  for (std::uint32_t i = 0; i < EventLog::kLinesPerSecond + 7; ++i) add_status("OBS1", "", "SJC");
  reject("a/b/c", RejectReason::kObserverBlacklisted);
  log_.note(batch_);
  EXPECT_EQ(lines_.size(), EventLog::kLinesPerSecond + 1U);
  EXPECT_EQ(lines_.back(), "MQTT [src] observer c blacklisted, dropping");
  log_.tell_suppressed();
  EXPECT_EQ(lines_.size(), EventLog::kLinesPerSecond + 1U);
  clock_.advance(1s);
  EXPECT_EQ(log_.next_deadline(), clock_.mono());
  log_.tell_suppressed();
  EXPECT_EQ(lines_.back(), "MQTT status: … and 7 more");
}

TEST_F(EventLogTest, TellsTheSameComplaintAFewTimesAndThenCounts) {
  constexpr std::size_t kTold = EventLog::kSameComplaint.lines;
  for (int i = 0; i < 40; ++i) {
    refuse_frame("meshcore/SJC/OBS1/packets", "15", RejectReason::kFrameTooShort);
  }
  log_.note(batch_);
  ASSERT_EQ(lines_.size(), kTold);
  EXPECT_EQ(log_.next_deadline(), clock_.mono() + 60s);
  clock_.advance(60s);
  log_.tell_suppressed();
  ASSERT_EQ(lines_.size(), kTold + 1);
  EXPECT_EQ(lines_[kTold], lines_[0] + " (repeated 30 times in the last 60 s)");
  log_.finish();
  EXPECT_EQ(lines_.size(), kTold + 1);
}

TEST_F(EventLogTest, CopiesOfTheSameAdvertHaveALineEach) {
  for (int i = 0; i < 3; ++i) add_advert(RejectReason::kAdvertBadSignature);
  for (int i = 0; i < 3; ++i) add_advert(RejectReason::kAdvertCorrupted);
  log_.note(batch_);
  log_.finish();
  EXPECT_EQ(lines_.size(), 6U);
}

TEST_F(EventLogTest, TellsWhatIsLeftOfAComplaintAtTheEnd) {
  for (int i = 0; i < 12; ++i) add_advert(RejectReason::kAdvertCorrupted);
  log_.note(batch_);
  clock_.advance(5s);
  log_.finish();
  EXPECT_EQ(lines_.back(),
            "MQTT [src] skipping corrupted ADVERT: invalid lat: 91.000000 "
            "(repeated 2 times in the last 5 s)");
}

}  // namespace
}  // namespace sluice
