#include "config/load.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/config_fixture.h"

namespace sluice {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class LoadConfig : public ConfigFixture {};

TEST_F(LoadConfig, TakesDefaultsAndANoteForAMissingFile) {
  const Config config = load_file();
  EXPECT_EQ(config.db_path, "data/meshcore.db");
  ASSERT_EQ(config.sources.size(), 1u);
  EXPECT_EQ(config.sources[0].name, "local");
  EXPECT_THAT(report_.notes, ElementsAre(HasSubstr("config.json not found, using defaults"),
                                         HasSubstr("mqtt://localhost:1883")));
}

TEST_F(LoadConfig, TakesTheStructsDefaultsForAnEmptyObject) {
  Config config = load("{}");
  config.sources.clear();
  Config expected;
  expected.channels.channel_keys_path = path("channel-rainbow.json");
  EXPECT_EQ(config, expected);
}

TEST_F(LoadConfig, TreatsNullAsAnEmptyObject) { EXPECT_EQ(load("null"), load("{}")); }

TEST_F(LoadConfig, WorksWithoutAReport) {
  write("config.json", R"({"dbPath": "x.db"})");
  EXPECT_EQ(load_config(path(), empty_environment()).db_path, "x.db");
}

TEST_F(LoadConfig, ReadsTheProcessesEnvironment) {
  ASSERT_EQ(::setenv("SLUICE_TEST_VARIABLE", "yes", 1), 0);
  EXPECT_EQ(process_environment()("SLUICE_TEST_VARIABLE"), "yes");
  ASSERT_EQ(::unsetenv("SLUICE_TEST_VARIABLE"), 0);
  EXPECT_EQ(process_environment()("SLUICE_TEST_VARIABLE"), std::nullopt);
}

TEST_F(LoadConfig, LetsTheEnvironmentReplaceTheDatabase) {
  set("DB_PATH", "/env.db");
  EXPECT_EQ(load(R"({"dbPath": "file.db"})").db_path, "/env.db");
  EXPECT_EQ(setting("dbPath").origin, Origin::kEnvironment);
  EXPECT_EQ(setting("dbPath").variable, "DB_PATH");
  set("DB_PATH", "");
  EXPECT_EQ(load(R"({"dbPath": "file.db"})").db_path, "file.db");
  EXPECT_EQ(load(R"({"dbPath": ""})").db_path, "data/meshcore.db");
}

// --- keys ---

TEST_F(LoadConfig, MatchesKeysIgnoringCase) {
  EXPECT_EQ(load(R"({"dbpath": "a"})").db_path, "a");
  EXPECT_EQ(load(R"({"RETENTION": {"NODEDAYS": 3}})").retention.nodes, days(3));
}

TEST_F(LoadConfig, PrefersTheExactKey) {
  EXPECT_EQ(load(R"({"dbPath": "exact", "DBPATH": "b"})").db_path, "exact");
  EXPECT_EQ(load(R"({"dbpath": "a", "dbPath": "exact"})").db_path, "exact");
}

TEST_F(LoadConfig, TakesTheLastOfEqualKeys) {
  EXPECT_EQ(load(R"({"dbPath": "a", "dbPath": "b"})").db_path, "b");
  EXPECT_EQ(load(R"({"dbpath": "a", "DBPATH": "b"})").db_path, "b");
}

TEST_F(LoadConfig, LooksPastNullAmongEqualKeys) {
  EXPECT_EQ(load(R"({"dbPath": null, "dbpath": "b.db"})").db_path, "b.db");
  EXPECT_EQ(load(R"({"dbPath": "a.db", "dbPath": null})").db_path, "a.db");
  EXPECT_EQ(load(R"({"hashRegions": ["#a"], "hashRegions": null})").hash_regions,
            std::vector<std::string>{"#a"});
}

TEST_F(LoadConfig, ReadsObjectsUnderEqualKeysAsOne) {
  const Config config = load(R"({"retention": {"nodeDays": 3, "packetDays": 5},
      "retention": {"nodeDays": 4}, "channelKeys": {"a": "00", "b": "01"},
      "channelKeys": {"a": "02"}})");
  EXPECT_EQ(config.retention.nodes, days(4));
  EXPECT_EQ(config.retention.packets, days(5));
  EXPECT_THAT(config.channels.channel_keys, ElementsAre(Pair("a", "02"), Pair("b", "01")));
}

TEST_F(LoadConfig, TreatsNullAsAbsent) {
  const Config config = load(R"({"dbPath": null, "mqttSources": null, "retention": null,
      "groupCommitMs": null, "geo_filter": null, "channelKeys": null, "sluice": null,
      "hashChannels": ["a", null], "metrics": {"sampleIntervalSec": null}})");
  Config expected = load("{}");
  expected.channels.hash_channels = {"a"};
  EXPECT_EQ(config, expected);
}

TEST_F(LoadConfig, IgnoresForeignKeysAtEveryLevel) {
  const Config config = load(R"({"_comment": 1, "port": 3000, "db": {"load": {"x": [1]}, "y": {}},
      "retention": {"_comment": [], "other": "z"}, "neighborGraph": {"maxAgeDays": "?"},
      "geo_filter": null, "apiKey": {"deep": [[[]]]}})");
  EXPECT_EQ(config, load("{}"));
}

TEST_F(LoadConfig, RemarksOnUnknownKeysOfItsOwn) {
  (void)load(R"({"mqtt": {"broker": "h:1"}, "sluice": {"_comment": "", "decodeWorker": 2,
      "journal": {"maxbytes": 8388608, "max": 1}}})");
  EXPECT_THAT(report_.notes,
              ElementsAre(HasSubstr("sluice.journal.max:"), HasSubstr("sluice.decodeWorker:")));
}

// --- retention and other integers ---

TEST_F(LoadConfig, ReadsRetention) {
  const RetentionConfig retention = load(R"({"retention": {"nodeDays": 1, "observerDays": 2,
      "metricsDays": 3, "packetDays": 4, "clientRxDays": 5}})")
                                        .retention;
  EXPECT_EQ(retention.nodes, days(1));
  EXPECT_EQ(retention.observers, days(2));
  EXPECT_EQ(retention.metrics, days(3));
  EXPECT_EQ(retention.packets, days(4));
  EXPECT_EQ(retention.client_receptions, days(5));
}

TEST_F(LoadConfig, TreatsZeroAndLessInRetentionByKey) {
  for (const char* value : {"0", "-1", "-30"}) {
    const std::string v(value);
    const RetentionConfig retention =
        load(R"({"retention": {"nodeDays": )" + v + R"(, "metricsDays": )" + v +
             R"(, "packetDays": )" + v + R"(, "clientRxDays": )" + v + "}}")
            .retention;
    EXPECT_EQ(retention, RetentionConfig{}) << v;
  }
}

TEST_F(LoadConfig, KeepsObserversForEverBelowZero) {
  EXPECT_EQ(load(R"({"retention": {"observerDays": 0}})").retention.observers, days(14));
  EXPECT_EQ(load(R"({"retention": {"observerDays": -1}})").retention.observers, std::nullopt);
  EXPECT_EQ(load(R"({"retention": {"observerDays": -9223372036854775808}})").retention.observers,
            std::nullopt);
  EXPECT_EQ(setting("retention.observerDays").value, "-1");
}

TEST_F(LoadConfig, CutsWhatClocksCannotReach) {
  const Config config = load(R"({"mqtt": {"broker": "h:1"},
      "retention": {"nodeDays": 9223372036854775807}, "neighborEdgesMaxAgeDays": 36501})");
  EXPECT_EQ(config.retention.nodes, days(36500));
  EXPECT_EQ(config.neighbor_edges_max_age, days(36500));
  EXPECT_THAT(report_.notes,
              ElementsAre(HasSubstr("retention.nodeDays"), HasSubstr("neighborEdgesMaxAgeDays")));
}

TEST_F(LoadConfig, ReadsIntegersThatFallBackAtZero) {
  struct Case {
    const char* before;
    const char* after;
    std::int64_t (*get)(const Config&);
    std::int64_t fallback;
  };
  const Case cases[] = {
      {R"({"metrics": {"sampleIntervalSec": )", "}}",
       [](const Config& c) -> std::int64_t { return c.metrics.sample_interval.count(); }, 300},
      {R"({"db": {"incrementalVacuumPages": )", "}}",
       [](const Config& c) { return c.db.incremental_vacuum_pages; }, 1024},
      {R"({"neighborEdgesMaxAgeDays": )", "}",
       [](const Config& c) -> std::int64_t { return c.neighbor_edges_max_age.count(); }, 5},
      {R"({"ingestBufferSize": )", "}", [](const Config& c) { return c.ingest_buffer_size; },
       50000},
      {R"({"groupCommitMaxRows": )", "}",
       [](const Config& c) { return c.window.group_commit_max_rows; }, 1000},
  };
  for (const Case& one : cases) {
    const auto value = [&](const char* text) {
      return one.get(load(std::string(one.before) + text + one.after));
    };
    EXPECT_EQ(value("77"), 77) << one.before;
    EXPECT_EQ(value("1"), 1) << one.before;
    EXPECT_EQ(value("0"), one.fallback) << one.before;
    EXPECT_EQ(value("-5"), one.fallback) << one.before;
    EXPECT_EQ(value("null"), one.fallback) << one.before;
  }
}

TEST_F(LoadConfig, ReadsTheWindow) {
  EXPECT_EQ(load("{}").window.group_commit, milliseconds(1000));
  EXPECT_EQ(load(R"({"groupCommitMs": 250})").window.group_commit, milliseconds(250));
  EXPECT_EQ(load(R"({"groupCommitMs": 0})").window.group_commit, milliseconds(0));
  EXPECT_EQ(load(R"({"groupCommitMs": -3})").window.group_commit, milliseconds(0));
}

// --- filters and lists ---

TEST_F(LoadConfig, NormalisesLettersAndSpacesBeyondAscii) {
  const Config config = load(
      "{\"observerIATAWhitelist\": [\"\xC2\xA0köln\", \"\xE3\x80\x80\"],"
      "\"observerBlacklist\": [\"\xE2\x80\x83ОСТ\\u00a0\"]}");
  EXPECT_THAT(config.observer_iata_whitelist, ElementsAre("KÖLN"));
  EXPECT_THAT(config.observer_blacklist, ElementsAre("ост"));
}

TEST_F(LoadConfig, NormalisesWhitelistAndBlacklist) {
  const Config config = load(R"({"observerIATAWhitelist": ["sjc", " Oak ", ""],
      "observerBlacklist": [" AbC\t", "", "  ", "def"]})");
  EXPECT_THAT(config.observer_iata_whitelist, ElementsAre("SJC", "OAK"));
  EXPECT_THAT(config.observer_blacklist, ElementsAre("abc", "def"));
}

TEST_F(LoadConfig, AWhitelistOfBlanksIsNone) {
  EXPECT_THAT(load(R"({"observerIATAWhitelist": ["", " \t"]})").observer_iata_whitelist,
              ElementsAre());
}

TEST_F(LoadConfig, NormalisesHashRegions) {
  const Config config = load(R"({"mqtt": {"broker": "h:1"},
      "hashRegions": ["bayarea", " #pnw ", "", "bayarea", "#bayarea", "PNW"]})");
  EXPECT_THAT(config.hash_regions, ElementsAre("#bayarea", "#pnw", "#PNW"));
  EXPECT_THAT(report_.notes,
              ElementsAre(HasSubstr("blank"), HasSubstr("#bayarea"), HasSubstr("#bayarea")));
}

TEST_F(LoadConfig, KeepsChannelsAsWritten) {
  const ChannelConfig channels =
      load(R"({"hashChannels": [" a ", ""], "channelKeys": {"z": "1", "a": "2", "z": "3"}})")
          .channels;
  EXPECT_THAT(channels.hash_channels, ElementsAre(" a ", ""));
  EXPECT_THAT(channels.channel_keys, ElementsAre(Pair("z", "3"), Pair("a", "2")));
}

TEST_F(LoadConfig, FindsTheRainbowFileBesideTheConfig) {
  EXPECT_EQ(load("{}").channels.channel_keys_path, path("channel-rainbow.json"));
  EXPECT_EQ(load(R"({"channelKeysPath": "k.json"})").channels.channel_keys_path, "k.json");
  set("CHANNEL_KEYS_PATH", "e.json");
  EXPECT_EQ(load(R"({"channelKeysPath": "k.json"})").channels.channel_keys_path, "e.json");
  EXPECT_EQ(load_config("no-such-config.json", empty_environment()).channels.channel_keys_path,
            "channel-rainbow.json");
}

TEST_F(LoadConfig, ReadsTheGeoFilter) {
  EXPECT_EQ(load("{}").geo_filter, std::nullopt);
  EXPECT_EQ(load(R"({"geo_filter": {}})").geo_filter, GeoFilterConfig{});
  const Config config = load(R"({"geo_filter": {"polygon": [[37, -123.5], [1, 2, 3], [4], []],
      "bufferKm": 2.5, "latMin": -1, "latMax": 2, "lonMin": 3.5}})");
  ASSERT_TRUE(config.geo_filter.has_value());
  EXPECT_THAT(config.geo_filter->polygon,
              ElementsAre(GeoPoint{37, -123.5}, GeoPoint{1, 2}, GeoPoint{4, 0}, GeoPoint{0, 0}));
  EXPECT_EQ(config.geo_filter->buffer_km, 2.5);
  EXPECT_EQ(config.geo_filter->lat_min, -1.0);
  EXPECT_EQ(config.geo_filter->lat_max, 2.0);
  EXPECT_EQ(config.geo_filter->lon_min, 3.5);
  EXPECT_EQ(config.geo_filter->lon_max, std::nullopt);
}

TEST_F(LoadConfig, DropsForeignAdvertsOnlyIfTold) {
  EXPECT_EQ(load(R"({"foreignAdverts": {"mode": " DROP "}})").foreign_adverts,
            ForeignAdverts::kDrop);
  for (const char* mode : {"flag", "", "dropped", "keep"}) {
    EXPECT_EQ(load(std::string(R"({"foreignAdverts": {"mode": ")") + mode + "\"}}").foreign_adverts,
              ForeignAdverts::kFlag)
        << mode;
  }
}

TEST_F(LoadConfig, ReadsSwitches) {
  const Config config = load(R"({"validateSignatures": false, "db": {"vacuumOnStartup": true},
      "clientRxCoverage": {"enabled": true}, "logLevel": "debug"})");
  EXPECT_FALSE(config.validate_signatures);
  EXPECT_TRUE(config.db.vacuum_on_startup);
  EXPECT_TRUE(config.client_rx_coverage_enabled);
  EXPECT_EQ(config.log_level, "debug");
}

// --- environment only ---

TEST_F(LoadConfig, ReadsTheStatsPath) {
  EXPECT_EQ(load("{}").stats_path, "/tmp/corescope-ingestor-stats.json");
  set("CORESCOPE_INGESTOR_STATS", "/run/s.json");
  EXPECT_EQ(load("{}").stats_path, "/run/s.json");
  EXPECT_EQ(setting("CORESCOPE_INGESTOR_STATS").origin, Origin::kEnvironment);
}

TEST_F(LoadConfig, ReadsTheSlowWriterThreshold) {
  struct Case {
    const char* text;
    int expected_ms;
  };
  for (const Case& one : {Case{"250", 250}, Case{"1.9", 1}, Case{"0.5", 0}, Case{"1e3", 1000},
                          Case{"0", 500}, Case{"-1", 500}, Case{"", 500}, Case{"fast", 500},
                          Case{"12ms", 500}, Case{"inf", 500}, Case{"nan", 500}}) {
    set("CORESCOPE_DB_SLOW_WRITER_MS", one.text);
    EXPECT_EQ(load("{}").db_slow_writer, milliseconds(one.expected_ms)) << one.text;
  }
}

// --- our own keys ---

TEST_F(LoadConfig, ReadsItsOwnKeys) {
  const SluiceConfig own = load(R"({"sluice": {"journal": {"maxBytes": 8388608,
      "maxRecordBytes": 4096}, "decodeWorkers": 3, "dedupTransmissions": 1000,
      "sqliteCacheKiB": 2048, "exitWithoutBroker": true, "indexes": "lean", "logFormat": "json",
      "stallTimeoutSec": 30}})")
                               .sluice;
  EXPECT_EQ(own.journal.max_bytes, 8388608);
  EXPECT_EQ(own.journal.max_record_bytes, 4096);
  EXPECT_EQ(own.decode_workers, 3);
  EXPECT_EQ(own.dedup_transmissions, 1000);
  EXPECT_EQ(own.sqlite_cache_kib, 2048);
  EXPECT_TRUE(own.exit_without_broker);
  EXPECT_EQ(own.indexes, Indexes::kLean);
  EXPECT_EQ(own.log_format, LogFormat::kJson);
  EXPECT_EQ(own.stall_timeout, std::chrono::seconds(30));
}

// --- where values come from ---

TEST_F(LoadConfig, TellsFileFromDefault) {
  (void)load(R"({"retention": {"nodeDays": 9}, "channelKeys": {"a": "00", "b": "11"}})");
  EXPECT_EQ(setting("retention.nodeDays").value, "9");
  EXPECT_EQ(setting("retention.nodeDays").origin, Origin::kFile);
  EXPECT_EQ(setting("retention.metricsDays").value, "30");
  EXPECT_EQ(setting("retention.metricsDays").origin, Origin::kDefault);
  EXPECT_EQ(setting("channelKeys").value, "2 entries");
  EXPECT_EQ(to_string(Origin::kFile), "file");
  EXPECT_EQ(to_string(Origin::kDefault), "default");
  EXPECT_EQ(to_string(Origin::kEnvironment), "environment");
}

TEST_F(LoadConfig, ReportsEveryKeyOnce) {
  (void)load(R"({"mqttSources": [{"broker": "h:1"}, {"broker": "h:2"}], "geo_filter": {}})");
  std::vector<std::string> keys;
  for (const Setting& one : report_.settings) keys.push_back(one.key);
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}

TEST_F(LoadConfig, ReportsNoSecret) {
  (void)load(R"({"mqttSources": [{"broker": "mqtt://u:secret1@h:1", "password": "secret2",
      "username": "me"}], "channelKeys": {"a": "5ec4e700000000000000000000000000"}})");
  for (const Setting& one : report_.settings) {
    EXPECT_EQ(one.value.find("secret"), std::string::npos) << one.key;
    EXPECT_EQ(one.value.find("5ec4e7"), std::string::npos) << one.key;
  }
  EXPECT_EQ(setting("mqttSources[0].password").value, "***");
  EXPECT_EQ(setting("mqttSources[0].broker").value, "mqtt://***@h:1");
}

}  // namespace
}  // namespace sluice
