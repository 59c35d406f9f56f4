#include "receive/mqtt_session.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(ProtocolChoice, BeginsWith5) { EXPECT_EQ(ProtocolChoice().next(), MqttProtocol::k5); }

TEST(ProtocolChoice, RemembersThatABrokerHasOnly311) {
  ProtocolChoice choice;
  choice.version_refused();
  EXPECT_EQ(choice.next(), MqttProtocol::k311);
  choice.hung_up();
  EXPECT_EQ(choice.next(), MqttProtocol::k311) << "it is just not well";
}

TEST(ProtocolChoice, LetsTheOtherTryAfterAHangUp) {
  ProtocolChoice choice;
  choice.hung_up();
  EXPECT_EQ(choice.next(), MqttProtocol::k311);
  choice.hung_up();
  EXPECT_EQ(choice.next(), MqttProtocol::k5) << "so the version was not the reason";
}

TEST(ProtocolChoice, StaysWithWhatHasWorked) {
  for (const bool refused : {false, true}) {
    ProtocolChoice choice;
    if (refused) choice.version_refused();
    const MqttProtocol works = choice.next();
    choice.connected();
    choice.hung_up();
    choice.hung_up();
    EXPECT_EQ(choice.next(), works);
    choice.connected();
    choice.hung_up();
    choice.hung_up();
    EXPECT_EQ(choice.next(), works) << "counted in a row";
  }
}

TEST(ProtocolChoice, Tries5AgainAfterA311ThatOnlyHangUpsLedTo) {
  ProtocolChoice choice;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(choice.next(), MqttProtocol::k5);
    choice.hung_up();
    EXPECT_EQ(choice.next(), MqttProtocol::k311);
    choice.connected();
  }
  choice.connected();
  EXPECT_EQ(choice.next(), MqttProtocol::k5) << "the broker is well again";
}

TEST(ProtocolChoice, FindsOutThatABrokerWasReplaced) {
  ProtocolChoice choice;
  choice.connected();
  choice.version_refused();
  EXPECT_EQ(choice.next(), MqttProtocol::k311);
  choice.version_refused();
  EXPECT_EQ(choice.next(), MqttProtocol::k5);

  ProtocolChoice silent;
  silent.connected();
  for (int i = 0; i < 3; ++i) silent.hung_up();
  EXPECT_EQ(silent.next(), MqttProtocol::k311);
}

TEST(IsVersionRefusal, KnowsBothForms) {
  EXPECT_TRUE(is_version_refusal(1));
  EXPECT_TRUE(is_version_refusal(0x84));
  EXPECT_FALSE(is_version_refusal(0));
  EXPECT_FALSE(is_version_refusal(5));
}

}  // namespace
}  // namespace sluice
