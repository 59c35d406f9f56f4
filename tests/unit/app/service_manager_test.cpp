#include "app/service_manager.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/manual_clock.h"
#include "support/notify_socket.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class ServiceManagerTest : public testing::Test {
 protected:
  [[nodiscard]] VariableLookUp variables() const {
    return [this](const char* name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      if (found == variables_.end()) return std::nullopt;
      return found->second;
    };
  }

  test::TempDir directory_;
  test::ManualClock clock_;
  std::map<std::string, std::string> variables_{{"NOTIFY_SOCKET", directory_.file("notify")},
                                                {"WATCHDOG_USEC", "20000000"}};
};

TEST_F(ServiceManagerTest, SendsEachStateAsADatagram) {
  test::NotifySocket socket(directory_.file("notify"));
  ServiceManager manager(variables(), clock_);
  manager.more_time(90s);
  manager.more_time(90s);  // in the same second
  manager.ready();
  manager.ready();
  manager.status("ok\nWATCHDOG=0");
  manager.status("ok\nWATCHDOG=0");
  manager.stopping();
  manager.stopping();
  EXPECT_THAT(socket.all(), ElementsAre("EXTEND_TIMEOUT_USEC=90000000", "READY=1",
                                        "STATUS=ok WATCHDOG=0", "STOPPING=1"));
}

TEST_F(ServiceManagerTest, ShowsSignsOfLifeTwiceInTheWatchdogsTime) {
  test::NotifySocket socket(directory_.file("notify"));
  ServiceManager manager(variables(), clock_);
  int signs = 0;
  for (int i = 0; i < 400; ++i) {  // 100 s
    manager.alive();
    clock_.advance(250ms);
    for (const std::string& text : socket.all()) signs += text == "WATCHDOG=1" ? 1 : 0;
  }
  EXPECT_EQ(signs, 10);
}

TEST_F(ServiceManagerTest, SpeaksToAnAbstractSocket) {
  const std::string name = "@sluice-test-" + std::to_string(getpid());
  test::NotifySocket socket(name);
  variables_["NOTIFY_SOCKET"] = name;
  ServiceManager manager(variables(), clock_);
  manager.ready();
  EXPECT_THAT(socket.all(), ElementsAre("READY=1"));
}

TEST_F(ServiceManagerTest, ShowsNoSignsThatNobodyWants) {
  test::NotifySocket socket(directory_.file("notify"));
  variables_["WATCHDOG_PID"] = std::to_string(getpid() + 1);  // another process is meant
  ServiceManager of_another(variables(), clock_);
  of_another.alive();
  variables_.erase("WATCHDOG_PID");
  variables_.erase("WATCHDOG_USEC");
  ServiceManager without(variables(), clock_);
  without.alive();
  EXPECT_THAT(socket.all(), IsEmpty());
  EXPECT_FALSE(without.wants_signs_of_life());
}

TEST_F(ServiceManagerTest, TellsAgainWhatFoundNoRoom) {
  test::NotifySocket socket(directory_.file("notify"));
  ServiceManager manager(variables(), clock_);
  for (int i = 0; i < 5000; ++i) manager.status(std::to_string(i));  // more than any queue takes
  manager.ready();
  manager.alive();
  manager.stopping();
  EXPECT_THAT(socket.all(), testing::Each(testing::StartsWith("STATUS=")));
  for (int i = 0; i < 2; ++i) {
    manager.ready();
    manager.alive();
    manager.stopping();
  }
  EXPECT_THAT(socket.all(), testing::ElementsAre("READY=1", "WATCHDOG=1", "STOPPING=1"));
}

TEST_F(ServiceManagerTest, IsSilentWithoutASocketAndWhenNobodyReads) {
  ServiceManager nobody_there(variables(), clock_);
  nobody_there.ready();
  variables_.clear();
  ServiceManager no_socket(variables(), clock_);
  no_socket.ready();
  variables_["NOTIFY_SOCKET"] = directory_.file("notify");
  test::NotifySocket socket(directory_.file("notify"));
  ServiceManager manager(variables(), clock_);
  for (int i = 0; i < 5000; ++i) manager.status(std::to_string(i));  // more than a socket holds
  EXPECT_EQ(socket.next(), "STATUS=0");
}

}  // namespace
}  // namespace sluice
