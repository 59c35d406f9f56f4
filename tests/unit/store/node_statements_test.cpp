#include "store/node_statements.h"

#include "store_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;

class NodeStatementsTest : public StatementsTest {
 protected:
  static NodeUpdate advert(std::int64_t seconds) {
    NodeUpdate update;
    update.public_key = "aa";
    update.name = "Node";
    update.role = "repeater";
    update.seen = at(seconds);
    update.clock_now = at(seconds);
    return update;
  }
  NodeStatements& nodes() { return statements_->nodes; }
  Rows stored(const std::string& columns) { return rows("SELECT " + columns + " FROM nodes"); }
};

TEST_F(NodeStatementsTest, ANewRowHasTheDefaults) {
  nodes().upsert(advert(10));
  EXPECT_THAT(stored("*"), ElementsAre("'aa'|'Node'|'repeater'|NULL|NULL|'2024-05-01T00:00:10Z'|"
                                       "'2024-05-01T00:00:10Z'|0|NULL|NULL|0|NULL|0|NULL"));
}

TEST_F(NodeStatementsTest, ANewRowTakesEverything) {
  NodeUpdate full = advert(10);
  full.lat = 37.5;
  full.lon = -122.25;
  full.first_seen = at(5);
  full.new_adverts = 2;
  full.foreign = true;
  full.battery_mv = 3700;
  full.temperature_c = 21.5;
  full.default_scope = "#x";
  nodes().upsert(full);
  EXPECT_THAT(stored("*"), ElementsAre("'aa'|'Node'|'repeater'|37.5|-122.25|'2024-05-01T00:00:10Z'|"
                                       "'2024-05-01T00:00:05Z'|2|3700|21.5|1|'#x'|0|NULL"));
}

TEST_F(NodeStatementsTest, NameAndRoleAreReplacedAndPositionIsKept) {
  NodeUpdate first = advert(10);
  first.lat = 0.0;
  first.lon = 2;
  first.battery_mv = 3700;
  first.temperature_c = 20;
  nodes().upsert(first);
  NodeUpdate second = advert(20);
  second.name = "New";
  second.role = "room";
  second.lon = 3;
  nodes().upsert(second);
  EXPECT_THAT(stored("name, role, lat, lon, battery_mv, temperature_c, first_seen, last_seen"),
              ElementsAre("'New'|'room'|0|3|3700|20|'2024-05-01T00:00:10Z'|"
                          "'2024-05-01T00:00:20Z'"));
}

TEST_F(NodeStatementsTest, AnEmptyNameNeverOverwritesButIsStoredAtFirst) {
  NodeUpdate nameless = advert(10);
  nameless.name = "";
  nodes().upsert(nameless);
  EXPECT_THAT(stored("name"), ElementsAre("''"));
  nodes().upsert(advert(20));
  nodes().upsert(nameless);
  EXPECT_THAT(stored("name"), ElementsAre("'Node'"));
}

TEST_F(NodeStatementsTest, ATimeInTheFutureIsPulledBackToTheClock) {
  nodes().upsert(advert(10));
  connection_->execute("UPDATE nodes SET last_seen = '2030-01-01T00:00:00Z'");
  NodeUpdate update = advert(20);
  update.clock_now = at(22);
  nodes().upsert(update);
  EXPECT_THAT(stored("last_seen"), ElementsAre("'2024-05-01T00:00:22Z'"));
  update.seen = at(15);
  nodes().upsert(update);
  EXPECT_THAT(stored("last_seen"), ElementsAre("'2024-05-01T00:00:22Z'"));
}

TEST_F(NodeStatementsTest, AMissingLastSeenIsFilled) {
  connection_->execute("INSERT INTO nodes(public_key, advert_count) VALUES ('aa', NULL)");
  NodeUpdate update = advert(10);
  update.new_adverts = 1;
  nodes().upsert(update);
  EXPECT_THAT(stored("last_seen, advert_count"), ElementsAre("'2024-05-01T00:00:10Z'|1"));
}

TEST_F(NodeStatementsTest, AdvertsAddUpAndTheForeignFlagStays) {
  NodeUpdate update = advert(10);
  update.new_adverts = 1;
  update.foreign = true;
  nodes().upsert(update);
  update.new_adverts = 2;
  update.foreign = false;
  nodes().upsert(update);
  EXPECT_THAT(stored("advert_count, foreign_advert"), ElementsAre("3|1"));
}

TEST_F(NodeStatementsTest, TheScopeFollowsInBothTablesWhenItChanges) {
  const char* inactive = "SELECT default_scope FROM inactive_nodes";
  connection_->execute("INSERT INTO inactive_nodes(public_key) VALUES ('aa'), ('bb')");
  NodeUpdate update = advert(10);
  update.default_scope = "#a";
  nodes().upsert(update);
  EXPECT_THAT(stored("default_scope"), ElementsAre("'#a'"));
  EXPECT_THAT(rows(inactive), ElementsAre("'#a'", "NULL"));

  connection_->execute("UPDATE inactive_nodes SET default_scope = NULL");
  nodes().upsert(update);
  EXPECT_THAT(rows(inactive), ElementsAre("NULL", "NULL")) << "the node has it already";

  update.default_scope = "#b";
  nodes().upsert(update);
  EXPECT_THAT(stored("default_scope"), ElementsAre("'#b'"));
  EXPECT_THAT(rows(inactive), ElementsAre("'#b'", "NULL"));
}

TEST_F(NodeStatementsTest, AScopeThatChangedAndCameBackReachesTheInactiveRow) {
  connection_->execute(
      "INSERT INTO inactive_nodes(public_key, default_scope) VALUES ('aa', '#old')");
  NodeUpdate update = advert(10);
  update.default_scope = "#a";
  nodes().upsert(update);
  connection_->execute("UPDATE inactive_nodes SET default_scope = '#old'");
  update.scope_changed = true;  // #b, then #a again: two single writes, and both change the row
  nodes().upsert(update);
  EXPECT_THAT(rows("SELECT default_scope FROM inactive_nodes"), ElementsAre("'#a'"));
}

TEST_F(NodeStatementsTest, AnEmptyOrAbsentScopeChangesNothing) {
  NodeUpdate update = advert(10);
  update.default_scope = "#a";
  nodes().upsert(update);
  update.default_scope = "";
  nodes().upsert(update);
  update.default_scope.reset();
  nodes().upsert(update);
  EXPECT_THAT(stored("default_scope"), ElementsAre("'#a'"));
}

TEST_F(NodeStatementsTest, AReturningNodeStartsAnew) {
  connection_->execute(
      "INSERT INTO inactive_nodes(public_key, name, advert_count) VALUES ('aa', 'Old', 9)");
  nodes().upsert(advert(10));
  EXPECT_THAT(stored("name, advert_count"), ElementsAre("'Node'|0"));
  EXPECT_THAT(rows("SELECT name, advert_count FROM inactive_nodes"), ElementsAre("'Old'|9"));
}

}  // namespace
}  // namespace sluice
