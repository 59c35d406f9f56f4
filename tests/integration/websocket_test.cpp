// `sluice run` and `sluice check` against a real broker's WebSocket listeners.

#include <filesystem>
#include <fstream>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "broker.h"
#include "child_process.h"

namespace sluice::test {
namespace {

using ::testing::AnyOf;
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

bool openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  ChildProcess process(arguments);
  return process.wait_exit() == 0;
}

/// An authority, and a server's certificate for `localhost` that it has signed.
bool make_certificates(const std::string& folder) {
  const std::vector<std::string> key = {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                                        "-nodes"};
  std::vector<std::string> authority = {"req",   "-x509",           "-days",   "2",
                                        "-subj", "/CN=Lab",         "-keyout", folder + "/ca.key",
                                        "-out",  folder + "/ca.crt"};
  std::vector<std::string> request = {"req",
                                      "-subj",
                                      "/CN=localhost",
                                      "-keyout",
                                      folder + "/server.key",
                                      "-out",
                                      folder + "/server.csr"};
  authority.insert(authority.end(), key.begin(), key.end());
  request.insert(request.end(), key.begin(), key.end());
  std::ofstream(folder + "/names") << "subjectAltName=DNS:localhost\n";
  return openssl(authority) && openssl(request) &&
         openssl({"x509", "-req", "-days", "2", "-in", folder + "/server.csr", "-CA",
                  folder + "/ca.crt", "-CAkey", folder + "/ca.key", "-CAcreateserial", "-extfile",
                  folder + "/names", "-out", folder + "/server.crt"});
}

class WebSocketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Broker::available()) GTEST_SKIP() << "mosquitto is not installed";
    char name[] = "/tmp/sluice-websocket-test-XXXXXX";
    directory_ = mkdtemp(name);
    setenv("CORESCOPE_INGESTOR_STATS", (directory_ + "/stats.json").c_str(), 1);
    try {
      if (!make_certificates(directory_)) GTEST_SKIP() << "openssl makes no certificates";
      broker_ = std::make_unique<Broker>(
          directory_,
          WebSocketListeners{true, directory_ + "/server.crt", directory_ + "/server.key"});
    } catch (const std::exception& error) {
      const std::string why = error.what();
      if (why.find("support not available") == std::string::npos &&
          why.find("cannot start openssl") == std::string::npos)
        throw;
      GTEST_SKIP() << why;
    }
    trust("ca.crt");
  }
  void TearDown() override {
    unsetenv("SSL_CERT_FILE");
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

  /// What the system's authorities are to the programs that are started next.
  void trust(const std::string& file) const {
    setenv("SSL_CERT_FILE", (directory_ + "/" + file).c_str(), 1);
  }
  [[nodiscard]] std::string config(const std::string& sources) const {
    const std::string path = directory_ + "/config.json";
    std::ofstream(path) << R"({"dbPath":")" << directory_ << R"(/mesh.db","mqttSources":[)"
                        << sources << "]}";
    return path;
  }
  [[nodiscard]] static std::string source(const std::string& name, const std::string& url,
                                          const std::string& more = "") {
    return R"({"name":")" + name + R"(","broker":")" + url + R"(","topics":["meshcore/#"])" + more +
           "}";
  }
  [[nodiscard]] static std::vector<std::string> run_command(const std::string& config_path) {
    return {SLUICE_BINARY, "run", "--config", config_path, "--report"};
  }
  [[nodiscard]] int count(const std::string& sql) const {
    SQLite::Database db(directory_ + "/mesh.db", SQLite::OPEN_READONLY, 60'000);
    return db.execAndGet(sql).getInt();
  }
  void wait_for_observations(int wanted) const {
    while (count("SELECT count(*) FROM observations") < wanted) usleep(20'000);
  }
  void publish(unsigned first, unsigned messages) const {
    Publisher publisher(*broker_);
    for (unsigned i = first; i < first + messages; ++i) publisher.publish(kTopic, record(i));
    publisher.flush();
  }
  static void expect_balanced_end(ChildProcess& sluice) {
    sluice.signal(SIGTERM);
    EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
    EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
  }

  std::string directory_;
  std::unique_ptr<Broker> broker_;
};

TEST_F(WebSocketTest, CommitsWhatComesThroughAPlainWebSocket) {
  ChildProcess sluice(run_command(config(source("lab", broker_->ws_url() + "/mqtt"))));
  ASSERT_TRUE(sluice.wait_for_all({"subscribed to meshcore/#", "Running"})) << sluice.output();
  publish(0, 3000);
  wait_for_observations(3000);
  expect_balanced_end(sluice);
}

TEST_F(WebSocketTest, CommitsWhatComesThroughTls) {
  ChildProcess sluice(run_command(config(source("lab", broker_->wss_url() + "/mqtt"))));
  ASSERT_TRUE(sluice.wait_for_all({"subscribed to meshcore/#", "Running"})) << sluice.output();
  publish(0, 3000);
  wait_for_observations(3000);
  expect_balanced_end(sluice);
}

TEST_F(WebSocketTest, TakesLargeMessagesWhole) {
  ChildProcess sluice(run_command(config(source("lab", broker_->wss_url()))));
  ASSERT_TRUE(sluice.wait_for_all({"subscribed to meshcore/#", "Running"})) << sluice.output();
  Publisher publisher(*broker_);
  std::string large = record(1);  // in many frames; mosquitto sends 4 KiB in a tenth of a second
  large.insert(large.size() - 1, R"(,"filler":")" + std::string(60'000, 'x') + "\"");
  publisher.publish(kTopic, large);
  publisher.flush();
  wait_for_observations(1);
  expect_balanced_end(sluice);
}

TEST_F(WebSocketTest, RefusesACertificateThatNobodyTrusts) {
  trust("server.crt");  // which has not signed itself
  ChildProcess sluice(run_command(config(source("lab", broker_->wss_url()))));
  ASSERT_TRUE(sluice.wait_for("MQTT [lab] cannot connect to " + broker_->wss_url() +
                              ": TLS: the certificate is not valid here: unable to get local "
                              "issuer certificate"))
      << sluice.output();
  expect_balanced_end(sluice);
}

TEST_F(WebSocketTest, RefusesTheCertificateOfAnotherHost) {
  std::string url = broker_->wss_url();
  url.replace(url.find("localhost"), 9, "127.0.0.1");
  ChildProcess sluice(run_command(config(source("lab", url))));
  ASSERT_TRUE(sluice.wait_for("TLS: the certificate is not valid here: IP address mismatch"))
      << sluice.output();
  expect_balanced_end(sluice);
}

TEST_F(WebSocketTest, TakesAnyCertificateWhenToldSo) {
  trust("server.crt");
  ChildProcess sluice(
      run_command(config(source("lab", broker_->wss_url(), R"(,"rejectUnauthorized":false)"))));
  ASSERT_TRUE(sluice.wait_for("subscribed to meshcore/#")) << sluice.output();
  expect_balanced_end(sluice);
}

TEST_F(WebSocketTest, TellsWhatIsWrongAndNoPassword) {
  // Plain MQTT where a WebSocket should be; and nobody at all.
  std::string url = broker_->url();
  url.replace(0, url.find("//"), "ws:");
  url.insert(url.find("//") + 2, "me:hush@");
  ChildProcess sluice(
      run_command(config(source("plain", url) + "," + source("none", "ws://me:hush@127.0.0.1:1"))));
  ASSERT_TRUE(sluice.wait_for_all(
      {"MQTT [none] connection attempt #2", "MQTT [plain] connection attempt #3"}))
      << sluice.output();
  EXPECT_THAT(sluice.output(),
              HasSubstr("MQTT [none] cannot connect to ws://***@127.0.0.1:1: Connection refused"));
  EXPECT_THAT(sluice.output(), HasSubstr("MQTT [plain] cannot connect to ws://***@127.0.0.1:"));
  EXPECT_THAT(sluice.output(), Not(HasSubstr("hush")));
  expect_balanced_end(sluice);
}

TEST_F(WebSocketTest, ComesBackAfterTheBrokerDoes) {
  ChildProcess sluice(run_command(config(source("lab", broker_->ws_url()))));
  ASSERT_TRUE(sluice.wait_for_all({"subscribed to meshcore/#", "Running"})) << sluice.output();
  publish(0, 10);
  wait_for_observations(10);
  broker_->kill();
  ASSERT_TRUE(sluice.wait_for("disconnected from " + broker_->ws_url() + ": ")) << sluice.output();
  ASSERT_TRUE(sluice.wait_for("\n"));
  // A reset, if the broker had not read all that we wrote.
  EXPECT_THAT(sluice.output(),
              AnyOf(HasSubstr(": the server closed the connection"),
                    HasSubstr(": Connection reset by peer"), HasSubstr(": Broken pipe")));
  broker_->start();
  ASSERT_TRUE(sluice.wait_for("subscribed to meshcore/#")) << sluice.output();
  publish(100, 10);
  wait_for_observations(20);
  broker_->stop();  // with a goodbye
  ASSERT_TRUE(sluice.wait_for("disconnected from")) << sluice.output();
  expect_balanced_end(sluice);
}

TEST_F(WebSocketTest, SpeaksMqtt5AlsoToABrokerThatWasAwayAtFirst) {
  broker_->kill();
  ChildProcess sluice(run_command(config(source("lab", broker_->ws_url()))));
  ASSERT_TRUE(sluice.wait_for(": Connection refused")) << sluice.output();
  broker_->start();
  ASSERT_TRUE(sluice.wait_for("subscribed to meshcore/#")) << sluice.output();
  EXPECT_TRUE(broker_->wait_for_log("New client connected"));
  EXPECT_TRUE(broker_->wait_for_log("(p5,"));
  expect_balanced_end(sluice);
}

TEST_F(WebSocketTest, LeavesTheBrokerWithADisconnect) {
  ChildProcess sluice(run_command(config(source("lab", broker_->wss_url()))));
  ASSERT_TRUE(sluice.wait_for("subscribed to meshcore/#")) << sluice.output();
  expect_balanced_end(sluice);
  EXPECT_TRUE(broker_->wait_for_log(" disconnected."));
}

TEST_F(WebSocketTest, CheckLogsInThroughBoth) {
  std::string by_address = broker_->wss_url();
  by_address.replace(by_address.find("localhost"), 9, "127.0.0.1");
  ChildProcess check(
      {SLUICE_BINARY, "check", "--connect", "--config",
       config(source("a", broker_->ws_url()) + "," + source("b", broker_->wss_url()) + "," +
              source("c", by_address) + "," + source("d", "ws://127.0.0.1:1"))});
  static_cast<void>(check.wait_exit());
  EXPECT_THAT(check.output(), HasSubstr("✓ a  " + broker_->ws_url() + "  logged in"));
  EXPECT_THAT(check.output(), HasSubstr("✓ b  " + broker_->wss_url() + "  logged in"));
  EXPECT_THAT(check.output(), HasSubstr("✗ c  " + by_address + "  reached, but no login: TLS: "));
  EXPECT_THAT(check.output(), HasSubstr("✗ d  ws://127.0.0.1:1  not reached: Connection refused"));
}

}  // namespace
}  // namespace sluice::test
