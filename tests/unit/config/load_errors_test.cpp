#include <algorithm>
#include <filesystem>
#include <regex>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "unit/config/config_fixture.h"

namespace sluice {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LoadErrors : public ConfigFixture {};

TEST_F(LoadErrors, NameThePlaceOfASyntaxError) {
  EXPECT_EQ(error_of("{\n  \"dbPath\": \"a\"\n  \"db\": {}\n}"),
            "config.json: not valid JSON at line 3, column 3: expected ',' or '}'");
  EXPECT_EQ(error_of(""),
            "config.json: not valid JSON at line 1, column 1: expected a value, but the file ends");
  EXPECT_THAT(error_of("{} x"), HasSubstr("line 1, column 4"));
  EXPECT_THAT(error_of("{ \"a\": 1, // note\n}"), HasSubstr("line 1, column 11"));
}

TEST_F(LoadErrors, FallBackToTheParsersWordsWhereTheGrammarHasNone) {
  EXPECT_THAT(error_of("{\"a\": 1, \"\xff\": \x80}"), HasSubstr("line 1, column"));
  const std::string deep = std::string(400, '[') + std::string(400, ']');
  EXPECT_EQ(error_of("{\"_comment\": " + deep + "}"), "");
}

TEST_F(LoadErrors, SparesForeignKeysWhatGosParserSpares) {
  for (const char* value : {"\"caf\xe9\"", R"("\ud800")", R"("\udc00 x")", "1e999", "-1e999",
                            "123456789012345678901234567890", "[[-99999999999999999999]]"}) {
    EXPECT_EQ(error_of(fmt::format(R"({{"_comment": {0}, "other": {{"a": [{0}]}}}})", value)), "")
        << value;
  }
  EXPECT_EQ(load("{\"dbPath\": \"caf\xe9.db\"}").db_path, "caf\xEF\xBF\xBD.db");
  EXPECT_EQ(load(R"({"geo_filter": {"bufferKm": 123456789012345678901234}})").geo_filter->buffer_km,
            123456789012345678901234.0);
}

TEST_F(LoadErrors, NameNumbersThatAreOutOfRange) {
  EXPECT_EQ(error_of(R"({"geo_filter": {"bufferKm": 1e999}})"),
            "config.json: key \"geo_filter.bufferKm\": expected a number, found the number 1e999, "
            "which is out of range");
  EXPECT_EQ(error_of(R"({"dbPath": -1e999})"),
            "config.json: key \"dbPath\": expected a string, found the number -1e999, which is out "
            "of range");
  EXPECT_THAT(error_of(R"({"channelKeys": {"#a": 1e999}})"), HasSubstr("found a number"));
  EXPECT_THAT(error_of(R"({"hashRegions": [1e999]})"), HasSubstr("the number 1e999"));
  EXPECT_EQ(error_of(R"({"retention": {"nodeDays": 123456789012345678901234567890}})"),
            "config.json: key \"retention.nodeDays\": expected an integer, found the number "
            "1.2345678901234568e+29");
}

TEST_F(LoadErrors, AreRaisedForEachOfSeveralEqualKeys) {
  EXPECT_EQ(error_of(R"({"retention": 5, "retention": {}})"),
            "config.json: key \"retention\": expected an object, found the number 5");
  EXPECT_EQ(error_of(R"({"retention": {"nodeDays": "x"}, "Retention": {"nodeDays": 5}})"),
            "config.json: key \"retention.nodeDays\": expected an integer, found a string");
  EXPECT_THAT(error_of(R"({"dbpath": 1, "dbPath": "a"})"), HasSubstr("expected a string"));
  EXPECT_THAT(error_of(R"({"hashRegions": [1], "hashRegions": []})"), HasSubstr("hashRegions[0]"));
  EXPECT_THAT(error_of(R"({"mqttSources": 1, "mqttSources": []})"), HasSubstr("a list of objects"));
  EXPECT_THAT(error_of(R"({"channelKeys": {"a": 1}, "channelKeys": {"a": "00"}})"),
              HasSubstr("channelKeys.a"));
}

TEST_F(LoadErrors, RefuseAnythingButAnObject) {
  const std::pair<const char*, const char*> kRoots[] = {
      {"[]", "a list"}, {"\"x\"", "a string"}, {"1", "the number 1"}, {"true", "true"}};
  for (const auto& [json, found] : kRoots)
    EXPECT_EQ(error_of(json), fmt::format("config.json: expected an object, found {}", found));
}

TEST_F(LoadErrors, NeverRepeatASecret) {
  EXPECT_EQ(error_of(R"({"mqttSources": [{"broker": "mqtt://h:1", "password": 12345678}]})"),
            "config.json: key \"mqttSources[0].password\": expected a string, found a number");
  EXPECT_EQ(error_of(R"({"channelKeys": {"#ours": 1234567890123456}})"),
            "config.json: key \"channelKeys.#ours\": expected a string, found a number");
  EXPECT_EQ(error_of(R"({"channelKeys": 1234567890123456})"),
            "config.json: key \"channelKeys\": expected an object of strings, found a number");
  EXPECT_EQ(error_of(R"({"dbPath": 5})"),  // which is none
            "config.json: key \"dbPath\": expected a string, found the number 5");
}

TEST_F(LoadErrors, RefuseAFileThatCannotBeRead) {
  std::filesystem::create_directory(path());
  try {
    (void)load_file();
    FAIL() << "a directory was read";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("can't be read"));
  }
}

/// One key of every kind, the type it wants, and a document with `@` in the key's place.
struct KeyCase {
  const char* key;
  const char* type;
  const char* document;
};

constexpr KeyCase kKeys[] = {
    {"dbPath", "string", R"({"dbPath": @})"},
    {"logLevel", "string", R"({"logLevel": @})"},
    {"channelKeysPath", "string", R"({"channelKeysPath": @})"},
    {"mqtt.broker", "string", R"({"mqtt": {"broker": @}})"},
    {"mqtt.topic", "string", R"({"mqtt": {"topic": @}})"},
    {"foreignAdverts.mode", "string", R"({"foreignAdverts": {"mode": @}})"},
    {"mqttSources[0].name", "string", R"({"mqttSources": [{"name": @}]})"},
    {"mqttSources[0].broker", "string", R"({"mqttSources": [{"broker": @}]})"},
    {"mqttSources[0].username", "string", R"({"mqttSources": [{"username": @}]})"},
    {"mqttSources[0].password", "secret", R"({"mqttSources": [{"password": @}]})"},
    {"mqttSources[0].region", "string", R"({"mqttSources": [{"region": @}]})"},
    {"mqttSources[0].topics", "strings", R"({"mqttSources": [{"topics": @}]})"},
    {"mqttSources[0].iataFilter", "strings", R"({"mqttSources": [{"iataFilter": @}]})"},
    {"hashChannels", "strings", R"({"hashChannels": @})"},
    {"hashRegions", "strings", R"({"hashRegions": @})"},
    {"observerIATAWhitelist", "strings", R"({"observerIATAWhitelist": @})"},
    {"observerBlacklist", "strings", R"({"observerBlacklist": @})"},
    {"channelKeys", "map", R"({"channelKeys": @})"},
    {"mqttSources[0].rejectUnauthorized", "bool",
     R"({"mqttSources": [{"rejectUnauthorized": @}]})"},
    {"validateSignatures", "bool", R"({"validateSignatures": @})"},
    {"clientRxCoverage.enabled", "bool", R"({"clientRxCoverage": {"enabled": @}})"},
    {"db.vacuumOnStartup", "bool", R"({"db": {"vacuumOnStartup": @}})"},
    {"sluice.indexes", "string", R"({"sluice": {"indexes": @}})"},
    {"sluice.exitWithoutBroker", "bool", R"({"sluice": {"exitWithoutBroker": @}})"},
    {"sluice.logFormat", "string", R"({"sluice": {"logFormat": @}})"},
    {"sluice.stallTimeoutSec", "integer", R"({"sluice": {"stallTimeoutSec": @}})"},
    {"mqttSources[0].connectTimeoutSec", "integer",
     R"({"mqttSources": [{"connectTimeoutSec": @}]})"},
    {"retention.nodeDays", "integer", R"({"retention": {"nodeDays": @}})"},
    {"retention.observerDays", "integer", R"({"retention": {"observerDays": @}})"},
    {"retention.metricsDays", "integer", R"({"retention": {"metricsDays": @}})"},
    {"retention.packetDays", "integer", R"({"retention": {"packetDays": @}})"},
    {"retention.clientRxDays", "integer", R"({"retention": {"clientRxDays": @}})"},
    {"metrics.sampleIntervalSec", "integer", R"({"metrics": {"sampleIntervalSec": @}})"},
    {"runtime.maxMemoryMB", "integer", R"({"runtime": {"maxMemoryMB": @}})"},
    {"db.incrementalVacuumPages", "integer", R"({"db": {"incrementalVacuumPages": @}})"},
    {"neighborEdgesMaxAgeDays", "integer", R"({"neighborEdgesMaxAgeDays": @})"},
    {"ingestBufferSize", "integer", R"({"ingestBufferSize": @})"},
    {"groupCommitMs", "integer", R"({"groupCommitMs": @})"},
    {"groupCommitMaxRows", "integer", R"({"groupCommitMaxRows": @})"},
    {"sluice.journal.dir", "string", R"({"sluice": {"journal": {"dir": @}}})"},
    {"sluice.journal.minFreeBytes", "integer", R"({"sluice": {"journal": {"minFreeBytes": @}}})"},
    {"sluice.journal.maxBytes", "integer", R"({"sluice": {"journal": {"maxBytes": @}}})"},
    {"sluice.journal.maxRecordBytes", "integer",
     R"({"sluice": {"journal": {"maxRecordBytes": @}}})"},
    {"sluice.qos", "integer", R"({"sluice": {"qos": @}})"},
    {"sluice.sessionExpirySec", "integer", R"({"sluice": {"sessionExpirySec": @}})"},
    {"mqttSources[0].sluice.qos", "integer", R"({"mqttSources": [{"sluice": {"qos": @}}]})"},
    {"mqttSources[0].sluice.sessionExpirySec", "integer",
     R"({"mqttSources": [{"sluice": {"sessionExpirySec": @}}]})"},
    {"mqttSources[0].sluice.tls.caFile", "string",
     R"({"mqttSources": [{"sluice": {"tls": {"caFile": @}}}]})"},
    {"mqttSources[0].sluice.tls.certFile", "string",
     R"({"mqttSources": [{"sluice": {"tls": {"certFile": @}}}]})"},
    {"mqttSources[0].sluice.tls.keyFile", "string",
     R"({"mqttSources": [{"sluice": {"tls": {"keyFile": @}}}]})"},
    {"sluice.limits.observerMessagesPerMinute", "integer",
     R"({"sluice": {"limits": {"observerMessagesPerMinute": @}}})"},
    {"sluice.limits.newObserversPerHour", "integer",
     R"({"sluice": {"limits": {"newObserversPerHour": @}}})"},
    {"sluice.limits.newNodesPerHour", "integer",
     R"({"sluice": {"limits": {"newNodesPerHour": @}}})"},
    {"sluice.limits.droppedPacketsPerHour", "integer",
     R"({"sluice": {"limits": {"droppedPacketsPerHour": @}}})"},
    {"sluice.decodeWorkers", "integer", R"({"sluice": {"decodeWorkers": @}})"},
    {"sluice.threads.receive", "object", R"({"sluice": {"threads": {"receive": @}}})"},
    {"sluice.threads.journal", "object", R"({"sluice": {"threads": {"journal": @}}})"},
    {"sluice.threads.feed", "object", R"({"sluice": {"threads": {"feed": @}}})"},
    {"sluice.threads.decode", "object", R"({"sluice": {"threads": {"decode": @}}})"},
    {"sluice.threads.dedup", "object", R"({"sluice": {"threads": {"dedup": @}}})"},
    {"sluice.threads.write", "object", R"({"sluice": {"threads": {"write": @}}})"},
    {"sluice.threads", "object", R"({"sluice": {"threads": @}})"},
    {"sluice.threads.write.cpus", "cpus", R"({"sluice": {"threads": {"write": {"cpus": @}}}})"},
    {"sluice.threads.write.nice", "integer", R"({"sluice": {"threads": {"write": {"nice": @}}}})"},
    {"sluice.threads.write.policy", "string",
     R"({"sluice": {"threads": {"write": {"policy": @}}}})"},
    {"sluice.threads.write.priority", "integer",
     R"({"sluice": {"threads": {"write": {"priority": @}}}})"},
    {"sluice.dedupTransmissions", "integer", R"({"sluice": {"dedupTransmissions": @}})"},
    {"sluice.sqliteCacheKiB", "integer", R"({"sluice": {"sqliteCacheKiB": @}})"},
    {"geo_filter.polygon", "points", R"({"geo_filter": {"polygon": @}})"},
    {"geo_filter.bufferKm", "number", R"({"geo_filter": {"bufferKm": @}})"},
    {"geo_filter.latMin", "number", R"({"geo_filter": {"latMin": @}})"},
    {"geo_filter.latMax", "number", R"({"geo_filter": {"latMax": @}})"},
    {"geo_filter.lonMin", "number", R"({"geo_filter": {"lonMin": @}})"},
    {"geo_filter.lonMax", "number", R"({"geo_filter": {"lonMax": @}})"},
    {"mqttSources", "objects", R"({"mqttSources": @})"},
    {"mqttSources[0].sluice", "object", R"({"mqttSources": [{"sluice": @}]})"},
    {"mqttSources[0].sluice.tls", "object", R"({"mqttSources": [{"sluice": {"tls": @}}]})"},
    {"mqtt", "object", R"({"mqtt": @})"},
    {"retention", "object", R"({"retention": @})"},
    {"metrics", "object", R"({"metrics": @})"},
    {"runtime", "object", R"({"runtime": @})"},
    {"clientRxCoverage", "object", R"({"clientRxCoverage": @})"},
    {"geo_filter", "object", R"({"geo_filter": @})"},
    {"foreignAdverts", "object", R"({"foreignAdverts": @})"},
    {"db", "object", R"({"db": @})"},
    {"sluice", "object", R"({"sluice": @})"},
    {"sluice.limits", "object", R"({"sluice": {"limits": @}})"},
    {"sluice.journal", "object", R"({"sluice": {"journal": @}})"},
};

std::string_view expected_words(std::string_view type) {
  if (type == "string" || type == "secret") return "a string";
  if (type == "strings") return "a list of strings";
  if (type == "map") return "an object of strings";
  if (type == "bool") return "true or false";
  if (type == "integer") return "an integer";
  if (type == "number") return "a number";
  if (type == "points") return "a list of [latitude, longitude]";
  if (type == "objects") return "a list of objects";
  if (type == "cpus") return "CPU numbers such as \"0-3,6\" or [0, 1]";
  return "an object";
}

struct Wrong {
  const char* text;
  const char* words;
  /// What may be said where the value may be a secret.
  const char* kind;
  /// Types that this text is right for.
  std::vector<std::string_view> right_for;
};

const Wrong kWrong[] = {
    {"\"x\"", "a string", "a string", {"string", "secret", "cpus"}},
    {"true", "true", "true", {"bool"}},
    {"false", "false", "false", {"bool"}},
    {"30", "the number 30", "a number", {"integer", "number"}},
    {"30.5", "the number 30.5", "a number", {"number"}},
    {"30.0", "the number 30", "a number", {"number"}},
    {"3e1", "the number 30", "a number", {"number"}},
    {"9223372036854775808", "the number 9223372036854775808", "a number", {"number"}},
    {"[]", "a list", "a list", {"strings", "points", "objects", "cpus"}},
    {"{}", "an object", "an object", {"object", "map"}},
};

TEST_F(LoadErrors, NameEveryKeyOfTheWrongType) {
  for (const KeyCase& key : kKeys) {
    for (const Wrong& wrong : kWrong) {
      if (std::count(wrong.right_for.begin(), wrong.right_for.end(), key.type) != 0) continue;
      std::string document(key.document);
      document.replace(document.find('@'), 1, wrong.text);
      const std::string_view type(key.type);
      const bool secret = type == "secret" || type == "map";
      EXPECT_EQ(error_of(document),
                fmt::format("config.json: key \"{}\": expected {}, found {}", key.key,
                            expected_words(type), secret ? wrong.kind : wrong.words))
          << document;
    }
  }
}

TEST_F(LoadErrors, AreAlsoRaisedWhereTheEnvironmentDecides) {
  set("DB_PATH", "x.db");
  set("MQTT_BROKER", "h:1");
  EXPECT_THAT(error_of(R"({"dbPath": 1})"), HasSubstr("\"dbPath\""));
  EXPECT_THAT(error_of(R"({"mqttSources": [{"name": 1}]})"), HasSubstr("\"mqttSources[0].name\""));
}

TEST_F(LoadErrors, CoverEveryKeyThatIsRead) {
  (void)load(R"({"mqttSources": [{"broker": "h:1"}]})");
  for (const Setting& one : report_.settings) {
    if (one.key.starts_with("CORESCOPE_")) continue;  // these are no keys of the file
    EXPECT_TRUE(std::any_of(std::begin(kKeys), std::end(kKeys),
                            [&](const KeyCase& known) { return known.key == one.key; }))
        << one.key << " has no row in kKeys";
  }
}

TEST_F(LoadErrors, NameTheMemberOfAList) {
  EXPECT_EQ(error_of(R"({"mqttSources": [{"topics": ["a", null, 5]}]})"),
            "config.json: key \"mqttSources[0].topics[2]\": expected a string, found the number 5");
  EXPECT_EQ(error_of(R"({"mqttSources": [null, "x"]})"),
            "config.json: key \"mqttSources[1]\": expected an object, found a string");
  EXPECT_EQ(error_of(R"({"channelKeys": {"#a": "00", "#b": 1}})"),
            "config.json: key \"channelKeys.#b\": expected a string, found a number");
  EXPECT_EQ(error_of(R"({"geo_filter": {"polygon": [[1, 2], 3]}})"),
            "config.json: key \"geo_filter.polygon[1]\": expected [latitude, longitude], found the "
            "number 3");
  EXPECT_EQ(error_of(R"({"geo_filter": {"polygon": [[1, "2"]]}})"),
            "config.json: key \"geo_filter.polygon[0][1]\": expected a number, found a string");
}

TEST_F(LoadErrors, RefuseOwnKeysOutsideTheirRange) {
  struct Case {
    const char* document;
    const char* message;
  };
  for (const Case& one : {
           Case{R"({"sluice": {"decodeWorkers": 65}})",
                "key \"sluice.decodeWorkers\": expected 0 to 64, found 65"},
           Case{R"({"sluice": {"decodeWorkers": -1}})", "found -1"},
           Case{R"({"sluice": {"stallTimeoutSec": 9}})", "expected 10 to 86400, found 9"},
           Case{R"({"sluice": {"logFormat": "xml"}})",
                "expected auto, text, plain or json, found \"xml\""},
           Case{R"({"sluice": {"indexes": "Lean"}})",
                "key \"sluice.indexes\": expected full or lean, found \"Lean\""},
           Case{R"({"sluice": {"dedupTransmissions": 15}})", "expected 16 to 16777216, found 15"},
           Case{R"({"sluice": {"sqliteCacheKiB": 0}})", "expected 64 to 16777216, found 0"},
           Case{R"({"sluice": {"journal": {"maxBytes": 4194303}}})",
                "key \"sluice.journal.maxBytes\": expected 4194304 to 1099511627776"},
           Case{R"({"sluice": {"journal": {"maxRecordBytes": 1023}}})",
                "key \"sluice.journal.maxRecordBytes\": expected 1024 to 67108864, found 1023"},
           // A record may take a quarter of its journal at most.
           Case{R"({"sluice": {"journal": {"maxBytes": 4194304, "maxRecordBytes": 1048577}}})",
                "expected 1024 to 1048576, found 1048577"},
       }) {
    EXPECT_THAT(error_of(one.document), HasSubstr(one.message)) << one.document;
  }
}

}  // namespace
}  // namespace sluice
