#include "base/byte_reader.h"

#include <array>

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(ByteReader, ReadsLittleEndianFrontToBack) {
  const std::array<std::uint8_t, 10> bytes{0xFF, 0x01, 0x02, 0xFE, 0xFF,
                                           0x78, 0x56, 0x34, 0x12, 0x99};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.i8(), -1);
  EXPECT_EQ(reader.u16(), 0x0201);
  EXPECT_EQ(reader.i16(), -2);
  EXPECT_EQ(reader.u32(), 0x12345678U);
  EXPECT_EQ(reader.remaining(), 1U);
  EXPECT_EQ(reader.u8(), 0x99);
  EXPECT_FALSE(reader.failed());
}

TEST(ByteReader, ShortReadYieldsZeroAndLatches) {
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.u8(), 0U);  // what was left is not handed out in pieces
  EXPECT_EQ(reader.remaining(), 0U);
  EXPECT_TRUE(reader.failed());
}

TEST(ByteReader, SpansLieInTheInput) {
  const std::array<std::uint8_t, 4> bytes{1, 2, 3, 4};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.bytes(3).data(), bytes.data());
  EXPECT_EQ(reader.rest().data(), bytes.data() + 3);
  EXPECT_TRUE(reader.bytes(2).empty());
  EXPECT_TRUE(reader.failed());
  EXPECT_TRUE(ByteReader({}).bytes(0).empty());
}

}  // namespace
}  // namespace sluice
