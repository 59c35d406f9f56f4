#include "decode/packet_record.h"

#include <string>

#include "envelope_fixture.h"

namespace sluice {
namespace {

class PacketRecord : public EnvelopeFixture {
 protected:
  RejectReason tx(const std::string& members) {
    return reason(kPackets, R"({"raw":"15021020","direction":"tx",)" + members + "}");
  }
};

TEST_F(PacketRecord, ReadsASerialBridgesRecord) {
  const auto report = packet(
      R"({"origin":"Hilltop","origin_id":"A45E","timestamp":"2026-06-09T12:00:00.123456+00:00",)"
      R"("type":"PACKET","direction":"rx","time":"11:59:59","date":"9/6/2026","len":"4",)"
      R"("packet_type":"5","route":"F","payload_len":"2","raw":"15021020","SNR":"9","RSSI":"-87",)"
      R"("score":"1000","duration":"412","hash":"E33490EF7C14B041"})");
  EXPECT_EQ(report.observer_id, "AB12");
  EXPECT_EQ(report.region, "SJC");
  EXPECT_EQ(report.origin, "Hilltop");
  EXPECT_EQ(report.raw, "15021020");
  EXPECT_EQ(report.timestamp, "2026-06-09T12:00:00.123456+00:00");
  EXPECT_EQ(report.direction, "rx");
  EXPECT_EQ(report.snr, 9.0);
  EXPECT_EQ(report.rssi, -87.0);
  EXPECT_EQ(report.score, 1000);
  EXPECT_EQ(report.claimed_hash, std::nullopt);
}

TEST_F(PacketRecord, LeavesOutWhatTheRecordLacks) {
  const auto report = packet(R"({"raw":"15021020"})", "foo");
  EXPECT_EQ(report.observer_id, "");
  EXPECT_EQ(report.region, "");
  EXPECT_EQ(report.origin, "");
  EXPECT_EQ(report.timestamp, "");
  EXPECT_EQ(report.direction, std::nullopt);
  EXPECT_EQ(report.snr, std::nullopt);
  EXPECT_EQ(report.rssi, std::nullopt);
  EXPECT_EQ(report.score, std::nullopt);
}

TEST_F(PacketRecord, StripsSpacesAndLineEndsFromRaw) {
  EXPECT_EQ(packet(R"({"raw":" 15 02\r\n10\n20 "})").raw, "15021020");
  EXPECT_EQ(packet(R"({"raw":"15\t02"})").raw, "15\t02");
  EXPECT_EQ(packet(R"({"raw":" \n"})").raw, "");  // a packet, if one that can't be decoded
}

TEST_F(PacketRecord, TakesTheRegionFromPayloadThenTopicThenSource) {
  source_.region = "DEF";
  EXPECT_EQ(packet_with(R"("region":" x y ")").region, " x y ");
  EXPECT_EQ(packet_with(R"("region":"")").region, "SJC");
  EXPECT_EQ(packet_with(R"("region":5)").region, "SJC");
  EXPECT_EQ(packet(R"({"raw":"15"})", "meshcore/ /a/packets").region, " ");
  EXPECT_EQ(packet(R"({"raw":"15"})", "meshcore//a/packets").region, "DEF");
  EXPECT_EQ(packet(R"({"raw":"15"})", "meshcore").region, "DEF");
  EXPECT_EQ(packet(R"({"raw":"15"})", "meshcore/packets").region, "packets");
}

TEST_F(PacketRecord, LetsThePresentKeyHideTheOther) {
  EXPECT_EQ(packet_with(R"("SNR":1,"snr":2)").snr, 1.0);
  EXPECT_EQ(packet_with(R"("snr":2)").snr, 2.0);
  EXPECT_EQ(packet_with(R"("SNR":null,"snr":2)").snr, std::nullopt);
  EXPECT_EQ(packet_with(R"("snr":2,"SNR":"Unknown")").snr, std::nullopt);
  EXPECT_EQ(packet_with(R"("Snr":2)").snr, std::nullopt);
  EXPECT_EQ(packet_with(R"("RSSI":-1,"rssi":-2)").rssi, -1.0);
  EXPECT_EQ(packet_with(R"("rssi":-2)").rssi, -2.0);
  EXPECT_EQ(packet_with(R"("RSSI":[],"rssi":-2)").rssi, std::nullopt);
  EXPECT_EQ(packet_with(R"("score":1,"Score":2)").score, 1);
  EXPECT_EQ(packet_with(R"("Score":2)").score, 2);
  EXPECT_EQ(packet_with(R"("score":{},"Score":2)").score, std::nullopt);
}

TEST_F(PacketRecord, TakesTheFirstDirectionThatIsAString) {
  EXPECT_EQ(packet_with(R"("direction":"","Direction":"RX")").direction, "");
  EXPECT_EQ(packet_with(R"("direction":5,"Direction":"RX")").direction, "RX");
  EXPECT_EQ(packet_with(R"("direction":null)").direction, std::nullopt);
  EXPECT_EQ(packet_with(R"("Direction":" Tx ")").direction, " Tx ");
}

TEST_F(PacketRecord, TakesTextsOnlyWhereTheyAreStrings) {
  const auto report = packet_with(R"("origin":12,"timestamp":1779041349,"region":["X"])");
  EXPECT_EQ(report.origin, "");
  EXPECT_EQ(report.timestamp, "");
  EXPECT_EQ(report.region, "SJC");
}

TEST_F(PacketRecord, ReadsNumbersByTheNumberRule) {
  EXPECT_EQ(packet_with(R"("SNR":-7.25)").snr, -7.25);
  EXPECT_EQ(packet_with(R"("SNR":"5.5dB")").snr, 5.5);
  EXPECT_EQ(packet_with(R"("RSSI":" -90 dBm ")").rssi, -90.0);
  EXPECT_EQ(packet_with(R"("RSSI":"0x1p4")").rssi, 16.0);
  for (const char* value : {"true", "null", "[]", "{}", "\"\"", "\"Unknown\""}) {
    EXPECT_EQ(packet_with(std::string("\"SNR\":") + value).snr, std::nullopt) << value;
  }
}

TEST_F(PacketRecord, CountsNonFiniteNumbersAsAbsent) {
  for (const char* value : {"inf", "-Infinity", "NaN", "1e999"}) {
    const auto report = packet_with(std::string("\"SNR\":\"") + value + "\",\"score\":\"" + value +
                                    "\",\"RSSI\":\"" + value + "\"");
    EXPECT_EQ(report.snr, std::nullopt) << value;
    EXPECT_EQ(report.rssi, std::nullopt) << value;
    EXPECT_EQ(report.score, std::nullopt) << value;
  }
}

TEST_F(PacketRecord, RoundsTheScore) {
  EXPECT_EQ(packet_with(R"("score":512.5)").score, 513);
  EXPECT_EQ(packet_with(R"("score":-0.5)").score, -1);
  EXPECT_EQ(packet_with(R"("score":"12km")").score, 12);
  EXPECT_EQ(packet_with(R"("score":9007199254740993)").score, 9007199254740992);
  EXPECT_EQ(packet_with(R"("score":1e300)").score, std::nullopt);
  EXPECT_EQ(packet_with(R"("score":12345678901234567890)").score, std::nullopt);
}

TEST_F(PacketRecord, RefusesSentRecordsWhoseLengthContradictsTheFrame) {
  for (const char* len : {"\"4\"", "4", "4.0", "\" 4 \"", "\"04\""}) {
    EXPECT_EQ(tx(std::string("\"len\":") + len), RejectReason::kNone) << len;
  }
  for (const char* len : {"\"5\"", "39", "0", "\"0\"", "4.5", "-4", "\"99999999999999999999\""}) {
    EXPECT_EQ(tx(std::string("\"len\":") + len), RejectReason::kStaleRaw) << len;
  }
  for (const char* len : {"null", "\"\"", "\"four\"", "\"-5\"", "true", "[5]", "\"5 m\""}) {
    EXPECT_EQ(tx(std::string("\"len\":") + len), RejectReason::kNone) << len;  // no claim
  }
}

TEST_F(PacketRecord, ComparesTheLengthWithTheStrippedFrame) {
  EXPECT_EQ(reason(kPackets, R"({"raw":"15 02 10 20\n","direction":"TX","len":"4"})"),
            RejectReason::kNone);
  EXPECT_EQ(reason(kPackets, R"({"raw":"150210200","Direction":"tX","len":"4"})"),
            RejectReason::kStaleRaw);
}

TEST_F(PacketRecord, DoesNotCheckTheLengthOfReceivedRecords) {
  EXPECT_EQ(packet_with(R"("direction":"rx","len":"39")").raw, "15021020");
  EXPECT_EQ(packet_with(R"("len":"39")").raw, "15021020");
  EXPECT_EQ(packet_with(R"("direction":"txx","len":"39")").raw, "15021020");
}

TEST_F(PacketRecord, HandsOnTheHashThatASentRecordClaims) {
  EXPECT_EQ(packet_with(R"("direction":"tx","hash":"E33490EF7C14B041")").claimed_hash,
            0xE33490EF7C14B041U);
  EXPECT_EQ(packet_with(R"("direction":"TX","hash":"e33490ef7c14b041")").claimed_hash,
            0xE33490EF7C14B041U);
  EXPECT_EQ(packet_with(R"("direction":"rx","hash":"E33490EF7C14B041")").claimed_hash,
            std::nullopt);
  for (const char* hash : {"null", "\"0000000000000000\"", "\"\"", "\"E33490EF7C14B04\"",
                           "\"E33490EF7C14B0411\"", "\"E33490EF7C14B04G\"", "1234567890123456"}) {
    EXPECT_EQ(packet_with(std::string(R"("direction":"tx","hash":)") + hash).claimed_hash,
              std::nullopt)
        << hash;
  }
}

}  // namespace
}  // namespace sluice
