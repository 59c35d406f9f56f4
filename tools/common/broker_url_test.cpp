#include "broker_url.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

BrokerUrl parsed(std::string_view text) {
  std::string error;
  const auto url = BrokerUrl::parse(text, error);
  EXPECT_TRUE(url.has_value()) << text << ": " << error;
  return url.value_or(BrokerUrl{});
}

TEST(BrokerUrl, TheSchemeDecidesOnTlsAndPort) {
  EXPECT_EQ(parsed("mqtt://h").port, 1883);
  EXPECT_FALSE(parsed("tcp://h:1").tls);
  EXPECT_EQ(parsed("mqtts://h").port, 8883);
  EXPECT_TRUE(parsed("ssl://h:1").tls);
  EXPECT_EQ(parsed("h").host, "h");
}

TEST(BrokerUrl, TakesThePartsApart) {
  const BrokerUrl url = parsed("mqtt://me:se:c@ret@broker.example:2883/");
  EXPECT_EQ(url.host, "broker.example");
  EXPECT_EQ(url.port, 2883);
  EXPECT_EQ(url.username, "me");
  EXPECT_EQ(url.password, "se:c@ret");
  EXPECT_EQ(parsed("me@h:1").password, "");
}

TEST(BrokerUrl, AnIpv6AddressStandsInBrackets) {
  EXPECT_EQ(parsed("mqtt://[::1]:1884").host, "::1");
  EXPECT_EQ(parsed("mqtt://[::1]:1884").port, 1884);
  EXPECT_EQ(parsed("mqtt://[fe80::2]").port, 1883);
}

TEST(BrokerUrl, RefusesWhatIsNone) {
  for (const char* text : {"", "mqtt://", "http://h", "mqtt://h:", "mqtt://h:0", "mqtt://h:65536",
                           "mqtt://h:1x", "mqtt://[::1", "mqtt://[::1]x", "mqtt://h/path"}) {
    std::string error;
    EXPECT_FALSE(BrokerUrl::parse(text, error).has_value()) << text;
    EXPECT_FALSE(error.empty()) << text;
  }
}

TEST(IsLoopback, KnowsThisMachineByItsAddresses) {
  EXPECT_TRUE(is_loopback("127.0.0.1"));
  EXPECT_TRUE(is_loopback("127.1.2.3"));
  EXPECT_TRUE(is_loopback("::1"));
  EXPECT_FALSE(is_loopback("192.0.2.1"));
  EXPECT_FALSE(is_loopback("0.0.0.0"));
  EXPECT_FALSE(is_loopback("2001:db8::1"));
}

}  // namespace
}  // namespace sluice
