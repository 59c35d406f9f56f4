#include "percentiles.h"

#include <cmath>

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Percentile, IsTheValueOfTheNearestRank) {
  std::vector<double> values = {5, 1, 4, 2, 3};
  EXPECT_EQ(percentile(values, 0), 1);
  EXPECT_EQ(percentile(values, 0.2), 1);
  EXPECT_EQ(percentile(values, 0.21), 2);
  EXPECT_EQ(percentile(values, 0.5), 3);
  EXPECT_EQ(percentile(values, 0.99), 5);
  EXPECT_EQ(percentile(values, 1), 5);
}

TEST(Percentile, LeavesOneInAHundredAbove) {
  std::vector<double> values;
  for (int i = 1000; i >= 1; --i) values.push_back(i);
  EXPECT_EQ(percentile(values, 0.99), 990);
}

TEST(Percentile, OfNothingIsUnknown) {
  std::vector<double> none;
  EXPECT_TRUE(std::isnan(percentile(none, 0.5)));
  EXPECT_TRUE(std::isnan(summarise({}).max));
}

TEST(Percentile, OfOneValueIsThatValue) {
  const LatencySummary summary = summarise({7});
  EXPECT_EQ(summary.p50, 7);
  EXPECT_EQ(summary.p99, 7);
  EXPECT_EQ(summary.max, 7);
}

}  // namespace
}  // namespace sluice
