#include "config/broker_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct UrlCase {
  const char* text;
  Transport transport;
  const char* scheme;
  const char* host;
  int port;
  const char* path;
  const char* display;
};

class BrokerUrlTable : public ::testing::TestWithParam<UrlCase> {};

TEST_P(BrokerUrlTable, IsTakenApart) {
  const UrlCase& expected = GetParam();
  const auto [url, error] = parse_broker_url(expected.text);
  EXPECT_EQ(error, "");
  EXPECT_EQ(url.transport, expected.transport);
  EXPECT_EQ(url.scheme, expected.scheme);
  EXPECT_EQ(url.host, expected.host);
  EXPECT_EQ(url.port, expected.port);
  EXPECT_EQ(url.path, expected.path);
  EXPECT_EQ(url.display(), expected.display);
}

INSTANTIATE_TEST_SUITE_P(
    Schemes, BrokerUrlTable,
    ::testing::Values(
        UrlCase{"mqtt://h:1883", Transport::kTcp, "tcp", "h", 1883, "", "tcp://h:1883"},
        UrlCase{"mqtts://h:8883", Transport::kTls, "ssl", "h", 8883, "", "ssl://h:8883"},
        UrlCase{"tcp://h:1", Transport::kTcp, "tcp", "h", 1, "", "tcp://h:1"},
        UrlCase{"ssl://h:65535", Transport::kTls, "ssl", "h", 65535, "", "ssl://h:65535"},
        UrlCase{"tls://h:1", Transport::kTls, "tls", "h", 1, "", "tls://h:1"},
        UrlCase{"tcps://h:1", Transport::kTls, "tcps", "h", 1, "", "tcps://h:1"},
        UrlCase{"mqtt+ssl://h:1", Transport::kTls, "mqtt+ssl", "h", 1, "", "mqtt+ssl://h:1"},
        UrlCase{"ws://h", Transport::kWebSocket, "ws", "h", 80, "", "ws://h"},
        UrlCase{"ws://h:9001/mqtt", Transport::kWebSocket, "ws", "h", 9001, "/mqtt",
                "ws://h:9001/mqtt"},
        UrlCase{"wss://h/a/b?c=d#e", Transport::kWebSocketTls, "wss", "h", 443, "/a/b?c=d",
                "wss://h/a/b?c=d#e"},
        UrlCase{"wss://h:/x", Transport::kWebSocketTls, "wss", "h", 443, "/x", "wss://h:/x"},
        UrlCase{"unix:///run/m.sock", Transport::kUnixSocket, "unix", "", 0, "/run/m.sock",
                "unix:///run/m.sock"},
        UrlCase{"unix://m.sock", Transport::kUnixSocket, "unix", "", 0, "m.sock",
                "unix://m.sock"}));

INSTANTIATE_TEST_SUITE_P(
    LeftOut, BrokerUrlTable,
    ::testing::Values(
        UrlCase{"h:1883", Transport::kTcp, "tcp", "h", 1883, "", "tcp://h:1883"},
        UrlCase{":1883", Transport::kTcp, "tcp", "127.0.0.1", 1883, "", "tcp://127.0.0.1:1883"},
        UrlCase{"[::1]:1883", Transport::kTcp, "tcp", "::1", 1883, "", "tcp://[::1]:1883"},
        UrlCase{"  mqtt://h:1883\n", Transport::kTcp, "tcp", "h", 1883, "", "tcp://h:1883"}));

INSTANTIATE_TEST_SUITE_P(
    Oddities, BrokerUrlTable,
    ::testing::Values(
        // Only lower case is mapped; what it means is understood all the same.
        UrlCase{"MQTT://h:1883", Transport::kTcp, "MQTT", "h", 1883, "", "MQTT://h:1883"},
        UrlCase{"Mqtts://h:1", Transport::kTls, "Mqtts", "h", 1, "", "Mqtts://h:1"},
        UrlCase{"tcp://h:1883/ignored", Transport::kTcp, "tcp", "h", 1883, "",
                "tcp://h:1883/ignored"},
        UrlCase{"tcp://[fe80::1%25eth0]:1883", Transport::kTcp, "tcp", "fe80::1%eth0", 1883, "",
                "tcp://[fe80::1%25eth0]:1883"},
        UrlCase{"mqtt://[2001:db8::2]:1883", Transport::kTcp, "tcp", "2001:db8::2", 1883, "",
                "tcp://[2001:db8::2]:1883"}));

struct UserCase {
  const char* text;
  std::optional<std::string> user;
  std::optional<std::string> password;
  const char* display;
};

class BrokerUrlUserInfo : public ::testing::TestWithParam<UserCase> {};

TEST_P(BrokerUrlUserInfo, IsDecodedAndMasked) {
  const UserCase& expected = GetParam();
  const auto [url, error] = parse_broker_url(expected.text);
  EXPECT_EQ(error, "");
  EXPECT_EQ(url.user, expected.user);
  EXPECT_EQ(url.password, expected.password);
  EXPECT_EQ(url.display(), expected.display);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokerUrlUserInfo,
    ::testing::Values(UserCase{"tcp://h:1", std::nullopt, std::nullopt, "tcp://h:1"},
                      UserCase{"mqtt://u:p@h:1", "u", "p", "tcp://***@h:1"},
                      UserCase{"u:p@h:1", "u", "p", "tcp://***@h:1"},
                      UserCase{"tcp://u@h:1", "u", std::nullopt, "tcp://***@h:1"},
                      UserCase{"tcp://u:@h:1", "u", "", "tcp://***@h:1"},
                      UserCase{"tcp://:p@h:1", "", "p", "tcp://***@h:1"},
                      UserCase{"tcp://u:a:b@h:1", "u", "a:b", "tcp://***@h:1"},
                      UserCase{"tcp://u:a@b@h:1", "u", "a@b", "tcp://***@h:1"},
                      UserCase{"tcp://us%40er:p%3aw%2F@h:1", "us@er", "p:w/", "tcp://***@h:1"},
                      UserCase{"tcp://u:100%@h:1", "u", "100%", "tcp://***@h:1"},
                      UserCase{"tcp://u:%4@h:1", "u", "%4", "tcp://***@h:1"},
                      UserCase{"tcp://u:%zz%41@h:1", "u", "%zzA", "tcp://***@h:1"},
                      UserCase{"wss://u:p@h/x@y", "u", "p", "wss://***@h/x@y"},
                      UserCase{"ssl://u:p@[::1]:2", "u", "p", "ssl://***@[::1]:2"}));

struct BadCase {
  const char* text;
  const char* error;
};

class BrokerUrlErrors : public ::testing::TestWithParam<BadCase> {};

TEST_P(BrokerUrlErrors, AreNamed) {
  EXPECT_THAT(parse_broker_url(GetParam().text).error, HasSubstr(GetParam().error));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokerUrlErrors,
    ::testing::Values(
        BadCase{"", "empty"}, BadCase{"  ", "empty"}, BadCase{"http://h:80", "scheme is none of"},
        BadCase{"://h:80", "port is missing"}, BadCase{"mqtt:///x", "host is missing"},
        BadCase{"h", "port is missing"}, BadCase{"mqtt://h", "port is missing"},
        BadCase{"mqtts://h:", "port is missing"}, BadCase{"tcp://[::1]", "port is missing"},
        BadCase{"tcp://h:0", "1 to 65535"}, BadCase{"tcp://h:65536", "1 to 65535"},
        BadCase{"tcp://h:18x", "1 to 65535"}, BadCase{"tcp://h:-1", "1 to 65535"},
        BadCase{"ws://h:+80", "1 to 65535"}, BadCase{"tcp://:1883", "host is missing"},
        BadCase{"tcp://[]:1883", "host is missing"}, BadCase{"tcp://[::1:1883", "not closed"},
        BadCase{"tcp://[::1]1883", "follows ]"}, BadCase{"tcp://::1:1883", "needs brackets"},
        BadCase{"tcp://my host:1883", "no host has"}, BadCase{"unix://", "path of the socket"}));

TEST(BrokerUrl, ErrorsDoNotRepeatThePassword) {
  EXPECT_THAT(parse_broker_url("tcp://u:se/cret@h:1883").error, Not(HasSubstr("cret")));
  EXPECT_THAT(parse_broker_url("nope://u:secret@h:1883").error, Not(HasSubstr("secret")));
}

TEST(MaskUserInfo, WorksOnAnyText) {
  EXPECT_EQ(mask_user_info("tcp://h:1"), "tcp://h:1");
  EXPECT_EQ(mask_user_info("mqtt://u:p@h:1"), "mqtt://***@h:1");
  EXPECT_EQ(mask_user_info("tcp://u:p/q@h:1"), "tcp://***@h:1");
  EXPECT_EQ(mask_user_info("u:p@h"), "***@h");
  EXPECT_EQ(mask_user_info(""), "");
  EXPECT_EQ(mask_user_info("a@b://c"), "a@b://c");
}

TEST(BrokerUrl, KnowsWhichTransportsUseTls) {
  EXPECT_TRUE(parse_broker_url("mqtts://h:1").url.uses_tls());
  EXPECT_TRUE(parse_broker_url("wss://h").url.uses_tls());
  EXPECT_FALSE(parse_broker_url("mqtt://h:1").url.uses_tls());
  EXPECT_FALSE(parse_broker_url("ws://h").url.uses_tls());
}

}  // namespace
}  // namespace sluice
