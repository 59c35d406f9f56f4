// What CoreScope's server checks and relies on (contract 2.5), statement by statement, on a
// database that the whole pipeline has written: ordinary traffic, and whatever a stranger could
// send to get something unfit into a column.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "corescope_server.h"
#include "support/random_traffic.h"
#include "support/stepped_pipeline.h"

namespace sluice::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using Rows = std::vector<std::string>;

// The same text scoped to "#europe", and to a region that nobody knows.
constexpr const char* kScoped = "14ecb2000000112a6016aae925d78965ba02cd227a61af4527";
constexpr const char* kScopedElsewhere = "14ecb3000000112a6016aae925d78965ba02cd227a61af4528";
// In the built-in channel, and in one that nobody has the key of.
constexpr const char* kPublicText =
    "15021020112AF5662A069BC640EB98F5A17F58129118A4DFECE48F44745E4C654974F8C1EDABC1";
constexpr const char* kClosedText = "150011000100000000000000000000000000000001";

void send_hostile_numbers(SteppedPipeline& sluice) {
  constexpr const char* kNumbers[] = {
      "\"inf\"",     "\"-Infinity\"",   "\"nan\"", "1.7e308", "12.75", "\"0x1p1023\"",
      "\"-3.5dBm\"", "\"1e999\"",       "-1e300",  "null",    "true",  "[]",
      "\"\"",        "9007199254740993"};
  std::uint32_t n = 5000;
  for (const char* number : kNumbers) {
    sluice.receive(
        {.topic = "meshcore/SJC/HOSTILE/packets",
         .payload = fmt::format(
             R"({{"raw":"{}","SNR":{},"RSSI":{},"score":{},"timestamp":"2026-01-01T05:00:00"}})",
             text_hex(n++), number, number, number)});
    sluice.receive(
        {.topic = "meshcore/SJC/HOSTILE/status",
         .payload = fmt::format(
             R"({{"noise_floor":{0},"uptime_secs":{0},"repeat":{0},"stats":{{"battery_mv":{0},)"
             R"("tx_air_secs":{0},"rx_air_secs":{0},"recv_errors":{0},"packets_sent":{0},"packets_recv":{0}}}}})",
             number)});
    sluice.receive(
        {.topic = "meshcore/client/ab01/packets",
         .payload = fmt::format(
             R"({{"raw":"{}","direction":"rx","RSSI":{},"SNR":{},"gps":{{"lat":{},"lon":{},"acc_m":{}}}}})",
             advert_hex({.seed = 9}), number, number, number, number, number)});
    sluice.advance(std::chrono::seconds(301));
  }
}

/// One database for all the cases: none of them writes.
class CoreScopeExpectations : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    sluice_ = std::make_unique<SteppedPipeline>(PipelineSpec{
        .window = std::chrono::milliseconds(1000), .max_rows = 50, .tweak = [](Config& config) {
          config.hash_regions = {"#europe"};
          config.client_rx_coverage_enabled = true;
        }});
    RandomTraffic traffic({.seed = 25, .transmissions = 400, .observers = 6});
    for (int i = 0; i < 4000; ++i) {
      sluice_->receive(traffic.next());
      if (i % 20 == 0) sluice_->advance(std::chrono::milliseconds(300));
    }
    for (const char* raw : {kScoped, kScopedElsewhere, kPublicText, kClosedText}) {
      sluice_->receive(packet_message({.raw = raw}));
    }
    send_hostile_numbers(*sluice_);
    sluice_->advance(std::chrono::seconds(2));
    sluice_->advance(std::chrono::seconds(2));
    server_ = std::make_unique<CoreScopeServer>(sluice_->db_path());
  }
  static void TearDownTestSuite() {
    server_.reset();
    sluice_->finish();
    sluice_.reset();
  }

  [[nodiscard]] static Rows rows(const std::string& sql) { return server_->rows(sql); }
  [[nodiscard]] static std::int64_t count(const std::string& table, const std::string& where) {
    return std::stoll(
        server_->value(fmt::format("SELECT count(*) FROM {} WHERE {}", table, where)));
  }
  /// The types that a column's cells have.
  [[nodiscard]] static Rows types(const std::string& table, const std::string& column) {
    return rows(fmt::format("SELECT DISTINCT typeof({}) FROM {} ORDER BY 1", column, table));
  }
  [[nodiscard]] static std::string plan(const std::string& sql) {
    std::string text;
    for (const std::string& row : rows("EXPLAIN QUERY PLAN " + sql)) text += row + "\n";
    return text;
  }

  static std::unique_ptr<SteppedPipeline> sluice_;
  static std::unique_ptr<CoreScopeServer> server_;
};
std::unique_ptr<SteppedPipeline> CoreScopeExpectations::sluice_;
std::unique_ptr<CoreScopeServer> CoreScopeExpectations::server_;

TEST_F(CoreScopeExpectations, ServerWouldStart) {
  EXPECT_THAT(server_->startup_complaints(), IsEmpty());
}

TEST_F(CoreScopeExpectations, PresenceOfObserverIdxSelectsTheThirdVersionOfItsQueries) {
  const Rows columns = rows("SELECT name FROM pragma_table_info('observations')");
  EXPECT_THAT(columns, Contains("observer_idx"));
  EXPECT_THAT(columns, Not(Contains("observer_id")));
}

TEST_F(CoreScopeExpectations, WhatIsOursIsPrefixedAndHasNoTriggers) {
  const Rows known = {"nodes",
                      "inactive_nodes",
                      "observers",
                      "transmissions",
                      "observations",
                      "observer_metrics",
                      "dropped_packets",
                      "neighbor_edges",
                      "client_receptions",
                      "client_observers",
                      "_migrations",
                      "_async_migrations",
                      "sqlite_sequence"};
  for (const std::string& table : rows("SELECT name FROM sqlite_master WHERE type = 'table'")) {
    if (table.rfind("sluice_", 0) == 0) continue;
    EXPECT_THAT(known, Contains(table));
  }
  EXPECT_THAT(rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"), IsEmpty());
  EXPECT_THAT(rows("SELECT name FROM sqlite_master WHERE type = 'view'"),
              testing::ElementsAre("packets_v"));
  EXPECT_EQ(server_->value("SELECT user_version FROM pragma_user_version"), "0");
  EXPECT_EQ(server_->value("SELECT application_id FROM pragma_application_id"), "0");
}

TEST_F(CoreScopeExpectations, BookkeepingOfUpgradesIsCompleteForAReturnToTheGoIngestor) {
  EXPECT_THAT(rows("SELECT name FROM _migrations"), SizeIs(22));  // one for the configured region
  EXPECT_THAT(rows("SELECT name FROM _migrations"), Contains("backfill_default_scope_v1"));
  EXPECT_THAT(
      rows("SELECT name || '=' || status || iif(error IS NULL, '', error) FROM _async_migrations"),
      testing::UnorderedElementsAre("obs_observer_ts_idx_v1=done",
                                    "tx_last_seen_backfill_v1=done"));
}

TEST_F(CoreScopeExpectations, JournalIsAWalAndNobodyHoldsTheFileForHimself) {
  EXPECT_EQ(server_->value("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(server_->value("PRAGMA quick_check"), "ok");  // a shared lock was to be had
}

TEST_F(CoreScopeExpectations, PollsAndLookUpsGoThroughIndexes) {
  const std::string by_id = plan("SELECT id FROM transmissions WHERE id > 7 ORDER BY id LIMIT 100");
  EXPECT_THAT(by_id, HasSubstr("INTEGER PRIMARY KEY"));
  EXPECT_THAT(plan(fmt::format(CoreScopeServer::kNewObservations, 7)), Not(HasSubstr("SCAN")));
  EXPECT_THAT(plan("SELECT * FROM observations WHERE transmission_id = 7"),
              HasSubstr("USING INDEX"));
  EXPECT_THAT(plan("SELECT * FROM observations WHERE observer_idx = 7 AND timestamp > 1"),
              HasSubstr("idx_observations_observer_idx_timestamp"));
  EXPECT_THAT(plan("SELECT * FROM observations WHERE timestamp > 1"), HasSubstr("USING INDEX"));
  EXPECT_THAT(plan("SELECT * FROM transmissions WHERE hash = 'a'"), HasSubstr("USING INDEX"));
  EXPECT_THAT(plan("SELECT * FROM transmissions WHERE from_pubkey = 'a'"),
              HasSubstr("USING INDEX"));
  EXPECT_THAT(plan("SELECT * FROM transmissions WHERE first_seen > 'a'"), HasSubstr("USING INDEX"));
  EXPECT_THAT(plan("SELECT * FROM transmissions WHERE payload_type = 5 AND channel_hash = 'a'"),
              HasSubstr("USING INDEX"));
  EXPECT_THAT(plan("SELECT * FROM nodes WHERE last_seen > 'a'"), HasSubstr("USING INDEX"));
  EXPECT_THAT(plan("SELECT * FROM observer_metrics WHERE observer_id = 'a' AND timestamp > 'b'"),
              HasSubstr("USING INDEX"));
}

TEST_F(CoreScopeExpectations, ColumnsThatAreScannedAsIntegersHoldNothingElse) {
  const std::vector<std::pair<std::string, Rows>> columns = {
      {"transmissions", {"route_type", "payload_type", "payload_version"}},
      {"observations", {"score", "observer_idx"}},
      {"observers", {"battery_mv", "uptime_secs", "clock_skew_seconds"}},
      {"observer_metrics",
       {"tx_air_secs", "rx_air_secs", "recv_errors", "battery_mv", "packets_sent", "packets_recv"}},
      {"nodes", {"battery_mv"}},
      {"client_receptions", {"rssi"}}};
  for (const auto& [table, names] : columns) {
    for (const std::string& name : names) {
      const Rows found = types(table, name);
      EXPECT_THAT(found, Each(testing::AnyOf("integer", "null"))) << table << "." << name;
      if (table != "nodes" && name != "observer_idx") {
        EXPECT_THAT(found, Contains("integer")) << name;
      }
    }
  }
}

TEST_F(CoreScopeExpectations, ColumnsThatMayNotBeNullAreIntegers) {
  for (const char* name :
       {"packet_count", "can_relay", "can_relay_seen", "inactive", "clock_skew_count_24h"}) {
    EXPECT_THAT(types("observers", name), testing::ElementsAre("integer")) << name;
  }
  EXPECT_THAT(types("transmissions", "last_seen"), testing::ElementsAre("integer"));
  EXPECT_THAT(types("observations", "timestamp"), testing::ElementsAre("integer"));
  EXPECT_THAT(types("nodes", "advert_count"), testing::ElementsAre("integer"));
}

TEST_F(CoreScopeExpectations, MeasuredValuesAreFinite) {
  const std::vector<std::pair<std::string, Rows>> columns = {
      {"observations", {"snr", "rssi"}},
      {"observers", {"noise_floor"}},
      {"observer_metrics", {"noise_floor"}},
      {"nodes", {"lat", "lon", "temperature_c"}},
      {"client_receptions", {"snr", "lat", "lon", "pos_acc_m"}}};
  for (const auto& [table, names] : columns) {
    for (const std::string& name : names) {
      EXPECT_THAT(types(table, name), Each(testing::AnyOf("real", "null"))) << table << "." << name;
      EXPECT_EQ(count(table, fmt::format("abs({0}) > 1.7976931348623157e308", name)), 0)
          << table << "." << name;
    }
  }
  EXPECT_GT(count("observations", "snr IS NOT NULL"), 100);
}

TEST_F(CoreScopeExpectations, EveryTransmissionHasAnObservationAndEveryObservationItsTransmission) {
  EXPECT_GT(count("transmissions", "1"), 300);
  EXPECT_EQ(count("transmissions", "id NOT IN (SELECT transmission_id FROM observations)"), 0);
  EXPECT_EQ(count("observations", "transmission_id NOT IN (SELECT id FROM transmissions)"), 0);
  EXPECT_EQ(count("observations", "observer_idx NOT IN (SELECT rowid FROM observers)"), 0);
}

TEST_F(CoreScopeExpectations, LoadWindowFindsTransmissionsByTheEpochOfTheirLastObservation) {
  EXPECT_EQ(count("transmissions", "last_seen = 0"), 0);
  EXPECT_EQ(count("transmissions t",
                  "last_seen < (SELECT max(timestamp) FROM observations"
                  " WHERE transmission_id = t.id)"),
            0);
}

TEST_F(CoreScopeExpectations, PathsAreNullOrListsOfJson) {
  EXPECT_EQ(count("observations",
                  "path_json IS NULL OR NOT json_valid(path_json)"
                  " OR json_type(path_json) <> 'array'"),
            0);
  EXPECT_EQ(
      count("observations", "resolved_path IS NOT NULL AND json_type(resolved_path) <> 'array'"),
      0);
}

TEST_F(CoreScopeExpectations, DecodedJsonParsesAndNamesTheKeyOfAnAdvert) {
  simdjson::dom::parser parser;
  for (const std::string& text : rows("SELECT decoded_json FROM transmissions")) {
    simdjson::dom::object object;
    EXPECT_EQ(parser.parse(text).get(object), simdjson::SUCCESS) << text;
  }
  EXPECT_GT(count("transmissions", "payload_type = 4"), 0);
  EXPECT_EQ(count("transmissions",
                  "payload_type = 4 AND (from_pubkey IS NULL OR instr(decoded_json,"
                  " '\"pubKey\":\"' || from_pubkey) = 0)"),
            0);
}

TEST_F(CoreScopeExpectations, ChannelHashTellsOpenedFromClosed) {
  EXPECT_EQ(count("transmissions", "payload_type <> 5 AND channel_hash IS NOT NULL"), 0);
  EXPECT_EQ(count("transmissions", "payload_type = 5 AND channel_hash IS NULL"), 0);
  EXPECT_THAT(rows("SELECT DISTINCT channel_hash FROM transmissions WHERE channel_hash LIKE "
                   "'enc\\_%' ESCAPE '\\'"),
              Contains("enc_11"));
  EXPECT_EQ(count("transmissions",
                  "channel_hash LIKE 'enc\\_%' ESCAPE '\\' AND decoded_json LIKE"
                  " '%\"decryptionStatus\":\"decrypted\"%'"),
            0);
  EXPECT_THAT(rows("SELECT DISTINCT channel_hash FROM transmissions"),
              Contains("ch1"));  // a companion's
}

TEST_F(CoreScopeExpectations, ScopeNameTellsUnscopedUnknownAndNamed) {
  EXPECT_EQ(server_->value(
                fmt::format("SELECT scope_name FROM transmissions WHERE raw_hex = '{}'", kScoped)),
            "#europe");
  EXPECT_EQ(server_->value(fmt::format(
                "SELECT '[' || scope_name || ']' FROM transmissions WHERE raw_hex = '{}'",
                kScopedElsewhere)),
            "[]");
  EXPECT_EQ(count("transmissions", "route_type NOT IN (0, 3) AND scope_name IS NOT NULL"), 0);
  EXPECT_EQ(count("transmissions", "scope_name <> '' AND scope_name NOT LIKE '#%'"), 0);
}

TEST_F(CoreScopeExpectations, TimesThatAreComparedAsTextHaveOneForm) {
  const std::vector<std::pair<std::string, Rows>> columns = {
      {"nodes", {"last_seen", "first_seen"}},
      {"observers", {"last_seen", "first_seen", "last_packet_at", "clock_last_naive_at"}},
      {"transmissions", {"first_seen"}},
      {"observer_metrics", {"timestamp"}},
      {"client_receptions", {"rx_at", "ingested_at"}}};
  for (const auto& [table, names] : columns) {
    for (const std::string& name : names) {
      EXPECT_GT(count(table, fmt::format("{} IS NOT NULL", name)), 0) << table << "." << name;
      EXPECT_EQ(count(table, fmt::format("{} NOT GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T"
                                         "[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z'",
                                         name)),
                0)
          << table << "." << name;
    }
  }
  EXPECT_EQ(count("nodes", "last_seen IS NULL"), 0);
  EXPECT_EQ(count("observers", "last_seen IS NULL"), 0);
}

TEST_F(CoreScopeExpectations, ObserversAreVisibleAndTellWhetherTheyRelay) {
  EXPECT_EQ(count("observers", "coalesce(inactive, 0) <> 0"), 0);
  EXPECT_EQ(count("observers", "can_relay NOT IN (0, 1) OR can_relay_seen NOT IN (0, 1)"), 0);
  EXPECT_EQ(count("observers", "can_relay = 0 AND can_relay_seen = 0"), 0);
  EXPECT_GT(count("observers", "can_relay_seen = 1"), 0);
  EXPECT_EQ(count("observers", "clock_skew_seconds IS NOT NULL AND clock_last_naive_at IS NULL"),
            0);
  EXPECT_GT(count("observers", "clock_skew_count_24h > 0"), 0);
}

TEST_F(CoreScopeExpectations, NodesCarryWhatTheServerReadsOfThem) {
  EXPECT_GT(count("nodes", "1"), 0);
  EXPECT_EQ(count("nodes", "public_key <> lower(public_key) OR length(public_key) <> 64"), 0);
  EXPECT_EQ(
      count("nodes", "coalesce(foreign_advert, 0) NOT IN (0, 1) OR multibyte_sup NOT IN (0, 1, 2)"),
      0);
  EXPECT_EQ(count("nodes", "abs(lat) > 90 OR abs(lon) > 180"), 0);
}

}  // namespace
}  // namespace sluice::test
