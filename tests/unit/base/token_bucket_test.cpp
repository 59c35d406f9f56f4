#include "base/token_bucket.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kStart{std::chrono::seconds{1767225600}};
constexpr RateLimit kSixAMinute{6, 1min};

TEST(TokenBucket, GivesABurstOfOnePeriodsWorth) {
  TokenBucket bucket(kSixAMinute, kStart);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(bucket.take(kSixAMinute, kStart)) << i;
  EXPECT_FALSE(bucket.take(kSixAMinute, kStart));
}

TEST(TokenBucket, FillsUpEvenly) {
  TokenBucket bucket(kSixAMinute, kStart);
  while (bucket.take(kSixAMinute, kStart)) {
  }
  EXPECT_FALSE(bucket.take(kSixAMinute, kStart + 10s - 1us));
  EXPECT_TRUE(bucket.take(kSixAMinute, kStart + 10s));
  EXPECT_FALSE(bucket.take(kSixAMinute, kStart + 10s));
}

TEST(TokenBucket, HoldsNoMoreThanOnePeriodsWorth) {
  TokenBucket bucket(kSixAMinute, kStart);
  int taken = 0;
  while (bucket.take(kSixAMinute, kStart + 1000h)) ++taken;
  EXPECT_EQ(taken, 6);
}

TEST(TokenBucket, ARefusalCostsNothing) {
  TokenBucket bucket(kSixAMinute, kStart);
  while (bucket.take(kSixAMinute, kStart)) {
  }
  for (int i = 1; i < 10; ++i) EXPECT_FALSE(bucket.take(kSixAMinute, kStart + i * 1s));
  EXPECT_TRUE(bucket.take(kSixAMinute, kStart + 10s));
}

TEST(TokenBucket, AClockThatStepsBackFillsNothingAndGoesOnFromThere) {
  TokenBucket bucket(kSixAMinute, kStart);
  while (bucket.take(kSixAMinute, kStart)) {
  }
  EXPECT_FALSE(bucket.take(kSixAMinute, kStart - 1h));
  EXPECT_TRUE(bucket.take(kSixAMinute, kStart - 1h + 10s));
}

TEST(TokenBucket, LargestLimitDoesNotOverflow) {
  const RateLimit most{RateLimit::kMostCount, 1h};
  TokenBucket bucket(most, kStart);
  EXPECT_TRUE(bucket.take(most, kStart));
  EXPECT_TRUE(bucket.take(most, kStart + 24h * 365));
  EXPECT_GT(bucket.credit(most, kStart + 24h * 366), 0);
}

}  // namespace
}  // namespace sluice
