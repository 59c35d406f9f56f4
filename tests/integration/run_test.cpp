// `sluice run` against a real broker, from outside: what goes in over MQTT must be in the tables or
// in the ledger.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <sstream>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker.h"
#include "child_process.h"

namespace sluice::test {
namespace {

using ::testing::HasSubstr;

constexpr const char* kTopic =
    "meshcore/SFO/A45E365918EBBD8898B62741FEA23228914CBF24E143766B741D60EE865F5037/packets";

/// A flooded group text that nobody can open; `n` makes it a transmission of its own.
std::string record(unsigned n, const std::string& origin = "Hilltop") {
  char raw[64];
  std::snprintf(raw, sizeof raw, "150011%04X%032X", n & 0xFFFFU, n);
  return R"({"origin":")" + origin + R"(","type":"PACKET","direction":"rx","raw":")" + raw +
         R"(","SNR":"9","RSSI":"-87"})";
}

class RunTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Broker::available()) GTEST_SKIP() << "mosquitto is not installed";
    char name[] = "/tmp/sluice-run-test-XXXXXX";
    directory_ = mkdtemp(name);
    setenv("CORESCOPE_INGESTOR_STATS", (directory_ + "/stats.json").c_str(), 1);
  }
  void TearDown() override {
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

  [[nodiscard]] std::string config(const std::string& broker_url,
                                   const std::string& more = "") const {
    const std::string path = directory_ + "/config.json";
    std::ofstream(path) << R"({"dbPath":")" << database()
                        << R"(","mqttSources":[{"name":"lab","broker":")" << broker_url
                        << R"(","topics":["meshcore/#"]}])" << more << "}";
    return path;
  }
  [[nodiscard]] std::string database() const { return directory_ + "/mesh.db"; }
  [[nodiscard]] int count(const std::string& sql) const {
    SQLite::Database db(database(), SQLite::OPEN_READONLY, 60'000);
    return db.execAndGet(sql).getInt();
  }
  [[nodiscard]] static std::vector<std::string> run_command(const std::string& config_path) {
    return {SLUICE_BINARY, "run", "--config", config_path, "--report"};
  }
  /// The number behind `key=` in the last ledger line; -1 if it is not there, as reasons that
  /// nothing has are not.
  [[nodiscard]] static long ledger(const ChildProcess& sluice, const std::string& key) {
    const std::string line = sluice.output().substr(sluice.output().rfind("[ledger]"));
    std::smatch found;
    return std::regex_search(line, found, std::regex(key + "=(\\d+)")) ? std::stol(found[1]) : -1;
  }

  std::string directory_;
};

TEST_F(RunTest, CommitsWhatTheBrokerDelivers) {
  Broker broker(directory_);
  ChildProcess sluice(run_command(config(broker.url())));
  ASSERT_TRUE(sluice.wait_for("subscribed to meshcore/#")) << sluice.output();
  Publisher publisher(broker);
  for (unsigned i = 0; i < 500; ++i) publisher.publish(kTopic, record(i / 2));
  publisher.publish("meshcore/SFO/AABB/status", R"({"origin":"x","stats":{"battery_mv":4000}})");
  publisher.flush();
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
  EXPECT_THAT(sluice.output(), HasSubstr("Done."));
  // The broker may still have had messages for us when we left; what we did receive is all
  // accounted for.
  const long received = ledger(sluice, "received");
  EXPECT_EQ(received, ledger(sluice, "committed") + ledger(sluice, "merged"));
  EXPECT_EQ(ledger(sluice, "in_flight"), 0);
  EXPECT_EQ(
      count("SELECT count(*) FROM observations") + count("SELECT count(*) FROM observer_metrics"),
      ledger(sluice, "committed"));
  EXPECT_FALSE(std::filesystem::exists(database() + "-wal") &&
               std::filesystem::file_size(database() + "-wal") > 0);
}

TEST_F(RunTest, CountsHostileRecordsAndGoesOn) {
  Broker broker(directory_);
  ChildProcess sluice(
      run_command(config(broker.url(), R"(,"sluice":{"journal":{"maxRecordBytes":65536}})")));
  ASSERT_TRUE(sluice.wait_for_all({"subscribed to meshcore/#", "Running"})) << sluice.output();
  Publisher publisher(broker);
  publisher.publish(kTopic, "{\"raw\":");
  publisher.publish(kTopic, "[1,2,3]");
  publisher.publish(kTopic, "");
  publisher.publish(kTopic, R"({"raw":"zz"})");
  publisher.publish(kTopic, R"({"raw":"15"})");
  publisher.publish(kTopic, R"({"raw":12345})");
  publisher.publish("meshcore", "{}");
  publisher.publish("meshcore/status", "connected");
  publisher.publish(kTopic, std::string(100'000, 'x'));
  publisher.publish(kTopic, std::string(50'000, '['));
  publisher.publish(kTopic, record(1, "'); DROP TABLE nodes; --"));
  publisher.flush();
  // The last message is the only one that makes a row, so its row means that all the others have
  // been judged.
  while (count("SELECT count(*) FROM observations") == 0) {
    ASSERT_EQ(kill(sluice.pid(), 0), 0);
    usleep(20'000);
  }
  sluice.signal(SIGINT);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
  // What is too large the broker keeps to itself, since MQTT 5 lets us say so.
  EXPECT_EQ(ledger(sluice, "received"), 10);
  EXPECT_EQ(ledger(sluice, "committed"), 1);
  EXPECT_EQ(ledger(sluice, "dropped"), 0);
  EXPECT_EQ(ledger(sluice, "rejected"), 9);
}

/// Of the thread of this name: the CPUs it may use, as `taskset` writes them, and its nice value.
std::pair<std::string, std::string> place_of_thread(const ChildProcess& process,
                                                    const std::string& name) {
  const std::filesystem::path task = process.find_thread(name);
  if (task.empty()) return {"no such thread", ""};
  std::string line;
  std::string cpus;
  std::ifstream status(task / "status");
  while (std::getline(status, line))
    if (line.starts_with("Cpus_allowed_list:")) cpus = line.substr(line.find('\t') + 1);
  // Behind the name in parentheses: the state, then 15 numbers, then nice (proc(5)).
  std::getline(std::ifstream(task / "stat"), line);
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string field;
  for (int i = 0; i < 17; ++i) fields >> field;
  return {cpus, field};
}

/// Threads start when the log says that the process runs, or a little later.
void expect_place(const ChildProcess& process, const std::string& name,
                  const std::pair<std::string, std::string>& wanted) {
  for (int i = 0; i < 3000 && place_of_thread(process, name) != wanted; ++i) usleep(20'000);
  EXPECT_EQ(place_of_thread(process, name), wanted) << name;
}

TEST_F(RunTest, EachThreadTakesThePlaceOfItsRole) {
  Broker broker(directory_);
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  std::size_t first = 0;
  while (!CPU_ISSET(first, &allowed)) ++first;
  const std::string cpu = std::to_string(first);
  const int nice = std::min(getpriority(PRIO_PROCESS, 0) + 3, 19);
  std::string threads;
  for (const char* role : {"receive", "journal", "decode", "write"})
    threads += fmt::format(R"("{}":{{"cpus":[{}],"nice":{}}},)", role, cpu, nice);
  ChildProcess sluice(run_command(config(
      broker.url(), R"(,"sluice":{"threads":{)" + threads + R"("dedup":{"cpus":[1023]}}})")));
  ASSERT_TRUE(sluice.wait_for("Running")) << sluice.output();
  const std::pair wanted(cpu, std::to_string(nice));
  for (const char* name : {"receive-0", "journal", "decode-0", "write"})
    expect_place(sluice, name, wanted);
  const auto main = place_of_thread(sluice, "sluice");
  EXPECT_EQ(main.second, std::to_string(getpriority(PRIO_PROCESS, 0)));
  expect_place(sluice, "feed", main);
  expect_place(sluice, "dedup", main);
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("thread write: CPUs " + cpu));
  EXPECT_THAT(sluice.output(), HasSubstr("thread dedup: this machine has no CPU 1023"));
}

TEST_F(RunTest, ComesBackAfterTheBrokerDoes) {
  Broker broker(directory_);
  ChildProcess sluice(run_command(config(broker.url())));
  ASSERT_TRUE(sluice.wait_for_all({"subscribed to meshcore/#", "Running"})) << sluice.output();
  {
    Publisher publisher(broker);
    publisher.publish(kTopic, record(1));
    publisher.flush();
  }
  broker.stop();
  ASSERT_TRUE(sluice.wait_for("disconnected from")) << sluice.output();
  broker.start();
  ASSERT_TRUE(sluice.wait_for("subscribed to meshcore/#")) << sluice.output();
  Publisher publisher(broker);
  publisher.publish(kTopic, record(2));
  publisher.flush();
  while (count("SELECT count(*) FROM observations") < 2) usleep(20'000);
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
}

TEST_F(RunTest, StaysUpWithoutABrokerAndLeavesCleanly) {
  ChildProcess sluice(run_command(config("mqtt://127.0.0.1:1")));
  ASSERT_TRUE(sluice.wait_for("cannot connect to")) << sluice.output();
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("Done."));
}

TEST_F(RunTest, TakesTheConfigByTheGoIngestorsOption) {
  const std::string path = config("mqtt://127.0.0.1:1");
  for (const std::vector<std::string>& option :
       {std::vector<std::string>{"-config", path}, {"-config=" + path}}) {
    std::vector<std::string> command{SLUICE_BINARY, "run"};
    command.insert(command.end(), option.begin(), option.end());
    ChildProcess sluice(command);
    ASSERT_TRUE(sluice.wait_for("MQTT [lab] cannot connect to")) << sluice.output();
    sluice.signal(SIGTERM);
    EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  }
  EXPECT_EQ(count("SELECT count(*) FROM transmissions"), 0);
}

TEST_F(RunTest, AndCheckAgreeAboutADatabaseThatIsInUse) {
  const std::string path = directory_ + "/config.json";
  std::ofstream(path)
      << R"({"dbPath":")" << database()
      << R"(","mqttSources":[{"broker":"mqtt://127.0.0.1:1","connectTimeoutSec":1}]})";
  const std::vector<std::string> check{SLUICE_BINARY, "check", "--config", path, "--connect"};
  ChildProcess first(run_command(path));
  ASSERT_TRUE(first.wait_for("SQLite opened")) << first.output();
  ChildProcess second(run_command(path));
  EXPECT_EQ(second.wait_exit(), 1) << second.output();
  ChildProcess meanwhile(check);
  EXPECT_EQ(meanwhile.wait_exit(), 1) << meanwhile.output();
  EXPECT_THAT(meanwhile.output(), HasSubstr("only one Sluice may"));
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait_exit(), 0) << first.output();

  SQLite::Database other(database(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  ChildProcess locked(check);
  EXPECT_EQ(locked.wait_exit(), 0) << locked.output();
  EXPECT_THAT(locked.output(), HasSubstr("the start waits for it"));
  ChildProcess patient(run_command(path));
  ASSERT_TRUE(patient.wait_for("trying again")) << patient.output();
  other.exec("ROLLBACK");
  ASSERT_TRUE(patient.wait_for("Running")) << patient.output();
  patient.signal(SIGTERM);
  EXPECT_EQ(patient.wait_exit(), 0) << patient.output();
}

TEST_F(RunTest, LosesNothingItReceivedWhenStoppedAtAnyMoment) {
  Broker broker(directory_);
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  long committed_before = 0;
  const auto expect_all_accounted_for = [&](const ChildProcess& sluice) {
    EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
    EXPECT_EQ(ledger(sluice, "in_flight"), 0);
    // A PUBACK that the broker has not read makes it send the message again: known as such, or, to
    // a start that finds no journal any more, a copy of the row that is there.
    EXPECT_EQ(ledger(sluice, "received"), ledger(sluice, "committed") + ledger(sluice, "merged") +
                                              std::max(0L, ledger(sluice, "redelivered")))
        << sluice.output();
    committed_before += ledger(sluice, "committed");
    EXPECT_EQ(count("SELECT count(*) FROM observations"), committed_before);
  };
  for (unsigned round = 0; round < 5; ++round) {
    ChildProcess sluice(run_command(config(broker.url())));
    // The first round may be stopped while it is still starting, once it listens to signals at all.
    ASSERT_TRUE(sluice.wait_for(round == 0 ? "group commit" : "subscribed to meshcore/#"))
        << sluice.output();
    Publisher publisher(broker);
    const unsigned messages = 50 + random() % 2000;
    for (unsigned i = 0; i < messages; ++i) publisher.publish(kTopic, record(round * 10'000 + i));
    usleep(random() % 150'000);
    sluice.signal(round % 2 == 0 ? SIGTERM : SIGINT);
    ASSERT_EQ(sluice.wait_exit(), 0) << sluice.output();
    expect_all_accounted_for(sluice);
  }
  // How much those lives received is chance; this one goes on until something new is there.
  ChildProcess last(run_command(config(broker.url())));
  ASSERT_TRUE(last.wait_for_all({"subscribed to meshcore/#", "Running"})) << last.output();
  Publisher publisher(broker);
  publisher.publish(kTopic, record(60'000));
  publisher.flush();
  while (count("SELECT count(*) FROM observations") <= committed_before) usleep(20'000);
  last.signal(SIGTERM);
  ASSERT_EQ(last.wait_exit(), 0) << last.output();
  expect_all_accounted_for(last);
}

TEST_F(RunTest, RefusesAConfigOfTheWrongType) {
  const std::string path = directory_ + "/config.json";
  std::ofstream(path)
      << R"({"mqttSources":[{"broker":"mqtt://127.0.0.1:1","topics":"meshcore/#"}]})";
  ChildProcess sluice(run_command(path));
  EXPECT_EQ(sluice.wait_exit(), 1);
  EXPECT_THAT(sluice.output(), HasSubstr("mqttSources[0].topics"));
  EXPECT_THAT(sluice.output(), HasSubstr("expected"));
  EXPECT_THAT(sluice.output(), HasSubstr("string"));
}

TEST_F(RunTest, RefusesADatabaseDirectoryThatIsNone) {
  std::ofstream(directory_ + "/file") << "not a directory";
  const std::string path = directory_ + "/config.json";
  std::ofstream(path) << R"({"dbPath":")" << directory_
                      << R"(/file/mesh.db","mqttSources":[{"broker":"mqtt://127.0.0.1:1"}]})";
  ChildProcess sluice(run_command(path));
  EXPECT_EQ(sluice.wait_exit(), 1) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("/file"));
}

TEST_F(RunTest, RefusesUnknownOptionsWithTwo) {
  ChildProcess sluice({SLUICE_BINARY, "run", "--no-such-option"});
  EXPECT_EQ(sluice.wait_exit(), 2);
}

/// Enough lines that a stop comes while they are still being written.
std::string capture_of(const std::string& directory, unsigned lines) {
  const std::string path = directory + "/capture.jsonl";
  std::ofstream file(path);
  for (unsigned i = 0; i < lines; ++i) {
    std::string payload = record(i);
    for (std::size_t at = 0; (at = payload.find('"', at)) != std::string::npos; at += 2)
      payload.insert(at, 1, '\\');
    file << R"({"t_ms":0,"topic":")" << kTopic << R"(","payload":")" << payload << "\"}\n";
  }
  return path;
}

TEST_F(RunTest, IngestsACaptureToItsEnd) {
  const std::string capture = capture_of(directory_, 2500);
  ChildProcess sluice({SLUICE_BINARY, "ingest", capture, "--db", database(), "--report"});
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
  EXPECT_EQ(ledger(sluice, "received"), 2500);
  EXPECT_EQ(count("SELECT count(*) FROM observations"), 2500);
}

TEST_F(RunTest, IngestsWithTheFilterAndRegionOfTheFirstSource) {
  const std::string path = directory_ + "/config.json";
  std::ofstream(path)
      << R"({"mqttSources":[{"name":"lab","broker":"mqtt://127.0.0.1:1","iataFilter":["SJC"]},)"
      << R"({"name":"attic","broker":"mqtt://127.0.0.1:2"}]})";
  const std::string capture = capture_of(directory_, 20);  // all from SFO
  ChildProcess sluice(
      {SLUICE_BINARY, "ingest", capture, "--db", database(), "--config", path, "--report"});
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("the first of 2 sources, lab"));
  EXPECT_THAT(sluice.output(), HasSubstr("iata_filtered"));
  EXPECT_EQ(ledger(sluice, "received"), 20);
  EXPECT_EQ(ledger(sluice, "rejected"), 20);
  EXPECT_EQ(count("SELECT count(*) FROM observations"), 0);
}

TEST_F(RunTest, WritesWhatItHasReadWhenIngestIsStopped) {
  const std::string capture = capture_of(directory_, 10'000);
  ChildProcess sluice({SLUICE_BINARY, "ingest", capture, "--db", database(), "--report"});
  ASSERT_TRUE(sluice.wait_for("SQLite opened")) << sluice.output();
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
  EXPECT_EQ(ledger(sluice, "in_flight"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM observations"), ledger(sluice, "committed"));
}

TEST_F(RunTest, EndsWhenStoppedThoughItsInputStaysOpen) {
  std::ifstream lines(capture_of(directory_, 100));
  const std::string text{std::istreambuf_iterator<char>(lines), {}};
  const std::string pipe = directory_ + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int end = open(pipe.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  ASSERT_EQ(write(end, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ChildProcess sluice({SLUICE_BINARY, "ingest", pipe, "--db", database(), "--report"});
  ASSERT_TRUE(sluice.wait_for("SQLite opened")) << sluice.output();
  while (count("SELECT count(*) FROM observations") < 100) usleep(20'000);
  sluice.signal(SIGTERM);
  EXPECT_EQ(sluice.wait_exit(), 0) << sluice.output();
  EXPECT_THAT(sluice.output(), HasSubstr("ledger: balanced"));
  EXPECT_EQ(ledger(sluice, "committed"), 100);
  close(end);
}

TEST_F(RunTest, SaysWhichCaptureCannotBeOpened) {
  ChildProcess sluice({SLUICE_BINARY, "ingest", directory_ + "/nothing.jsonl", "--db", database()});
  EXPECT_EQ(sluice.wait_exit(), 1);
  EXPECT_THAT(sluice.output(), HasSubstr("nothing.jsonl"));
}

}  // namespace
}  // namespace sluice::test
