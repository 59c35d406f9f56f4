#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/liveness_watchdog.h"
#include "support/manual_clock.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One source whose signs the test sets, watched by a clock that the test turns.
class Watchdog : public ::testing::Test {
 protected:
  void connect() {
    signs_.connected = true;
    ++signs_.connects;
  }
  void lose() { signs_.connected = false; }
  void message() { ++signs_.packets; }

  /// Time passes as in the main loop, a step every second; returns what was logged.
  std::vector<std::string> pass(std::chrono::seconds time) {
    std::vector<std::string> lines;
    for (; time > 0s; time -= 1s) {
      clock_.advance(1s);
      for (const WatchdogLine& line : watchdog_.step()) lines.push_back(line.text);
    }
    return lines;
  }
  void pass_quietly(std::chrono::seconds time) { EXPECT_THAT(pass(time), IsEmpty()); }

  test::ManualClock clock_;
  SourceSigns signs_;
  int reconnects_ = 0;
  std::function<void()> on_reconnect_ = [] {};
  LivenessWatchdog watchdog_{{{.tag = "lab",
                               .look = [this] { return signs_; },
                               .reconnect =
                                   [this] {
                                     ++reconnects_;
                                     on_reconnect_();
                                   }}},
                             clock_};
};

TEST_F(Watchdog, IsQuietWhileMessagesCome) {
  connect();
  for (int i = 0; i < 20; ++i) {
    message();
    pass_quietly(299s);
  }
  EXPECT_EQ(reconnects_, 0);
}

TEST_F(Watchdog, TellsOfAStallOnceAndReconnects) {
  connect();
  message();
  pass_quietly(5min);
  EXPECT_THAT(pass(50min), ElementsAre(AllOf(HasSubstr("WATCHDOG"), HasSubstr("[lab]"),
                                             HasSubstr("stalled"), HasSubstr("reconnecting"))));
  EXPECT_EQ(reconnects_, 1);
}

TEST_F(Watchdog, RemindsOfAStallOnceAnHour) {
  connect();
  message();
  EXPECT_EQ(pass(3h + 10min).size(), 4U);
  EXPECT_EQ(reconnects_, 4);
}

TEST_F(Watchdog, TellsOfTheRecoveryOnce) {
  connect();
  message();
  EXPECT_EQ(pass(10min).size(), 1U);
  message();
  EXPECT_THAT(pass(2min), ElementsAre(AllOf(HasSubstr("WATCHDOG"), HasSubstr("recovered"))));
}

TEST_F(Watchdog, TellsWhenNothingWasEverReceivedAndLeavesTheConnectionAlone) {
  connect();
  pass_quietly(5min);
  EXPECT_THAT(pass(30min), ElementsAre(AllOf(HasSubstr("WATCHDOG"), HasSubstr("no message"))));
  EXPECT_EQ(reconnects_, 0);
}

TEST_F(Watchdog, ARecoveryIsToldAlsoIfTheReconnectBroughtIt) {
  on_reconnect_ = [this] { connect(); };
  connect();
  message();
  EXPECT_EQ(pass(7min).size(), 1U);
  message();
  EXPECT_THAT(pass(2min), ElementsAre(HasSubstr("recovered")));
}

TEST_F(Watchdog, AReconnectResetsTheMessageClockAndTheAlarm) {
  connect();
  message();
  EXPECT_THAT(pass(6min), ElementsAre(HasSubstr("stalled")));
  connect();  // the source's own doing
  pass_quietly(5min);
  EXPECT_THAT(pass(1min), ElementsAre(HasSubstr("stalled"))) << "each connection has its own alarm";
  EXPECT_EQ(reconnects_, 1) << "and what brought nothing is not tried again at once";
}

TEST_F(Watchdog, AReconnectDoesNotResetTheFirstRegistration) {
  std::vector<std::string> lines;
  for (int minute = 0; minute < 20; minute += 4) {  // thrown out every four minutes
    lose();
    connect();
    for (std::string& line : pass(4min)) lines.push_back(std::move(line));
  }
  EXPECT_GE(lines.size(), 1U);
  EXPECT_THAT(lines, ::testing::Each(AllOf(HasSubstr("WATCHDOG"), HasSubstr("no message"))));
  EXPECT_EQ(reconnects_, 0);
}

TEST_F(Watchdog, ASourceThatIsThrownOutAgainAndAgainIsStalledTooOnceItHasReceived) {
  connect();
  message();
  std::vector<std::string> lines;
  for (int minute = 0; minute < 60; minute += 4) {
    lose();
    connect();
    for (std::string& line : pass(4min)) lines.push_back(std::move(line));
  }
  EXPECT_GE(lines.size(), 1U);
  EXPECT_THAT(lines, ::testing::Each(HasSubstr("stalled")));
  EXPECT_EQ(reconnects_, 1) << "once an hour";
}

TEST_F(Watchdog, ALostConnectionIsNoSilence) {
  connect();
  message();
  lose();
  pass_quietly(20min);
  connect();
  pass_quietly(5min);
}

TEST_F(Watchdog, ReconnectsOnceAnHourWhileNothingComesOfIt) {
  on_reconnect_ = [this] { connect(); };
  connect();
  message();
  const std::vector<std::string> lines = pass(3h + 10min);
  EXPECT_EQ(reconnects_, 4);
  EXPECT_THAT(lines, ::testing::Each(HasSubstr("stalled")));
  EXPECT_EQ(lines.size(), 8U) << "and once that it brought nothing";
  message();
  EXPECT_THAT(pass(2min), ElementsAre(HasSubstr("recovered")));
}

TEST_F(Watchdog, ReconnectsAtMostOnceAMinute) {
  LivenessWatchdog eager(
      {{.tag = "lab", .look = [this] { return signs_; }, .reconnect = [this] { ++reconnects_; }}},
      clock_, {.scan_every = 10s, .silence = 10s, .remind_every = 10s});
  connect();
  message();
  for (int i = 0; i < 300; ++i) {
    clock_.advance(1s);
    static_cast<void>(eager.step());
  }
  EXPECT_EQ(reconnects_, 5);
}

TEST_F(Watchdog, ALostConnectionIsTheSourcesOwnAffairForLong) {
  connect();
  message();
  pass_quietly(1min);
  lose();
  pass_quietly(25min);
  EXPECT_THAT(pass(2min),
              ElementsAre(AllOf(HasSubstr("WATCHDOG"), HasSubstr("without a connection"),
                                HasSubstr("reconnecting"))));
  EXPECT_EQ(reconnects_, 1);
  EXPECT_EQ(pass(2h).size(), 2U) << "a reminder each hour";
  EXPECT_EQ(reconnects_, 3);
  connect();
  message();
  EXPECT_THAT(pass(2min), ElementsAre(HasSubstr("recovered")));
  lose();
  pass_quietly(25min);
}

TEST_F(Watchdog, WaitsForALostConnectionALittleLongerOrShorterForEachSource) {
  EXPECT_EQ(watchdog_jitter(""), std::chrono::milliseconds(2166136261U % 60000U));
  EXPECT_EQ(watchdog_jitter("a"), std::chrono::milliseconds(0xE40C292CU % 60000U));
  EXPECT_EQ(watchdog_jitter("foobar"), std::chrono::milliseconds(0xBF9CF968U % 60000U));
  LivenessWatchdog exact({{.tag = "foobar", .look = [this] { return signs_; }, .reconnect = [] {}}},
                         clock_, {.scan_every = 1s});
  const auto limit = 25min + watchdog_jitter("foobar");
  const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
  for (auto passed = 0s; passed < seconds; passed += 1s) {
    clock_.advance(1s);
    ASSERT_THAT(exact.step(), IsEmpty()) << passed.count();
  }
  clock_.advance(1s);
  EXPECT_EQ(exact.step().size(), 1U);
}

TEST_F(Watchdog, SilenceCountsFromTheConnection) {
  pass_quietly(20min);
  connect();
  pass_quietly(5min);
  EXPECT_THAT(pass(2min), ElementsAre(HasSubstr("no message")));
}

TEST_F(Watchdog, AStepOfTheWallClockAlarmsNobody) {
  connect();
  message();
  pass_quietly(1min);
  clock_.set_wall(clock_.wall() + 48h);
  pass_quietly(3min);
}

TEST_F(Watchdog, NotesWhenItLookedLast) {
  EXPECT_EQ(watchdog_.last_tick_unix(), 0);
  pass(70s);
  EXPECT_EQ(watchdog_.last_tick_unix(), 1767225600 + 60);
}

TEST_F(Watchdog, CountsAFaultAndGoesOn) {
  on_reconnect_ = [] { throw std::runtime_error("no luck"); };
  connect();
  message();
  EXPECT_THAT(pass(7min), ElementsAre(HasSubstr("stalled"),
                                      AllOf(HasSubstr("WATCHDOG"), HasSubstr("no luck"))));
  EXPECT_EQ(watchdog_.faults(), 1U);
  message();
  EXPECT_THAT(pass(2min), ElementsAre(HasSubstr("recovered")));
}

}  // namespace
}  // namespace sluice
