#include "app/stack_dump.h"

#include <atomic>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include "app/stage_thread.h"
#include "app/stage_watchdog.h"
#include "support/manual_clock.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// Goes into a poll() and stays there until it is let go.
class StuckStage final : public Stage {
 public:
  std::size_t poll() override {
    if (deaf) {
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);
    }
    entered = true;
    for (;;) {
      const auto ticket = wakeup.prepare();
      if (let_go.load()) break;
      wakeup.wait(ticket, 24h);
    }
    return 0;
  }
  [[nodiscard]] bool done() const override { return let_go.load(); }
  void release() {
    let_go = true;
    wakeup.notify();
  }
  void wait_until_stuck() const {
    while (!entered.load()) std::this_thread::yield();
  }

  std::atomic<bool> entered{false};
  std::atomic<bool> let_go{false};
  bool deaf = false;
  Wakeup wakeup;
};

#ifdef __SANITIZE_THREAD__  // which has a thread of its own that takes no signals
constexpr bool kAllAnswer = false;
#else
constexpr bool kAllAnswer = true;
#endif

TEST(StackDump, NamesEveryThreadAndShowsWhereItIs) {
  install_stack_dump();
  const SystemClock clock;
  Wakeup wakeup;
  Wakeup ended;
  StuckStage stage;
  StageThread thread("stuck-stage", stage, wakeup, clock, ended);
  stage.wait_until_stuck();
  for (int round = 0; round < 3; ++round) {
    const std::vector<std::string> lines = stack_dump(kAllAnswer ? 1min : 1s);
    EXPECT_THAT(lines, Contains(StartsWith("thread stuck-stage (")));
    EXPECT_THAT(lines, Contains(HasSubstr("  #3 ")));
    if (kAllAnswer) {
      EXPECT_THAT(lines, testing::Not(Contains(HasSubstr("does not answer"))));
    }
  }
  stage.release();
}

TEST(StackDump, GoesOnWithoutAThreadThatDoesNotAnswer) {
  install_stack_dump();
  const SystemClock clock;
  Wakeup wakeup;
  Wakeup ended;
  StuckStage stage;
  stage.deaf = true;
  StageThread thread("deaf-stage", stage, wakeup, clock, ended);
  stage.wait_until_stuck();
  const std::vector<std::string> lines = stack_dump(200ms);
  EXPECT_THAT(lines, Contains(StartsWith("thread deaf-stage (")));
  EXPECT_THAT(lines, Contains("  does not answer"));
  EXPECT_THAT(stack_dump(200ms), Contains("  does not answer"))
      << "and the next dump finds its feet";
  stage.release();
}

TEST(StageThread, TellsTheWatchdogThatItIsStuck) {
  const SystemClock clock;
  Wakeup wakeup;
  Wakeup ended;
  StuckStage stage;
  StageThread thread("stuck-stage", stage, wakeup, clock, ended);
  stage.wait_until_stuck();
  test::ManualClock watch;
  StageWatchdog watchdog({{"stuck-stage", "batches",
                           [&thread] {
                             const StageProgress& progress = thread.progress();
                             return StageSigns{.ended = thread.finished(),
                                               .inside = progress.inside,
                                               .polls = progress.polls,
                                               .moved = progress.moved};
                           }}},
                         watch, {});
  for (int i = 0; i < 121; ++i) {
    watch.advance(1s);
    static_cast<void>(watchdog.step());
  }
  EXPECT_TRUE(watchdog.hopeless());
  EXPECT_THAT(watchdog.complaints(), ElementsAre(StartsWith("stage stuck-stage stands still for")));
  stage.release();
  thread.join();
  watch.advance(1s);
  static_cast<void>(watchdog.step());
  EXPECT_FALSE(watchdog.hopeless());
}

}  // namespace
}  // namespace sluice
