// The clamp to the clock at apply, when the wall clock was set back within a window.

#include "write/latest_time.h"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/frames.h"
#include "support/stepped_pipeline.h"
#include "support/table_contents.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

TEST(LatestTime, IsTheLatestWhileNoneIsInTheFuture) {
  LatestTime time(test::kTestEpoch + 2s);
  time.note(test::kTestEpoch + 5s);
  time.note(test::kTestEpoch + 3s);
  EXPECT_EQ(time.at(test::kTestEpoch + 5s), test::kTestEpoch + 5s);
}

TEST(LatestTime, PullsBackWhatIsInTheFuture) {
  LatestTime time(test::kTestEpoch + 100s);
  time.note(test::kTestEpoch + 3s);
  EXPECT_EQ(time.at(test::kTestEpoch + 10s), test::kTestEpoch + 10s);
}

TEST(LatestTime, BelievesTheLastOneWhateverTheClockSays) {
  LatestTime time(test::kTestEpoch + 3s);
  time.note(test::kTestEpoch + 100s);
  EXPECT_EQ(time.at(test::kTestEpoch + 10s), test::kTestEpoch + 100s);
}

std::vector<std::string> tables_after_a_step_back(std::chrono::milliseconds window) {
  test::SteppedPipeline sluice({.window = window});
  const auto hear = [&](std::chrono::seconds after) {
    const WallTime received = test::kTestEpoch + after;
    sluice.receive(test::packet_message(
                       {.raw = test::advert_hex({.seed = 3}), .timestamp = "2026-01-01T09:00:00"}),
                   0, received);
    sluice.receive(test::packet_message({.raw = test::text_hex(1), .observer = "OBS2"}), 0,
                   received);
    sluice.run();
  };
  sluice.clock().set_wall(test::kTestEpoch + 60s);
  hear(3600s);  // before the clock was set back
  hear(50s);
  hear(55s);
  sluice.finish();
  return test::table_contents(sluice.other());
}

TEST(ClockSetBack, LeavesTheSameInOneWindowAsOneByOne) {
  EXPECT_EQ(tables_after_a_step_back(1ms), tables_after_a_step_back(0ms));
}

}  // namespace
}  // namespace sluice
