// `sluice run` when it can't go on as usual: a locked database, a journal that is full or whose
// disk fails, a process that is stopped. A broker is there all the time, and in the end every
// message has its place.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <regex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <simdjson.h>

#include "broker.h"
#include "child_process.h"
#include "support/fake_broker.h"
#include "support/messages.h"
#include "support/other_connection.h"
#include "support/temp_dir.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kPatience = 60s;

/// The suite `soak` asks for longer ones.
std::chrono::seconds seconds_from(const char* variable, std::chrono::seconds fallback) {
  const char* const text = std::getenv(variable);
  return text != nullptr ? std::chrono::seconds(std::strtol(text, nullptr, 10)) : fallback;
}

std::string url_of(const FakeBroker& broker) {
  return "mqtt://127.0.0.1:" + std::to_string(broker.port());
}

class OverloadTest : public ::testing::Test {
 protected:
  OverloadTest() { setenv("CORESCOPE_INGESTOR_STATS", directory_.file("stats.json").c_str(), 1); }

  /// `own`: what stands in the object `sluice`.
  [[nodiscard]] std::vector<std::string> run(const std::string& url,
                                             const std::string& own = "") const {
    std::ofstream(directory_.file("config.json"))
        << R"({"dbPath":")" << db_path() << R"(","groupCommitMs":100,)"
        << R"("mqttSources":[{"name":"lab","broker":")" << url << R"("}],"sluice":{)" << own
        << "}}";
    return {SLUICE_BINARY, "run", "--config", directory_.file("config.json"), "--report"};
  }
  [[nodiscard]] std::string db_path() const { return directory_.file("mesh.db"); }
  /// The first cell of what this yields; '' while the database can't be read.
  [[nodiscard]] std::string value(const std::string& sql) const {
    try {
      return OtherConnection(db_path()).value(sql);
    } catch (const std::runtime_error&) {
      return "";
    }
  }
  [[nodiscard]] static bool wait_until(const std::function<bool()>& reached) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!reached()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(20ms);
    }
    return true;
  }
  /// It receives, and the database is open.
  [[nodiscard]] static bool is_up(ChildProcess& sluice) {
    return sluice.wait_for_all({"subscribed to", "Running"});
  }
  [[nodiscard]] bool wait_for_rows(unsigned count) const {
    return wait_until(
        [&] { return value("SELECT count(*) FROM observations") == std::to_string(count); });
  }
  /// What stands there in the stats file, numbers as text; '' while there is none.
  [[nodiscard]] std::string stats(const std::string& pointer) const {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (parser.load(directory_.file("stats.json")).get(root) != simdjson::SUCCESS) return "";
    simdjson::dom::element found;
    if (root.at_pointer(pointer).get(found) != simdjson::SUCCESS) return "";
    return found.is_string() ? std::string(std::string_view(found)) : simdjson::to_string(found);
  }
  /// The number behind `key=` in the last ledger line.
  [[nodiscard]] static long ledger(const ChildProcess& sluice, const std::string& key) {
    const std::string line = sluice.output().substr(sluice.output().rfind("[ledger]"));
    std::smatch found;
    return std::regex_search(line, found, std::regex(key + "=(\\d+)")) ? std::stol(found[1]) : 0;
  }
  static void end(ChildProcess& sluice) {
    sluice.signal(SIGTERM);
    EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
    EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
  }
  void expect_all_there(unsigned count) const {
    EXPECT_EQ(value("SELECT count(*) FROM observations"), std::to_string(count));
    EXPECT_EQ(value("SELECT SUM(packet_count) FROM observers"), std::to_string(count));
  }

  TempDir directory_;
};

TEST_F(OverloadTest, AFullJournalIsToldAndHealsByItself) {
  FakeBroker broker;
  broker.set_script({.granted_qos = 0});
  ChildProcess sluice(run(url_of(broker), R"("qos":0,"journal":{"maxBytes":4194304})"));
  ASSERT_TRUE(is_up(sluice)) << sluice.output();
  std::optional<OtherConnection> lock(db_path());
  lock->take_write_lock();
  std::uint32_t sent = 0;
  const auto publish = [&](unsigned count) {
    for (; count > 0; --count, ++sent) {
      Message message = text_message(sent);
      message.payload.append(100'000, ' ');
      broker.publish(message.topic, message.payload, 0);
    }
  };
  publish(200);  // more than three segments hold
  ASSERT_TRUE(sluice.wait_for("[ingest-buffer] pending=")) << sluice.output();
  EXPECT_TRUE(wait_until([&] { return stats("/sluice/health/state") == "degraded"; }));
  EXPECT_TRUE(wait_until([&] {
    return stats("/sluice/health/reasons/0").find("journal of lab") != std::string::npos ||
           stats("/sluice/health/reasons/1").find("journal of lab") != std::string::npos;
  })) << stats("/sluice/health/reasons/0");
  lock->execute("COMMIT");
  ASSERT_TRUE(wait_until([&] { return stats("/sluice/sources/0/inFlight") == "0"; }));
  publish(1);
  ASSERT_TRUE(sluice.wait_for("there is room again")) << sluice.output();
  end(sluice);
  EXPECT_EQ(ledger(sluice, "received"), sent);
  EXPECT_GT(ledger(sluice, "journal_full"), 0);
  EXPECT_EQ(ledger(sluice, "received"),
            ledger(sluice, "committed") + ledger(sluice, "journal_full"));
  expect_all_there(static_cast<unsigned>(ledger(sluice, "committed")));
}

TEST_F(OverloadTest, ALongWindowLosesNothingWhileTheDatabaseIsIdle) {
  FakeBroker broker;
  broker.set_script({.granted_qos = 0});
  const auto command = run(url_of(broker), R"("qos":0,"journal":{"maxBytes":4194304})");
  {
    std::ifstream written(directory_.file("config.json"));
    std::string text{std::istreambuf_iterator<char>(written), {}};
    const std::string window = R"("groupCommitMs":100)";
    text.replace(text.find(window), window.size(), R"("groupCommitMs":30000)");
    std::ofstream(directory_.file("config.json")) << text;
  }
  ChildProcess sluice(command);
  ASSERT_TRUE(is_up(sluice)) << sluice.output();
  unsigned sent = 0;
  for (unsigned round = 0; round < 20; ++round) {
    for (unsigned i = 0; i < 20; ++i, ++sent) {
      Message message = text_message(sent);
      message.payload.append(100'000, ' ');
      broker.publish(message.topic, message.payload, 0);
    }
    // Most of it is committed although no window has come to its time.
    const unsigned expected = sent > 20 ? sent - 20 : 0;
    ASSERT_TRUE(wait_until([&] {
      const std::string rows = value("SELECT count(*) FROM observations");
      return !rows.empty() && std::stoul(rows) >= expected;
    })) << sluice.output();
  }
  end(sluice);
  EXPECT_EQ(ledger(sluice, "journal_full"), 0);
  expect_all_there(sent);
}

TEST_F(OverloadTest, KeepsItsConnectionThroughALongLock) {
  FakeBroker broker;
  broker.set_script({.server_keepalive_s = 5});  // so long its answers and a sync may take, too
  ChildProcess sluice(run(url_of(broker)));
  ASSERT_TRUE(is_up(sluice)) << sluice.output();
  std::optional<OtherConnection> lock(db_path());
  lock->take_write_lock();
  unsigned sent = 0;
  for (unsigned round = 1; round <= 2; ++round) {  // each lasts for a keepalive: until it pings
    const unsigned pings = broker.pings();
    for (unsigned i = 0; i < 20; ++i, ++sent) {
      const Message message = text_message(sent);
      broker.publish(message.topic, message.payload, static_cast<std::uint16_t>(sent + 1));
    }
    ASSERT_TRUE(broker.wait_for_pubacks(sent)) << sluice.output();
    ASSERT_TRUE(wait_until([&] { return broker.pings() > pings; })) << sluice.output();
  }
  EXPECT_EQ(broker.connects().size(), 1U);
  EXPECT_EQ(value("SELECT count(*) FROM observations"), "0");
  lock->execute("COMMIT");
  EXPECT_TRUE(wait_for_rows(sent)) << sluice.output();
  end(sluice);
  EXPECT_EQ(ledger(sluice, "received"), sent);
  EXPECT_THAT(sluice.output(), Not(HasSubstr("disconnected from")));
  expect_all_there(sent);
}

TEST_F(OverloadTest, ARealBrokerNeverMissesItWhileTheDatabaseIsLocked) {
  if (!Broker::available()) GTEST_SKIP() << "mosquitto is not installed";
  // The least that it lets a broker ask for; it throws out who is silent for half as long again.
  Broker broker(directory_.path().string(), {}, "max_keepalive 10\n");
  ChildProcess sluice(run(broker.url()));
  ASSERT_TRUE(is_up(sluice)) << sluice.output();
  std::optional<OtherConnection> lock(db_path());
  lock->take_write_lock();
  Publisher publisher(broker);
  unsigned sent = 0;
  const auto until = std::chrono::steady_clock::now() + seconds_from("SLUICE_LOCKED_S", 16s);
  do {
    for (unsigned i = 0; i < 25; ++i, ++sent) {
      const Message message = text_message(sent);
      publisher.publish(message.topic, message.payload);
    }
    publisher.flush();
    std::this_thread::sleep_for(100ms);
  } while (std::chrono::steady_clock::now() < until);
  EXPECT_EQ(value("SELECT count(*) FROM observations"), "0");
  lock->execute("COMMIT");
  EXPECT_TRUE(wait_for_rows(sent)) << sluice.output();
  end(sluice);
  EXPECT_THAT(sluice.output(), Not(HasSubstr("disconnected from")));
  EXPECT_EQ(ledger(sluice, "received"), sent);
  expect_all_there(sent);
}

TEST_F(OverloadTest, LosesNothingThatComesWhileItIsStopped) {
  if (!Broker::available()) GTEST_SKIP() << "mosquitto is not installed";
  Broker broker(directory_.path().string());
  ChildProcess sluice(run(broker.url()));
  ASSERT_TRUE(is_up(sluice)) << sluice.output();
  // Before that nobody watches the stages, who could notice the pause.
  ASSERT_TRUE(wait_until([&] { return stats("/sluice/health/state") == "ok"; }));
  Publisher publisher(broker);
  unsigned sent = 0;
  const auto publish = [&](unsigned count) {
    for (; count > 0; --count, ++sent) {
      const Message message = text_message(sent);
      publisher.publish(message.topic, message.payload);
    }
    publisher.flush();
  };
  publish(500);  // some of it is on its way when it stops
  sluice.signal(SIGSTOP);
  publish(500);
  std::this_thread::sleep_for(seconds_from("SLUICE_STOPPED_S", 6s));
  publish(500);
  sluice.signal(SIGCONT);
  ASSERT_TRUE(sluice.wait_for("its limits start anew")) << sluice.output();
  EXPECT_TRUE(wait_for_rows(sent)) << sluice.output();
  end(sluice);
  EXPECT_THAT(sluice.output(), Not(HasSubstr("stands still")));
  EXPECT_EQ(ledger(sluice, "received"), sent + ledger(sluice, "redelivered"));
  expect_all_there(sent);
}

TEST_F(OverloadTest, TheStatsFileGoesOnWhileTheDatabaseCannotBeOpened) {
  FakeBroker broker;
  {
    ChildProcess first(run(url_of(broker)));  // makes the database
    ASSERT_TRUE(first.wait_for("Running")) << first.output();
    end(first);
  }
  std::filesystem::remove(directory_.file("stats.json"));
  std::optional<OtherConnection> lock(db_path());
  lock->execute("BEGIN EXCLUSIVE");
  ChildProcess sluice(run(url_of(broker)));
  ASSERT_TRUE(wait_until([&] { return !stats("/sampledAt").empty(); }));
  const std::string before = stats("/sampledAt");
  ASSERT_TRUE(wait_until([&] { return stats("/sampledAt") > before; }));
  EXPECT_EQ(stats("/sluice/health/state"), "degraded");
  EXPECT_EQ(stats("/sluice/health/reasons/0"), "waiting for the database");
  lock->execute("COMMIT");
  ASSERT_TRUE(sluice.wait_for("Running")) << sluice.output();
  end(sluice);
}

TEST_F(OverloadTest, TheStatsFileGoesOnWhileTheLastWindowWaits) {
  FakeBroker broker;
  ChildProcess sluice(run(url_of(broker)));
  ASSERT_TRUE(is_up(sluice)) << sluice.output();
  std::optional<OtherConnection> lock(db_path());
  lock->take_write_lock();
  const Message message = text_message(1);
  broker.publish(message.topic, message.payload, 1);
  ASSERT_TRUE(sluice.wait_for("keeping a window of 1 packets")) << sluice.output();
  sluice.signal(SIGTERM);
  ASSERT_TRUE(sluice.wait_for("Shutting down...")) << sluice.output();
  const std::string before = stats("/sampledAt");
  EXPECT_TRUE(wait_until([&] { return stats("/sampledAt") > before; })) << before;
  lock->execute("COMMIT");
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
  expect_all_there(1);
}

#ifdef SLUICE_STUCK_DISK
TEST_F(OverloadTest, EndsWhenTheJournalCannotBeSyncedAndLosesNothing) {
  FakeBroker broker;
  const std::string failing = directory_.file("failing");
  setenv("SLUICE_TEST_FAILING_JOURNAL", failing.c_str(), 1);
  setenv("LD_PRELOAD", SLUICE_STUCK_DISK, 1);
  std::optional<ChildProcess> sluice(run(url_of(broker)));
  unsetenv("LD_PRELOAD");
  ASSERT_TRUE(is_up(*sluice)) << sluice->output();
  std::optional<OtherConnection> lock(db_path());
  lock->take_write_lock();  // so that only the journal can make anything durable
  std::ofstream(failing) << "from now on";
  for (std::uint16_t id = 1; id <= 5; ++id) {
    const Message message = text_message(id);
    broker.publish(message.topic, message.payload, id);
  }
  EXPECT_EQ(sluice->wait_exit(), 1) << sluice->output();
  EXPECT_THAT(sluice->output(), HasSubstr("fdatasync"));
  EXPECT_THAT(sluice->output(), HasSubstr("they wait in the journal for the next start"));
  EXPECT_TRUE(broker.pubacks().empty()) << "nothing of it was known to be durable";
  lock.reset();

  std::filesystem::remove(failing);
  sluice.emplace(run(url_of(broker)));
  ASSERT_TRUE(is_up(*sluice)) << sluice->output();
  EXPECT_TRUE(broker.wait_for_subscriptions(2));
  for (std::uint16_t id = 1; id <= 5; ++id) {
    const Message message = text_message(id);
    broker.publish(message.topic, message.payload, id, true);
  }
  EXPECT_TRUE(broker.wait_for_pubacks(5)) << sluice->output();
  EXPECT_TRUE(wait_for_rows(5)) << sluice->output();
  end(*sluice);
  expect_all_there(5);
}
#endif

}  // namespace
}  // namespace sluice::test
