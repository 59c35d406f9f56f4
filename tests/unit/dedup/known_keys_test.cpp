#include "dedup/known_keys.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(KnownKeys, KnowsWhatWasAdded) {
  KnownKeys keys(10);
  keys.add(7);
  EXPECT_TRUE(keys.sees(7));
  EXPECT_FALSE(keys.sees(8));
}

TEST(KnownKeys, NeverHoldsMoreThanTwoGenerations) {
  KnownKeys keys(100);
  for (std::uint64_t key = 0; key < 100'000; ++key) {
    keys.add(key);
    ASSERT_LE(keys.size(), 200U);
  }
}

TEST(KnownKeys, RemembersAGenerationOfThoseSeenLast) {
  KnownKeys keys(100);
  for (std::uint64_t key = 0; key < 1000; ++key) keys.add(key);
  for (std::uint64_t key = 900; key < 1000; ++key) EXPECT_TRUE(keys.sees(key)) << key;
  EXPECT_FALSE(keys.sees(0));
}

TEST(KnownKeys, WhoIsSeenAgainAndAgainIsNotForgotten) {
  KnownKeys keys(100);
  keys.add(1'000'000);
  for (std::uint64_t key = 0; key < 10'000; ++key) {
    keys.add(key);
    if (key % 50 == 0) {
      ASSERT_TRUE(keys.sees(1'000'000)) << key;
    }
  }
}

}  // namespace
}  // namespace sluice
