#include "write/slow_writer.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "support/stepped_pipeline.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class SlowWriterTest : public ::testing::Test {
 protected:
  SlowWriterTest() {
    set_log_sink([this](LogLevel, std::string_view line) {
      if (line.find("db-slow-writer") != std::string_view::npos) lines_.emplace_back(line);
    });
  }
  ~SlowWriterTest() override { set_log_sink({}); }

  static TransactionTimes times(std::chrono::microseconds begin, std::chrono::microseconds rows,
                                std::chrono::microseconds commit, MonoTime at = MonoTime(1h)) {
    return {.began = at,
            .locked = at + begin,
            .committing = at + begin + rows,
            .ended = at + begin + rows + commit};
  }

  std::vector<std::string> lines_;
};

TEST_F(SlowWriterTest, SaysWhichStepTookLongest) {
  EXPECT_EQ(slow_writer_line(times(100us, 3ms, 812'340us), 37),
            "[db-slow-writer] component=mqtt_handler duration=815.4ms query=COMMIT (window of 37 "
            "packets: BEGIN IMMEDIATE 0.1 ms, rows 3.0 ms, COMMIT 812.3 ms)");
  EXPECT_THAT(slow_writer_line(times(1ms, 3s, 2s), 1), HasSubstr("query=rows (window"));
  EXPECT_THAT(slow_writer_line(times(4s, 3s, 2s), 1), HasSubstr("query=BEGIN IMMEDIATE (window"));
}

TEST_F(SlowWriterTest, IsQuietBelowTheLimit) {
  SlowWriter writer(500ms);
  writer.note(times(0us, 499ms, 999us), 1);
  EXPECT_THAT(lines_, IsEmpty());
  writer.note(times(0us, 499ms, 1ms), 1);
  EXPECT_EQ(lines_.size(), 1U);
}

TEST_F(SlowWriterTest, DoesNotFillTheLog) {
  SlowWriter writer(1ms);
  MonoTime now(1h);
  for (int i = 0; i < 1000; ++i) writer.note(times(0us, 1ms, 0us, now += 1ms), 1);
  EXPECT_EQ(lines_.size(), 5U);
  writer.note(times(0us, 1ms, 0us, now + 2s), 1);
  EXPECT_THAT(lines_[5], HasSubstr("… and 995 more"));
}

TEST_F(SlowWriterTest, LooksAtEachWindowOfThePipeline) {
  test::SteppedPipeline sluice(
      {.window = 1000ms, .tweak = [](Config& config) { config.db_slow_writer = 200ms; }});
  sluice.take_in(test::text_message(1));
  sluice.advance(1000ms);
  EXPECT_THAT(lines_, IsEmpty());
  sluice.take_in(test::text_message(2));
  sluice.clock().advance(1000ms);
  sluice.clock().pass_at_each_look(100ms);
  sluice.run();
  sluice.clock().pass_at_each_look(0ms);
  EXPECT_THAT(lines_, ElementsAre(StartsWith("[db-slow-writer] component=mqtt_handler "
                                             "duration=300.0ms query=")));
  sluice.finish();
}

}  // namespace
}  // namespace sluice
