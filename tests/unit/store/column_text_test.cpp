#include "store/column_text.h"

#include <gtest/gtest.h>

#include "store_fixture.h"

namespace sluice {
namespace {

TEST(HashText, IsSixteenLowerCaseDigitsMostSignificantFirst) {
  EXPECT_EQ(HashText(0x0123456789abcdefULL).view(), "0123456789abcdef");
  EXPECT_EQ(HashText(0).view(), "0000000000000000");
  EXPECT_EQ(HashText(~0ULL).view(), "ffffffffffffffff");
}

TEST(SqlTimestampText, HasASpaceAndNoZone) {
  EXPECT_EQ(SqlTimestampText(at(3661)).view(), "2024-05-01 01:01:01");
}

}  // namespace
}  // namespace sluice
