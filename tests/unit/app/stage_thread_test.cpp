#include "app/stage_thread.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

/// Counts down from what it was given; asks for sleep in between.
class Countdown final : public Stage {
 public:
  std::size_t poll() override {
    ++polls;
    if (fails_at == polls) throw std::runtime_error("the disk is gone");
    char buffer[16];
    pthread_getname_np(pthread_self(), buffer, sizeof buffer);
    thread_name = buffer;
    if (work.load() > 0) {
      work.fetch_sub(1);
      return 1;
    }
    if (closed.load()) done_ = true;
    return 0;
  }
  [[nodiscard]] bool done() const override { return done_; }
  [[nodiscard]] MonoTime next_deadline() const override { return deadline; }

  std::atomic<int> work{0};
  std::atomic<bool> closed{false};
  std::atomic<int> polls{0};
  int fails_at = -1;
  MonoTime deadline = MonoTime::max();
  std::string thread_name;

 private:
  bool done_ = false;
};

void wait_for_end(const StageThread& thread, Wakeup& ended) {
  for (;;) {
    const auto ticket = ended.prepare();
    if (thread.finished()) return;
    ended.wait(ticket, 24h);
  }
}

TEST(StageThread, RunsAStageUntilItIsDone) {
  const SystemClock clock;
  Wakeup wakeup;
  Wakeup ended;
  Countdown stage;
  stage.work = 1000;
  stage.closed = true;
  StageThread thread("countdown", stage, wakeup, clock, ended);
  wait_for_end(thread, ended);
  thread.join();
  EXPECT_TRUE(stage.done());
  EXPECT_EQ(stage.work, 0);
  EXPECT_EQ(thread.error(), nullptr);
  EXPECT_EQ(stage.thread_name, "countdown");
}

TEST(StageThread, NewsWakeIt) {
  const SystemClock clock;
  Wakeup wakeup;
  Wakeup ended;
  Countdown stage;
  StageThread thread("news", stage, wakeup, clock, ended);
  for (int round = 0; round < 200; ++round) {
    stage.work = 3;
    wakeup.notify();
    while (stage.work.load() > 0) std::this_thread::yield();
  }
  stage.closed = true;
  wakeup.notify();
  wait_for_end(thread, ended);
  EXPECT_EQ(thread.error(), nullptr);
}

TEST(StageThread, DeadlineThatHasPassedMeansNoSleep) {
  const SystemClock clock;
  Wakeup wakeup;  // nobody notifies it
  Wakeup ended;
  Countdown stage;
  stage.deadline = clock.mono() - 1s;
  StageThread thread("deadline", stage, wakeup, clock, ended);
  while (stage.polls.load() < 100) std::this_thread::yield();
  stage.closed = true;
  wait_for_end(thread, ended);
  EXPECT_EQ(thread.error(), nullptr);
}

TEST(StageThread, ExceptionEndsItAndSurfaces) {
  const SystemClock clock;
  Wakeup wakeup;
  Wakeup ended;
  Countdown stage;
  stage.work = 10;
  stage.fails_at = 5;
  StageThread thread("failing", stage, wakeup, clock, ended);
  wait_for_end(thread, ended);
  ASSERT_NE(thread.error(), nullptr);
  EXPECT_FALSE(stage.done());
  try {
    std::rethrow_exception(thread.error());
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the disk is gone");
  }
}

TEST(StageThread, IsJoinedByItsDestructor) {
  const SystemClock clock;
  Wakeup wakeup;
  Wakeup ended;
  Countdown stage;
  stage.work = 100;
  stage.closed = true;
  { const StageThread thread("scoped", stage, wakeup, clock, ended); }
  EXPECT_TRUE(stage.done());
}

}  // namespace
}  // namespace sluice
