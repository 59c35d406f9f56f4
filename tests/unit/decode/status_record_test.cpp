#include "decode/status_record.h"

#include <string>

#include "envelope_fixture.h"

namespace sluice {
namespace {

class StatusRecord : public EnvelopeFixture {
 protected:
  std::optional<bool> repeat(const std::string& value) {
    return status("{\"repeat\":" + value + "}").can_relay;
  }
};

TEST_F(StatusRecord, ReadsAStatusWithStats) {
  const auto report = status(
      R"({"status":"online","timestamp":"2026-06-09T12:00:00+00:00","origin":"Hilltop",)"
      R"("origin_id":"A45E","model":"Heltec V3","firmware_version":"v1.17.1",)"
      R"("radio":"869.618,62.5,8,8","client_version":"meshcoretomqtt/1.1","repeat":"on",)"
      R"("stats":{"battery_mv":4123,"uptime_secs":86400,"queue_len":0,"noise_floor":-117,)"
      R"("tx_air_secs":60,"rx_air_secs":1200,"recv_errors":3,"packets_sent":5,"packets_recv":6}})");
  EXPECT_EQ(report.observer_id, "AB12");
  EXPECT_EQ(report.name, "Hilltop");
  EXPECT_EQ(report.iata, "SJC");
  EXPECT_EQ(report.model, "Heltec V3");
  EXPECT_EQ(report.firmware, "v1.17.1");
  EXPECT_EQ(report.client_version, "meshcoretomqtt/1.1");
  EXPECT_EQ(report.radio, "869.618,62.5,8,8");
  EXPECT_EQ(report.battery_mv, 4123);
  EXPECT_EQ(report.uptime_secs, 86400);
  EXPECT_EQ(report.tx_air_secs, 60);
  EXPECT_EQ(report.rx_air_secs, 1200);
  EXPECT_EQ(report.recv_errors, 3);
  EXPECT_EQ(report.packets_sent, 5);
  EXPECT_EQ(report.packets_recv, 6);
  EXPECT_EQ(report.noise_floor, -117.0);
  EXPECT_EQ(report.can_relay, true);
  EXPECT_TRUE(report.has_metrics());
}

TEST_F(StatusRecord, LeavesOutWhatTheRecordLacks) {
  const auto report = status("{}");
  EXPECT_EQ(report.name, "");
  EXPECT_EQ(report.model, std::nullopt);
  EXPECT_EQ(report.firmware, std::nullopt);
  EXPECT_EQ(report.client_version, std::nullopt);
  EXPECT_EQ(report.radio, std::nullopt);
  EXPECT_EQ(report.uptime_secs, std::nullopt);
  EXPECT_EQ(report.can_relay, std::nullopt);
  EXPECT_FALSE(report.has_metrics());
}

TEST_F(StatusRecord, IgnoresThePayloadsRegion) {
  EXPECT_EQ(status(R"({"region":"OAK"})").iata, "SJC");
  EXPECT_EQ(status("{}", "meshcore/ sjc /a/status").iata, " sjc ");
}

TEST_F(StatusRecord, TakesOnlyNonEmptyStringsAsTexts) {
  const auto report = status(R"({"origin":12,"model":"","radio":7,"firmware":null,
                                 "client_version":["x"]})");
  EXPECT_EQ(report.name, "");
  EXPECT_EQ(report.model, std::nullopt);
  EXPECT_EQ(report.radio, std::nullopt);
  EXPECT_EQ(report.firmware, std::nullopt);
  EXPECT_EQ(report.client_version, std::nullopt);
}

TEST_F(StatusRecord, LetsTheNewerKeysOverride) {
  EXPECT_EQ(status(R"({"firmware_version":"new","firmware":"old"})").firmware, "new");
  EXPECT_EQ(status(R"({"firmware":"old","firmware_version":""})").firmware, "old");
  EXPECT_EQ(status(R"({"firmware":"old","firmware_version":5})").firmware, "old");
  EXPECT_EQ(status(R"({"clientVersion":"b","client_version":"a"})").client_version, "b");
  EXPECT_EQ(status(R"({"client_version":"a","clientVersion":null})").client_version, "a");
}

TEST_F(StatusRecord, LetsStatsHideTheTopLevel) {
  const auto report = status(R"({"battery_mv":1,"uptime_secs":2,"noise_floor":-3,"packets_sent":4,
      "stats":{"battery_mv":10,"uptime_secs":null,"noise_floor":"bad"}})");
  EXPECT_EQ(report.battery_mv, 10);
  EXPECT_EQ(report.uptime_secs, std::nullopt);
  EXPECT_EQ(report.noise_floor, std::nullopt);
  EXPECT_EQ(report.packets_sent, 4);
}

TEST_F(StatusRecord, LooksIntoStatsOnlyWhereItIsAnObject) {
  for (const char* stats : {"null", "\"text\"", "[1,2]", "5"}) {
    const auto report = status(std::string(R"({"battery_mv":1,"stats":)") + stats + "}");
    EXPECT_EQ(report.battery_mv, 1) << stats;
  }
}

TEST_F(StatusRecord, LooksForTextsAndRepeatAtTopLevelOnly) {
  const auto report = status(R"({"stats":{"model":"x","repeat":true,"origin":"y"}})");
  EXPECT_EQ(report.model, std::nullopt);
  EXPECT_EQ(report.can_relay, std::nullopt);
  EXPECT_EQ(report.name, "");
}

TEST_F(StatusRecord, RoundsCountersAndKeepsTheNoiseFloor) {
  const auto report = status(R"({"battery_mv":-1.5,"uptime_secs":"86400.6","tx_air_secs":0.5,
      "rx_air_secs":" 77 ","recv_errors":2.5,"packets_sent":-2.5,"packets_recv":"1_000",
      "noise_floor":"-101.5 dBm"})");
  EXPECT_EQ(report.battery_mv, -2);
  EXPECT_EQ(report.uptime_secs, 86401);
  EXPECT_EQ(report.tx_air_secs, 1);
  EXPECT_EQ(report.rx_air_secs, 77);
  EXPECT_EQ(report.recv_errors, 3);
  EXPECT_EQ(report.packets_sent, -3);
  EXPECT_EQ(report.packets_recv, 1000);
  EXPECT_EQ(report.noise_floor, -101.5);
}

TEST_F(StatusRecord, CountsWhatNoIntegerHoldsAsAbsent) {
  const auto report = status(R"({"battery_mv":1e300,"uptime_secs":9223372036854775808,
      "recv_errors":"inf","noise_floor":"nan","packets_sent":true,"packets_recv":"3700mV"})");
  EXPECT_EQ(report.battery_mv, std::nullopt);
  EXPECT_EQ(report.uptime_secs, std::nullopt);
  EXPECT_EQ(report.recv_errors, std::nullopt);
  EXPECT_EQ(report.noise_floor, std::nullopt);
  EXPECT_EQ(report.packets_sent, std::nullopt);
  EXPECT_EQ(report.packets_recv, std::nullopt);
  EXPECT_FALSE(report.has_metrics());
}

TEST_F(StatusRecord, ReadsRepeatInAllItsForms) {
  for (const char* on : {"true", "1", "-1", "0.5", "\"on\"", "\" ON \"", "\"True\"", "\"1\"",
                         "\"yes\"", "99999999999999999999"}) {
    EXPECT_EQ(repeat(on), true) << on;
  }
  for (const char* off :
       {"false", "0", "-0.0", "0e5", "\"off\"", "\"False\"", "\" 0\"", "\"NO\""}) {
    EXPECT_EQ(repeat(off), false) << off;
  }
  for (const char* neither : {"null", "\"\"", "\"maybe\"", "\"2\"", "\"0.0\"", "[]", "{}"}) {
    EXPECT_EQ(repeat(neither), std::nullopt) << neither;
  }
}

}  // namespace
}  // namespace sluice
