#include "dedup/newcomers.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

class NewcomersTest : public testing::Test {
 protected:
  bool comes(std::uint64_t key) {
    if (!newcomers_.may_enter(0, key, at_)) return false;
    newcomers_.enter(0, key, at_);
    return true;
  }

  Counter entered_;
  Newcomers newcomers_{2, 1, entered_};
  WallTime at_{1'767'225'600s};
};

TEST_F(NewcomersTest, LetsInSoManyAnHour) {
  EXPECT_TRUE(comes(1));
  EXPECT_TRUE(comes(2));
  EXPECT_FALSE(comes(3));
  EXPECT_TRUE(comes(1)) << "known";
  at_ += 29min;
  EXPECT_FALSE(comes(3));
  at_ += 1min;
  EXPECT_TRUE(comes(3));
  EXPECT_FALSE(comes(4));
  EXPECT_EQ(entered_.value(), 3U);
}

TEST_F(NewcomersTest, AClockThatStepsBackLocksNobodyOut) {
  EXPECT_TRUE(comes(1));
  EXPECT_TRUE(comes(2));
  at_ -= 48h;
  EXPECT_FALSE(comes(3)) << "a step back brings nothing";
  at_ += 30min;
  EXPECT_TRUE(comes(3));
}

TEST_F(NewcomersTest, AStepBackKeepsWhatIsLeft) {
  EXPECT_TRUE(comes(1));
  at_ -= 48h;
  EXPECT_TRUE(comes(2));
  EXPECT_FALSE(comes(3));
}

}  // namespace
}  // namespace sluice
