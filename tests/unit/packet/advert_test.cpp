#include "packet/payload/advert.h"

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "packet/payload_decoder.h"
#include "unit/packet/packet_builder.h"

namespace sluice {
namespace {

using test::Bytes;
using test::bytes_of;
using test::operator+;
using test::signed_advert;

TransmissionFacts decode_advert(const Bytes& payload, bool validate = true) {
  PayloadDecoder decoder(std::make_shared<const ChannelKeyRing>(std::vector<ChannelSecret>{}),
                         validate);
  const Bytes bytes = test::flood(PayloadType::kAdvert, payload);
  return decoder.decode(parse_frame(bytes).frame);
}

TransmissionFacts decode_app_data(const Bytes& app_data) {
  return decode_advert(signed_advert(7, 1767225600, app_data));
}

Bytes name_of(std::string_view name) { return Bytes{0x82} + bytes_of(name); }

// flags, then 48.137154, 11.575382
Bytes located(std::uint8_t flags) {
  return {flags, 0xc2, 0x83, 0xde, 0x02, 0x56, 0xa0, 0xb0, 0x00};
}

TEST(Advert, IsAcceptedWhenSignedByItsKey) {
  const TransmissionFacts facts = decode_app_data(name_of("Hilltop"));
  EXPECT_EQ(facts.verdict, RejectReason::kNone);
  EXPECT_EQ(facts.verdict_detail, "");
  ASSERT_TRUE(facts.advert);
  EXPECT_EQ(facts.advert->name, "Hilltop");
  EXPECT_EQ(facts.advert->role, "repeater");
  EXPECT_EQ(facts.advert->pubkey, facts.from_pubkey);
  EXPECT_FALSE(facts.advert->lat);
}

TEST(Advert, IsRefusedWhenAnyByteChanged) {
  const Bytes good = signed_advert(7, 1767225600, name_of("Hilltop"));
  for (const std::size_t at : {0U, 33U, 40U, 99U, 101U}) {
    Bytes bad = good;
    bad[at] ^= 1U;
    const TransmissionFacts facts = decode_advert(bad);
    EXPECT_EQ(facts.verdict, RejectReason::kAdvertBadSignature) << "byte " << at;
    EXPECT_EQ(facts.verdict_detail, "invalid signature");
    EXPECT_TRUE(facts.advert);
  }
}

TEST(Advert, SignatureCoversTheFirst32BytesOfAppData) {
  const Bytes app_data = name_of(std::string(40, 'x'));
  EXPECT_EQ(decode_advert(signed_advert(7, 1, app_data)).verdict, RejectReason::kNone);
  EXPECT_EQ(decode_advert(test::advert_signed_throughout(7, 1, app_data)).verdict,
            RejectReason::kAdvertBadSignature);
}

TEST(Advert, IsTrustedWhenSignaturesAreNotChecked) {
  Bytes bad = signed_advert(7, 1, name_of("x"));
  bad[40] ^= 1U;
  const TransmissionFacts facts = decode_advert(bad, false);
  EXPECT_EQ(facts.verdict, RejectReason::kNone);
  EXPECT_EQ(facts.decoded_json.find("signatureValid"), std::string::npos);
}

TEST(Advert, OneShorterThanItsFixedPartIsAnOrdinaryPacket) {
  Bytes payload = signed_advert(7, 1, {});
  payload.pop_back();
  const TransmissionFacts facts = decode_advert(payload);
  EXPECT_EQ(facts.verdict, RejectReason::kNone);
  EXPECT_FALSE(facts.advert);
  EXPECT_FALSE(facts.from_pubkey);
  EXPECT_TRUE(facts.decoded_json.ends_with(R"("error":"too short for advert"})"));
}

TEST(Advert, WithoutAppDataIsACompanion) {
  const TransmissionFacts facts = decode_app_data({});
  ASSERT_TRUE(facts.advert);
  EXPECT_EQ(facts.advert->role, "companion");
  EXPECT_EQ(facts.advert->name, "");
  EXPECT_EQ(facts.decoded_json.find("flags"), std::string::npos);
}

TEST(Advert, NamesEveryRole) {
  const std::vector<std::pair<std::uint8_t, std::string>> roles = {
      {0, "none"},   {1, "companion"}, {2, "repeater"}, {3, "room"},
      {4, "sensor"}, {5, "type-5"},    {15, "type-15"}};
  for (const auto& [type, role] : roles) EXPECT_EQ(decode_app_data({type}).advert->role, role);
}

TEST(Advert, ReadsAPlace) {
  const TransmissionFacts facts = decode_app_data(located(0x12));
  EXPECT_DOUBLE_EQ(facts.advert->lat.value(), 48.137154);
  EXPECT_DOUBLE_EQ(facts.advert->lon.value(), 11.575382);
}

TEST(Advert, APlaceOffTheGlobeIsCorruptEvenIfSigned) {
  const Bytes north = {0x12, 0x81, 0x4a, 0x5d, 0x05, 0, 0, 0, 0};  // 90.000001
  const TransmissionFacts facts = decode_app_data(north);
  EXPECT_EQ(facts.verdict, RejectReason::kAdvertCorrupted);
  EXPECT_EQ(facts.verdict_detail, "invalid lat: 90.000001");
}

TEST(Advert, AnEmptyKeyIsCorruptBeforeItIsBadlySigned) {
  const TransmissionFacts facts = decode_advert(Bytes(100, 0));
  EXPECT_EQ(facts.verdict, RejectReason::kAdvertCorrupted);
  EXPECT_EQ(facts.verdict_detail, "pubkey is all zeros");
}

TEST(Advert, AKeyOfSmallOrderSignsNothing) {
  Bytes payload(100, 0);
  payload[0] = 1;
  payload[36] = 1;
  EXPECT_EQ(decode_advert(payload).verdict, RejectReason::kAdvertBadSignature);
}

TEST(Advert, ASensorMayCarryTelemetryBehindItsName) {
  const Bytes telemetry = {0xa4, 0x0e, 0x66, 0x08};  // 3748 mV, 21.5 degrees
  const auto facts = decode_app_data(Bytes{0x84} + bytes_of("s") + Bytes{0} + telemetry);
  EXPECT_EQ(facts.advert->battery_mv, 3748);
  EXPECT_DOUBLE_EQ(facts.advert->temperature_c.value(), 21.5);
  EXPECT_EQ(facts.advert->name, "s");
}

TEST(Advert, TelemetryOutOfRangeIsAbsent) {
  const auto facts = decode_app_data({0x04, 0x11, 0x27, 0x11, 0x27});  // 10001, 100.01
  EXPECT_FALSE(facts.advert->battery_mv);
  EXPECT_FALSE(facts.advert->temperature_c);
}

TEST(Advert, OnlyASensorHasTelemetry) {
  const Bytes telemetry = {0xa4, 0x0e, 0x66, 0x08};
  EXPECT_FALSE(decode_app_data(Bytes{0x02} + telemetry).advert->battery_mv);
}

TEST(NodeName, DropsControlCharacters) {
  EXPECT_EQ(clean_node_name("a\x01\x1b[2J\x7f\tb\nc\r"), "a[2J\tb\nc");
}

TEST(NodeName, ReplacesEachInvalidByte) {
  EXPECT_EQ(clean_node_name("a\xff\xfe"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(NodeName, IsCutBetweenCharacters) {
  EXPECT_EQ(clean_node_name(std::string(31, 'x') + "\xC3\xA9"), std::string(31, 'x'));
  EXPECT_EQ(clean_node_name(std::string(30, 'x') + "\xC3\xA9"), std::string(30, 'x') + "\xC3\xA9");
  const std::string replaced = clean_node_name(std::string(12, '\xff'));
  EXPECT_EQ(replaced.size(), 30U);
  EXPECT_TRUE(is_valid_utf8(replaced));
}

}  // namespace
}  // namespace sluice
