#include "dedup/top_talkers.h"

#include <string>

#include <gtest/gtest.h>

#include "base/salted_hash.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kMinute{std::chrono::minutes{29453760}};

class TopTalkersTest : public testing::Test {
 protected:
  void say(const std::string& id, WallTime at, bool refused = false) {
    talkers_.note(SaltedHash{}(id), id, refused, at);
  }

  Latest<TalkersOfMinute> published_;
  TopTalkers talkers_{published_};
};

TEST_F(TopTalkersTest, AMinuteIsPublishedWhenTheNextOneBegins) {
  say("A", kMinute);
  say("B", kMinute + 10s);
  say("B", kMinute + 59s, true);
  EXPECT_EQ(published_.read().count, 0U);
  say("A", kMinute + 60s);
  const TalkersOfMinute& minute = published_.read();
  EXPECT_EQ(minute.minute, kMinute);
  EXPECT_EQ(minute.messages, 3U);
  ASSERT_EQ(minute.count, 2U);
  EXPECT_EQ(minute.loudest[0].id(), "B");
  EXPECT_EQ(minute.loudest[0].messages, 2U);
  EXPECT_EQ(minute.loudest[0].refused, 1U);
  EXPECT_EQ(minute.loudest[1].messages, 1U);
}

TEST_F(TopTalkersTest, EveryMinuteCountsFromZero) {
  for (int i = 0; i < 5; ++i) say("A", kMinute);
  say("B", kMinute + 1min);
  say("B", kMinute + 2min);
  const TalkersOfMinute& minute = published_.read();
  EXPECT_EQ(minute.messages, 1U);
  ASSERT_EQ(minute.count, 1U);
  EXPECT_EQ(minute.loudest[0].id(), "B");
}

TEST_F(TopTalkersTest, TheLoudOnesStandOutOfAMillionOthers) {
  for (int i = 0; i < 100'000; ++i) {
    say(std::to_string(i), kMinute);
    if (i % 10 == 0) say("loud", kMinute);
  }
  talkers_.finish();
  const TalkersOfMinute& minute = published_.read();
  EXPECT_EQ(minute.messages, 110'000U);
  ASSERT_EQ(minute.count, TalkersOfMinute::kMost);
  EXPECT_EQ(minute.loudest[0].id(), "loud");
  EXPECT_GT(minute.loudest[0].messages, 9'000U);
  EXPECT_LE(minute.loudest[0].messages, 10'000U);
}

TEST_F(TopTalkersTest, LongIdsAreCut) {
  say(std::string(1000, 'x'), kMinute);
  talkers_.finish();
  EXPECT_EQ(published_.read().loudest[0].id(), std::string(Talker::kMostIdBytes, 'x'));
}

}  // namespace
}  // namespace sluice
