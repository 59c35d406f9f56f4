#include "app/startup_watch.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "support/manual_clock.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Two sources, of which one is more patient.
class StartupWatchTest : public ::testing::Test {
 protected:
  StartupWatchTest() {
    set_log_sink([this](LogLevel, std::string_view line) { lines_.emplace_back(line); });
  }
  ~StartupWatchTest() override { set_log_sink({}); }

  void start(bool exit_without_broker = false) {
    watch_.emplace(std::vector<StartingSource>{{"near", 10s, [this] { return near_; }},
                                               {"far", 30s, [this] { return far_; }}},
                   exit_without_broker, clock_);
    EXPECT_THAT(take(),
                ElementsAre("MQTT [near] connect timeout: 10s", "MQTT [far] connect timeout: 30s"));
  }
  /// Time passes; what was logged, if the process goes on.
  std::vector<std::string> pass(std::chrono::seconds time) {
    clock_.advance(time);
    goes_on_ = watch_->consider();
    return take();
  }
  std::vector<std::string> take() { return std::exchange(lines_, {}); }

  test::ManualClock clock_;
  SourceSigns near_;
  SourceSigns far_;
  std::vector<std::string> lines_;
  std::optional<StartupWatch> watch_;
  bool goes_on_ = true;
};

constexpr const char* kNearIsLate =
    "MQTT [near] initial connection timed out — retrying in background";
constexpr const char* kFarIsLate =
    "MQTT [far] initial connection timed out — retrying in background";

TEST_F(StartupWatchTest, SaysThatAllAreThereAsSoonAsTheyAre) {
  start();
  EXPECT_THAT(pass(1s), IsEmpty());
  near_ = far_ = {.connected = true, .connects = 1, .packets = 0};
  EXPECT_THAT(pass(1s), ElementsAre("Running — 2 MQTT source(s) connected"));
  EXPECT_THAT(pass(60s), IsEmpty());
}

TEST_F(StartupWatchTest, SaysOfEachSourceWhenItsTimeIsUp) {
  start();
  EXPECT_THAT(pass(9s), IsEmpty());
  EXPECT_THAT(pass(1s), ElementsAre(kNearIsLate));
  EXPECT_THAT(pass(19s), IsEmpty());
  EXPECT_THAT(
      pass(1s),
      ElementsAre(kFarIsLate, "Running — 0 MQTT source(s) connected, 2 retrying in background"));
  EXPECT_TRUE(goes_on_);
  EXPECT_THAT(pass(60s), IsEmpty());
}

TEST_F(StartupWatchTest, AConnectionThatWasLostAgainWasInTime) {
  start();
  near_ = {.connected = false, .connects = 1, .packets = 0};
  EXPECT_THAT(pass(10s), IsEmpty());
}

TEST_F(StartupWatchTest, TellsOfLateSourcesBeforeEverythingElseRuns) {
  start();
  clock_.advance(10s);
  watch_->look();
  EXPECT_THAT(take(), ElementsAre(kNearIsLate));
  watch_->look();
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(StartupWatchTest, ExitsWithoutABrokerIfToldSo) {
  start(true);
  static_cast<void>(pass(29s));
  EXPECT_TRUE(goes_on_);
  static_cast<void>(pass(1s));
  EXPECT_FALSE(goes_on_);
}

}  // namespace
}  // namespace sluice
