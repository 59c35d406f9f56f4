#include "store/dropped_packet_statements.h"

#include "store_fixture.h"

namespace sluice {
namespace {

class DroppedPacketStatementsTest : public StatementsTest {};

TEST_F(DroppedPacketStatementsTest, StoresEveryColumnAndTheReceiveTime) {
  DroppedPacketRow row;
  row.hash = 0xabc;
  row.raw_hex = "1100";
  row.reason = "invalid signature";
  row.observer_name = "Obs";
  row.node_pubkey = "aa";
  row.node_name = "Evil";
  row.received = at(10);
  statements_->dropped_packets.insert(row);
  statements_->dropped_packets.insert(row);
  EXPECT_THAT(rows("SELECT * FROM dropped_packets"),
              testing::ElementsAre("1|'0000000000000abc'|'1100'|'invalid signature'|''|'Obs'|'aa'|"
                                   "'Evil'|'2024-05-01 00:00:10'",
                                   "2|'0000000000000abc'|'1100'|'invalid signature'|''|'Obs'|'aa'|"
                                   "'Evil'|'2024-05-01 00:00:10'"));
}

}  // namespace
}  // namespace sluice
