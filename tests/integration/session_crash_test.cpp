// `sluice run` at QoS 1 against a real broker, killed at random moments, with a broker that goes
// away and a database that stands still: what the broker has accepted is counted once.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "broker.h"
#include "child_process.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTopic =
    "meshcore/SFO/A45E365918EBBD8898B62741FEA23228914CBF24E143766B741D60EE865F5037/packets";
constexpr std::size_t kPadding = 100'000;  // forty of these fill a segment of the journal

std::uint32_t number_from(const char* variable, std::uint32_t fallback) {
  const char* const text = std::getenv(variable);
  return text != nullptr ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : fallback;
}

/// A transmission of its own for each `n`.
std::string record(unsigned n, std::size_t padding) {
  char raw[64];
  std::snprintf(raw, sizeof raw, "150011%04X%032X", n & 0xFFFFU, n);
  return R"({"origin":"Hilltop","type":"PACKET","raw":")" + std::string(raw) + R"(","pad":")" +
         std::string(padding, 'x') + "\"}";
}

/// One database and one session through many deaths.
class Mortal {
 public:
  explicit Mortal(std::uint32_t seed)
      : random_(seed),
        broker_(directory_.path().string(), {},
                "persistence true\npersistence_location " + directory_.path().string() + "/\n") {
    setenv("CORESCOPE_INGESTOR_STATS", directory_.file("stats.json").c_str(), 1);
  }

  void live_and_die() {
    switch (random_() % 4) {
      case 0:
        return in_traffic();
      case 1:
        return without_a_broker();
      case 2:
        return after_a_backlog();
      default:
        return with_a_broker_that_leaves();
    }
  }

  void live_to_the_end() {
    begin();
    ASSERT_TRUE(sluice_->wait_for("subscribed to")) << sluice_->output();
    publish(10);
    EXPECT_TRUE(wait_for_all()) << packets() << " of " << published_ << sluice_->output();
    std::this_thread::sleep_for(1s);  // for what comes once more
    sluice_->signal(SIGTERM);
    EXPECT_EQ(sluice_->wait_exit(), 0) << sluice_->output();
    EXPECT_THAT(sluice_->output(), testing::HasSubstr("ledger: balanced"));
    EXPECT_THAT(sluice_->output(), testing::Not(testing::HasSubstr("in no journal any more")));
    EXPECT_THAT(sluice_->output(), testing::Not(testing::ContainsRegex("merged=[1-9]")));
    EXPECT_EQ(packets(), published_);
    EXPECT_EQ(number("SELECT count(*) FROM observations"), published_);
    // What earlier starts left may still be needed: it has not been a minute.
    EXPECT_LE(number("SELECT count(*) FROM sluice_position"), journal_files());
  }

  [[nodiscard]] int unacknowledged_deaths() const { return unacknowledged_deaths_; }

 private:
  void in_traffic() {
    begin();
    publish(1 + random_() % 300);
    pause(300);
    kill();
  }

  /// It recovers, and what it was not acknowledged for comes again at a later start only.
  void without_a_broker() {
    broker_.stop();
    begin();
    ASSERT_TRUE(sluice_->wait_for("SQLite opened")) << sluice_->output();
    pause(1500);
    if (random_() % 2 == 0) {
      sluice_->signal(SIGTERM);
      EXPECT_EQ(sluice_->wait_exit(), 0) << sluice_->output();
      sluice_.reset();
    } else {
      kill();
    }
    start_broker();
  }

  /// The journal has stretched over some segments, and the first ones are not used again.
  void after_a_backlog() {
    begin();
    ASSERT_TRUE(sluice_->wait_for("subscribed to")) << sluice_->output();
    ASSERT_TRUE(wait_for_all()) << sluice_->output();
    {
      SQLite::Database db(db_path(), SQLite::OPEN_READWRITE, 60'000);
      db.exec("BEGIN IMMEDIATE");
      publish(180, kPadding);
      std::this_thread::sleep_for(300ms);
      db.exec("ROLLBACK");
    }
    for (int lap = 0; lap < 2; ++lap) {
      ASSERT_TRUE(wait_for_all()) << packets() << " of " << published_ << sluice_->output();
      publish(60, kPadding);
    }
    ASSERT_TRUE(wait_for_all()) << packets() << " of " << published_ << sluice_->output();
    publish(5);
    pause(100);
    kill();
  }

  void with_a_broker_that_leaves() {
    begin();
    publish(1 + random_() % 100);
    pause(100);
    broker_.stop();
    pause(300);
    kill();
    start_broker();
  }

  void begin() {
    const std::string config = directory_.file("config.json");
    std::ofstream(config) << R"({"dbPath":")" << db_path() << R"(","groupCommitMs":100,)"
                          << R"("mqttSources":[{"name":"lab","broker":")" << broker_.url()
                          << R"("}]})";
    sluice_.emplace(std::vector<std::string>{SLUICE_BINARY, "run", "--config", config, "--report"});
  }
  void start_broker() {
    broker_.start();
    // It says that it is running a moment before it heeds a signal.
    Publisher publisher(broker_);
    publisher.publish("elsewhere", "are you there?");
    publisher.flush();
  }
  void kill() {
    if (packets() < published_) ++unacknowledged_deaths_;
    sluice_->signal(SIGKILL);
    EXPECT_EQ(sluice_->wait_exit(), 128 + SIGKILL) << sluice_->output();
    sluice_.reset();
  }
  /// Returns when the broker has them; Sluice may be anywhere.
  void publish(unsigned count, std::size_t padding = 0) {
    Publisher publisher(broker_);
    for (unsigned i = 0; i < count; ++i) publisher.publish(kTopic, record(next_++, padding));
    publisher.flush();
    published_ = next_;
  }
  void pause(unsigned most_ms) { std::this_thread::sleep_for(1ms * (random_() % most_ms)); }

  [[nodiscard]] std::string db_path() const { return directory_.file("mesh.db"); }
  [[nodiscard]] std::int64_t number(const std::string& query) const {
    if (!std::filesystem::exists(db_path())) return 0;
    SQLite::Database db(db_path(), SQLite::OPEN_READONLY, 60'000);
    return db.tableExists("sluice_position") ? db.execAndGet(query).getInt64() : 0;
  }
  [[nodiscard]] std::int64_t journal_files() const {
    return std::count_if(std::filesystem::directory_iterator(db_path() + "-sluice"),
                         std::filesystem::directory_iterator(),
                         [](const auto& entry) { return entry.path().extension() == ".journal"; });
  }
  [[nodiscard]] std::int64_t packets() const {
    return number("SELECT coalesce(sum(packet_count), 0) FROM observers");
  }
  [[nodiscard]] bool wait_for_all() const {
    for (int i = 0; i < 3000; ++i) {
      if (packets() >= published_) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }

  const TempDir directory_;
  std::mt19937 random_;
  Broker broker_;
  std::optional<ChildProcess> sluice_;
  unsigned next_ = 0;
  std::int64_t published_ = 0;
  int unacknowledged_deaths_ = 0;

  friend class SessionCrash;
};

class SessionCrash : public testing::TestWithParam<std::uint32_t> {
 protected:
  void SetUp() override {
    if (!Broker::available()) GTEST_SKIP() << "mosquitto is not installed";
  }
  /// The broker keeps what comes from now on.
  static void subscribe_once(Mortal& mortal) {
    mortal.begin();
    ASSERT_TRUE(mortal.sluice_->wait_for("subscribed to")) << mortal.sluice_->output();
    mortal.kill();
  }
};

TEST_P(SessionCrash, KillsLoseAndRepeatNothing) {
  Mortal mortal(GetParam());
  ASSERT_NO_FATAL_FAILURE(subscribe_once(mortal));
  const std::uint32_t kills = number_from("SLUICE_KILLS", 8);
  for (std::uint32_t i = 0; i < kills; ++i) ASSERT_NO_FATAL_FAILURE(mortal.live_and_die());
  ASSERT_NO_FATAL_FAILURE(mortal.live_to_the_end());
  EXPECT_GT(mortal.unacknowledged_deaths(), 0) << "nothing was left to be recognised";
}

INSTANTIATE_TEST_SUITE_P(Seeds, SessionCrash,
                         testing::Range(number_from("SLUICE_SEED", 1),
                                        number_from("SLUICE_SEED", 1) +
                                            number_from("SLUICE_SEEDS", 2)));

}  // namespace
}  // namespace sluice::test
