#include "base/log_throttle.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

class LogThrottleTest : public ::testing::Test {
 protected:
  int admitted(int asked, MonoTime now) {
    int count = 0;
    for (int i = 0; i < asked; ++i) count += throttle_.admit(now) ? 1 : 0;
    return count;
  }

  const MonoTime begin_{1h};
  LogThrottle throttle_{3};
};

TEST_F(LogThrottleTest, AdmitsSoManyLinesASecond) {
  EXPECT_EQ(admitted(10, begin_), 3);
  EXPECT_EQ(admitted(10, begin_ + 999ms), 0);
  EXPECT_EQ(admitted(10, begin_ + 1s), 3);
}

TEST_F(LogThrottleTest, TellsWhatItSuppressedOnceTheSecondIsOver) {
  EXPECT_EQ(throttle_.next_deadline(), MonoTime::max());
  EXPECT_EQ(admitted(10, begin_), 3);
  EXPECT_EQ(throttle_.next_deadline(), begin_ + 1s);
  EXPECT_EQ(throttle_.take_suppressed(begin_ + 999ms), 0U);
  EXPECT_EQ(throttle_.take_suppressed(begin_ + 1s), 7U);
  EXPECT_EQ(throttle_.take_suppressed(begin_ + 2s), 0U);
  EXPECT_EQ(throttle_.next_deadline(), MonoTime::max());
}

TEST_F(LogThrottleTest, TellsOfAnEndlessFloodOnceAMinute) {
  std::uint64_t told = 0;
  int tellings = 0;
  for (int second = 0; second < 600; ++second) {
    const MonoTime now = begin_ + std::chrono::seconds(second);
    if (throttle_.next_deadline() <= now) {
      told += throttle_.take_suppressed(now);
      ++tellings;
    }
    EXPECT_EQ(admitted(10, now), 3);
  }
  EXPECT_EQ(tellings, 10);
  told += throttle_.take_suppressed(MonoTime::max());
  EXPECT_EQ(told, 600U * 7);
}

TEST_F(LogThrottleTest, SaysNothingOfAQuietSecond) {
  EXPECT_EQ(admitted(3, begin_), 3);
  EXPECT_EQ(throttle_.take_suppressed(begin_ + 5s), 0U);
}

}  // namespace
}  // namespace sluice
