#include "decode/client_record.h"

#include <string>

#include "decode/client_reception.h"
#include "envelope_fixture.h"

namespace sluice {
namespace {

constexpr std::string_view kTopic = "meshcore/client/ab/packets";

class ClientRecord : public EnvelopeFixture {
 protected:
  ClientRecord() { rules_.client_coverage_enabled = true; }

  static std::string record(const std::string& members, const std::string& raw = "0942AABBCCDD00") {
    return R"({"raw":")" + raw + R"(","direction":"rx","gps":{"lat":1,"lon":2})" + members + "}";
  }

  ClientReport report(const std::string& payload, std::string_view topic = kTopic) {
    const Envelope envelope = parse(topic, payload);
    const auto* found = std::get_if<ClientReport>(&envelope);
    EXPECT_NE(found, nullptr) << topic << ' ' << payload;
    return found != nullptr ? *found : ClientReport{};
  }

  RejectReason heard(const std::string& raw, ClientReception& reception) {
    reception.report = report(record("", raw));
    return find_heard(reception, arena_);
  }
};

TEST_F(ClientRecord, ReadsWhatAPhoneSends) {
  const auto read = report(
      R"({"origin":"Phone","timestamp":"2026-06-09T12:00:00Z","direction":"RX","raw":"09 00",)"
      R"("SNR":-7.25,"RSSI":"-77.9 dBm","gps":{"lat":"51.05","lon":3.72,"acc_m":8}})",
      "meshcore/client/ AB0 /packets");
  EXPECT_EQ(read.rx_pubkey, "ab0");
  EXPECT_EQ(read.name, "Phone");
  EXPECT_EQ(read.raw, "0900");
  EXPECT_EQ(read.timestamp, "2026-06-09T12:00:00Z");
  EXPECT_EQ(read.snr, -7.25);
  EXPECT_EQ(read.rssi, -77);
  EXPECT_EQ(read.lat, 51.05);
  EXPECT_EQ(read.lon, 3.72);
  EXPECT_EQ(read.accuracy_m, 8);
}

TEST_F(ClientRecord, NeedsAKeyInTheTopic) {
  const std::string long_key(65, 'a');
  for (const std::string& key :
       {std::string("nothex!"), std::string("a"), std::string(), long_key}) {
    EXPECT_EQ(reason("meshcore/client/" + key + "/packets", record("")),
              RejectReason::kClientBadKey)
        << key;
  }
}

TEST_F(ClientRecord, NeedsAReception) {
  EXPECT_EQ(reason(kTopic, R"({"raw":"0900","gps":{"lat":1,"lon":2}})"),
            RejectReason::kClientNotReceived);
  EXPECT_EQ(reason(kTopic, record(R"(,"direction":"tx")")), RejectReason::kClientNotReceived);
  EXPECT_EQ(reason(kTopic, R"({"raw":"","direction":"rx","gps":{"lat":1,"lon":2}})"),
            RejectReason::kNoPacket);
}

TEST_F(ClientRecord, NeedsAPlaceOnEarth) {
  for (const char* gps :
       {"null", "[1,2]", "{}", R"({"lat":0})", R"({"lat":91,"lon":0})", R"({"lat":0,"lon":-180.5})",
        R"({"lat":"inf","lon":0})", R"({"lat":"x","lon":0})"}) {
    EXPECT_EQ(reason(kTopic, record(std::string(R"(,"gps":)") + gps)),
              RejectReason::kClientNoPosition)
        << gps;
  }
  EXPECT_EQ(report(record(R"(,"gps":{"lat":-90,"lon":180,"acc_m":"bad"})")).accuracy_m,
            std::nullopt);
}

TEST_F(ClientRecord, HearsTheLastHopOfAFlood) {
  ClientReception reception;
  EXPECT_EQ(heard("0942AABBCCDD00", reception), RejectReason::kNone);
  EXPECT_EQ(reception.heard_key, "ccdd");
  EXPECT_EQ(reception.heard_key_bytes, 2);
  EXPECT_FALSE(reception.from_advert);
}

TEST_F(ClientRecord, HearsTheSenderOfAnAdvertWithoutHops) {
  const std::string key = "A5EB586ABFC7C4DE6B55EA3D8869BF7C4F968ACB4FA8DBFCA8106026F3B11279";
  ClientReception reception;
  EXPECT_EQ(heard("1100" + key + std::string(136, '0'), reception), RejectReason::kNone);
  EXPECT_EQ(reception.heard_key,
            "a5eb586abfc7c4de6b55ea3d8869bf7c4f968acb4fa8dbfca8106026f3b11279");
  EXPECT_EQ(reception.heard_key_bytes, 32);
  EXPECT_TRUE(reception.from_advert);
}

TEST_F(ClientRecord, HearsNobodyOtherwise) {
  ClientReception reception;
  EXPECT_EQ(heard("0902AABB00", reception), RejectReason::kClientNothingHeard) << "one-byte hops";
  EXPECT_EQ(heard("0A41AABB00", reception), RejectReason::kClientNothingHeard) << "a direct route";
  EXPECT_EQ(heard("090000", reception), RejectReason::kClientNothingHeard) << "no hops, no advert";
  EXPECT_EQ(heard("110000", reception), RejectReason::kClientNothingHeard) << "no key in it";
  EXPECT_EQ(heard("zz", reception), RejectReason::kBadHex);
}

}  // namespace
}  // namespace sluice
