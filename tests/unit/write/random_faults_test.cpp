// Random traffic over a database that fails at random leaves what the same traffic leaves over one
// that never does.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "support/fault_vfs.h"
#include "support/random_traffic.h"
#include "support/stepped_pipeline.h"
#include "support/table_contents.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using test::FaultCall;
using test::FaultFile;
using test::FaultPlan;
using test::SteppedPipeline;

void plan_trouble(FaultPlan& plan) {
  plan.fail_at_random({.call = FaultCall::kLock, .code = SQLITE_BUSY}, 0.2);
  plan.fail_at_random({.call = FaultCall::kWrite, .code = SQLITE_IOERR_WRITE}, 0.004);
  plan.fail_at_random({.call = FaultCall::kWrite, .code = SQLITE_FULL}, 0.02);
  plan.fail_at_random({.call = FaultCall::kWrite, .code = SQLITE_IOERR_WRITE, .late = true}, 0.004);
  plan.fail_at_random({.call = FaultCall::kRead, .code = SQLITE_IOERR_READ}, 0.003);
  plan.fail_at_random({.call = FaultCall::kTruncate, .code = SQLITE_IOERR_TRUNCATE}, 0.1);
  for (const int code : {SQLITE_IOERR, SQLITE_FULL, SQLITE_BUSY})
    plan.fail_at_random({.call = FaultCall::kCommit, .code = code}, 0.05);
}

struct Ending {
  std::vector<std::string> lines;  // tables, accounts
  std::uint64_t failed = 0;
};

Ending run(std::uint32_t seed, bool troubled) {
  test::RandomTraffic traffic({.seed = seed});
  // One source makes the rows: the order of two depends on how long each has to wait.
  constexpr std::size_t kSources = 2;
  SteppedPipeline sluice(
      {.window = seed % 5 == 0 ? 0ms : 1000ms,
       .max_rows = 1 + seed % 40,
       .sources = kSources,
       .tweak = [](Config& config) { config.client_rx_coverage_enabled = true; }});
  std::optional<FaultPlan> plan;
  if (troubled) plan_trouble(plan.emplace(sluice.db_path(), seed));
  for (int i = 0; i < 250; ++i) {
    const test::Message message = traffic.next();
    sluice.receive(message);
    if (traffic.draw(4) == 0) sluice.receive({.topic = "t", .payload = "no json"}, 1);
    sluice.run();
    sluice.advance(20ms);
    sluice.advance(std::chrono::milliseconds(traffic.draw(6) == 0 ? traffic.draw(20'000) : 30));
  }
  sluice.finish();
  Ending ending{.lines = table_contents(sluice.other())};
  for (std::size_t i = 0; i < kSources; ++i) {
    const Journal& journal = sluice.pipeline().journals()[i];
    EXPECT_EQ(journal.released(), journal.appended());
    ending.lines.push_back(to_line(totals_of(sluice.account(i))));
  }
  if (plan) ending.failed = plan->failed();
  return ending;
}

class RandomFaults : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RandomFaults, LeaveWhatAnUndisturbedRunLeaves) {
  const Ending calm = run(GetParam(), false);
  const Ending troubled = run(GetParam(), true);
  EXPECT_GT(troubled.failed, 10U);
  ASSERT_EQ(troubled.lines.size(), calm.lines.size());
  for (std::size_t i = 0; i < calm.lines.size(); ++i) ASSERT_EQ(troubled.lines[i], calm.lines[i]);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomFaults, testing::Range(1U, 41U));

}  // namespace
}  // namespace sluice
