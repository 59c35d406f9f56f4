#include "base/log_collapse.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class LogCollapseTest : public ::testing::Test {
 protected:
  const MonoTime begin_{1h};
  LogCollapse collapse_;
};

TEST_F(LogCollapseTest, TellsTheFirstAndCountsTheNext) {
  EXPECT_THAT(collapse_.note("locked", begin_), ElementsAre("locked"));
  for (int i = 1; i < 60; ++i) {
    EXPECT_THAT(collapse_.note("locked", begin_ + std::chrono::seconds(i)), IsEmpty());
  }
  EXPECT_THAT(collapse_.note("locked", begin_ + 60s),
              ElementsAre("locked (repeated 59 times in the last 60 s)"));
  EXPECT_THAT(collapse_.note("locked", begin_ + 61s), IsEmpty());
  EXPECT_THAT(collapse_.take_due(begin_ + 120s),
              ElementsAre("locked (repeated 2 times in the last 60 s)"));
}

TEST_F(LogCollapseTest, EndTellsWhatIsLeftAndForgets) {
  EXPECT_THAT(collapse_.note("locked", begin_), ElementsAre("locked"));
  EXPECT_THAT(collapse_.note("locked", begin_ + 1s), IsEmpty());
  EXPECT_THAT(collapse_.end(begin_ + 4s), ElementsAre("locked (repeated once in the last 4 s)"));
  EXPECT_THAT(collapse_.end(begin_ + 5s), IsEmpty());
  EXPECT_THAT(collapse_.note("locked", begin_ + 6s), ElementsAre("locked"));
}

TEST_F(LogCollapseTest, ASingleErrorHasNoSummary) {
  EXPECT_THAT(collapse_.note("locked", begin_), ElementsAre("locked"));
  EXPECT_EQ(collapse_.next_deadline(), MonoTime::max());
  EXPECT_THAT(collapse_.take_due(begin_ + 300s), IsEmpty());
  EXPECT_THAT(collapse_.note("locked", begin_ + 301s), ElementsAre("locked")) << "news again";
}

TEST_F(LogCollapseTest, DeadlineIsAMinuteAfterTheLastLineOfASpell) {
  EXPECT_THAT(collapse_.note("a", begin_), ElementsAre("a"));
  EXPECT_THAT(collapse_.note("a", begin_ + 10s), IsEmpty());
  EXPECT_EQ(collapse_.next_deadline(), begin_ + 60s);
  EXPECT_THAT(collapse_.take_due(begin_ + 59s), IsEmpty());
  EXPECT_THAT(collapse_.take_due(begin_ + 60s), ElementsAre("a (repeated once in the last 60 s)"));
  EXPECT_EQ(collapse_.next_deadline(), MonoTime::max());
}

TEST_F(LogCollapseTest, TextsThatTakeTurnsAreCountedApart) {
  EXPECT_THAT(collapse_.note("refused", begin_), ElementsAre("refused"));
  EXPECT_THAT(collapse_.note("no such name", begin_), ElementsAre("no such name"));
  for (int i = 1; i <= 10; ++i) {
    EXPECT_THAT(collapse_.note(i % 2 == 0 ? "refused" : "no such name", begin_ + 1s), IsEmpty());
  }
  EXPECT_THAT(collapse_.end(begin_ + 10s),
              ElementsAre("refused (repeated 5 times in the last 10 s)",
                          "no such name (repeated 5 times in the last 10 s)"));
}

TEST_F(LogCollapseTest, WritesAFewAsTheyComeIfToldSo) {
  LogCollapse few({.lines = 3, .within = 10s});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(few.note("refused", begin_ + std::chrono::seconds(i)), ElementsAre("refused"));
  }
  EXPECT_THAT(few.note("refused", begin_ + 9s), IsEmpty());
  EXPECT_THAT(few.note("refused", begin_ + 11s), IsEmpty()) << "what has begun to be counted is";
  EXPECT_THAT(few.note("other", begin_ + 11s), ElementsAre("other"));
  EXPECT_THAT(few.take_due(begin_ + 62s),
              ElementsAre("refused (repeated 2 times in the last 60 s)"));
}

TEST_F(LogCollapseTest, NeverCountsWhatComesSeldomEnough) {
  LogCollapse few({.lines = 3, .within = 10s});
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(few.note("refused", begin_ + std::chrono::seconds(4 * i)), ElementsAre("refused"));
  }
  EXPECT_THAT(few.end(begin_ + 400s), IsEmpty());
}

TEST_F(LogCollapseTest, RemembersSoManyTextsAndTellsOfTheOneThatGivesWay) {
  EXPECT_THAT(collapse_.note("0", begin_), ElementsAre("0"));
  EXPECT_THAT(collapse_.note("0", begin_ + 1s), IsEmpty());
  for (std::size_t i = 1; i < LogCollapse::kTexts; ++i) {
    EXPECT_THAT(collapse_.note(std::to_string(i), begin_ + 1s), ElementsAre(std::to_string(i)));
  }
  EXPECT_THAT(collapse_.note("one more", begin_ + 2s),
              ElementsAre("0 (repeated once in the last 2 s)", "one more"));
}

}  // namespace
}  // namespace sluice
