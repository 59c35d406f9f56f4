// With the kernel itself: what a thread asks for is read back from the kernel. Works on a machine
// with one CPU, and without privileges.

#include "app/thread_placement.h"

#include <algorithm>
#include <functional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/check_threads.h"
#include "app/keeper_thread.h"
#include "app/stage_thread.h"
#include "base/log.h"
#include "config/cpu_list.h"
#include "support/stepped_pipeline.h"

namespace sluice {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// What the kernel says of the calling thread.
struct Place {
  std::vector<int> cpus;
  int running_on = -1;
  int policy = -1;
  int priority = -1;
  int nice = 99;
};

Place place_of_this_thread() {
  Place place;
  cpu_set_t set;
  EXPECT_EQ(pthread_getaffinity_np(pthread_self(), sizeof set, &set), 0);
  for (int cpu = 0; cpu <= kLastCpu; ++cpu)
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) place.cpus.push_back(cpu);
  place.running_on = sched_getcpu();
  sched_param parameters{};
  EXPECT_EQ(pthread_getschedparam(pthread_self(), &place.policy, &parameters), 0);
  place.priority = parameters.sched_priority;
  place.nice = getpriority(PRIO_PROCESS, 0);
  return place;
}

struct Outcome {
  std::vector<std::string> complaints;
  Place place;
};

/// On a thread of its own, which takes its place with it when it ends.
Outcome place(
    const ThreadConfig& wanted, const std::function<void()>& before = [] {}) {
  Outcome outcome;
  std::thread([&] {
    before();
    outcome.complaints = place_this_thread(wanted);
    outcome.place = place_of_this_thread();
  }).join();
  return outcome;
}

ThreadConfig on_cpus(std::vector<int> cpus) { return {.cpus = std::move(cpus)}; }

/// Takes the right to any scheduling away from the calling thread, root's as well.
void give_up_privileges() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct none[2]{};
  ASSERT_EQ(syscall(SYS_capset, &header, none), 0);
}

/// … and what an unprivileged process may be granted, while it lives.
class NoGrants {
 public:
  NoGrants() {
    for (Limit& limit : limits_) {
      getrlimit(limit.resource, &limit.before);
      const rlimit none{0, limit.before.rlim_max};
      setrlimit(limit.resource, &none);
    }
  }
  ~NoGrants() {
    for (const Limit& limit : limits_) setrlimit(limit.resource, &limit.before);
  }
  NoGrants(const NoGrants&) = delete;
  NoGrants& operator=(const NoGrants&) = delete;

 private:
  struct Limit {
    __rlimit_resource resource;
    rlimit before{};
  };
  Limit limits_[2] = {{RLIMIT_RTPRIO}, {RLIMIT_NICE}};
};

class ThreadPlacement : public testing::Test {
 protected:
  const Place before_ = place_of_this_thread();
  /// Of those that this process may use the last one.
  const int cpu_ = before_.cpus.back();
  /// One that there is not.
  const int absent_ = before_.cpus.back() == kLastCpu ? -1 : kLastCpu;
};

TEST_F(ThreadPlacement, ByDefaultChangesNothing) {
  const Outcome outcome = place({});
  EXPECT_THAT(outcome.complaints, IsEmpty());
  EXPECT_EQ(outcome.place.cpus, before_.cpus);
  EXPECT_EQ(outcome.place.policy, before_.policy);
  EXPECT_EQ(outcome.place.nice, before_.nice);
}

TEST_F(ThreadPlacement, MovesTheThreadAndNoOther) {
  const Outcome outcome = place(on_cpus({cpu_}));
  EXPECT_THAT(outcome.complaints, IsEmpty());
  EXPECT_THAT(outcome.place.cpus, ElementsAre(cpu_));
  EXPECT_EQ(outcome.place.running_on, cpu_);
  EXPECT_EQ(place_of_this_thread().cpus, before_.cpus);
}

TEST_F(ThreadPlacement, AThreadThatItStartsInheritsThePlace) {
  Place inherited;
  std::thread([&] {
    EXPECT_THAT(place_this_thread(on_cpus({cpu_})), IsEmpty());
    std::thread([&] { inherited = place_of_this_thread(); }).join();
  }).join();
  EXPECT_THAT(inherited.cpus, ElementsAre(cpu_));
}

TEST_F(ThreadPlacement, WithoutAnyOfItsCpusTheThreadStaysWhereItIs) {
  if (absent_ < 0) GTEST_SKIP() << "this machine has all CPUs";
  const Outcome outcome = place(on_cpus({absent_}));
  EXPECT_THAT(outcome.complaints,
              ElementsAre(AllOf(HasSubstr("this machine has no CPU 1023, only "),
                                HasSubstr("it runs on any"))));
  EXPECT_EQ(outcome.place.cpus, before_.cpus);
}

TEST_F(ThreadPlacement, WithSomeOfItsCpusItRunsOnThese) {
  if (absent_ < 0) GTEST_SKIP() << "this machine has all CPUs";
  const Outcome outcome = place(on_cpus({cpu_, absent_}));
  EXPECT_THAT(outcome.complaints,
              ElementsAre(AllOf(HasSubstr("no CPU 1023"), HasSubstr("it runs on the others"))));
  EXPECT_THAT(outcome.place.cpus, ElementsAre(cpu_));
}

TEST_F(ThreadPlacement, NiceBelongsToTheThread) {
  const int nicer = std::min(before_.nice + 1, 19);
  const Outcome outcome = place({.nice = nicer});
  EXPECT_THAT(outcome.complaints, IsEmpty());
  EXPECT_EQ(outcome.place.nice, nicer);
  EXPECT_EQ(place_of_this_thread().nice, before_.nice);
}

TEST_F(ThreadPlacement, BatchNeedsNoRight) {
  const Outcome outcome = place({.policy = SchedulingPolicy::kBatch}, give_up_privileges);
  EXPECT_THAT(outcome.complaints, IsEmpty());
  EXPECT_EQ(outcome.place.policy, SCHED_BATCH);
  EXPECT_EQ(place_of_this_thread().policy, before_.policy);
}

TEST_F(ThreadPlacement, WhatIsNotPermittedIsToldAndTheRestIsDone) {
  const NoGrants no_grants;
  const Outcome realtime = place(
      {.cpus = {cpu_}, .policy = SchedulingPolicy::kFifo, .priority = 10}, give_up_privileges);
  EXPECT_THAT(
      realtime.complaints,
      ElementsAre(AllOf(HasSubstr("cannot be scheduled as fifo 10: Operation not permitted"),
                        HasSubstr("stays as it was"))));
  EXPECT_THAT(realtime.place.cpus, ElementsAre(cpu_));
  EXPECT_EQ(realtime.place.policy, before_.policy);

  const Outcome less_nice =
      place({.nice = -20, .policy = SchedulingPolicy::kOther}, give_up_privileges);
  EXPECT_THAT(less_nice.complaints, ElementsAre(HasSubstr("cannot have nice -20: ")));
  EXPECT_EQ(less_nice.place.nice, before_.nice);
}

TEST_F(ThreadPlacement, RealTimeIsHadWhereItIsPermitted) {
  const Outcome outcome = place({.policy = SchedulingPolicy::kRoundRobin, .priority = 1});
  if (!outcome.complaints.empty()) GTEST_SKIP() << outcome.complaints[0];
  EXPECT_EQ(outcome.place.policy, SCHED_RR);
  EXPECT_EQ(outcome.place.priority, 1);
}

// --- the threads of the program ---

/// Looks where it runs, once, and is done.
class Lookout final : public Stage {
 public:
  std::size_t poll() override {
    seen = place_of_this_thread();
    return 1;
  }
  [[nodiscard]] bool done() const override { return seen.running_on >= 0; }

  Place seen;
};

TEST_F(ThreadPlacement, AStageNeverRunsElsewhere) {
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  const SystemClock clock;
  Wakeup wakeup;
  Wakeup ended;
  Lookout stage;
  StageThread("lookout", stage, wakeup, clock, ended, on_cpus({cpu_})).join();
  set_log_sink({});
  EXPECT_THAT(stage.seen.cpus, ElementsAre(cpu_));
  EXPECT_THAT(lines, ElementsAre("thread lookout: CPUs " + std::to_string(cpu_)));
}

TEST_F(ThreadPlacement, AStageThatCannotHaveItsPlaceRunsAllTheSame) {
  if (absent_ < 0) GTEST_SKIP() << "this machine has all CPUs";
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel level, std::string_view line) {
    EXPECT_EQ(level, LogLevel::kWarn);
    lines.emplace_back(line);
  });
  const SystemClock clock;
  Wakeup wakeup;
  Wakeup ended;
  Lookout stage;
  StageThread thread("lookout", stage, wakeup, clock, ended, on_cpus({absent_}));
  thread.join();
  set_log_sink({});
  EXPECT_EQ(thread.error(), nullptr);
  EXPECT_EQ(stage.seen.cpus, before_.cpus);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("thread lookout: this machine has no CPU 1023")));
}

TEST(PipelineSeats, HaveThePlacesOfTheirRoles) {
  test::SteppedPipeline sluice({.decode_workers = 2, .tweak = [](Config& config) {
                                  ThreadsConfig& threads = config.sluice.threads;
                                  threads.feed.cpus = {1};
                                  threads.decode.cpus = {2};
                                  threads.dedup.cpus = {3};
                                  threads.write.cpus = {4};
                                }});
  std::vector<std::string> places;
  for (const Pipeline::Seat& seat : sluice.pipeline().seats())
    places.push_back(seat.name + " " + cpu_list_text(seat.placement->cpus));
  EXPECT_THAT(places, ElementsAre("feed 1", "decode-0 2", "decode-1 2", "dedup 3", "write 4"));
  sluice.finish();
}

// --- check ---

TEST_F(ThreadPlacement, CheckFindsOutWhatThisMachineWouldRefuse) {
  if (absent_ < 0) GTEST_SKIP() << "this machine has all CPUs";
  ThreadsConfig threads;
  EXPECT_THAT(examine_threads(threads), IsEmpty());
  threads.feed = on_cpus({cpu_});
  EXPECT_THAT(examine_threads(threads), IsEmpty());
  threads.write = on_cpus({cpu_, absent_});
  EXPECT_THAT(examine_threads(threads),
              ElementsAre(AllOf(Field(&Finding::severity, Severity::kWarning),
                                Field(&Finding::subject, "sluice.threads.write"),
                                Field(&Finding::text, HasSubstr("no CPU 1023")))));
  EXPECT_EQ(place_of_this_thread().cpus, before_.cpus);
}

}  // namespace
}  // namespace sluice
