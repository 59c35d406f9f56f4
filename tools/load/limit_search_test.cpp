#include "limit_search.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

/// An ingestor that carries so much and no more.
StepOutcome try_rate(double capacity, double rate) {
  return rate <= capacity ? StepOutcome::kHeld : StepOutcome::kHopeless;
}

/// Steps that it took.
int search(LimitSearch& search, double capacity) {
  int steps = 0;
  while (const auto rate = search.next()) {
    search.report(try_rate(capacity, *rate));
    if (++steps == 1000) break;
  }
  return steps;
}

TEST(LimitSearch, ComesWithinItsPrecisionOfAnyCapacity) {
  for (const double capacity : {3.0, 77.0, 499.0, 500.0, 501.0, 1234.0, 38'000.0, 777'777.0}) {
    SCOPED_TRACE(capacity);
    LimitSearch limit({});
    EXPECT_LT(search(limit, capacity), 30);
    ASSERT_TRUE(limit.highest_held().has_value());
    ASSERT_TRUE(limit.lowest_failed().has_value());
    EXPECT_LE(*limit.highest_held(), capacity);
    EXPECT_GT(*limit.lowest_failed(), capacity);
    // Below ten a second whole numbers are all there is.
    EXPECT_LE(*limit.lowest_failed() - *limit.highest_held(),
              std::max(1.0, 0.11 * *limit.highest_held()));
  }
}

TEST(LimitSearch, DoublesUntilARateFails) {
  LimitSearch limit({.start = 100});
  for (const double expected : {100.0, 200.0, 400.0, 800.0}) {
    EXPECT_EQ(limit.next(), expected);
    limit.report(StepOutcome::kHeld);
  }
  EXPECT_EQ(limit.next(), 1600);
  limit.report(StepOutcome::kHopeless);
  EXPECT_EQ(limit.next(), 1200);
}

TEST(LimitSearch, EndsAtTheHighestRateIfThatHolds) {
  LimitSearch limit({.start = 500, .highest = 3000});
  search(limit, 1e9);
  EXPECT_EQ(limit.highest_held(), 3000);
  EXPECT_FALSE(limit.lowest_failed().has_value());
}

TEST(LimitSearch, EndsWithNothingIfNoRateHolds) {
  LimitSearch limit({});
  EXPECT_LT(search(limit, 0), 20);
  EXPECT_FALSE(limit.highest_held().has_value());
  EXPECT_EQ(limit.lowest_failed(), 1);
}

TEST(LimitSearch, GivesANarrowFailureASecondTry) {
  LimitSearch limit({.start = 100});
  limit.report(StepOutcome::kFailed);
  EXPECT_EQ(limit.next(), 100);
  EXPECT_FALSE(limit.lowest_failed().has_value());
  limit.report(StepOutcome::kHeld);
  EXPECT_EQ(limit.highest_held(), 100);
}

TEST(LimitSearch, BelievesTheSecondFailure) {
  LimitSearch limit({.start = 100});
  limit.report(StepOutcome::kFailed);
  limit.report(StepOutcome::kFailed);
  EXPECT_EQ(limit.lowest_failed(), 100);
  EXPECT_EQ(limit.next(), 50);
}

TEST(LimitSearch, GivesEachRateItsOwnSecondTry) {
  LimitSearch limit({.start = 100});
  limit.report(StepOutcome::kFailed);
  limit.report(StepOutcome::kHeld);
  EXPECT_EQ(limit.next(), 200);
  limit.report(StepOutcome::kFailed);
  EXPECT_EQ(limit.next(), 200);
}

TEST(LimitSearch, StaysWithinItsBounds) {
  LimitSearch limit({.start = 1e9, .highest = 700});
  EXPECT_EQ(limit.next(), 700);
}

}  // namespace
}  // namespace sluice
