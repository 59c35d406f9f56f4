#include "receive/redelivery.h"

#include <gtest/gtest.h>

#include "base/stable_hash.h"

namespace sluice {
namespace {

constexpr std::uint64_t kNoNumber = UINT64_MAX;

TEST(StableHash, NeverChanges) {
  // From a second implementation, in Python.
  EXPECT_EQ(stable_hash("", 0), 0xD8EF2450D37297D1ULL);
  EXPECT_EQ(stable_hash("a", 0), 0x32D0D9F599480BB3ULL);
  EXPECT_EQ(stable_hash("meshcore/SFO/AABB/status", 7), 0xFA298C69A558F582ULL);
  EXPECT_NE(stable_hash("", 0), stable_hash("", 1));
  EXPECT_NE(stable_hash("a", 0), stable_hash(std::string_view("a\0", 2), 0));
  EXPECT_NE(stable_hash("12345678", 0), stable_hash("12345679", 0));
  EXPECT_NE(stable_hash("1234567812345678", 0), stable_hash("1234567812345679", 0));
}

TEST(DeliveryHash, TellsTopicFromPayload) {
  EXPECT_NE(delivery_hash("ab", "c"), delivery_hash("a", "bc"));
  EXPECT_NE(delivery_hash("a", "b"), delivery_hash("b", "a"));
  EXPECT_EQ(delivery_hash("topic", "payload"), delivery_hash("topic", "payload"));
}

TEST(RedeliveryTable, IsEmptyAtFirst) {
  const RedeliveryTable table;
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.find(1, 7), std::nullopt);
  EXPECT_EQ(table.lowest(), kNoNumber);
}

TEST(RedeliveryTable, KnowsWhatIsOwedUntilItIsAcknowledged) {
  RedeliveryTable table;
  table.owe({.packet_id = 1, .hash = 11, .seq = 101});
  table.owe({.packet_id = 2, .hash = 12, .seq = 102});
  EXPECT_EQ(table.find(1, 11), 101U);
  EXPECT_EQ(table.find(2, 12), 102U);
  EXPECT_EQ(table.find(1, 12), std::nullopt) << "the id of one, the bytes of another";
  EXPECT_EQ(table.lowest(), 101U);
  table.acknowledged();
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.find(1, 11), std::nullopt);
  EXPECT_EQ(table.lowest(), kNoNumber);
}

TEST(RedeliveryTable, CarriesWhatIsOwedIntoTheNextConnectionOfTheSession) {
  RedeliveryTable table;
  table.owe({.packet_id = 1, .hash = 11, .seq = 101});
  table.owe({.packet_id = 2, .hash = 12, .seq = 102});
  table.begin_connection(true);
  EXPECT_EQ(table.earlier(), 2U);
  EXPECT_EQ(table.lowest(), 101U);
  EXPECT_EQ(table.find(1, 11), 101U);
  table.owe({.packet_id = 1, .hash = 11, .seq = 101});
  table.acknowledged();
  EXPECT_EQ(table.earlier(), 1U) << "the other one has not come again yet";
  EXPECT_EQ(table.find(2, 12), 102U);
  EXPECT_EQ(table.lowest(), 102U);
}

TEST(RedeliveryTable, KnowsAgainAfterAReconnectWhosePubackMayHaveBeenLost) {
  RedeliveryTable table;
  table.owe({.packet_id = 1, .hash = 11, .seq = 101});
  table.acknowledged();
  EXPECT_EQ(table.find(1, 11), std::nullopt) << "on this connection it is a new message";
  table.begin_connection(true);
  EXPECT_EQ(table.find(1, 11), 0U) << "durable already";
  EXPECT_EQ(table.lowest(), kNoNumber) << "nothing holds the journal back for it";
  EXPECT_EQ(table.earlier(), 1U);
  table.forget_earlier();
  EXPECT_EQ(table.find(1, 11), std::nullopt);
}

TEST(RedeliveryTable, KnowsTheLatestOfAnIdThatWasUsedTwice) {
  RedeliveryTable table;
  table.owe({.packet_id = 1, .hash = 11, .seq = 101});
  table.acknowledged();
  table.owe({.packet_id = 1, .hash = 12, .seq = 102});
  EXPECT_EQ(table.owed(), 1U);
  table.begin_connection(true);
  EXPECT_EQ(table.find(1, 11), std::nullopt);
  EXPECT_EQ(table.find(1, 12), 102U);
  EXPECT_EQ(table.lowest(), 102U);
  table.owe({.packet_id = 1, .hash = 12, .seq = 102});
  table.acknowledged();
  table.begin_connection(false);
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.find(1, 12), std::nullopt) << "the session is gone";
}

TEST(RedeliveryTable, ForgetsAllWithoutTheSession) {
  RedeliveryTable table;
  table.owe({.packet_id = 1, .hash = 11, .seq = 101});
  table.begin_connection(false);
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.find(1, 11), std::nullopt);
}

TEST(RedeliveryTable, ReplacesAMessageWhoseIdTheBrokerHasReused) {
  RedeliveryTable table;
  table.owe({.packet_id = 1, .hash = 11, .seq = 101});
  table.begin_connection(true);
  EXPECT_EQ(table.find(1, 99), std::nullopt);
  table.owe({.packet_id = 1, .hash = 99, .seq = 105});
  EXPECT_EQ(table.earlier(), 0U);
  EXPECT_EQ(table.lowest(), 105U) << "nothing holds the journal back for the old one";
  EXPECT_EQ(table.find(1, 99), 105U);
}

TEST(RedeliveryTable, ForgetsEarlierOnesAlone) {
  RedeliveryTable table;
  table.owe({.packet_id = 1, .hash = 11, .seq = 101});
  table.begin_connection(true);
  table.owe({.packet_id = 2, .hash = 12, .seq = 102});
  table.forget_earlier();
  EXPECT_EQ(table.find(1, 11), std::nullopt);
  EXPECT_EQ(table.find(2, 12), 102U);
}

TEST(RedeliveryTable, TakesWhatAnEarlierProcessLeft) {
  RedeliveryTable table;
  const UnacknowledgedMessage left[] = {{7, 70, 0}, {8, 80, 12}};
  table.seed(left);
  table.begin_connection(true);
  EXPECT_EQ(table.find(7, 70), 0U) << "durable already";
  EXPECT_EQ(table.find(8, 80), 12U);
  EXPECT_EQ(table.lowest(), 12U);
}

TEST(RedeliveryTable, HoldsEveryPacketIdOnceHoweverOftenItComes) {
  RedeliveryTable table;
  for (int round = 0; round < 3; ++round) {
    for (unsigned id = 1; id <= 65535; ++id)
      table.owe({.packet_id = static_cast<std::uint16_t>(id), .hash = id, .seq = id});
  }
  EXPECT_EQ(table.owed(), 65535U);
  table.acknowledged();
  EXPECT_TRUE(table.empty());
}

}  // namespace
}  // namespace sluice
