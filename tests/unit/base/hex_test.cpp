#include "base/hex.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Hex, RoundTripsEveryByte) {
  std::vector<std::uint8_t> bytes(256);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  for (const std::string& text : {to_lower_hex(bytes), to_upper_hex(bytes)}) {
    std::vector<std::uint8_t> decoded(256);
    ASSERT_TRUE(decode_hex(text, decoded));
    EXPECT_EQ(decoded, bytes);
  }
  EXPECT_EQ(to_lower_hex(std::array<std::uint8_t, 2>{0xAB, 0x0C}), "ab0c");
  EXPECT_EQ(to_upper_hex(std::array<std::uint8_t, 2>{0xAB, 0x0C}), "AB0C");
}

TEST(Hex, RefusesEverythingElse) {
  std::array<std::uint8_t, 4> out{};
  EXPECT_TRUE(decode_hex("", out));
  EXPECT_FALSE(decode_hex("a", out));
  EXPECT_FALSE(decode_hex("0g", out));
  EXPECT_FALSE(decode_hex("0 ", out));
  EXPECT_FALSE(decode_hex("0x", out));
  EXPECT_FALSE(decode_hex("0011223344", out));  // no room
}

TEST(Hex, DigitsAreTheTwentyTwoCharacters) {
  int digits = 0;
  for (int c = -128; c < 128; ++c) {
    if (hex_digit_value(static_cast<char>(c)) >= 0) ++digits;
  }
  EXPECT_EQ(digits, 22);
}

}  // namespace
}  // namespace sluice
