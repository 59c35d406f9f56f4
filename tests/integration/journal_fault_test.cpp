// `sluice run` when somebody cuts a journal's file short, as a disk that fails would.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "child_process.h"
#include "support/fake_broker.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// Three segments: the least, and all there as soon as the first is in use.
constexpr std::uintmax_t kJournalBytes = 3 * (4U << 20U);

std::string topic(const std::string& observer) { return "meshcore/SFO/" + observer + "/packets"; }

std::string record(unsigned n) {
  char raw[64];
  std::snprintf(raw, sizeof raw, "150011%04X%032X", n & 0xFFFFU, n);
  return std::string(R"({"origin":"Hilltop","raw":")") + raw + "\"}";
}

class JournalFaultTest : public testing::Test {
 protected:
  [[nodiscard]] ChildProcess start(std::initializer_list<const FakeBroker*> brokers) const {
    setenv("CORESCOPE_INGESTOR_STATS", directory_.file("stats.json").c_str(), 1);
    std::string sources;
    for (const FakeBroker* broker : brokers) {
      sources += std::string(sources.empty() ? "" : ",") + R"({"name":"lab)" +
                 std::to_string(broker == *brokers.begin() ? 1 : 2) +
                 R"(","broker":"mqtt://127.0.0.1:)" + std::to_string(broker->port()) + "\"}";
    }
    const std::string config = directory_.file("config.json");
    std::ofstream(config) << R"({"dbPath":")" << db_path() << R"(","groupCommitMs":50,)"
                          << R"("sluice":{"journal":{"maxBytes":)" << kJournalBytes
                          << R"(}},"mqttSources":[)" << sources << "]}";
    return ChildProcess({SLUICE_BINARY, "run", "--config", config, "--report"});
  }
  [[nodiscard]] std::string db_path() const { return directory_.file("mesh.db"); }
  /// Of the newest start. Waits until the keeper has made it as large as it gets: it would repair
  /// the cut.
  void cut_journal(int number) const {
    fs::path newest;
    const std::string tail = "-00" + std::to_string(number) + ".journal";
    for (const auto& entry : fs::directory_iterator(db_path() + "-sluice"))
      if (entry.path().string().ends_with(tail)) newest = std::max(newest, entry.path());
    while (fs::file_size(newest) < kJournalBytes) std::this_thread::sleep_for(20ms);
    fs::resize_file(newest, 4096);
  }
  [[nodiscard]] bool wait_for_packets(const std::string& observer, int count) const {
    for (int i = 0; i < 3000; ++i) {
      if (packets(observer) >= count) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }
  [[nodiscard]] int packets(const std::string& observer) const {
    SQLite::Database db(db_path(), SQLite::OPEN_READONLY, 60'000);
    SQLite::Statement query(db, "SELECT packet_count FROM observers WHERE id = ?");
    query.bind(1, observer);
    return query.executeStep() ? query.getColumn(0).getInt() : 0;
  }

  TempDir directory_;
};

TEST_F(JournalFaultTest, StopsItsSourceAlone) {
  FakeBroker one;
  FakeBroker other;
  ChildProcess sluice = start({&one, &other});
  ASSERT_TRUE(one.wait_for_subscriptions(1)) << sluice.output();
  ASSERT_TRUE(other.wait_for_subscriptions(1)) << sluice.output();
  ASSERT_TRUE(sluice.wait_for("2 MQTT source(s) connected")) << sluice.output();
  one.publish(topic("AAAA01"), record(1), 1);
  other.publish(topic("AAAA02"), record(2), 1);
  ASSERT_TRUE(wait_for_packets("AAAA01", 1)) << sluice.output();
  ASSERT_TRUE(wait_for_packets("AAAA02", 1)) << sluice.output();
  cut_journal(0);
  one.publish(topic("AAAA01"), record(3), 2);
  ASSERT_TRUE(sluice.wait_for("the file was cut short, or its disk fails; source lab1 stops"))
      << sluice.output();
  for (std::uint16_t id = 2; id < 20; ++id) other.publish(topic("AAAA02"), record(id), id);
  EXPECT_TRUE(wait_for_packets("AAAA02", 19)) << sluice.output();
  EXPECT_GE(packets("AAAA01"), 1) << "what was safe stays";
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
}

TEST_F(JournalFaultTest, EndsWhenNoSourceIsLeftAndTheNextStartIsWell) {
  FakeBroker broker;
  {
    ChildProcess sluice = start({&broker});
    ASSERT_TRUE(broker.wait_for_subscriptions(1)) << sluice.output();
    ASSERT_TRUE(sluice.wait_for("1 MQTT source(s) connected")) << sluice.output();
    broker.publish(topic("AAAA01"), record(1), 1);
    ASSERT_TRUE(wait_for_packets("AAAA01", 1)) << sluice.output();
    cut_journal(0);
    broker.publish(topic("AAAA01"), record(2), 2);
    EXPECT_EQ(sluice.wait_exit(), 1) << sluice.output();
    EXPECT_THAT(sluice.output(), HasSubstr("no source can receive any more"));
    EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
  }
  ChildProcess sluice = start({&broker});
  ASSERT_TRUE(broker.wait_for_subscriptions(2)) << sluice.output();
  broker.publish(topic("AAAA01"), record(3), 3);
  EXPECT_TRUE(wait_for_packets("AAAA01", 3)) << sluice.output();
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_EQ(packets("AAAA01"), 3);
}

}  // namespace
}  // namespace sluice::test
