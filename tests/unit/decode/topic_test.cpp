#include "decode/topic.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Topic, CountsLevelsAndKeepsEmptyOnes) {
  EXPECT_EQ(Topic("").levels(), 1U);
  EXPECT_EQ(Topic("meshcore").levels(), 1U);
  EXPECT_EQ(Topic("/").levels(), 2U);
  EXPECT_EQ(Topic("a/b/").levels(), 3U);
  EXPECT_EQ(Topic("a//c/d/e/f").levels(), 6U);
}

TEST(Topic, NamesRegionAndObserverVerbatim) {
  const Topic topic("meshcore/ sjc /aB12/packets");
  EXPECT_EQ(topic.region(), " sjc ");
  EXPECT_EQ(topic.observer(), "aB12");
}

TEST(Topic, HasNoRegionOrObserverWhenTooShort) {
  EXPECT_FALSE(Topic("meshcore").has_region());
  EXPECT_TRUE(Topic("meshcore/SJC").has_region());
  EXPECT_FALSE(Topic("meshcore/SJC").has_observer());
  EXPECT_TRUE(Topic("meshcore/SJC/").has_observer());
  EXPECT_EQ(Topic("meshcore/SJC").observer(), "");
}

TEST(Topic, TellsClientReceptionsByTheSecondAndFourthLevel) {
  EXPECT_TRUE(Topic("meshcore/client/ab/packets").is_client_reception());
  EXPECT_TRUE(Topic("x/client/ab/packets/more").is_client_reception());
  EXPECT_FALSE(Topic("meshcore/client/ab").is_client_reception());
  EXPECT_FALSE(Topic("meshcore/client/ab/status").is_client_reception());
  EXPECT_FALSE(Topic("meshcore/CLIENT/ab/packets").is_client_reception());
}

TEST(Topic, TellsWhatLiesBelowClient) {
  EXPECT_TRUE(Topic("meshcore/client/ab/status").is_below_client());
  EXPECT_FALSE(Topic("meshcore/client").is_below_client());
  EXPECT_FALSE(Topic("x/client/ab").is_below_client());
}

TEST(Topic, TellsBridgeStateByTheWholeTopic) {
  EXPECT_TRUE(Topic("meshcore/status").is_bridge_state());
  EXPECT_TRUE(Topic("meshcore/events/connection").is_bridge_state());
  EXPECT_FALSE(Topic("meshcore/status/").is_bridge_state());
  EXPECT_FALSE(Topic("meshcore/events").is_bridge_state());
}

TEST(Topic, TellsStatusByTheFourthLevelUnderAnyRoot) {
  EXPECT_TRUE(Topic("meshcore/SJC/ab/status").is_status());
  EXPECT_TRUE(Topic("other/SJC/ab/status/extra").is_status());
  EXPECT_TRUE(Topic("///status").is_status());
  EXPECT_FALSE(Topic("meshcore/SJC/status").is_status());
  EXPECT_FALSE(Topic("meshcore/SJC/ab/Status").is_status());
}

TEST(Topic, TellsCompanionTextsByTheirPrefix) {
  EXPECT_TRUE(Topic("meshcore/message/channel/").is_companion_text());
  EXPECT_TRUE(Topic("meshcore/message/channel/1/2").is_companion_text());
  EXPECT_TRUE(Topic("meshcore/message/direct/x").is_companion_text());
  EXPECT_FALSE(Topic("meshcore/message/channel").is_companion_text());
  EXPECT_FALSE(Topic("meshcore/message/other/x").is_companion_text());
}

}  // namespace
}  // namespace sluice
