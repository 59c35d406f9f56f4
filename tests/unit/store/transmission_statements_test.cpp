#include "store/transmission_statements.h"

#include "store_fixture.h"

namespace sluice {
namespace {

using testing::ElementsAre;

class TransmissionStatementsTest : public StatementsTest {
 protected:
  static TransmissionRow row(std::uint64_t hash) {
    TransmissionRow row;
    row.raw_hex = "0901AA";
    row.hash = hash;
    row.received = at(10);
    row.route_type = 1;
    row.payload_type = 2;
    return row;
  }
  TransmissionStatements& transmissions() { return statements_->transmissions; }
  void touch(std::int64_t id, WallTime earliest, WallTime latest) {
    transmissions().raise_last_seen(id, latest);
    transmissions().lower_first_seen(id, earliest);
  }
};

TEST_F(TransmissionStatementsTest, InsertsWhatIsThereAndNullElsewhere) {
  EXPECT_EQ(transmissions().insert(row(0xab)), 1);
  EXPECT_THAT(rows("SELECT * FROM transmissions"),
              ElementsAre("1|'0901AA'|'00000000000000ab'|'2024-05-01T00:00:10Z'|1|2|0|NULL|NULL|"
                          "1714521610|'2024-05-01 00:00:10'|NULL|NULL"));
}

TEST_F(TransmissionStatementsTest, InsertsEveryColumn) {
  TransmissionRow full = row(1);
  full.payload_version = 3;
  full.decoded_json = "{}";
  full.from_pubkey = "aabb";
  full.channel_hash = "#test";
  full.scope_name = "";
  full.latest = at(20);
  transmissions().insert(full);
  EXPECT_THAT(rows("SELECT payload_version, decoded_json, from_pubkey, channel_hash, scope_name,"
                   " first_seen, last_seen FROM transmissions"),
              ElementsAre("3|'{}'|'aabb'|'#test'|''|'2024-05-01T00:00:10Z'|1714521620"));
}

TEST_F(TransmissionStatementsTest, FindsByHash) {
  EXPECT_EQ(transmissions().find(7), std::nullopt);
  const auto id = transmissions().insert(row(7));
  transmissions().insert(row(8));
  const auto found = transmissions().find(7);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, id.value());
  EXPECT_EQ(found->last_seen, 1714521610);
  EXPECT_EQ(found->first_seen, "2024-05-01T00:00:10Z");
}

TEST_F(TransmissionStatementsTest, IdsAscendAndASecondRowOfAHashIsRefused) {
  const auto first = transmissions().insert(row(1));
  EXPECT_EQ(transmissions().insert(row(1)), std::nullopt);
  EXPECT_GT(transmissions().insert(row(2)), first);
  EXPECT_THAT(rows("SELECT count(*) FROM transmissions"), ElementsAre("2"));
}

TEST_F(TransmissionStatementsTest, TouchWidensTheTimesInBothDirectionsAndNeverNarrowsThem) {
  const auto id = transmissions().insert(row(1)).value();
  const char* times = "SELECT first_seen, last_seen FROM transmissions";
  touch(id, at(12), at(15));
  EXPECT_THAT(rows(times), ElementsAre("'2024-05-01T00:00:10Z'|1714521615"));
  touch(id, at(5), at(6));
  EXPECT_THAT(rows(times), ElementsAre("'2024-05-01T00:00:05Z'|1714521615"));
  touch(id, at(5), at(15));
  EXPECT_THAT(rows(times), ElementsAre("'2024-05-01T00:00:05Z'|1714521615"));
}

TEST_F(TransmissionStatementsTest, TouchLeavesOtherRowsAlone) {
  transmissions().insert(row(1));
  const auto id = transmissions().insert(row(2)).value();
  touch(id, at(0), at(99));
  EXPECT_THAT(rows("SELECT first_seen, last_seen FROM transmissions WHERE id = 1"),
              ElementsAre("'2024-05-01T00:00:10Z'|1714521610"));
}

TEST_F(TransmissionStatementsTest, TransportCodesGoNowhereWithoutColumns) {
  TransmissionRow coded = row(1);
  coded.transport_codes = {0xec, 0xb2, 0x00, 0x0f};
  EXPECT_EQ(transmissions().insert(coded), 1);
}

TEST_F(TransmissionStatementsTest, TransportCodesAreStoredWhereThereAreColumns) {
  connection_->execute(
      "ALTER TABLE transmissions ADD COLUMN code1 TEXT;"
      "ALTER TABLE transmissions ADD COLUMN code2 TEXT");
  TransmissionStatements with_codes(*connection_, schema_features(*connection_));
  TransmissionRow coded = row(1);
  coded.transport_codes = {0xec, 0xb2, 0x00, 0x0f};
  with_codes.insert(coded);
  with_codes.insert(row(2));
  EXPECT_THAT(rows("SELECT code1, code2 FROM transmissions ORDER BY id"),
              ElementsAre("'ECB2'|'000F'", "NULL|NULL"));
}

TEST_F(TransmissionStatementsTest, ATransportCodeIsStoredWhereOnlyItsOwnColumnIs) {
  TransmissionRow coded = row(1);
  coded.transport_codes = {0xec, 0xb2, 0x00, 0x0f};
  connection_->execute("ALTER TABLE transmissions ADD COLUMN code1 TEXT");
  TransmissionStatements(*connection_, schema_features(*connection_)).insert(coded);
  EXPECT_THAT(rows("SELECT code1 FROM transmissions"), ElementsAre("'ECB2'"));
  connection_->execute("ALTER TABLE transmissions RENAME COLUMN code1 TO code2");
  TransmissionStatements second(*connection_, schema_features(*connection_));
  coded.hash = 2;
  second.insert(coded);
  second.insert(row(3));
  EXPECT_THAT(rows("SELECT code2 FROM transmissions ORDER BY id"),
              ElementsAre("'ECB2'", "'000F'", "NULL"));
}

}  // namespace
}  // namespace sluice
