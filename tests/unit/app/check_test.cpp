#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "app/check_config.h"
#include "app/check_connect.h"
#include "app/check_paths.h"
#include "app/check_text.h"
#include "app/command_line.h"
#include "app/journal_home.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

auto IsWarning(const std::string& subject, const std::string& text) {
  return AllOf(Field(&Finding::severity, Severity::kWarning),
               Field(&Finding::subject, HasSubstr(subject)),
               Field(&Finding::text, HasSubstr(text)));
}
auto IsProblem(const std::string& subject, const std::string& text) {
  return AllOf(Field(&Finding::severity, Severity::kProblem),
               Field(&Finding::subject, HasSubstr(subject)),
               Field(&Finding::text, HasSubstr(text)));
}

/// A config file and an environment of the test's own.
class Check : public ::testing::Test {
 protected:
  void load(const std::string& json) {
    std::ofstream(directory_.file("config.json")) << json;
    report_ = {};
    config_ = load_config(directory_.file("config.json"), environment(), &report_);
  }
  [[nodiscard]] Environment environment() const {
    return [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      if (found == variables_.end()) return std::nullopt;
      return found->second;
    };
  }
  std::vector<Finding> examine(const std::string& json) {
    load(json);
    return examine_config(config_, report_, environment());
  }
  std::vector<Finding> paths(const std::string& json) {
    load(json);
    return examine_paths(config_, report_);
  }
  static std::string sources(const std::string& list) {
    return R"({"mqttSources":[)" + list + "]}";
  }

  test::TempDir directory_;
  std::map<std::string, std::string> variables_;
  LoadReport report_;
  Config config_;
};

constexpr const char* kOneSource = R"({"broker":"mqtt://a:1"})";

TEST_F(Check, HasNothingToSayAboutAPlainFile) {
  EXPECT_THAT(examine(sources(kOneSource)), IsEmpty());
}

TEST_F(Check, SuggestsTheKeyThatWasMeant) {
  EXPECT_THAT(examine(R"({"groupComitMs":1,"mqttSources":[{"broker":"mqtt://a:1","pasword":"x"}],)"
                      R"("retention":{"nodeDay":3}})"),
              ElementsAre(IsWarning("groupComitMs", "groupCommitMs?"),
                          IsWarning("mqttSources[0].pasword", "mqttSources[0].password?"),
                          IsWarning("retention.nodeDay", "retention.nodeDays?")));
}

TEST_F(Check, KnowsAKeyThatStandsInTheWrongObject) {
  EXPECT_THAT(examine(R"({"exitWithoutBroker":true,"mqttSources":[{"broker":"mqtt://a:1"}]})"),
              ElementsAre(IsWarning("exitWithoutBroker", "sluice.exitWithoutBroker?")));
}

TEST_F(Check, LeavesTheServersKeysAlone) {
  EXPECT_THAT(examine(R"({"_comment":"x","port":3000,"apiKey":"k","branding":{"name":"n"},)"
                      R"("mqttSources":[{"broker":"mqtt://a:1"}]})"),
              IsEmpty());
}

TEST_F(Check, TellsOfEachUnknownKeyOfOurOwnOnce) {
  EXPECT_THAT(examine(R"({"sluice":{"frobnicate":1},"mqttSources":[{"broker":"mqtt://a:1"}]})"),
              ElementsAre(IsWarning("sluice.frobnicate", "without effect")));
}

TEST_F(Check, TellsOfTheBufferThatIsGone) {
  EXPECT_THAT(examine(R"({"ingestBufferSize":9,"mqttSources":[{"broker":"mqtt://a:1"}]})"),
              ElementsAre(IsWarning("ingestBufferSize", "sluice.journal.maxBytes")));
}

TEST_F(Check, TellsOfAVariableWithoutEffect) {
  variables_["MQTT_TOPIC"] = "x/#";
  EXPECT_THAT(examine(sources(kOneSource)), ElementsAre(IsWarning("MQTT_TOPIC", "MQTT_BROKER")));
}

TEST_F(Check, TakesEveryTransport) {
  EXPECT_THAT(examine(sources(R"({"broker":"ws://a"},{"broker":"wss://a/b"},)"
                              R"({"broker":"unix:///s"},{"broker":"mqtts://a:1"})")),
              IsEmpty());
}

TEST_F(Check, TellsOfTopicsThatOverlapWithinASource) {
  EXPECT_THAT(examine(sources(R"({"broker":"mqtt://a:1","topics":["meshcore/#","meshcore/+/x"]})")),
              ElementsAre(IsWarning("mqttSources[0]", "meshcore/# and meshcore/+/x")));
}

TEST_F(Check, TellsOfTopicsThatOverlapBetweenSourcesOfOneBrokerOnly) {
  EXPECT_THAT(examine(sources(R"({"broker":"mqtt://A:1"},{"name":"two","broker":"mqtt://a:1"},)"
                              R"({"broker":"mqtt://a:2"},{"broker":"mqtt://a:1","topics":["b"]})")),
              ElementsAre(IsWarning("mqttSources[1] (two)", "same broker as mqttSources[0]")));
}

TEST_F(Check, TellsOfASourceThatIsLeftOutAndKeepsTheNumbersOfTheFile) {
  EXPECT_THAT(
      examine(sources(R"({"broker":""},{"broker":"mqtts://a:1","rejectUnauthorized":false})")),
      ElementsAre(IsWarning("", "mqttSources[0].broker: expected the URL of a broker"),
                  IsWarning("mqttSources[1]", "anyone may answer")));
}

TEST_F(Check, NeverShowsAPassword) {
  load(sources(R"({"broker":"mqtt://u:hush@a:1","password":"hush","username":"u"})"));
  EXPECT_THAT(settings_text(report_, Paint(false)), Not(HasSubstr("hush")));
}

TEST_F(Check, NamesChannelKeysThatNeverFit) {
  const auto findings = examine(
      R"({"channelKeys":{"short":"abcd","odd":"xyz","good":"8b3387e9c5cdea6ac9e5edbaa115cd72"},)"
      R"("hashChannels":["test"],"mqttSources":[{"broker":"mqtt://a:1"}]})");
  EXPECT_THAT(findings, ElementsAre(IsWarning("short", "4 hex digits"), IsWarning("odd", "no")));
}

TEST_F(Check, TellsOfAGeoFilterThatFiltersNothing) {
  EXPECT_THAT(examine(R"({"geo_filter":{"latMin":1},"mqttSources":[{"broker":"mqtt://a:1"}]})"),
              ElementsAre(IsWarning("geo_filter", "everything passes")));
}

// --- paths ---

TEST_F(Check, TakesADatabaseInDirectoriesThatCanBeMade) {
  EXPECT_THAT(paths(R"({"dbPath":")" + directory_.file("a/b/c.db") + "\"}"), IsEmpty());
}

TEST_F(Check, RefusesADatabaseBelowAFile) {
  EXPECT_THAT(paths(R"({"dbPath":")" + directory_.file("config.json/x/c.db") + "\"}"),
              ElementsAre(IsProblem("dbPath", "in the way")));
}

TEST_F(Check, RefusesADirectoryAsADatabase) {
  EXPECT_THAT(paths(R"({"dbPath":")" + directory_.path().string() + "\"}"),
              ElementsAre(IsProblem("dbPath", "is a directory")));
}

TEST_F(Check, ExaminesWhatLiesBesideTheDatabase) {
  const std::string json = R"({"dbPath":")" + directory_.file("c.db") + "\"}";
  const std::string companion = directory_.file("c.db-sluice");
  std::ofstream(companion) << "a file";
  EXPECT_THAT(paths(json), ElementsAre(IsProblem("dbPath", "c.db-sluice is in the way")));
  std::filesystem::remove(companion);
  std::filesystem::create_directories(companion);
  EXPECT_THAT(paths(json), IsEmpty());
  for (const char* name : {"database.lock", "lock", "0000000001-000.journal"}) {
    std::filesystem::create_directories(companion + "/" + name);  // not even root can write that
    EXPECT_THAT(paths(json), ElementsAre(IsProblem("dbPath", name)));
    std::filesystem::remove(companion + "/" + name);
  }
}

TEST_F(Check, ExaminesTheDirectoryBesideTheDatabaseForItsRights) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const std::string companion = directory_.file("c.db-sluice");
  std::filesystem::create_directories(companion);
  std::filesystem::permissions(companion, std::filesystem::perms::owner_read);
  EXPECT_THAT(paths(R"({"dbPath":")" + directory_.file("c.db") + "\"}"),
              ElementsAre(IsProblem("dbPath", "c.db-sluice")));
  std::filesystem::permissions(companion, std::filesystem::perms::owner_all);
}

TEST_F(Check, NamesABacklogThatNobodyWouldRead) {
  std::filesystem::create_directories(directory_.file("c.db-sluice"));
  std::ofstream(directory_.file("c.db-sluice/0000000001-000.journal")) << "x";
  EXPECT_THAT(paths(R"({"dbPath":")" + directory_.file("c.db") +
                    R"(","sluice":{"journal":{"dir":":memory:"}}})"),
              ElementsAre(IsWarning("sluice.journal.dir", "in memory"),
                          IsWarning("sluice.journal.dir", "0000000001-000.journal")));
}

TEST_F(Check, MissesAChannelFileOnlyIfSomebodyNamedIt) {
  EXPECT_THAT(paths("{}"), IsEmpty());
  EXPECT_THAT(paths(R"({"channelKeysPath":"/nowhere/keys.json"})"),
              ElementsAre(IsWarning("channelKeysPath", "/nowhere/keys.json")));
  variables_["CHANNEL_KEYS_PATH"] = "/nowhere/else.json";
  EXPECT_THAT(paths("{}"), ElementsAre(IsWarning("CHANNEL_KEYS_PATH", "/nowhere/else.json")));
}

TEST_F(Check, TellsWhenTheStatsFileHasNoPlace) {
  variables_["CORESCOPE_INGESTOR_STATS"] = "/nowhere/stats.json";
  EXPECT_THAT(paths("{}"), ElementsAre(IsWarning("CORESCOPE_INGESTOR_STATS", "/nowhere")));
}

// --- connections ---

class ConnectCheckTest : public Check {
 protected:
  BrokerProbe& probe() { return check_.brokers[0]; }
  std::vector<Finding> judge() { return judge_connections(config_, check_); }

  void SetUp() override {
    load(sources(R"({"name":"lab","broker":"mqtt://a:1"})"));
    check_.brokers.resize(1);
    probe().reached = true;
    probe().logged_in = true;
    probe().topics = {{"meshcore/#", 1}};
    check_.database.exists = true;
    check_.database.auto_vacuum = 2;
  }

  ConnectCheck check_;
};

TEST_F(ConnectCheckTest, HasNothingToSayIfAllIsWell) { EXPECT_THAT(judge(), IsEmpty()); }

TEST_F(ConnectCheckTest, ABrokerThatIsAwayIsOnlyAWarning) {
  probe() = {};
  probe().problem = "Connection refused";
  EXPECT_THAT(judge(), ElementsAre(IsWarning("lab", "not reached: Connection refused")));
}

TEST_F(ConnectCheckTest, NoBrokerIsAProblemIfTheProgramWouldExit) {
  probe().logged_in = false;
  probe().problem = "not authorised";
  config_.sluice.exit_without_broker = true;
  EXPECT_THAT(judge(), Contains(IsProblem("sluice.exitWithoutBroker", "would exit")));
}

TEST_F(ConnectCheckTest, NamesTheTopicThatIsRefused) {
  probe().topics[0].granted_qos = -1;
  EXPECT_THAT(judge(), ElementsAre(IsWarning("lab", "refuses the topic meshcore/#")));
}

TEST_F(ConnectCheckTest, ADatabaseThatLacksColumnsWouldNotBeOpened) {
  check_.database.missing = {"nodes.foreign_advert"};
  EXPECT_THAT(judge(), ElementsAre(IsProblem("dbPath", "nodes.foreign_advert")));
}

TEST_F(ConnectCheckTest, AnEmptyDatabaseLacksNothing) {
  check_.database.fresh = true;
  check_.database.auto_vacuum = 0;
  check_.database.missing = {"table nodes"};
  EXPECT_THAT(judge(), IsEmpty());
}

TEST_F(ConnectCheckTest, ALockThatStaysHeldIsWaitedFor) {
  check_.database.write_lock = WriteLock::kHeld;
  EXPECT_THAT(judge(), ElementsAre(IsWarning("dbPath", "write lock")));
  check_.database.write_lock = WriteLock::kUnknown;
  check_.database.locked = true;
  EXPECT_THAT(judge(), ElementsAre(IsWarning("dbPath", "write lock")));
}

TEST_F(ConnectCheckTest, AnotherSluiceIsAProblem) {
  load(R"({"dbPath":")" + directory_.file("c.db") + R"(","sluice":{"journal":{"dir":")" +
       directory_.file("journals") + R"("}},"mqttSources":[{"broker":"mqtt://127.0.0.1:1"}]})");
  const std::string self = "process " + std::to_string(getpid());
  EXPECT_THAT(check_connections(config_).findings,
              Not(Contains(Field(&Finding::severity, Severity::kProblem))));
  {
    const FileLock lock = lock_database(config_);
    EXPECT_THAT(check_connections(config_).findings, Contains(IsProblem("dbPath", self)));
  }
  const FileLock lock(directory_.file("journals") + "/lock");
  EXPECT_THAT(check_connections(config_).findings, Contains(IsProblem("sluice.journal.dir", self)));
}

TEST_F(ConnectCheckTest, TellsWhichIndexesTheNextStartBuildsOrDrops) {
  check_.database.redundant_present = {"idx_a"};
  check_.database.redundant_missing = {"idx_b"};
  config_.sluice.indexes = Indexes::kFull;
  EXPECT_THAT(
      connections_text(config_, check_, Paint(false)),
      AllOf(HasSubstr("the next start builds, which takes a while on a large file: idx_b\n"),
            Not(HasSubstr("drops"))));
  config_.sluice.indexes = Indexes::kLean;
  EXPECT_THAT(connections_text(config_, check_, Paint(false)),
              AllOf(HasSubstr("the next start drops: idx_a\n"), Not(HasSubstr("builds"))));
}

TEST_F(ConnectCheckTest, LittleSpaceIsAWarning) {
  check_.free_bytes = 100 << 20;
  EXPECT_THAT(judge(), ElementsAre(IsWarning("dbPath", "100 MiB")));
}

TEST_F(ConnectCheckTest, NobodyAtTheAddressIsFoundOut) {
  // Port 1 on this machine: reserved, and nothing listens there.
  MqttOptions options;
  options.host = "127.0.0.1";
  options.port = 1;
  const BrokerProbe probe = probe_broker(options);
  EXPECT_FALSE(probe.reached);
  EXPECT_THAT(probe.problem, HasSubstr("refused"));
}

// --- text ---

TEST_F(Check, ShowsWhereAValueComesFrom) {
  variables_["DB_PATH"] = "/x.db";
  load(R"({"groupCommitMs":5})");
  const std::string text = settings_text(report_, Paint(false));
  EXPECT_THAT(text, testing::ContainsRegex("dbPath +/x.db +DB_PATH"));
  EXPECT_THAT(text, testing::ContainsRegex("groupCommitMs +5 +file"));
  EXPECT_THAT(text, testing::ContainsRegex("groupCommitMaxRows +1000 +default"));
  EXPECT_THAT(text, testing::ContainsRegex("topics +meshcore/# +default"));
}

TEST_F(Check, ShowsThePlaceOfEachRoleOfThreads) {
  load(R"({"sluice":{"threads":{"write":{"cpus":[0,1],"policy":"batch"}}}})");
  const std::string text = settings_text(report_, Paint(false));
  EXPECT_THAT(text, testing::ContainsRegex("sluice.threads.write +CPUs 0-1; batch +file"));
  EXPECT_THAT(text, testing::ContainsRegex("sluice.threads.feed +– +default"));
}

TEST(CheckText, PutsProblemsFirst) {
  const std::vector<Finding> findings{{Severity::kWarning, "a", "one"},
                                      {Severity::kProblem, "b", "two"}};
  EXPECT_EQ(findings_text(findings, Paint(false)), "\nFindings\n  ✗ b: two\n  ! a: one\n");
  EXPECT_EQ(verdict_text(findings, Paint(false)), "\nWould not run (1 problem, 1 warning)\n");
  EXPECT_FALSE(would_run(findings));
}

TEST(CheckText, WarningsDoNotKeepItFromRunning) {
  const std::vector<Finding> findings{{Severity::kWarning, "a", "x\ny\x1b[0m"}};
  EXPECT_TRUE(would_run(findings));
  EXPECT_THAT(findings_text(findings, Paint(false)), HasSubstr("x?y?[0m"));
}

TEST(CheckText, HasColoursOnATerminalOnly) {
  EXPECT_EQ(verdict_text({}, Paint(false)), "\nWould run\n");
  EXPECT_EQ(verdict_text({}, Paint(true)), "\n\033[32mWould run\033[0m\n");
}

TEST(CheckCommandLine, TakesAConfigAndConnect) {
  std::string words[] = {"sluice", "check", "-config", "x.json", "--connect"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  const CommandLine line = parse_command_line(static_cast<int>(arguments.size()), arguments.data());
  const auto* check = std::get_if<CheckCommand>(&line);
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->config_path, "x.json");
  EXPECT_TRUE(check->connect);
}

}  // namespace
}  // namespace sluice
