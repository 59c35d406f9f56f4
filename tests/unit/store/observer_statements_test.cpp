#include "store/observer_statements.h"

#include <limits>

#include "store_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kDay = 86400;

class ObserverStatementsTest : public StatementsTest {
 protected:
  /// A contact at `seconds`, applied at the same moment.
  static ObserverUpdate contact(std::int64_t seconds) {
    ObserverUpdate update;
    update.id = "OBS";
    update.name = "Name";
    update.iata = "SJC";
    update.seen = at(seconds);
    update.clock_now = at(seconds);
    return update;
  }
  static ObserverUpdate naive(std::int64_t seconds, std::int64_t skew, std::int64_t events = 1) {
    ObserverUpdate update = contact(seconds);
    update.naive_clock = NaiveClock{skew, events, at(seconds), at(seconds)};
    return update;
  }
  ObserverStatements& observers() { return statements_->observers; }
  Rows stored(const std::string& columns) { return rows("SELECT " + columns + " FROM observers"); }
};

TEST_F(ObserverStatementsTest, ANewRowHasTheDefaults) {
  EXPECT_EQ(observers().upsert(contact(10)), 1);
  EXPECT_THAT(stored("*"),
              ElementsAre("'OBS'|'Name'|'SJC'|'2024-05-01T00:00:10Z'|'2024-05-01T00:00:10Z'|1|"
                          "NULL|NULL|NULL|NULL|NULL|NULL|NULL|0|NULL|NULL|0|NULL|1|0"));
}

TEST_F(ObserverStatementsTest, ANewRowTakesEverything) {
  ObserverUpdate full = contact(30);
  full.contacts = 4;
  full.first_seen = at(20);
  full.last_packet = at(25);
  full.status = {"m", "f", "c", "r", 3700, 99, -110.5, false};
  full.naive_clock = NaiveClock{-25200, 2, at(21), at(22)};
  observers().upsert(full);
  EXPECT_THAT(stored("*"),
              ElementsAre("'OBS'|'Name'|'SJC'|'2024-05-01T00:00:30Z'|'2024-05-01T00:00:20Z'|4|"
                          "'m'|'f'|'c'|'r'|3700|99|-110.5|0|'2024-05-01T00:00:25Z'|-25200|2|"
                          "'2024-05-01T00:00:22Z'|0|1"));
}

TEST_F(ObserverStatementsTest, ANewRowMayHaveNoFirstSeen) {
  ObserverUpdate update = naive(10, -3600);
  update.first_seen_unknown = true;
  observers().upsert(update);
  observers().upsert(contact(20));
  EXPECT_THAT(stored("first_seen, last_seen"), ElementsAre("NULL|'2024-05-01T00:00:20Z'"));
}

TEST_F(ObserverStatementsTest, FindsById) {
  EXPECT_EQ(observers().find("OBS"), std::nullopt);
  const auto rowid = observers().upsert(contact(10));
  EXPECT_EQ(observers().find("OBS"), rowid);
  EXPECT_EQ(observers().find("obs"), std::nullopt) << "case is kept";
}

TEST_F(ObserverStatementsTest, TheRowKeepsItsRowid) {
  ObserverUpdate other = contact(10);
  other.id = "OTHER";
  const auto first = observers().upsert(contact(10));
  const auto second = observers().upsert(other);
  EXPECT_NE(first, second);
  EXPECT_EQ(observers().upsert(contact(20)), first);
  EXPECT_EQ(observers().upsert(other), second);
  EXPECT_THAT(stored("rowid, id"), ElementsAre("1|'OBS'", "2|'OTHER'"));
}

TEST_F(ObserverStatementsTest, EmptyNamesNeverOverwriteButAreStoredAtFirst) {
  ObserverUpdate nameless = contact(10);
  nameless.name = "";
  nameless.iata = " \t";
  observers().upsert(nameless);
  EXPECT_THAT(stored("name, iata"), ElementsAre("''|''"));
  observers().upsert(contact(20));
  observers().upsert(nameless);
  EXPECT_THAT(stored("name, iata"), ElementsAre("'Name'|'SJC'"));
}

TEST_F(ObserverStatementsTest, AnUnknownNameBecomesTheEmptyOne) {
  connection_->execute("INSERT INTO observers(id) VALUES ('OBS')");
  ObserverUpdate nameless = contact(10);
  nameless.name = "";
  nameless.iata = "";
  observers().upsert(nameless);
  EXPECT_THAT(stored("name, iata"), ElementsAre("''|''"));
}

TEST_F(ObserverStatementsTest, IataIsTrimmedAndUpperCase) {
  ObserverUpdate update = contact(10);
  update.iata = " \tsfo1-x\r\n";
  observers().upsert(update);
  EXPECT_THAT(stored("iata"), ElementsAre("'SFO1-X'"));
  update.iata = "\xC2\xA0köln\xE2\x80\x83";
  observers().upsert(update);
  EXPECT_THAT(stored("iata"), ElementsAre("'KÖLN'"));
  update.iata = "\xC2\xA0";
  observers().upsert(update);
  EXPECT_THAT(stored("iata"), ElementsAre("'KÖLN'"));
}

TEST_F(ObserverStatementsTest, ContactsAddUp) {
  ObserverUpdate update = contact(10);
  update.contacts = 3;
  observers().upsert(update);
  update.contacts = 4;
  observers().upsert(update);
  EXPECT_THAT(stored("packet_count"), ElementsAre("7"));
}

TEST_F(ObserverStatementsTest, LastSeenGrowsAndFirstSeenStays) {
  observers().upsert(contact(10));
  observers().upsert(contact(20));
  EXPECT_THAT(stored("first_seen, last_seen"),
              ElementsAre("'2024-05-01T00:00:10Z'|'2024-05-01T00:00:20Z'"));
  ObserverUpdate late = contact(15);
  late.clock_now = at(30);
  observers().upsert(late);
  EXPECT_THAT(stored("last_seen"), ElementsAre("'2024-05-01T00:00:20Z'"));
}

TEST_F(ObserverStatementsTest, ATimeInTheFutureIsPulledBackToTheClock) {
  ObserverUpdate update = contact(10);
  update.last_packet = at(10);
  observers().upsert(update);
  connection_->execute(
      "UPDATE observers SET last_seen = '2030-01-01T00:00:00Z',"
      " last_packet_at = '2030-01-01T00:00:00Z'");
  update = contact(20);
  update.last_packet = at(19);
  update.clock_now = at(25);
  observers().upsert(update);
  EXPECT_THAT(stored("last_seen, last_packet_at"),
              ElementsAre("'2024-05-01T00:00:25Z'|'2024-05-01T00:00:25Z'"));
}

TEST_F(ObserverStatementsTest, AMissingLastSeenIsFilled) {
  connection_->execute("INSERT INTO observers(id, packet_count) VALUES ('OBS', NULL)");
  observers().upsert(contact(10));
  EXPECT_THAT(stored("last_seen, packet_count"), ElementsAre("'2024-05-01T00:00:10Z'|1"));
}

TEST_F(ObserverStatementsTest, OnlyAPacketMovesLastPacketAt) {
  observers().upsert(contact(10));
  EXPECT_THAT(stored("last_packet_at"), ElementsAre("NULL"));
  ObserverUpdate packet = contact(20);
  packet.last_packet = at(20);
  observers().upsert(packet);
  observers().upsert(contact(30));
  EXPECT_THAT(stored("last_packet_at"), ElementsAre("'2024-05-01T00:00:20Z'"));
}

TEST_F(ObserverStatementsTest, AContactWakesARetiredObserver) {
  observers().upsert(contact(10));
  connection_->execute("UPDATE observers SET inactive = 1");
  ObserverUpdate no_contact = contact(20);
  no_contact.contact = false;
  no_contact.contacts = 0;
  observers().upsert(no_contact);
  EXPECT_THAT(stored("inactive, last_seen, packet_count"),
              ElementsAre("1|'2024-05-01T00:00:10Z'|1"));
  observers().upsert(contact(20));
  EXPECT_THAT(stored("inactive"), ElementsAre("0"));
}

TEST_F(ObserverStatementsTest, MetadataIsReplacedWhereGivenAndKeptElsewhere) {
  ObserverUpdate first = contact(10);
  first.status = {"m1", "f1", "c1", "r1", 3700, 99, -110.5, std::nullopt};
  observers().upsert(first);
  ObserverUpdate second = contact(20);
  second.status.firmware = "f2";
  second.status.uptime_secs = 0;
  observers().upsert(second);
  EXPECT_THAT(stored("model, firmware, client_version, radio, battery_mv, uptime_secs,"
                     " noise_floor"),
              ElementsAre("'m1'|'f2'|'c1'|'r1'|3700|0|-110.5"));
}

TEST_F(ObserverStatementsTest, ANoiseFloorThatIsNotFiniteIsAbsent) {
  ObserverUpdate update = contact(10);
  update.status.noise_floor = -100;
  observers().upsert(update);
  update.status.noise_floor = std::numeric_limits<double>::infinity();
  observers().upsert(update);
  EXPECT_THAT(stored("noise_floor, typeof(noise_floor)"), ElementsAre("-100|'real'"));
}

TEST_F(ObserverStatementsTest, CanRelayIsOneUntilSaidOtherwiseAndRemembersThatItWasSaid) {
  const char* columns = "can_relay, can_relay_seen";
  observers().upsert(contact(10));
  EXPECT_THAT(stored(columns), ElementsAre("1|0"));
  ObserverUpdate update = contact(20);
  update.status.can_relay = false;
  observers().upsert(update);
  EXPECT_THAT(stored(columns), ElementsAre("0|1"));
  observers().upsert(contact(30));
  EXPECT_THAT(stored(columns), ElementsAre("0|1"));
  update.status.can_relay = true;
  observers().upsert(update);
  EXPECT_THAT(stored(columns), ElementsAre("1|1"));
}

TEST_F(ObserverStatementsTest, NaiveClocksAreCountedOverADay) {
  const char* columns = "clock_skew_seconds, clock_skew_count_24h, clock_last_naive_at";
  observers().upsert(naive(0, -3600));
  EXPECT_THAT(stored(columns), ElementsAre("-3600|1|'2024-05-01T00:00:00Z'"));
  observers().upsert(naive(kDay, 7200, 3));
  EXPECT_THAT(stored(columns), ElementsAre("7200|4|'2024-05-02T00:00:00Z'"))
      << "a day old is not yet older than a day";
  observers().upsert(contact(kDay + 10));
  EXPECT_THAT(stored(columns), ElementsAre("7200|4|'2024-05-02T00:00:00Z'"));
  observers().upsert(naive(2 * kDay + 1, 60, 2));
  EXPECT_THAT(stored(columns), ElementsAre("60|2|'2024-05-03T00:00:01Z'"));
}

TEST_F(ObserverStatementsTest, TheFirstNaiveClockOfAKnownObserverStartsTheCount) {
  observers().upsert(contact(0));
  observers().upsert(naive(10, 900, 2));
  EXPECT_THAT(stored("clock_skew_count_24h"), ElementsAre("2"));
}

TEST_F(ObserverStatementsTest, ARetainedStatusOfAnUnknownObserverMakesNoRow) {
  EXPECT_FALSE(observers().update_known(contact(10)));
  EXPECT_THAT(stored("*"), IsEmpty());
}

TEST_F(ObserverStatementsTest, ARetainedStatusDescribesAndIsNoContact) {
  ObserverUpdate first = contact(10);
  first.status.radio = "r";
  observers().upsert(first);
  connection_->execute("UPDATE observers SET inactive = 1");
  ObserverUpdate retained = contact(99);
  retained.name = "";
  retained.iata = " oak ";
  retained.status.model = "m";
  retained.status.battery_mv = 3700;
  retained.status.can_relay = false;
  retained.last_packet = at(99);
  EXPECT_TRUE(observers().update_known(retained));
  EXPECT_THAT(stored("name, iata, model, radio, battery_mv, can_relay, can_relay_seen"),
              ElementsAre("'Name'|'OAK'|'m'|'r'|3700|0|1"));
  EXPECT_THAT(stored("last_seen, packet_count, inactive, last_packet_at"),
              ElementsAre("'2024-05-01T00:00:10Z'|1|1|NULL"));
}

}  // namespace
}  // namespace sluice
