#include "packet/content_hash.h"

#include <gtest/gtest.h>

#include "unit/packet/golden_file.h"

namespace sluice {
namespace {

std::string hash_of(std::string_view hex) {
  const auto bytes = test::unhex(hex);
  const FrameResult result = parse_frame(bytes);
  EXPECT_TRUE(result.ok());
  ContentHasher hasher;
  std::string text(16, '\0');
  content_hash_text(hasher.hash(result.frame), text.data());
  return text;
}

TEST(ContentHash, CoversTypeAndPayload) { EXPECT_EQ(hash_of("0d00d6a1b2c3"), "224292a76583e9f8"); }

TEST(ContentHash, IsTheSameOnEveryRoute) {
  for (const char* head : {"0c1122334400", "0d00", "0e02abcd", "cd41aaaa", "0faabbccdd01ee"})
    EXPECT_EQ(hash_of(head + std::string("d6a1b2c3")), "224292a76583e9f8");
}

TEST(ContentHash, OfATraceCountsItsHops) {
  EXPECT_EQ(hash_of("260044332211bebafeca00aabbcc"), "86849a859ffff0e7");
  EXPECT_EQ(hash_of("26013144332211bebafeca00aabbcc"), "02b8d93cb5de66ac");
  EXPECT_EQ(hash_of("260231f244332211bebafeca00aabbcc"), "aa60a24ac66b4f10");
}

TEST(ContentHash, TextIsZeroPadded) {
  std::string text(16, '\0');
  content_hash_text(0x00000000000000abU, text.data());
  EXPECT_EQ(text, "00000000000000ab");
}

TEST(ContentHash, KeptContextGivesTheSameAnswerAgain) {
  const auto bytes = test::unhex("0d00d6a1b2c3");
  const Frame frame = parse_frame(bytes).frame;
  ContentHasher hasher;
  const std::uint64_t first = hasher.hash(frame);
  EXPECT_EQ(hasher.hash(frame), first);
}

}  // namespace
}  // namespace sluice
