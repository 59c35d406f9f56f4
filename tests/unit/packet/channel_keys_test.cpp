#include "packet/crypto/channel_keys.h"

#include <array>

#include <gtest/gtest.h>

#include "packet/crypto/aes_ecb.h"
#include "packet/crypto/channel_opener.h"

namespace sluice {
namespace {

constexpr char kPublic[] = "8b3387e9c5cdea6ac9e5edbaa115cd72";  // hash byte 11
constexpr char kTest[] = "9cd8fcf22a47333b591d96a2b848b73f";    // hash byte d9

TEST(ChannelKeyRing, OffersOnlyKeysWithTheHashByte) {
  const ChannelKeyRing ring({{"Public", kPublic}, {"#test", kTest}});
  EXPECT_EQ(ring.size(), 2U);
  ASSERT_EQ(ring.candidates(0x11).size(), 1U);
  EXPECT_EQ(ring.candidates(0x11)[0].name, "Public");
  ASSERT_EQ(ring.candidates(0xd9).size(), 1U);
  EXPECT_EQ(ring.candidates(0xd9)[0].name, "#test");
  EXPECT_TRUE(ring.candidates(0x00).empty());
  EXPECT_TRUE(ring.candidates(0xff).empty());
}

TEST(ChannelKeyRing, KeepsTheConfiguredOrder) {
  const ChannelKeyRing ring({{"b", kTest}, {"a", kTest}, {"c", kTest}});
  ASSERT_EQ(ring.candidates(0xd9).size(), 3U);
  EXPECT_EQ(ring.candidates(0xd9)[0].name, "b");
  EXPECT_EQ(ring.candidates(0xd9)[1].name, "a");
  EXPECT_EQ(ring.candidates(0xd9)[2].name, "c");
}

TEST(ChannelKeyRing, IdsNameTheirKeys) {
  const ChannelKeyRing ring({{"a", kTest}, {"b", kPublic}});
  for (const unsigned byte : {0x11U, 0xd9U})
    for (const ChannelKey& key : ring.candidates(static_cast<std::uint8_t>(byte)))
      EXPECT_EQ(ring.key(key.id).name, key.name);
}

TEST(ChannelKeyRing, UnusableKeysAreConfiguredAllTheSame) {
  const ChannelKeyRing ring({{"short", "0011"},
                             {"odd", std::string(31, 'a')},
                             {"text", "zz112233445566778899aabbccddeeff"},
                             {"24 bytes", std::string(48, 'a')}});
  EXPECT_EQ(ring.size(), 0U);
  EXPECT_FALSE(ring.nothing_configured());
  EXPECT_TRUE(ChannelKeyRing(std::vector<ChannelSecret>{}).nothing_configured());
}

TEST(ChannelKeyRing, ALongKeyWithAnEmptyHalfIsAShortOne) {
  const ChannelKeyRing ring({ChannelSecret{"padded", kPublic + std::string(32, '0')}});
  EXPECT_EQ(ring.candidates(0x11).size(), 1U);
}

TEST(ChannelKeyRing, KeysMayBeUpperCase) {
  const ChannelKeyRing ring({ChannelSecret{"Public", "8B3387E9C5CDEA6AC9E5EDBAA115CD72"}});
  EXPECT_EQ(ring.candidates(0x11).size(), 1U);
}

TEST(ChannelName, AnyCaseOfPublicIsPublic) {
  EXPECT_EQ(normalised_channel_name("pUBLIC"), "Public");
  EXPECT_EQ(normalised_channel_name("#public"), "#public");
  EXPECT_EQ(normalised_channel_name("publicc"), "publicc");
  EXPECT_EQ(normalised_channel_name(""), "");
}

TEST(ChannelOpener, RefusesWhatIsNoWholeNumberOfBlocks) {
  const auto ring =
      std::make_shared<const ChannelKeyRing>(std::vector<ChannelSecret>{{"Public", kPublic}});
  ChannelOpener opener(ring);
  const std::array<std::uint8_t, 2> mac{};
  const std::array<std::uint8_t, 17> cipher{};
  for (const std::size_t size : {0U, 1U, 15U, 17U}) {
    // Even with the right MAC.
    const auto digest = ring->key(0).pads.digest(std::span(cipher).first(size));
    const std::array<std::uint8_t, 2> right = {digest[0], digest[1]};
    EXPECT_FALSE(opener.open(ring->key(0), right, std::span(cipher).first(size)));
  }
  EXPECT_FALSE(opener.open(ring->key(0), mac, std::span(cipher).first(16)));
}

}  // namespace
}  // namespace sluice
