// What `sluice decode` says of packets that are stored, but not as they should be.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "packet/describe.h"
#include "unit/packet/packet_builder.h"

namespace sluice {
namespace {

using test::Bytes;
using test::bytes_of;
using test::operator+;
using testing::HasSubstr;
using testing::Not;

/// With one space wherever the table has columns.
std::string without_columns(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' || !out.ends_with(' ')) out += c;
  return out;
}

class DescribeFaults : public testing::Test {
 protected:
  std::string words(const Bytes& frame) {
    return without_columns(describe_packet(to_lower_hex(frame), decoder_, nullptr, false));
  }
  std::string words(PayloadType type, const Bytes& payload) {
    return words(test::flood(type, payload));
  }
  std::string advert(const Bytes& app_data) {
    return words(PayloadType::kAdvert, test::signed_advert(7, 1767225600, app_data));
  }
  std::string json(PayloadType type, const Bytes& payload) {
    return packet_as_json(to_lower_hex(test::flood(type, payload)), decoder_, nullptr);
  }

  PayloadDecoder decoder_{std::make_shared<const ChannelKeyRing>(std::vector<ChannelSecret>{
                              {"Public", "8b3387e9c5cdea6ac9e5edbaa115cd72"}}),
                          true};
};

TEST_F(DescribeFaults, PointAtTheFieldThatIsCutShort) {
  const std::string text = words(PayloadType::kGroupText, {0x11, 0x2a});
  EXPECT_THAT(text, HasSubstr("accepted fault at byte 4\n"));
  EXPECT_THAT(text, HasSubstr(" 2 11 channel hash\n"
                              " 3 2a beginning of: MAC\n"
                              " 4 here it ends, 1 byte short of: MAC\n"));
  EXPECT_THAT(words(PayloadType::kControl, {}),
              HasSubstr(" 2 here it ends, and this is missing: control flags\n"));
  EXPECT_THAT(words(PayloadType::kTrace, {1, 2, 3, 4, 5}),
              HasSubstr("here it ends, 3 bytes short of: authentication code\n"));
}

TEST_F(DescribeFaults, AreFoundInEveryTypeThatHasFields) {
  const PayloadType kTypes[] = {
      PayloadType::kRequest,   PayloadType::kResponse,    PayloadType::kTextMessage,
      PayloadType::kAck,       PayloadType::kAdvert,      PayloadType::kGroupText,
      PayloadType::kGroupData, PayloadType::kAnonRequest, PayloadType::kPath,
      PayloadType::kTrace,     PayloadType::kMultipart,   PayloadType::kControl};
  for (const PayloadType type : kTypes) {
    SCOPED_TRACE(to_string(type));
    EXPECT_THAT(words(type, {}), HasSubstr("fault at byte 2\n"));
    EXPECT_THAT(json(type, {}), HasSubstr(R"("faults":[{"offset":2,"what":"here it ends, )"));
  }
  for (const PayloadType type : {PayloadType::kRawCustom, PayloadType::kReserved12})
    EXPECT_THAT(words(type, {}), Not(HasSubstr("fault")));
}

TEST_F(DescribeFaults, PointAtSealedBytesThatNobodyCanOpen) {
  EXPECT_THAT(words(PayloadType::kGroupText, {0x11, 1, 2}),
              HasSubstr(" 5 here it ends, and nothing is sealed\n"));
  EXPECT_THAT(words(PayloadType::kTextMessage, Bytes{1, 2, 3, 4} + Bytes(20, 0xAA)),
              HasSubstr(" 22 sealed bytes come in blocks of 16: 12 are "
                        "missing"));
  EXPECT_THAT(words(PayloadType::kTextMessage, Bytes{1, 2, 3, 4} + Bytes(32, 0xAA)),
              Not(HasSubstr("fault")));
  Bytes body = {0x10, 0x01, 200};  // claims 200 bytes of data
  EXPECT_THAT(words(PayloadType::kGroupData,
                    test::seal_for_channel("8b3387e9c5cdea6ac9e5edbaa115cd72", body)),
              HasSubstr("what is sealed claims more data than there is"));
}

TEST_F(DescribeFaults, PointAtTheRestOfARoute) {
  const Bytes trace = {1, 2, 3, 4, 5, 6, 7, 8, 1 /* two bytes per hop */, 0xAA, 0xBB, 0xCC};
  EXPECT_THAT(words(PayloadType::kTrace, trace), HasSubstr(" 11 aabb route AABB\n"
                                                           " 13 cc beginning of a hop\n"
                                                           " 14 here it ends, 1 byte "
                                                           "short of a hop\n"));
}

TEST_F(DescribeFaults, KnowWhatDiscoveryNeeds) {
  EXPECT_THAT(words(PayloadType::kControl, {0x80, 4, 1, 2, 3}),
              HasSubstr("here it ends, 1 byte short of: tag"));
  EXPECT_THAT(words(PayloadType::kControl, {0x80, 4, 1, 2, 3, 4}), Not(HasSubstr("fault")));
  EXPECT_THAT(words(PayloadType::kControl, {0x80, 4, 1, 2, 3, 4, 5}),
              HasSubstr("here it ends, 3 bytes short of: since"));
  EXPECT_THAT(words(PayloadType::kControl, Bytes{0x92, 0xf6, 1, 2, 3, 4} + Bytes(8, 0xAA)),
              Not(HasSubstr("fault")));
  EXPECT_THAT(words(PayloadType::kControl, Bytes{0x92, 0xf6, 1, 2, 3, 4} + Bytes(5, 0xAA)),
              HasSubstr("here it ends, 27 bytes short of: public key"));
}

TEST_F(DescribeFaults, SayThatFirmwareDropsOtherVersions) {
  Bytes frame = test::flood(PayloadType::kAck, {1, 2, 3, 4});
  EXPECT_THAT(words(frame), Not(HasSubstr("fault")));
  frame[0] |= 0x40;
  EXPECT_THAT(words(frame), HasSubstr(" 0 4d flood, ACK, version 1\n"
                                      " 0 firmware knows version 0 alone"));
  EXPECT_THAT(words(frame), HasSubstr("accepted fault at byte 0\n"));
}

TEST_F(DescribeFaults, PointAtALocationThatIsCutOff) {
  EXPECT_THAT(advert({0x12, 1, 2, 3}), HasSubstr(" 103 location is announced and needs 8 bytes, "
                                                 "there are 3\n"));
  EXPECT_THAT(advert({0x12}), HasSubstr("here it ends, location is announced and needs 8 bytes"));
  EXPECT_THAT(advert({0x62, 1, 2, 3}),
              HasSubstr("feature word 2 is announced and needs 2 bytes, there are 1"));
  EXPECT_THAT(advert({0x12, 0, 0, 0, 0, 0, 0, 0, 0}), Not(HasSubstr("fault")));
}

TEST_F(DescribeFaults, PointAtWhatAnAdvertIsRefusedFor) {
  // 91 degrees north.
  const std::string text = advert({0x12, 0xc0, 0x8c, 0x6c, 0x05, 0, 0, 0, 0});
  EXPECT_THAT(text, HasSubstr("refused: invalid lat: 91.000000 fault at byte 103\n"));
  EXPECT_THAT(text, HasSubstr("no place on Earth: more than 90 degrees\n"));
  EXPECT_THAT(words(PayloadType::kAdvert, Bytes(101, 0)), HasSubstr("no key: all zeros\n"));
}

TEST_F(DescribeFaults, SayHowFarAShortAdvertCame) {
  EXPECT_THAT(words(PayloadType::kAdvert, Bytes(40, 0xAA)),
              HasSubstr(" 38 aaaaaaaa beginning of: signature\n"
                        " 42 here it ends, within: signature; too "
                        "short for an advert\n"));
}

TEST_F(DescribeFaults, AdvertTailIsCutIntoItsFields) {
  const Bytes telemetry = {0x74, 0x0e, 0x66, 0x08};  // 3700 mV, 21.50 degrees
  const std::string sensor = advert(Bytes{0x84} + bytes_of("Roof") + Bytes{0, 0} + telemetry);
  EXPECT_THAT(sensor, HasSubstr("name \"Roof\"\n"));
  EXPECT_THAT(sensor, HasSubstr(" 107 0000 NULs, which end the name\n"
                                " 109 740e battery 3700 mV\n"
                                " 111 6608 temperature 21.50 °C\n"));
  EXPECT_THAT(sensor, Not(HasSubstr("further")));
  EXPECT_THAT(advert(Bytes{0x84} + bytes_of("R") + Bytes{0, 0xff, 0xff, 0xff, 0x7f}),
              HasSubstr("battery 65535 mV, out of range and passed over\n"));
  // Only sensors tell how they are.
  const std::string repeater = advert(Bytes{0x82} + bytes_of("Roof") + Bytes{0} + telemetry);
  EXPECT_THAT(repeater, HasSubstr(" 108 740e6608 further bytes\n"));
}

}  // namespace
}  // namespace sluice
