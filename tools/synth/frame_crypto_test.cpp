#include "frame_crypto.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace sluice {
namespace {

template <std::size_t size>
std::array<std::uint8_t, size> from_hex(std::string_view text) {
  std::array<std::uint8_t, size> bytes{};
  EXPECT_TRUE(decode_hex(text, bytes));
  return bytes;
}

TEST(ChannelSeal, SealsAsTheProtocolsVectorSays) {
  const ChannelSeal seal(from_hex<16>("8b3387e9c5cdea6ac9e5edbaa115cd72"));
  EXPECT_EQ(seal.hash_byte(), 0x11);
  FrameBytes out;
  seal.seal(from_hex<18>("1eb9556900416c6963653a20486920616c6c"), out);
  EXPECT_EQ(to_lower_hex(out.view()),
            "2af5662a069bc640eb98f5a17f58129118a4dfece48f44745e4c654974f8c1edabc1");
}

TEST(SecretOfName, IsTheHalfOfTheNamesDigest) {
  EXPECT_EQ(to_lower_hex(secret_of_name("#test")), "9cd8fcf22a47333b591d96a2b848b73f");
  EXPECT_EQ(ChannelSeal(secret_of_name("#test")).hash_byte(), 0xd9);
  EXPECT_EQ(to_lower_hex(secret_of_name("#europe")), "e81567c824fa51c46542c62b813da68e");
}

TEST(ScopeCode, MatchesTheProtocolsVectorAndAvoidsReservedCodes) {
  const MeshSecret europe = secret_of_name("#europe");
  const auto payload = from_hex<19>("112a6016aae925d78965ba02cd227a61af4527");
  EXPECT_EQ(to_lower_hex(scope_code(europe, 5, payload)), "ecb2");
  EXPECT_EQ(to_lower_hex(scope_code(europe, 15, from_hex<4>("111e0000"))), "feff");
  EXPECT_EQ(to_lower_hex(scope_code(europe, 15, from_hex<4>("86d70100"))), "0100");
}

TEST(PacketHash, CountsThePathByteForTraceOnly) {
  const auto ack = from_hex<4>("d6a1b2c3");
  EXPECT_EQ(to_lower_hex(packet_hash(3, 0, ack)), "224292a76583e9f8");
  EXPECT_EQ(to_lower_hex(packet_hash(3, 5, ack)), "224292a76583e9f8");
  const auto trace = from_hex<12>("44332211bebafeca00aabbcc");
  EXPECT_EQ(to_lower_hex(packet_hash(9, 0, trace)), "86849a859ffff0e7");
  EXPECT_EQ(to_lower_hex(packet_hash(9, 2, trace)), "aa60a24ac66b4f10");
}

}  // namespace
}  // namespace sluice
