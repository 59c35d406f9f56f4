#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "unit/config/config_fixture.h"

namespace sluice {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class LoadSources : public ConfigFixture {
 protected:
  SourceConfig only_source(std::string_view json) {
    const Config config = load(json);
    EXPECT_EQ(config.sources.size(), 1u);
    return config.sources.at(0);
  }
};

TEST_F(LoadSources, ReadsASourceObject) {
  const SourceConfig source = only_source(R"({"mqttSources": [{"name": "east",
      "broker": "mqtts://b.example:8883", "username": "u", "password": "p",
      "rejectUnauthorized": false, "topics": ["meshcore/SJC/#", "x/+"], "iataFilter": ["SJC", "oak"],
      "region": " DEF", "connectTimeoutSec": 7}]})");
  EXPECT_EQ(source.name, "east");
  EXPECT_EQ(source.tag, "east");
  EXPECT_EQ(source.broker, "mqtts://b.example:8883");
  EXPECT_EQ(source.url.display(), "ssl://b.example:8883");
  EXPECT_EQ(source.username, "u");
  EXPECT_EQ(source.password, "p");
  EXPECT_EQ(source.reject_unauthorized, false);
  EXPECT_THAT(source.topics, ElementsAre("meshcore/SJC/#", "x/+"));
  EXPECT_THAT(source.iata_filter, ElementsAre("SJC", "oak"));
  EXPECT_EQ(source.region, " DEF");
  EXPECT_EQ(source.connect_timeout, seconds(7));
  EXPECT_THAT(report_.notes, IsEmpty());
}

TEST_F(LoadSources, FillsInWhatASourceLeavesOut) {
  const SourceConfig source = only_source(R"({"mqttSources": [{"broker": "mqtt://h:1883"}]})");
  EXPECT_EQ(source.name, "");
  EXPECT_EQ(source.tag, "tcp://h:1883");
  EXPECT_EQ(source.reject_unauthorized, std::nullopt);
  EXPECT_THAT(source.topics, ElementsAre("meshcore/#"));
  EXPECT_THAT(source.iata_filter, IsEmpty());
  EXPECT_EQ(source.region, "");
  EXPECT_EQ(source.connect_timeout, seconds(30));
}

TEST_F(LoadSources, TakesTheDefaultTimeoutAtZero) {
  for (const char* value : {"0", "-1"}) {
    EXPECT_EQ(only_source(std::string(R"({"mqttSources": [{"broker": "h:1",
        "connectTimeoutSec": )") +
                          value + "}]}")
                  .connect_timeout,
              seconds(30));
  }
}

TEST_F(LoadSources, MasksUserInfoInTheTag) {
  EXPECT_EQ(only_source(R"({"mqttSources": [{"broker": "mqtt://u:pw@h:1"}]})").tag,
            "tcp://***@h:1");
  EXPECT_EQ(only_source(R"({"mqttSources": [{"broker": "h:1", "name": "mqtt://u:pw@h"}]})").tag,
            "mqtt://***@h");
  // A name that is no URL is the operator's own word.
  EXPECT_EQ(only_source(R"({"mqttSources": [{"broker": "h:1", "name": "joe@home"}]})").tag,
            "joe@home");
}

TEST_F(LoadSources, LetsUserInfoGoBeforeTheKeys) {
  SourceConfig source = only_source(R"({"mqttSources": [{"broker": "mqtt://u%40x:p%2F@h:1",
      "username": "a", "password": "b"}]})");
  EXPECT_EQ(source.username, "u@x");
  EXPECT_EQ(source.password, "p/");
  source = only_source(R"({"mqttSources": [{"broker": "mqtt://u@h:1", "username": "a",
      "password": "b"}]})");
  EXPECT_EQ(source.username, "u");
  EXPECT_EQ(source.password, "b");
}

TEST_F(LoadSources, SendsNoPasswordWithoutAUsername) {
  EXPECT_EQ(only_source(R"({"mqttSources": [{"broker": "h:1", "password": "b"}]})").password, "");
  EXPECT_EQ(
      only_source(R"({"mqttSources": [{"broker": "mqtt://:pw@h:1", "username": "a"}]})").password,
      "");
}

TEST_F(LoadSources, KeepsTheOrderAndEqualTags) {
  const Config config = load(R"({"mqttSources": [{"name": "x", "broker": "a:1"}, null,
      {"name": "x", "broker": "b:2"}]})");
  ASSERT_EQ(config.sources.size(), 2u);
  EXPECT_EQ(config.sources[0].url.host, "a");
  EXPECT_EQ(config.sources[1].url.host, "b");
  EXPECT_EQ(config.sources[1].tag, "x");
}

// --- which sources ---

TEST_F(LoadSources, FallsBackToThisMachine) {
  for (const char* json : {"{}", R"({"mqttSources": []})", R"({"mqtt": {"topic": "x"}})",
                           R"({"mqtt": {"broker": ""}})"}) {
    const SourceConfig source = only_source(json);
    EXPECT_EQ(source.name, "local");
    EXPECT_EQ(source.broker, "mqtt://localhost:1883");
    EXPECT_EQ(source.url.display(), "tcp://localhost:1883");
    EXPECT_THAT(source.topics, ElementsAre("meshcore/#"));
    EXPECT_THAT(report_.notes, ElementsAre(HasSubstr("no MQTT source configured")));
    EXPECT_EQ(setting("mqttSources[0].broker").origin, Origin::kDefault);
  }
}

TEST_F(LoadSources, ReadsTheLegacyForm) {
  SourceConfig source = only_source(R"({"mqtt": {"broker": "mqtt://old:1", "topic": "a/#"}})");
  EXPECT_EQ(source.name, "default");
  EXPECT_EQ(source.tag, "default");
  EXPECT_EQ(source.url.host, "old");
  EXPECT_THAT(source.topics, ElementsAre("a/#", "meshcore/#"));
  source = only_source(R"({"mqtt": {"broker": "mqtt://old:1"}, "mqttSources": []})");
  EXPECT_THAT(source.topics, ElementsAre("meshcore/#"));
}

TEST_F(LoadSources, PrefersTheListToTheLegacyForm) {
  EXPECT_EQ(only_source(R"({"mqtt": {"broker": "old:1"}, "mqttSources": [{"broker": "new:1"}]})")
                .url.host,
            "new");
}

TEST_F(LoadSources, LetsTheEnvironmentReplaceAllSources) {
  set("MQTT_BROKER", "mqtt://u:pw@env:1883");
  const SourceConfig source = only_source(R"({"mqtt": {"broker": "old:1"},
      "mqttSources": [{"broker": "a:1", "username": "x", "iataFilter": ["S"], "region": "R",
      "rejectUnauthorized": false}, {"broker": "b:1"}]})");
  EXPECT_EQ(source.name, "env");
  EXPECT_EQ(source.tag, "env");
  EXPECT_EQ(source.url.host, "env");
  EXPECT_EQ(source.username, "u");
  EXPECT_EQ(source.reject_unauthorized, std::nullopt);
  EXPECT_THAT(source.topics, ElementsAre("meshcore/#"));
  EXPECT_THAT(source.iata_filter, IsEmpty());
  EXPECT_EQ(source.region, "");
  EXPECT_EQ(setting("mqttSources[0].broker").origin, Origin::kEnvironment);
  EXPECT_EQ(setting("mqttSources[0].broker").variable, "MQTT_BROKER");
  EXPECT_EQ(setting("mqttSources[0].broker").value, "mqtt://***@env:1883");
  EXPECT_EQ(setting("mqttSources[0].topics").origin, Origin::kDefault);
  for (const Setting& one : report_.settings) EXPECT_FALSE(one.key.starts_with("mqttSources[1]"));
}

TEST_F(LoadSources, ReadsTheTopicOnlyWithTheBroker) {
  set("MQTT_TOPIC", "only/#");
  EXPECT_THAT(only_source("{}").topics, ElementsAre("meshcore/#"));
  set("MQTT_BROKER", "h:1");
  EXPECT_THAT(only_source("{}").topics, ElementsAre("only/#"));
  EXPECT_EQ(setting("mqttSources[0].topics").variable, "MQTT_TOPIC");
  set("MQTT_TOPIC", "");
  EXPECT_THAT(only_source("{}").topics, ElementsAre("meshcore/#"));
}

TEST_F(LoadSources, DoesNotJudgeBrokersThatAreReplaced) {
  set("MQTT_BROKER", "h:1");
  EXPECT_EQ(only_source(R"({"mqttSources": [{"broker": "nonsense"}]})").url.host, "h");
}

// --- what is wrong with a source ---

TEST_F(LoadSources, LeavesOutWhatIsNoBrokerBesideOneThatIs) {
  const Config config = load(R"({"mqttSources": [{"name": "later", "broker": ""},
      {"broker": "a:1"}, {"broker": "ftp://u:secret@b:1"}, {"broker": "c:1", "topics": ["a/#/b"]}]})");
  ASSERT_EQ(config.sources.size(), 1U);
  EXPECT_EQ(config.sources[0].url.host, "a");
  EXPECT_EQ(config.sources[0].place, "mqttSources[1]");
  EXPECT_THAT(
      report_.notes,
      ElementsAre(HasSubstr("\"a/#/b\" is no MQTT topic filter"),
                  "mqttSources[0].broker: expected the URL of a broker, found \"\": it is "
                  "empty; source left out",
                  HasSubstr("found \"ftp://***@b:1\": the scheme is none"),
                  "mqttSources[3].topics: none of them is an MQTT topic filter; source left "
                  "out"));
}

TEST_F(LoadSources, SaysThatProxiesAreNotUsed) {
  set("all_proxy", "socks5://p:1080");
  set("HTTPS_PROXY", "http://p:3128");
  load(R"({"mqttSources": [{"broker": "a:1"}]})");
  EXPECT_THAT(report_.notes, ElementsAre(HasSubstr("all_proxy: without effect")));
  load(R"({"mqttSources": [{"broker": "wss://a"}]})");
  EXPECT_THAT(report_.notes, ElementsAre(HasSubstr("HTTPS_PROXY: without effect")));
  load(R"({"mqttSources": [{"broker": "unix:///s"}, {"broker": "ws://a"}]})");
  EXPECT_THAT(report_.notes, IsEmpty());
}

TEST_F(LoadSources, ReportsTheTopicsInEffect) {
  load(R"({"mqtt": {"broker": "mqtt://old:1", "topic": "a/#"}})");
  EXPECT_EQ(setting("mqtt.topic").value, "a/#, meshcore/#");
  load(R"({"mqtt": {"broker": "mqtt://old:1"}})");
  EXPECT_EQ(setting("mqtt.topic").value, "meshcore/#");
  load(R"({"mqttSources": [{"broker": "a:1", "topics": ["b", "c#"]}]})");
  EXPECT_EQ(setting("mqttSources[0].topics").value, "b");
}

TEST_F(LoadSources, RefusesABrokerThatIsNone) {
  EXPECT_EQ(error_of(R"({"mqttSources": [{"broker": "ftp://b:1"}, {"broker": ""}]})"),
            "config.json: key \"mqttSources[0].broker\": expected the URL of a broker, found "
            "\"ftp://b:1\": the scheme is none of mqtt, mqtts, tcp, ssl, tls, tcps, mqtt+ssl, ws, "
            "wss, unix");
  EXPECT_THAT(error_of(R"({"mqttSources": [{"name": "x"}]})"),
              HasSubstr("key \"mqttSources[0].broker\": expected the URL of a broker, found \"\""));
  EXPECT_THAT(error_of(R"({"mqtt": {"broker": "h"}})"),
              HasSubstr("key \"mqtt.broker\": expected the URL of a broker"));
  set("MQTT_BROKER", "h");
  EXPECT_THAT(error_of("{}"), HasSubstr("MQTT_BROKER"));
}

TEST_F(LoadSources, KeepsPasswordsOutOfMessages) {
  for (const char* broker :
       {"nope://u:secret@h:1", "mqtt://u:sec/secret@h:1", "u:secret@h", "mqtt://u:secret@h"}) {
    const std::string error =
        error_of(std::string(R"({"mqttSources": [{"broker": ")") + broker + "\"}]}");
    EXPECT_THAT(error, HasSubstr("***@h"));
    EXPECT_THAT(error, Not(HasSubstr("secret")));
  }
}

TEST_F(LoadSources, LeavesOutTopicsThatNoBrokerTakes) {
  const SourceConfig source = only_source(
      R"({"mqttSources": [{"broker": "h:1", "topics": ["", "a/#/b", "meshcore/#", "a+"]}]})");
  EXPECT_THAT(source.topics, ElementsAre("meshcore/#"));
  EXPECT_THAT(report_.notes, ElementsAre(HasSubstr("mqttSources[0].topics: \"\""),
                                         HasSubstr("\"a/#/b\""), HasSubstr("\"a+\"")));
}

TEST_F(LoadSources, RefusesASourceThatCouldHearNothing) {
  EXPECT_THAT(error_of(R"({"mqttSources": [{"broker": "h:1", "topics": ["a/#/b"]}]})"),
              HasSubstr("key \"mqttSources[0].topics\": none of them is an MQTT topic filter"));
}

}  // namespace
}  // namespace sluice
