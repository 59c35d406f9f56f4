#include "dedup/sender_allowances.h"

#include <random>

#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kStart{std::chrono::seconds{1767225600}};
constexpr RateLimit kThreeAMinute{3, 1min};

int taken(SenderAllowances& allowances, std::uint64_t key, WallTime at, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += allowances.take(key, at) ? 1 : 0;
  return count;
}

TEST(SenderAllowances, EachSenderHasItsOwn) {
  SenderAllowances allowances(kThreeAMinute);
  EXPECT_EQ(taken(allowances, 0x1111, kStart, 10), 3);
  EXPECT_EQ(taken(allowances, 0x2222, kStart, 10), 3);
  EXPECT_EQ(taken(allowances, 0x1111, kStart, 10), 0);
}

TEST(SenderAllowances, WithoutALimitNobodyIsRefused) {
  SenderAllowances allowances(RateLimit{0, 1min});
  EXPECT_EQ(taken(allowances, 0x1111, kStart, 1000), 1000);
}

TEST(SenderAllowances, AFloodOfOthersNeitherFreesAFlooderNorRefusesAnyoneElse) {
  SenderAllowances allowances(kThreeAMinute);
  std::mt19937_64 keys(1);
  const std::uint64_t flooder = keys();
  int flooded = 0;
  for (int i = 0; i < 200'000; ++i) {
    EXPECT_TRUE(allowances.take(keys(), kStart)) << "a newcomer was refused";
    flooded += taken(allowances, flooder, kStart, 1);
  }
  EXPECT_EQ(flooded, 3);
}

}  // namespace
}  // namespace sluice
