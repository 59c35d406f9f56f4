// `sluice run` at QoS 1 against a real broker that goes away and comes back, through a network that
// breaks, and over TLS: what the broker has accepted is in the database in the end.

#include <filesystem>
#include <fstream>
#include <regex>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "broker.h"
#include "certificates.h"
#include "child_process.h"
#include "support/fake_broker.h"
#include "support/tcp_proxy.h"

namespace sluice::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTopic =
    "meshcore/SFO/A45E365918EBBD8898B62741FEA23228914CBF24E143766B741D60EE865F5037/packets";

/// A flooded group text; `n` makes it a transmission of its own.
std::string record(unsigned n) {
  char raw[64];
  std::snprintf(raw, sizeof raw, "150011%04X%032X", n & 0xFFFFU, n);
  return R"({"origin":"Hilltop","type":"PACKET","raw":")" + std::string(raw) + R"("})";
}

class MqttSessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Broker::available()) GTEST_SKIP() << "mosquitto is not installed";
    char name[] = "/tmp/sluice-session-test-XXXXXX";
    directory_ = mkdtemp(name);
    setenv("CORESCOPE_INGESTOR_STATS", (directory_ + "/stats.json").c_str(), 1);
  }
  void TearDown() override {
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

  /// `own`: what stands in the source's object `sluice`.
  [[nodiscard]] std::vector<std::string> run(const std::string& url,
                                             const std::string& own = "") const {
    const std::string path = directory_ + "/config.json";
    std::ofstream(path) << R"({"dbPath":")" << directory_ << R"(/mesh.db","groupCommitMs":100,)"
                        << R"("mqttSources":[{"name":"lab","broker":")" << url << R"(","sluice":{)"
                        << own << "}}]}";
    return {SLUICE_BINARY, "run", "--config", path, "--report"};
  }
  [[nodiscard]] int rows() const {
    if (!std::filesystem::exists(directory_ + "/mesh.db")) return 0;
    SQLite::Database db(directory_ + "/mesh.db", SQLite::OPEN_READONLY, 60'000);
    return db.tableExists("observations")
               ? db.execAndGet("SELECT count(*) FROM observations").getInt()
               : 0;
  }
  /// How often messages have been counted: rows don't tell, since a repeat finds its row there.
  [[nodiscard]] int packets() const {
    SQLite::Database db(directory_ + "/mesh.db", SQLite::OPEN_READONLY, 60'000);
    return db.execAndGet("SELECT sum(packet_count) FROM observers").getInt();
  }
  [[nodiscard]] bool wait_for_rows(int count) const {
    for (int i = 0; i < 3000; ++i) {
      if (rows() >= count) return true;
      usleep(20'000);
    }
    return false;
  }
  /// The number behind `key=` in the last ledger line.
  [[nodiscard]] static long ledger(const ChildProcess& sluice, const std::string& key) {
    const std::string line = sluice.output().substr(sluice.output().rfind("[ledger]"));
    std::smatch found;
    return std::regex_search(line, found, std::regex(key + "=(\\d+)")) ? std::stol(found[1]) : 0;
  }
  static void publish(const Broker& broker, unsigned first, unsigned count) {
    Publisher publisher(broker);
    for (unsigned i = 0; i < count; ++i) publisher.publish(kTopic, record(first + i));
    publisher.flush();
  }
  static void expect_clean_end(ChildProcess& sluice) {
    sluice.signal(SIGTERM);
    EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
    EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
    EXPECT_THAT(sluice.output(), Not(HasSubstr("stay unacknowledged")));
  }

  std::string directory_;
};

TEST_F(MqttSessionTest, FindsWhatTheBrokerHasKeptForIt) {
  Broker broker(directory_);
  {
    ChildProcess sluice(run(broker.url()));
    ASSERT_TRUE(sluice.wait_for("subscribed to")) << sluice.output();
    EXPECT_THAT(sluice.output(), HasSubstr("speaking MQTT 5, a new session"));
    publish(broker, 0, 100);
    ASSERT_TRUE(wait_for_rows(100)) << sluice.output();
    expect_clean_end(sluice);
  }
  publish(broker, 1000, 500);
  ChildProcess sluice(run(broker.url()));
  ASSERT_TRUE(sluice.wait_for("the broker has kept our session")) << sluice.output();
  EXPECT_TRUE(wait_for_rows(600)) << sluice.output();
  expect_clean_end(sluice);
  EXPECT_EQ(rows(), 600);
  EXPECT_EQ(packets(), 600);
  EXPECT_EQ(ledger(sluice, "merged"), 0);
  EXPECT_EQ(ledger(sluice, "received"), 500) << "all that was acknowledged stays acknowledged";
}

TEST_F(MqttSessionTest, LosesNothingWhenTheBrokerRestarts) {
  Broker broker(directory_, {}, "persistence true\npersistence_location " + directory_ + "/\n");
  ChildProcess sluice(run(broker.url()));
  ASSERT_TRUE(sluice.wait_for("subscribed to")) << sluice.output();
  for (unsigned round = 0; round < 3; ++round) {
    publish(broker, round * 1000, 300);
    broker.stop();
    broker.start();
    ASSERT_TRUE(sluice.wait_for("the broker has kept our session")) << sluice.output();
  }
  publish(broker, 9000, 10);
  EXPECT_TRUE(wait_for_rows(910)) << sluice.output();
  expect_clean_end(sluice);
  EXPECT_EQ(rows(), 910);
  EXPECT_EQ(packets(), 910);
  EXPECT_EQ(ledger(sluice, "merged"), 0);
}

TEST_F(MqttSessionTest, LosesNothingInABadNetwork) {
  Broker broker(directory_);
  TcpProxy network(broker.port());
  ChildProcess sluice(run("mqtt://127.0.0.1:" + std::to_string(network.port())));
  ASSERT_TRUE(sluice.wait_for("subscribed to")) << sluice.output();
  for (unsigned round = 0; round < 3; ++round) {
    network.cut_after(10'000 + 777 * round);
    publish(broker, round * 1000, 400);
    ASSERT_TRUE(sluice.wait_for("subscribed to")) << sluice.output();
    network.hold(true);
    publish(broker, round * 1000 + 500, 100);
    network.hold(false);
  }
  network.slow_down(200'000);
  publish(broker, 9000, 100);
  EXPECT_TRUE(wait_for_rows(1600)) << sluice.output();
  network.slow_down(0);
  expect_clean_end(sluice);
  EXPECT_EQ(rows(), 1600);
  EXPECT_EQ(packets(), 1600);
  EXPECT_EQ(ledger(sluice, "merged"), 0);
  EXPECT_EQ(ledger(sluice, "received"),
            ledger(sluice, "committed") + ledger(sluice, "redelivered"));
}

TEST_F(MqttSessionTest, TakesRetainedMessagesOfAFirstSubscriptionOnly) {
  Broker broker(directory_);
  {
    Publisher publisher(broker);
    publisher.publish(kTopic, record(1), true);
    publisher.flush();
  }
  for (const long expected : {1L, 0L}) {
    ChildProcess sluice(run(broker.url()));
    ASSERT_TRUE(sluice.wait_for("subscribed to")) << sluice.output();
    ASSERT_TRUE(wait_for_rows(1)) << sluice.output();
    expect_clean_end(sluice);
    EXPECT_EQ(ledger(sluice, "received"), expected);
  }
}

TEST_F(MqttSessionTest, AcknowledgesWhileTheDatabaseIsLocked) {
  FakeBroker broker;
  ChildProcess sluice(run("mqtt://127.0.0.1:" + std::to_string(broker.port())));
  ASSERT_TRUE(sluice.wait_for("SQLite opened")) << sluice.output();
  ASSERT_TRUE(broker.wait_for_subscriptions(1));
  SQLite::Database db(directory_ + "/mesh.db", SQLite::OPEN_READWRITE, 60'000);
  db.exec("BEGIN IMMEDIATE");
  for (std::uint16_t id = 1; id <= 20; ++id) broker.publish(kTopic, record(id), id);
  EXPECT_TRUE(broker.wait_for_pubacks(20)) << "the journal has been synced: " << sluice.output();
  EXPECT_EQ(rows(), 0);
  db.exec("ROLLBACK");
  EXPECT_TRUE(wait_for_rows(20)) << sluice.output();
  expect_clean_end(sluice);
}

class MqttTlsTest : public MqttSessionTest {
 protected:
  void SetUp() override {
    MqttSessionTest::SetUp();
    if (IsSkipped()) return;
    try {
      if (!make_certificates(directory_)) GTEST_SKIP() << "openssl makes no certificates";
    } catch (const std::exception& error) {
      GTEST_SKIP() << error.what();
    }
    for (int attempt = 1; !broker_; ++attempt) {  // another process may take the port in between
      port_ = free_port();
      try {
        broker_.emplace(directory_, WebSocketListeners{},
                        "listener " + std::to_string(port_) + " 127.0.0.1\ncafile " + directory_ +
                            "/ca.crt\ncertfile " + directory_ + "/server.crt\nkeyfile " +
                            directory_ + "/server.key\nrequire_certificate true\n");
      } catch (const std::runtime_error&) {
        if (attempt == 5) throw;
      }
    }
  }
  /// By name: that is what the certificate is made for.
  [[nodiscard]] std::string url() const { return "mqtts://localhost:" + std::to_string(port_); }
  [[nodiscard]] std::string tls(const std::string& authority, const std::string& client) const {
    std::string keys = R"("tls":{"caFile":")" + directory_ + "/" + authority + '"';
    if (!client.empty()) {
      keys += R"(,"certFile":")" + directory_ + "/" + client + R"(.crt","keyFile":")" + directory_ +
              "/" + client + R"(.key")";
    }
    return keys + "}";
  }

  std::uint16_t port_ = 0;
  std::optional<Broker> broker_;
};

TEST_F(MqttTlsTest, ShowsItsCertificateAndChecksTheBrokers) {
  ChildProcess sluice(run(url(), tls("ca.crt", "client")));
  ASSERT_TRUE(sluice.wait_for("subscribed to")) << sluice.output();
  publish(*broker_, 0, 2000);
  EXPECT_TRUE(wait_for_rows(2000)) << sluice.output();
  expect_clean_end(sluice);
  EXPECT_EQ(rows(), 2000);
}

TEST_F(MqttTlsTest, RefusesABrokerOfAnotherAuthority) {
  const std::string other = directory_ + "/other";
  std::filesystem::create_directory(other);
  ASSERT_TRUE(make_certificates(other));
  ChildProcess sluice(run(url(), tls("other/ca.crt", "client")));
  ASSERT_TRUE(sluice.wait_for("connection attempt #3")) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("TLS"));
  EXPECT_THAT(sluice.output(), Not(HasSubstr("] connected to")));
  expect_clean_end(sluice);
}

TEST_F(MqttTlsTest, IsRefusedWithoutACertificate) {
  ChildProcess sluice(run(url(), tls("ca.crt", "")));
  ASSERT_TRUE(sluice.wait_for("connection attempt #3")) << sluice.output();
  EXPECT_THAT(sluice.output(), Not(HasSubstr("] connected to")));
  expect_clean_end(sluice);
}

}  // namespace
}  // namespace sluice::test
