// `sluice run` where the machine gives it little: no privileges, no descriptors.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "broker.h"
#include "child_process.h"

namespace sluice::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kTopic = "meshcore/SFO/AABBCC/packets";
constexpr uid_t kNobody = 65534;

std::string record(unsigned n) {
  char raw[64];
  std::snprintf(raw, sizeof raw, "150011%04X%032X", n & 0xFFFFU, n);
  return std::string(R"({"origin":"Hilltop","raw":")") + raw + "\"}";
}

class EnvironmentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Broker::available()) GTEST_SKIP() << "mosquitto is not installed";
    char name[] = "/tmp/sluice-environment-test-XXXXXX";
    directory_ = mkdtemp(name);
    std::filesystem::create_directory(own());
    setenv("CORESCOPE_INGESTOR_STATS", (own() + "/stats.json").c_str(), 1);
  }
  void TearDown() override {
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

  /// What Sluice may write to.
  [[nodiscard]] std::string own() const { return directory_ + "/own"; }
  [[nodiscard]] std::string config(const std::string& broker_url) const {
    const std::string path = own() + "/config.json";
    std::ofstream(path) << R"({"dbPath":")" << own() << R"(/data/mesh.db","mqttSources":[)"
                        << R"({"name":"lab","broker":")" << broker_url << "\"}]}";
    return path;
  }
  [[nodiscard]] int observations() const {
    SQLite::Database db(own() + "/data/mesh.db", SQLite::OPEN_READONLY, 60'000);
    return db.execAndGet("SELECT count(*) FROM observations").getInt();
  }
  /// Returns once `count` observations are committed; false when the program has ended.
  [[nodiscard]] bool wait_for_observations(const ChildProcess& sluice, int count) const {
    while (observations() < count) {
      if (kill(sluice.pid(), 0) != 0) return false;
      usleep(20'000);
    }
    return true;
  }

  std::string directory_;
};

TEST_F(EnvironmentTest, NeedsNoPrivileges) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give everything away";
  if (std::system("setpriv --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "no setpriv";
  std::filesystem::permissions(directory_, std::filesystem::perms(0755));
  ASSERT_EQ(chown(own().c_str(), kNobody, kNobody), 0);
  Broker broker(directory_);
  const std::string path = config(broker.url());
  ASSERT_EQ(chown(path.c_str(), kNobody, kNobody), 0);
  ChildProcess sluice({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                       "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", SLUICE_BINARY,
                       "run", "--config", path, "--report"});
  if (!sluice.wait_for_all({"subscribed to meshcore/#", "Running"})) {
    if (sluice.output().find("failed to execute") != std::string::npos)
      GTEST_SKIP() << "nobody may not start what lies here: " << sluice.output();
    FAIL() << sluice.output();
  }
  std::ifstream status("/proc/" + std::to_string(sluice.pid()) + "/status");
  const std::string facts{std::istreambuf_iterator<char>(status), {}};
  EXPECT_THAT(facts, HasSubstr("CapEff:\t0000000000000000"));
  EXPECT_THAT(facts, HasSubstr("NoNewPrivs:\t1"));
  Publisher publisher(broker);
  for (unsigned i = 0; i < 20; ++i) publisher.publish(kTopic, record(i));
  publisher.flush();
  ASSERT_TRUE(wait_for_observations(sluice, 20)) << sluice.output();
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
}

TEST_F(EnvironmentTest, SaysWhichDirectoryItMayNotWriteTo) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give everything away";
  if (std::system("setpriv --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "no setpriv";
  std::filesystem::permissions(directory_, std::filesystem::perms(0755));
  ASSERT_EQ(chown(own().c_str(), kNobody, kNobody), 0);
  const std::string foreign = directory_ + "/foreign";  // of root
  std::filesystem::create_directory(foreign);
  const auto end_of = [&](const std::string& settings) {
    const std::string path = own() + "/config.json";
    std::ofstream(path) << settings;
    ChildProcess sluice({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                         SLUICE_BINARY, "run", "--config", path});
    const int exit_code = sluice.wait_exit();
    return std::to_string(exit_code) + ": " + sluice.output();
  };
  const std::string broker = R"("mqttSources":[{"broker":"mqtt://127.0.0.1:1"}])";
  const std::string database = end_of(R"({"dbPath":")" + foreign + R"(/mesh.db",)" + broker + "}");
  if (database.find("failed to execute") != std::string::npos)
    GTEST_SKIP() << "nobody may not start what lies here: " << database;
  EXPECT_THAT(database, StartsWith("1: "));
  EXPECT_THAT(database, HasSubstr(foreign + "/mesh.db"));
  EXPECT_THAT(database, HasSubstr("Permission denied"));
  const std::string journal = end_of(R"({"dbPath":")" + own() + R"(/mesh.db",)" + broker +
                                     R"(,"sluice":{"journal":{"dir":")" + foreign + R"("}}})");
  EXPECT_THAT(journal, StartsWith("1: "));
  EXPECT_THAT(journal, HasSubstr(foreign));
  EXPECT_THAT(journal, HasSubstr("Permission denied"));
  EXPECT_TRUE(std::filesystem::is_empty(foreign));
}

TEST_F(EnvironmentTest, RefusesAFileInThePlaceOfTheJournals) {
  const std::string file = own() + "/file";
  std::ofstream(file) << "no directory";
  const std::string path = own() + "/config.json";
  std::ofstream(path) << R"({"dbPath":")" << own()
                      << R"(/mesh.db","mqttSources":[{"broker":"mqtt://127.0.0.1:1"}],)"
                      << R"("sluice":{"journal":{"dir":")" << file << R"("}}})";
  ChildProcess sluice({SLUICE_BINARY, "run", "--config", path});
  EXPECT_EQ(sluice.wait_exit(), 1) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr(file));
  EXPECT_TRUE(std::filesystem::is_regular_file(file));
}

TEST_F(EnvironmentTest, WithoutDescriptorsItSaysSoAtTheStart) {
  const std::string path = config("mqtt://127.0.0.1:1");
  // From hardly enough to begin to one too few. The hard limit is what counts: the other is raised.
  for (const char* limit : {"4", "7", "16", "33"}) {
    ChildProcess sluice({"sh", "-c", "ulimit -n \"$0\"; exec \"$@\"", limit, SLUICE_BINARY, "run",
                         "--config", path});
    EXPECT_EQ(sluice.wait_exit(), 1) << limit;
    EXPECT_THAT(sluice.output(),
                HasSubstr(std::string(limit) + " open files are allowed and 34 are needed"));
  }
}

TEST_F(EnvironmentTest, AReconnectWithoutADescriptorIsTriedAgain) {
  Broker broker(directory_);
  ChildProcess sluice({SLUICE_BINARY, "run", "--config", config(broker.url()), "--report"});
  ASSERT_TRUE(sluice.wait_for_all({"subscribed to meshcore/#", "Running"})) << sluice.output();
  {
    Publisher publisher(broker);
    publisher.publish(kTopic, record(1));
    publisher.flush();
  }
  ASSERT_TRUE(wait_for_observations(sluice, 1)) << sluice.output();

  rlimit before{};
  ASSERT_EQ(prlimit(sluice.pid(), RLIMIT_NOFILE, nullptr, &before), 0);
  rlimit few = before;
  few.rlim_cur = 3;  // what is open stays open; nothing more can be opened
  ASSERT_EQ(prlimit(sluice.pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  {
    Publisher publisher(broker);
    publisher.publish(kTopic, record(3));
    publisher.flush();
  }
  ASSERT_TRUE(wait_for_observations(sluice, 2)) << "who is connected goes on: " << sluice.output();
  broker.stop();
  ASSERT_TRUE(sluice.wait_for("disconnected from")) << sluice.output();
  broker.start();
  ASSERT_TRUE(sluice.wait_for("cannot connect to")) << sluice.output();
  ASSERT_EQ(prlimit(sluice.pid(), RLIMIT_NOFILE, &before, nullptr), 0);
  ASSERT_TRUE(sluice.wait_for("subscribed to meshcore/#")) << sluice.output();

  Publisher publisher(broker);
  publisher.publish(kTopic, record(2));
  publisher.flush();
  ASSERT_TRUE(wait_for_observations(sluice, 3)) << sluice.output();
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
}

}  // namespace
}  // namespace sluice::test
