#include "receive/mqtt_acknowledger.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;
using Step = MqttAcknowledger::Step;

class MqttAcknowledgerTest : public testing::Test {
 protected:
  MqttAcknowledgerTest() {
    acknowledger_.begin_connection(
        {.owed = 10, .age = 1000ms, .owed_when_quiet = 4, .silence = 200ms, .quiet = 50ms});
  }
  void owe(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t seq = from; seq <= to; ++seq) acknowledger_.owe(seq, now_);
  }

  MqttAcknowledger acknowledger_;
  MonoTime now_{1h};
};

TEST_F(MqttAcknowledgerTest, ReadsAsLongAsNothingIsOwed) {
  EXPECT_FALSE(acknowledger_.owes());
  EXPECT_EQ(acknowledger_.step(0, now_), Step::kRead);
  EXPECT_EQ(acknowledger_.step(0, now_ + 1h), Step::kRead);
}

TEST_F(MqttAcknowledgerTest, FlushesWhenEverythingOwedIsDurableAndNotBefore) {
  owe(1, 3);
  EXPECT_EQ(acknowledger_.step(0, now_), Step::kRead);
  EXPECT_EQ(acknowledger_.step(2, now_), Step::kRead);
  EXPECT_EQ(acknowledger_.step(3, now_), Step::kFlush);
  acknowledger_.flushed(now_);
  EXPECT_FALSE(acknowledger_.owes());
  EXPECT_EQ(acknowledger_.step(3, now_), Step::kRead);
}

TEST_F(MqttAcknowledgerTest, StopsReadingAtTheQuota) {
  owe(1, 9);
  EXPECT_EQ(acknowledger_.step(0, now_), Step::kRead);
  owe(10, 10);
  EXPECT_TRUE(acknowledger_.full());
  EXPECT_EQ(acknowledger_.step(0, now_), Step::kSync);
  EXPECT_EQ(acknowledger_.step(9, now_ + 1ms), Step::kWait);
  EXPECT_EQ(acknowledger_.step(10, now_ + 2ms), Step::kFlush);
}

TEST_F(MqttAcknowledgerTest, StopsReadingWhenTheOldestHasWaitedTooLong) {
  owe(1, 1);
  now_ += 999ms;
  owe(2, 2);
  EXPECT_EQ(acknowledger_.step(1, now_), Step::kRead);
  EXPECT_EQ(acknowledger_.step(1, now_ + 1ms), Step::kSync);
}

TEST_F(MqttAcknowledgerTest, TakesSilenceForABrokerThatWaits) {
  owe(1, 4);
  EXPECT_EQ(acknowledger_.step(0, now_ + 199ms), Step::kRead);
  EXPECT_EQ(acknowledger_.step(0, now_ + 200ms), Step::kSync);
}

TEST_F(MqttAcknowledgerTest, TakesNoNoticeOfSilenceAfterAFew) {
  owe(1, 3);
  EXPECT_EQ(acknowledger_.step(0, now_ + 500ms), Step::kRead);
}

TEST_F(MqttAcknowledgerTest, LearnsHowFewABrokerSendsAhead) {
  EXPECT_FALSE(acknowledger_.knows_brokers_limit());
  owe(1, 2);
  now_ += 500ms;  // nothing more, until a commit
  EXPECT_EQ(acknowledger_.step(1, now_), Step::kRead);
  ASSERT_EQ(acknowledger_.step(2, now_), Step::kFlush);
  acknowledger_.flushed(now_);
  for (std::uint64_t seq = 3; seq < 20; seq += 2) {
    now_ += 100ms;  // there and back
    owe(seq, seq);
    EXPECT_EQ(acknowledger_.step(0, now_ + 10ms), Step::kRead);
    owe(seq + 1, seq + 1);
    EXPECT_EQ(acknowledger_.step(0, now_), Step::kRead) << "there may be more after all";
    EXPECT_LE(acknowledger_.patience(now_), 5ms);
    now_ += 5ms;
    EXPECT_EQ(acknowledger_.step(0, now_), Step::kSync);
    ASSERT_EQ(acknowledger_.step(seq + 1, now_), Step::kFlush);
    acknowledger_.flushed(now_);
  }
  EXPECT_TRUE(acknowledger_.knows_brokers_limit());
  acknowledger_.begin_connection({.owed_when_quiet = 4});
  EXPECT_FALSE(acknowledger_.knows_brokers_limit());
  owe(20, 21);
  EXPECT_EQ(acknowledger_.step(0, now_ + 50ms), Step::kRead) << "another connection";
}

TEST_F(MqttAcknowledgerTest, LearnsALimitAlsoWhereSilenceWouldHaveTold) {
  owe(1, 6);
  ASSERT_EQ(acknowledger_.step(0, now_ += 200ms), Step::kSync);
  ASSERT_EQ(acknowledger_.step(6, now_), Step::kFlush);
  acknowledger_.flushed(now_);
  owe(7, 12);
  EXPECT_EQ(acknowledger_.step(0, now_ + 4ms), Step::kRead);
  EXPECT_EQ(acknowledger_.step(0, now_ + 5ms), Step::kSync) << "not after a silence each time";
}

TEST_F(MqttAcknowledgerTest, LetsACommitComeFirstWhenTheNetworkPauses) {
  acknowledger_.begin_connection({.owed = 20'000, .age = 7500ms});
  std::uint64_t seq = 0;
  int syncs = 0;
  for (int second = 0; second < 20; ++second) {
    for (int burst = 0; burst < 4; ++burst) {
      for (int i = 0; i < 5 + (second * 7 + burst) % 11; ++i) {
        ++seq;
        owe(seq, seq);
      }
      now_ += 100ms;
      if (acknowledger_.step(0, now_) == Step::kSync) ++syncs;
    }
    now_ += 600ms;
    ASSERT_EQ(acknowledger_.step(seq, now_), Step::kFlush);
    acknowledger_.flushed(now_);
  }
  EXPECT_LE(syncs, 2) << "now and then a pause falls on the most that ever came";
}

TEST_F(MqttAcknowledgerTest, TakesLittleTrafficForNoLimit) {
  for (std::uint64_t seq = 1; seq <= 10; ++seq) {
    owe(seq, seq);
    now_ += 100ms;
    ASSERT_EQ(acknowledger_.step(seq - 1, now_), Step::kRead);
    ASSERT_EQ(acknowledger_.step(seq, now_), Step::kFlush);
    acknowledger_.flushed(now_);
    now_ += 900ms;
  }
}

TEST_F(MqttAcknowledgerTest, UnlearnsALimitThatIsNone) {
  owe(1, 1);
  now_ += 100ms;
  acknowledger_.flushed(now_);
  owe(2, 2);
  EXPECT_EQ(acknowledger_.step(0, now_ + 4ms), Step::kRead);
  owe(3, 3);
  now_ += 100ms;
  EXPECT_EQ(acknowledger_.step(0, now_), Step::kRead);
  acknowledger_.flushed(now_);
  owe(4, 4);
  EXPECT_EQ(acknowledger_.step(0, now_ + 100ms), Step::kRead) << "it has sent more before";
}

TEST_F(MqttAcknowledgerTest, AsksAgainForASyncThatDoesNotCome) {
  owe(1, 10);
  EXPECT_EQ(acknowledger_.step(0, now_), Step::kSync);
  EXPECT_EQ(acknowledger_.step(0, now_ + 999ms), Step::kWait);
  EXPECT_EQ(acknowledger_.step(0, now_ + 1000ms), Step::kSync);
  EXPECT_EQ(acknowledger_.step(0, now_ + 1001ms), Step::kWait);
}

TEST_F(MqttAcknowledgerTest, NeedsNothingDurableForWhatIsNotInTheJournal) {
  acknowledger_.owe(0, now_);
  EXPECT_TRUE(acknowledger_.owes());
  EXPECT_EQ(acknowledger_.step(0, now_), Step::kFlush);
}

TEST_F(MqttAcknowledgerTest, WaitsForTheHighestNumberInWhateverOrderTheyCome) {
  owe(20, 20);
  owe(5, 5);  // a message that came again
  EXPECT_EQ(acknowledger_.step(19, now_), Step::kRead);
  EXPECT_EQ(acknowledger_.step(20, now_), Step::kFlush);
}

TEST_F(MqttAcknowledgerTest, OwesNothingOnANewConnection) {
  owe(1, 10);
  EXPECT_EQ(acknowledger_.step(0, now_), Step::kSync);
  acknowledger_.begin_connection({});
  EXPECT_EQ(acknowledger_.step(0, now_), Step::kRead);
}

TEST_F(MqttAcknowledgerTest, SleepsShortlyOnlyWhileSomethingWaits) {
  EXPECT_GT(acknowledger_.patience(now_), 1h);
  owe(1, 1);
  EXPECT_LE(acknowledger_.patience(now_), 250ms);
  owe(2, 10);
  EXPECT_EQ(acknowledger_.step(0, now_), Step::kSync);
  EXPECT_LE(acknowledger_.patience(now_), 5ms);
  EXPECT_GE(acknowledger_.patience(now_ + 2s), 50ms) << "a database that is locked for long";
}

}  // namespace
}  // namespace sluice
