#include "packet/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/packet/golden_file.h"

namespace sluice {
namespace {

using test::unhex;
using testing::ElementsAre;

RejectReason reject_of(std::string_view hex) {
  Arena arena;
  return parse_frame_text(hex, arena).error;
}

TEST(Frame, CutsAFloodIntoItsParts) {
  const auto bytes = unhex("09421122334483b1ce7603fc");
  const FrameResult result = parse_frame(bytes);
  ASSERT_TRUE(result.ok());
  const Frame& frame = result.frame;
  EXPECT_EQ(frame.route, RouteType::kFlood);
  EXPECT_EQ(frame.type, PayloadType::kTextMessage);
  EXPECT_EQ(frame.version, 0);
  EXPECT_FALSE(frame.transport_codes);
  EXPECT_EQ(frame.path_byte, 0x42);
  EXPECT_EQ(frame.hash_size, 2);
  EXPECT_EQ(frame.hash_count, 2);
  EXPECT_THAT(frame.hop(0), ElementsAre(0x11, 0x22));
  EXPECT_THAT(frame.hop(1), ElementsAre(0x33, 0x44));
  EXPECT_THAT(frame.payload, ElementsAre(0x83, 0xb1, 0xce, 0x76, 0x03, 0xfc));
}

TEST(Frame, KeepsTransportCodesInWireOrder) {
  const auto bytes = unhex("14ecb2000000112a");
  const FrameResult result = parse_frame(bytes);
  ASSERT_TRUE(result.ok());
  ASSERT_TRUE(result.frame.transport_codes);
  EXPECT_THAT(*result.frame.transport_codes, ElementsAre(0xec, 0xb2, 0, 0));
  EXPECT_THAT(result.frame.payload, ElementsAre(0x11, 0x2a));
}

TEST(Frame, AcceptsAnEmptyPayloadAndAnyVersion) {
  EXPECT_EQ(reject_of("0d00"), RejectReason::kNone);
  EXPECT_EQ(reject_of("cd00"), RejectReason::kNone);
}

TEST(Frame, AcceptsTheLongestPathOfEachHashSize) {
  for (const char* path_byte : {"3f", "60", "95"})
    EXPECT_EQ(reject_of("01" + std::string(path_byte) + std::string(128, '0')),
              RejectReason::kNone);
}

TEST(Frame, RejectsWhatTheFirmwareRejects) {
  EXPECT_EQ(reject_of(""), RejectReason::kFrameTooShort);
  EXPECT_EQ(reject_of("15"), RejectReason::kFrameTooShort);
  EXPECT_EQ(reject_of("14000000"), RejectReason::kFrameTooShort);
  EXPECT_EQ(reject_of("1400000000"), RejectReason::kFrameTooShort);
  EXPECT_EQ(reject_of("15c0"), RejectReason::kFrameBadPathEncoding);
  EXPECT_EQ(reject_of("1561" + std::string(200, '0')), RejectReason::kFrameBadPathEncoding);
  EXPECT_EQ(reject_of("150200"), RejectReason::kFramePathOverrun);
  EXPECT_EQ(reject_of("1500" + std::string(2 * 184, '0')), RejectReason::kNone);
  EXPECT_EQ(reject_of("1500" + std::string(2 * 185, '0')), RejectReason::kFramePayloadTooLong);
}

TEST(Frame, NamesTheByteAtWhichItWentWrong) {
  EXPECT_EQ(parse_frame(unhex("14aabb")).error_offset, 3U);
  EXPECT_EQ(parse_frame(unhex("15c0")).error_offset, 1U);
  EXPECT_EQ(parse_frame(unhex("1400000000c0")).error_offset, 5U);
  EXPECT_EQ(parse_frame(unhex("150511")).error_offset, 3U);
  EXPECT_EQ(parse_frame(std::vector<std::uint8_t>(200, 0x01)).error_offset, 3U + 184U);
  Arena arena;
  EXPECT_EQ(parse_frame_text("1500zz", arena).error_offset, 2U);
}

TEST(FrameText, RejectsBadHex) {
  EXPECT_EQ(reject_of("150"), RejectReason::kBadHex);
  EXPECT_EQ(reject_of("15 0"), RejectReason::kBadHex);
  EXPECT_EQ(reject_of("\t1500"), RejectReason::kBadHex);
}

TEST(FrameText, JudgesATextThatIsTooLongByItsHead) {
  const std::string tail(100'000, 'a');
  EXPECT_EQ(reject_of("1500" + tail), RejectReason::kFramePayloadTooLong);
  EXPECT_EQ(reject_of("15c0" + tail), RejectReason::kFrameBadPathEncoding);
  EXPECT_EQ(reject_of("1500" + tail + "a"), RejectReason::kBadHex);
  EXPECT_EQ(reject_of("1500" + tail + "zz"), RejectReason::kBadHex);
  Arena arena;
  (void)parse_frame_text("1500" + tail, arena);
  EXPECT_LE(arena.allocated_bytes(), 16U * 1024U);
}

TEST(FrameText, LongestValidFrameIsNotTooLong) {
  const std::string longest = "1411223344" + std::string("60") + std::string(2 * (64 + 184), 'f');
  ASSERT_EQ(longest.size(), 2 * kMaxFrameBytes);
  EXPECT_EQ(reject_of(longest), RejectReason::kNone);
  EXPECT_EQ(reject_of(longest + "00"), RejectReason::kFramePayloadTooLong);
}

TEST(DescribeFrameError, IsEmptyForAGoodFrame) {
  EXPECT_EQ(describe_frame_error("15 00\r\n06 85"), "");
}

TEST(DescribeFrameError, ABadByteWinsOverAnOddLength) {
  EXPECT_EQ(describe_frame_error("150Gz"), "invalid hex: encoding/hex: invalid byte: U+0047 'G'");
  EXPECT_EQ(describe_frame_error("150"), "invalid hex: encoding/hex: odd length hex string");
  EXPECT_EQ(describe_frame_error("15\xc3\xaf"),
            "invalid hex: encoding/hex: invalid byte: U+00C3 '\xc3\x83'");
  EXPECT_EQ(describe_frame_error("15\xad"), "invalid hex: encoding/hex: invalid byte: U+00AD");
}

TEST(DescribeFrameError, CountsThePayloadOfALongText) {
  EXPECT_EQ(describe_frame_error("1500" + std::string(1000, '0')),
            "packet payload (500 bytes) exceeds firmware MAX_PACKET_PAYLOAD=184 (MeshCore.h:19)");
}

}  // namespace
}  // namespace sluice
