#include "app/stage_watchdog.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/pipeline_threads.h"
#include "app/watched_stages.h"
#include "support/manual_clock.h"
#include "support/stepped_pipeline.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StageWatchdogTest : public testing::Test {
 protected:
  std::vector<std::string> step(std::chrono::milliseconds by = 250ms) {
    clock_.advance(by);
    std::vector<std::string> texts;
    for (const WatchdogLine& line : watchdog_.step()) texts.push_back(line.text);
    return texts;
  }
  /// Steps four times a second; what was logged.
  std::vector<std::string> run(std::chrono::seconds time) {
    std::vector<std::string> texts;
    for (auto passed = 0ms; passed < time; passed += 250ms) {
      for (std::string& text : step()) texts.push_back(std::move(text));
    }
    return texts;
  }

  test::ManualClock clock_;
  StageSigns write_;
  StageSigns dedup_;
  StageWatchdog watchdog_{{{"dedup", "batches", [this] { return dedup_; }},
                           {"write", "batches", [this] { return write_; }}},
                          clock_,
                          {}};
};

TEST_F(StageWatchdogTest, IsContentWithStagesThatHaveNothingToDo) {
  EXPECT_THAT(run(600s), IsEmpty());
  EXPECT_THAT(watchdog_.complaints(), IsEmpty());
  EXPECT_FALSE(watchdog_.hopeless());
}

TEST_F(StageWatchdogTest, NamesAStageThatDoesNotComeBackFromAPoll) {
  write_ = {.inside = true, .polls = 7, .waiting = 3};
  EXPECT_THAT(run(9s), IsEmpty());
  EXPECT_THAT(run(3s), ElementsAre("WATCHDOG: stage write stands still for 10 s (within one step, "
                                   "3 batches before it)"));
  EXPECT_EQ(watchdog_.complaints().size(), 1U);
  EXPECT_FALSE(watchdog_.hopeless());
  EXPECT_THAT(run(60s), ElementsAre(HasSubstr("stands still for 70 s")));
  static_cast<void>(run(50s));
  EXPECT_TRUE(watchdog_.hopeless());
}

TEST_F(StageWatchdogTest, ALongPollWithoutInputCountsToo) {
  write_ = {.inside = true, .polls = 7, .waiting = 0, .blocked = true};
  static_cast<void>(run(121s));
  EXPECT_TRUE(watchdog_.hopeless());
}

TEST_F(StageWatchdogTest, NamesAStageThatLeavesItsInputLying) {
  dedup_.waiting = 5;
  for (int i = 0; i < 10 * 4 + 1; ++i) {
    ++dedup_.polls;  // it does poll, and moves nothing
    static_cast<void>(step());
  }
  EXPECT_THAT(watchdog_.complaints(), ElementsAre(HasSubstr("stage dedup stands still for 10 s "
                                                            "(between two steps, 5 batches")));
}

TEST_F(StageWatchdogTest, BusyStagesAreFine) {
  dedup_ = {.inside = true, .polls = 1, .waiting = 32};
  write_ = {.inside = true, .polls = 1, .waiting = 32};
  for (int i = 0; i < 600 * 4; ++i) {
    ++dedup_.polls;
    dedup_.moved += 256;
    write_.moved += i % 20 == 0 ? 256U : 0U;  // five seconds between two
    ++write_.polls;
    EXPECT_THAT(step(), IsEmpty());
  }
}

TEST_F(StageWatchdogTest, WaitingForALockedDatabaseIsNoFault) {
  dedup_ = {.waiting = 32, .blocked = true};
  write_ = {.waiting = 32, .blocked = true};
  EXPECT_THAT(run(3600s), IsEmpty());
  EXPECT_FALSE(watchdog_.hopeless());
}

TEST_F(StageWatchdogTest, TellsWhenItMovesAgain) {
  write_ = {.inside = true, .polls = 7, .waiting = 3};
  static_cast<void>(run(14s));
  write_.inside = false;
  write_.moved = 1;
  EXPECT_THAT(step(), ElementsAre("WATCHDOG: stage write moves again, after 14 s"));
  EXPECT_THAT(watchdog_.complaints(), IsEmpty());
  EXPECT_THAT(run(5s), IsEmpty());
}

TEST_F(StageWatchdogTest, LimitsStartAnewWhenTheWatchdogItselfWasStopped) {
  write_ = {.inside = true, .polls = 7, .waiting = 3};
  EXPECT_THAT(run(9s), IsEmpty());
  EXPECT_THAT(step(600s), ElementsAre(HasSubstr("did not run for 600 s")));
  EXPECT_FALSE(watchdog_.hopeless());
  EXPECT_THAT(run(9s), IsEmpty());
  EXPECT_THAT(run(2s), ElementsAre(HasSubstr("stands still for 10 s")));
}

TEST_F(StageWatchdogTest, AStageThatHasEndedOwesNothing) {
  write_ = {.ended = true, .inside = true, .polls = 7, .waiting = 3};
  EXPECT_THAT(run(300s), IsEmpty());
}

/// Nothing is left before the writer, or the queue in front of it is full; and nobody is at work.
bool all_have_passed_on(const Pipeline& pipeline, const PipelineThreads& threads) {
  const auto depths = pipeline.queue_depths();
  const Journal& journal = pipeline.journals()[0];
  const bool through =
      journal.fed() == journal.appended() && depths[0].depth == 0 && depths[1].depth == 0;
  if (!through && depths[2].depth < depths[2].capacity) return false;
  for (const StageThread& thread : threads.all())
    if (thread.progress().inside.load()) return false;
  return true;
}

/// The real stages, while somebody else holds the database's lock for an hour.
TEST(WatchedStages, ALockedDatabaseIsADegradationAndNoStall) {
  const test::TempDir directory;
  const SystemClock clock;
  test::ManualClock watch;
  Pipeline pipeline(test::make_config({.window = 0ms}, directory.file("test.db")),
                    test::make_sources(1), clock);
  Intake intake = pipeline.intake(0);
  for (std::uint32_t n = 0; n < 5000; ++n) {
    const test::Message message = test::text_message(n);
    intake.take({.received = clock.wall(), .topic = message.topic, .payload = message.payload});
  }
  intake.close();
  pipeline.open_store();
  const test::OtherConnection other(directory.file("test.db"));
  other.execute("BEGIN IMMEDIATE");
  Wakeup ended;
  PipelineThreads threads(pipeline, clock, ended);
  while (pipeline.metrics().write.failed_attempts.value() < 3) std::this_thread::yield();
  StageWatchdog watchdog(watched_stages(pipeline, threads), watch, {});
  for (int i = 0; i < 3600; ++i) {
    // These seconds pass faster than any step of a stage, which must not look like a long one.
    while (!all_have_passed_on(pipeline, threads)) std::this_thread::yield();
    watch.advance(1s);
    static_cast<void>(watchdog.step());
  }
  EXPECT_FALSE(watchdog.hopeless());
  for (const std::string& complaint : watchdog.complaints()) ADD_FAILURE() << complaint;
  while (degradations(pipeline).empty()) std::this_thread::yield();
  EXPECT_THAT(degradations(pipeline), ElementsAre(HasSubstr("the database is locked or full")));
  other.execute("ROLLBACK");
  threads.join();
  EXPECT_THAT(degradations(pipeline), IsEmpty());
  test::ExpectLedgerAtRest(pipeline.metrics().ledger);
  pipeline.close_store();
}

}  // namespace
}  // namespace sluice
