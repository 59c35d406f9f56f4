#include "metrics/recent_samples.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(RecentSamples, AreZeroBeforeTheFirst) {
  const RecentSamples samples;
  EXPECT_EQ(samples.quantile(0.99), 0U);
  EXPECT_EQ(samples.max(), 0U);
}

TEST(RecentSamples, GiveTheNearestRank) {
  RecentSamples samples;
  for (const std::uint64_t value : {40U, 10U, 30U, 20U}) samples.record(value);
  EXPECT_EQ(samples.quantile(0), 10U);
  EXPECT_EQ(samples.quantile(0.50), 30U);  // 0.5 * 3 + 0.5 = 2
  EXPECT_EQ(samples.quantile(0.95), 40U);
  EXPECT_EQ(samples.quantile(1), 40U);
}

TEST(RecentSamples, ForgetWhatIsLongAgoButItsMaximum) {
  RecentSamples samples;
  samples.record(9999);
  for (std::uint64_t i = 0; i < RecentSamples::kKept; ++i) samples.record(i);
  EXPECT_EQ(samples.quantile(1), RecentSamples::kKept - 1);
  EXPECT_EQ(samples.quantile(0), 0U);
  EXPECT_EQ(samples.max(), 9999U);
}

}  // namespace
}  // namespace sluice
