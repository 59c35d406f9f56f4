#include "metrics/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Histogram, EmptySaysZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.max(), 0U);
  EXPECT_EQ(histogram.quantile(0.5), 0U);
  EXPECT_EQ(histogram.mean(), 0.0);
}

TEST(Histogram, SmallNumbersAreExact) {
  Histogram histogram;
  for (std::uint64_t value = 0; value < 16; ++value) histogram.record(value);
  EXPECT_EQ(histogram.count(), 16U);
  EXPECT_EQ(histogram.quantile(0.0), 0U);
  EXPECT_EQ(histogram.quantile(0.5), 7U);
  EXPECT_EQ(histogram.quantile(1.0), 15U);
  EXPECT_EQ(histogram.mean(), 7.5);
}

TEST(Histogram, RecordsManyAtOnce) {
  Histogram histogram;
  histogram.record(3, 99);
  histogram.record(9);
  EXPECT_EQ(histogram.count(), 100U);
  EXPECT_EQ(histogram.quantile(0.99), 3U);
  EXPECT_EQ(histogram.quantile(0.999), 9U);
}

TEST(Histogram, TakesTheLargestNumber) {
  Histogram histogram;
  histogram.record(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(histogram.max(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(histogram.quantile(1.0), std::numeric_limits<std::uint64_t>::max());
}

TEST(Histogram, ASingleValueIsItsOwnQuantile) {
  for (const std::uint64_t value : {0ULL, 1ULL, 17ULL, 1000ULL, 123456789ULL, 1ULL << 40U}) {
    Histogram histogram;
    histogram.record(value);
    EXPECT_EQ(histogram.quantile(0.5), value);  // the step's edge is cut at max()
    EXPECT_EQ(histogram.max(), value);
  }
}

class HistogramQuantiles : public testing::TestWithParam<unsigned> {};

TEST_P(HistogramQuantiles, LieAtMostASixteenthAboveTheExactOnes) {
  std::mt19937_64 random(GetParam());
  std::lognormal_distribution<double> spread(6.0, 3.0);
  Histogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 5000; ++i) {
    const auto value = static_cast<std::uint64_t>(spread(random));
    values.push_back(value);
    histogram.record(value);
  }
  std::sort(values.begin(), values.end());
  for (const double fraction : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = std::max(1.0, std::ceil(fraction * static_cast<double>(values.size())));
    const std::uint64_t exact = values[static_cast<std::size_t>(rank) - 1];
    EXPECT_GE(histogram.quantile(fraction), exact) << fraction;
    EXPECT_LE(histogram.quantile(fraction), exact + exact / 16) << fraction;
  }
  EXPECT_EQ(histogram.quantile(1.0), values.back());
}

INSTANTIATE_TEST_SUITE_P(Seeds, HistogramQuantiles, testing::Range(1U, 6U));

}  // namespace
}  // namespace sluice
