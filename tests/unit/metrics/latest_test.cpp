#include "metrics/latest.h"

#include <thread>

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Latest, IsEmptyBeforeTheFirstValue) {
  const Latest<int> latest;
  EXPECT_EQ(latest.read(), 0);
}

TEST(Latest, GivesTheNewestValueAgainAndAgain) {
  Latest<int> latest;
  latest.publish(1);
  latest.publish(2);
  EXPECT_EQ(latest.read(), 2);
  EXPECT_EQ(latest.read(), 2);
  latest.publish(3);
  EXPECT_EQ(latest.read(), 3);
}

TEST(Latest, IsNeverTornAndNeverGoesBack) {
  struct Pair {
    int a = 0;
    int b = 0;
  };
  constexpr int kLast = 20'000;
  Latest<Pair> latest;
  std::thread writer([&] {
    for (int i = 1; i <= kLast; ++i) latest.publish({i, -i});
  });
  int before = 0;
  while (before < kLast) {
    const Pair& pair = latest.read();
    ASSERT_EQ(pair.a, -pair.b);
    ASSERT_GE(pair.a, before);
    before = pair.a;
  }
  writer.join();
}

}  // namespace
}  // namespace sluice
