// `sluice run` as its service manager sees it: datagrams, signals, exit codes.

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "broker.h"
#include "child_process.h"
#include "support/messages.h"
#include "support/notify_socket.h"
#include "support/other_connection.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class LivenessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("CORESCOPE_INGESTOR_STATS", directory_.file("stats.json").c_str(), 1);
    setenv("NOTIFY_SOCKET", directory_.file("notify").c_str(), 1);
    setenv("WATCHDOG_USEC", "1000000", 1);
    unsetenv("WATCHDOG_PID");
    // Nobody listens there, and nobody needs to.
    std::ofstream(directory_.file("config.json"))
        << R"({"dbPath":")" << directory_.file("mesh.db")
        << R"(","mqttSources":[{"name":"lab","broker":"mqtt://127.0.0.1:1"}]})";
  }
  void TearDown() override {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
  }
  [[nodiscard]] std::vector<std::string> command(const std::string& format = "text") const {
    return {SLUICE_BINARY,  "run", "--config", directory_.file("config.json"),
            "--log-format", format};
  }

  TempDir directory_;
  NotifySocket manager_{directory_.file("notify")};
};

TEST_F(LivenessTest, TellsItsManagerFromTheStartToTheEnd) {
  ChildProcess sluice(command());
  EXPECT_TRUE(manager_.wait_for("READY=1")) << sluice.output();
  EXPECT_TRUE(manager_.wait_for("WATCHDOG=1"));
  EXPECT_TRUE(manager_.wait_for("STATUS=degraded: 1 of 1 brokers not connected; received 0/s"));
  EXPECT_TRUE(manager_.wait_for("WATCHDOG=1"));
  sluice.signal(SIGTERM);
  EXPECT_TRUE(manager_.wait_for("STOPPING=1"));
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
}

TEST_F(LivenessTest, AsksForPatienceWhileTheDatabaseIsLocked) {
  {
    ChildProcess first(command());  // makes the database
    EXPECT_TRUE(manager_.wait_for("READY=1"));
    first.signal(SIGTERM);
    EXPECT_EQ(first.wait_exit(), 0);
  }
  static_cast<void>(manager_.all());
  const OtherConnection other(directory_.file("mesh.db"));
  other.execute("BEGIN IMMEDIATE");
  ChildProcess sluice(command());
  EXPECT_TRUE(manager_.wait_for("EXTEND_TIMEOUT_USEC="));
  other.execute("ROLLBACK");
  EXPECT_TRUE(manager_.wait_for("READY=1"));
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0);
}

TEST_F(LivenessTest, SurvivesBeingStoppedForAWhile) {
  ChildProcess sluice(command());
  ASSERT_TRUE(sluice.wait_for("SQLite opened"));
  ASSERT_TRUE(manager_.wait_for("READY=1"));
  sluice.signal(SIGSTOP);
  std::this_thread::sleep_for(6s);  // longer than the watchdog's longest pause
  sluice.signal(SIGCONT);
  EXPECT_TRUE(sluice.wait_for("its limits start anew")) << sluice.output();
  static_cast<void>(manager_.all());
  EXPECT_TRUE(manager_.wait_for("WATCHDOG=1"));
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), Not(HasSubstr("stands still")));
}

TEST_F(LivenessTest, ShowsItsStacksWhenAskedAndGoesOn) {
  ChildProcess sluice(command());
  ASSERT_TRUE(manager_.wait_for("READY=1"));
  ASSERT_TRUE(sluice.wait_for_thread("receive-0") && sluice.wait_for_thread("write"));
  for (const int signal : {SIGUSR2, SIGQUIT}) {
    sluice.signal(signal);
    ASSERT_TRUE(sluice.wait_for("stacks of all threads")) << sluice.output();
    // In the order of their numbers, which start anew some day.
    EXPECT_TRUE(sluice.wait_for_all({"sluice::run(", "thread receive-0 (", "thread write ("}))
        << sluice.output();
    EXPECT_TRUE(sluice.wait_for("sluice::StageThread::run()")) << sluice.output();
  }
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
}

TEST_F(LivenessTest, ShowsItsStacksBeforeItsManagerEndsIt) {
  ChildProcess sluice(command());
  ASSERT_TRUE(manager_.wait_for("READY=1"));
  ASSERT_TRUE(sluice.wait_for_thread("write"));
  sluice.signal(SIGABRT);  // what systemd sends when signs of life are missing
  EXPECT_EQ(sluice.wait_exit(), 128 + SIGABRT);
  EXPECT_THAT(sluice.output(), HasSubstr("thread write ("));
}

TEST_F(LivenessTest, WritesNothingButObjectsInJson) {
  ChildProcess sluice(command("json"));
  ASSERT_TRUE(manager_.wait_for("READY=1"));
  ASSERT_TRUE(sluice.wait_for_thread("write"));
  sluice.signal(SIGUSR2);
  ASSERT_TRUE(sluice.wait_for("thread write ("));
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  simdjson::dom::parser parser;
  std::istringstream lines(sluice.output());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    simdjson::dom::object object;
    EXPECT_EQ(parser.parse(line).get(object), simdjson::SUCCESS) << line;
  }
  EXPECT_GT(count, 20);
}

TEST_F(LivenessTest, StatsFileSaysHowItIs) {
  ChildProcess sluice(command());
  ASSERT_TRUE(manager_.wait_for("STATUS=degraded"));
  ASSERT_TRUE(manager_.wait_for("WATCHDOG=1")) << "the file was due in the meantime";
  simdjson::dom::parser parser;
  const simdjson::dom::element stats = parser.load(directory_.file("stats.json"));
  EXPECT_EQ(std::string_view(stats.at_pointer("/sluice/health/state")), "degraded");
  EXPECT_EQ(std::string_view(stats.at_pointer("/sluice/health/reasons/0")),
            "1 of 1 brokers not connected");
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0);
}

#ifdef SLUICE_STUCK_DISK
TEST_F(LivenessTest, EndsWithItsStacksInTheLogWhenTheDiskNeverAnswersAndLosesNothing) {
  if (!Broker::available()) GTEST_SKIP() << "mosquitto is not installed";
  unsetenv("NOTIFY_SOCKET");  // mosquitto would say READY=1 there, too
  Broker broker(directory_.path().string());
  setenv("NOTIFY_SOCKET", directory_.file("notify").c_str(), 1);
  std::ofstream(directory_.file("config.json"))
      << R"({"dbPath":")" << directory_.file("mesh.db") << R"(","groupCommitMs":100,)"
      << R"("mqttSources":[{"name":"lab","broker":")" << broker.url() << R"("}],)"
      << R"("sluice":{"stallTimeoutSec":10}})";
  const std::string stuck = directory_.file("stuck");
  setenv("SLUICE_TEST_STUCK_DISK", stuck.c_str(), 1);
  setenv("LD_PRELOAD", SLUICE_STUCK_DISK, 1);
  ChildProcess sluice(command());
  unsetenv("LD_PRELOAD");
  ASSERT_TRUE(sluice.wait_for("subscribed to meshcore/#")) << sluice.output();
  ASSERT_TRUE(manager_.wait_for("READY=1"));
  std::ofstream(stuck) << "from now on";
  Publisher publisher(broker);
  const Message message = text_message(1);
  publisher.publish(message.topic, message.payload);
  publisher.flush();
  EXPECT_TRUE(sluice.wait_for("WATCHDOG: stage write stands still for")) << sluice.output();
  EXPECT_TRUE(sluice.wait_for("thread write ("));
  EXPECT_TRUE(sluice.wait_for("fdatasync"));
  EXPECT_EQ(sluice.wait_exit(), 3) << sluice.output();
  EXPECT_THAT(sluice.output(), Not(HasSubstr("stage receive-0"))) << "it still takes messages";

  std::filesystem::remove(stuck);
  ChildProcess again(command());
  ASSERT_TRUE(again.wait_for("subscribed to meshcore/#")) << again.output();
  ASSERT_TRUE(manager_.wait_for("READY=1")) << again.output();
  again.signal(SIGTERM);
  EXPECT_EQ(again.wait_exit(), 0) << again.output();
  EXPECT_EQ(OtherConnection(directory_.file("mesh.db")).count("observations"), 1);
}
#endif

}  // namespace
}  // namespace sluice::test
