#include "base/timestamp_text.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace sluice {
namespace {

WallTime at(std::int64_t microseconds) { return WallTime(std::chrono::microseconds(microseconds)); }

TEST(TimestampText, WritesWholeSecondsInUtc) {
  EXPECT_EQ(TimestampText(at(0)).view(), "1970-01-01T00:00:00Z");
  EXPECT_EQ(TimestampText(at(1767225599'999999)).view(), "2025-12-31T23:59:59Z");
  EXPECT_EQ(TimestampText(at(1709164800'000000)).view(), "2024-02-29T00:00:00Z");
}

TEST(TimestampText, RoundsDownBeforeTheEpochToo) {
  EXPECT_EQ(TimestampText(at(-1)).view(), "1969-12-31T23:59:59Z");
  EXPECT_EQ(epoch_seconds(at(-1)), -1);
  EXPECT_EQ(epoch_seconds(at(1'999'999)), 1);
}

TEST(TimestampText, ClampsYearsToFourDigits) {
  EXPECT_EQ(TimestampText(WallTime::max()).view().substr(0, 5), "9999-");
  EXPECT_EQ(TimestampText(WallTime::min()).view().substr(0, 5), "0000-");
}

TEST(TimestampText, TextOrderIsTimeOrder) {
  std::string before;
  for (std::int64_t second = 1700000000; second < 1900000000; second += 7'654'321) {
    const std::string text(TimestampText(at(second * 1'000'000)).view());
    EXPECT_LT(before, text);
    before = text;
  }
}

}  // namespace
}  // namespace sluice
