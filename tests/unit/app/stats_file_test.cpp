#include "app/stats_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/stat.h>

#include "app/proc_io.h"
#include "app/stats_json.h"
#include "app/writer_perf.h"
#include "support/stepped_pipeline.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using test::SteppedPipeline;
using test::TempDir;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A parsed text that keeps what its elements point into.
class Json {
 public:
  explicit Json(std::string_view text) : root_(parser_.parse(simdjson::padded_string(text))) {}

  [[nodiscard]] simdjson::dom::element operator[](std::string_view pointer) const {
    return root_.at_pointer(pointer);
  }
  [[nodiscard]] std::vector<std::string> keys(std::string_view pointer = "") const {
    std::vector<std::string> keys;
    for (const auto field : simdjson::dom::object(root_.at_pointer(pointer)))
      keys.emplace_back(field.key);
    return keys;
  }
  [[nodiscard]] std::int64_t integer(std::string_view pointer) const {
    return std::int64_t((*this)[pointer]);
  }
  [[nodiscard]] std::string text(std::string_view pointer) const {
    return std::string(std::string_view((*this)[pointer]));
  }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

/// Types as a reader in another language tells them apart: whole numbers may be written as such
/// even where a fraction could stand.
std::string kind_of(const simdjson::dom::element& element) {
  if (element.is_number()) return "number";
  if (element.is_string()) return "string";
  if (element.is_bool()) return "bool";
  if (element.is_array()) return "list";
  return element.is_object() ? "object" : "null";
}

/// Every key that the sample has in these objects is there, in that order and of that type.
void ExpectSameShape(const Json& ours, const Json& sample, const std::string& object) {
  SCOPED_TRACE(object);
  EXPECT_THAT(ours.keys(object), ElementsAreArray(sample.keys(object)));
  for (const std::string& key : sample.keys(object)) {
    const std::string pointer = object + "/" + key;
    EXPECT_EQ(kind_of(ours[pointer]), kind_of(sample[pointer])) << pointer;
  }
}

StatsMoment moment_with(std::vector<StatsSource> sources) {
  StatsMoment moment;
  moment.now = test::kTestEpoch;
  moment.uptime = 90s;
  moment.sources = std::move(sources);
  moment.proc_io = ProcIoRates{1.5, 2, 0, 3, 0.25};
  return moment;
}

StatsSource bench_source() {
  StatsSource source;
  source.tag = "bench";
  source.broker = "tcp://127.0.0.1:18830";
  source.status.connected = true;
  source.status.packets = 5;
  return source;
}

// --- content ---

TEST(StatsJson, HasTheKeysAndTypesOfTheReferenceInItsOrder) {
  SteppedPipeline pipeline;
  pipeline.take_in(test::text_message(1));
  pipeline.advance(1s);
  const Json ours(stats_json(pipeline.pipeline(), moment_with({bench_source()})));
  const Json sample(content_of(fs::path(SLUICE_SOURCE_ROOT) / "tests/data/stats-sample.json"));

  std::vector<std::string> keys = sample.keys();
  keys.emplace_back("sluice");
  EXPECT_THAT(ours.keys(), ElementsAreArray(keys));
  for (const std::string& key : sample.keys())
    EXPECT_EQ(kind_of(ours["/" + key]), kind_of(sample["/" + key])) << key;
  ExpectSameShape(ours, sample, "/procIO");
  ExpectSameShape(ours, sample, "/writer_perf/mqtt_handler");
  ExpectSameShape(ours, sample, "/source_liveness/bench");
  ExpectSameShape(ours, sample, "/source_statuses/0");
}

TEST(StatsJson, CountsWhatThePipelineDid) {
  SteppedPipeline pipeline;
  pipeline.take_in(test::text_message(1, "A"));
  pipeline.take_in(test::text_message(1, "B"));
  pipeline.advance(1s);
  pipeline.take_in(test::text_message(2, "A"));
  pipeline.advance(1s);
  const Json json(stats_json(pipeline.pipeline(), moment_with({})));
  EXPECT_EQ(json.integer("/tx_inserted"), 2);
  EXPECT_EQ(json.integer("/obs_inserted"), 3);
  EXPECT_EQ(json.integer("/tx_dupes"), 1);
  EXPECT_EQ(json.integer("/groupCommitFlushes"), 2);
  EXPECT_EQ(json.integer("/walCommits"), 2);
  EXPECT_EQ(json.integer("/writer_perf/mqtt_handler/count"), 2);
  EXPECT_EQ(json.integer("/sluice/sources/0/received"), 3);
  EXPECT_EQ(json.integer("/sluice/sources/0/committed"), 3);
  EXPECT_EQ(json.integer("/sluice/uptimeSec"), 90);
}

TEST(StatsJson, TellsHowLongWindowsWaitForTheDatabase) {
  SteppedPipeline pipeline;
  pipeline.take_in(test::text_message(1));
  pipeline.advance(1s);
  pipeline.take_in(test::text_message(2));
  pipeline.other().execute("BEGIN IMMEDIATE");
  pipeline.advance(980ms);  // it is due
  pipeline.advance(150ms);
  pipeline.other().execute("ROLLBACK");
  pipeline.advance(500ms);
  pipeline.take_in(test::text_message(3));
  pipeline.advance(1040ms);  // due for 60 ms before anybody looks
  const Json json(stats_json(pipeline.pipeline(), moment_with({})));
  EXPECT_EQ(json.integer("/writer_perf/mqtt_handler/count"), 3);
  EXPECT_EQ(json.integer("/writer_perf/mqtt_handler/contention_total"), 1);
  EXPECT_EQ(kind_of(json["/writer_perf/mqtt_handler/wait_ms_p50"]), "number");
  EXPECT_GE(double(json["/writer_perf/mqtt_handler/wait_ms_max"]), 150.0);
  EXPECT_LT(double(json["/writer_perf/mqtt_handler/wait_ms_p50"]), 100.0);
}

TEST(StatsJson, NamesTheReasonsOfRejects) {
  SteppedPipeline pipeline;
  pipeline.take_in({.topic = "meshcore/SJC/OBS1/packets", .payload = "no json"});
  pipeline.advance(1s);
  const Json json(stats_json(pipeline.pipeline(), moment_with({})));
  EXPECT_EQ(json.integer("/sluice/sources/0/rejected/malformed_json"), 1);
}

TEST(StatsJson, CountsEveryCommitOnce) {
  SteppedPipeline pipeline;
  pipeline.take_in(test::text_message(1, "A"));
  pipeline.advance(1s);
  pipeline.take_in({.topic = "t", .payload = "no json"});
  pipeline.advance(1s);
  pipeline.advance(10s);  // its position is stored by itself
  const Json json(stats_json(pipeline.pipeline(), moment_with({})));
  EXPECT_EQ(json.integer("/groupCommitFlushes"), 1);
  EXPECT_EQ(json.integer("/walCommits"), 2);
}

TEST(StatsJson, LeavesOutWhatHasNoData) {
  SteppedPipeline pipeline;
  StatsMoment moment;
  moment.now = test::kTestEpoch;
  const Json json(stats_json(pipeline.pipeline(), moment));
  EXPECT_THAT(json.keys(),
              ElementsAre("sampledAt", "tx_inserted", "obs_inserted", "tx_dupes", "node_upserts",
                          "observer_upserts", "write_errors", "sig_drops", "walCommits",
                          "groupCommitFlushes", "backfillUpdates", "sluice"));
}

TEST(StatsJson, ShowsTheWatchdogBeforeOurOwnObject) {
  SteppedPipeline pipeline;
  StatsMoment moment = moment_with({});
  moment.watchdog_last_tick_unix = 1767225600;
  moment.watchdog_faults = 2;
  const Json json(stats_json(pipeline.pipeline(), moment));
  EXPECT_EQ(json.integer("/watchdogLastTickUnix"), 1767225600);
  EXPECT_EQ(json.integer("/watchdogPanicCount"), 2);
  EXPECT_EQ(json.keys().back(), "sluice");
}

TEST(StatsJson, SampleTimesAreTheSameText) {
  SteppedPipeline pipeline;
  const Json json(stats_json(pipeline.pipeline(), moment_with({})));
  EXPECT_EQ(json.text("/sampledAt"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(json.text("/procIO/sampledAt"), "2026-01-01T00:00:00Z");
}

TEST(StatsJson, IsValidWhateverNamesContain) {
  SteppedPipeline pipeline;
  StatsSource source = bench_source();
  source.tag = "q\"b\\s\n\x01\xff/€";
  source.broker = "tcp://\"";
  source.status.last_error = "why\t\"so\"";
  const Json json(stats_json(pipeline.pipeline(), moment_with({source})));
  EXPECT_EQ(json.text("/source_statuses/0/name"), "q\"b\\s\n\x01\xef\xbf\xbd/€");
  EXPECT_EQ(json.text("/source_statuses/0/lastError"), "why\t\"so\"");
  EXPECT_EQ(json.keys("/source_liveness"), std::vector<std::string>{"q\"b\\s\n\x01\xef\xbf\xbd/€"});
}

TEST(StatsJson, SourcesOfOneTagShareAnEntry) {
  StatsSource first = bench_source();
  first.status.connected = false;
  first.status.last_packet_unix = 20;
  first.status.last_error = "gone";
  StatsSource second = bench_source();
  second.broker = "tcp://elsewhere:1883";
  second.status.last_packet_unix = 10;
  const std::vector<StatsSource> shared = shared_by_tag({first, second});
  ASSERT_EQ(shared.size(), 1U);
  EXPECT_EQ(shared[0].broker, first.broker);
  EXPECT_TRUE(shared[0].status.connected);
  EXPECT_EQ(shared[0].status.last_packet_unix, 20);
  EXPECT_EQ(shared[0].status.packets, 10U);
  EXPECT_EQ(shared[0].status.last_error, "gone");
}

// --- file ---

class StatsFileTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return directory_.file("stats.json"); }
  [[nodiscard]] std::string temporary() const { return path() + ".tmp"; }
  void publish(std::string_view content) { StatsFile(path()).publish(content); }

  TempDir directory_;
};

TEST_F(StatsFileTest, IsReplacedWholeAndReadableByTheOwnerOnly) {
  publish("a long first content");
  publish("short");
  EXPECT_EQ(content_of(path()), "short");
  EXPECT_FALSE(fs::exists(temporary()));
  struct stat status {};
  ASSERT_EQ(stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(StatsFileTest, ReplacesALinkAtItsPlace) {
  std::ofstream(directory_.file("victim")) << "precious";
  fs::create_symlink(directory_.file("victim"), path());
  publish("stats");
  EXPECT_FALSE(fs::is_symlink(path()));
  EXPECT_EQ(content_of(path()), "stats");
  EXPECT_EQ(content_of(directory_.file("victim")), "precious");
}

TEST_F(StatsFileTest, FollowsNoLinkAtTheTemporaryName) {
  std::ofstream(directory_.file("victim")) << "precious";
  fs::create_symlink(directory_.file("victim"), temporary());
  publish("stats");
  EXPECT_EQ(content_of(directory_.file("victim")), "precious");
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(StatsFileTest, HarmsNoFileThatHasASecondName) {
  std::ofstream(directory_.file("victim")) << "precious";
  fs::create_hard_link(directory_.file("victim"), temporary());
  publish("stats");
  EXPECT_EQ(content_of(directory_.file("victim")), "precious");
}

TEST_F(StatsFileTest, WaitsForNoPipe) {
  ASSERT_EQ(mkfifo(temporary().c_str(), 0600), 0);
  publish("stats");
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(StatsFileTest, SurvivesADirectoryThatIsNotThere) {
  StatsFile(directory_.file("none/stats.json")).publish("stats");
}

TEST_F(StatsFileTest, GoesOnOnceTheObstacleIsGone) {
  fs::create_directory(temporary());
  StatsFile file(path());
  file.publish("one");
  EXPECT_FALSE(fs::exists(path()));
  fs::remove(temporary());
  file.publish("two");
  EXPECT_EQ(content_of(path()), "two");
}

// --- process I/O ---

constexpr std::string_view kIoText =
    "rchar: 1\nwchar: 2\nsyscr: 30\nsyscw: 40\nread_bytes: 100\nwrite_bytes: 200\n"
    "cancelled_write_bytes: 5\n";

TEST(ProcIo, FindsTheFiveCountersWhereverTheyStand) {
  const ProcIoCounts counts = parse_proc_io(kIoText);
  EXPECT_THAT(counts.values, ElementsAre(100U, 200U, 5U, 30U, 40U));
}

TEST(ProcIo, PassesOverWhatIsNoNumber) {
  const ProcIoCounts counts = parse_proc_io("read_bytes: x\nwrite_bytes:\nsyscr: 7");
  EXPECT_THAT(counts.values, ElementsAre(std::nullopt, std::nullopt, std::nullopt,
                                         std::optional<std::uint64_t>(7), std::nullopt));
}

TEST(ProcIoMeter, GivesRatesFromTheSecondSampleOn) {
  ProcIoMeter meter;
  const MonoTime start{1h};
  EXPECT_FALSE(meter.measure(parse_proc_io(kIoText), start));
  ProcIoCounts later = parse_proc_io(kIoText);
  later.values[1] = 1200;
  const auto rates = meter.measure(later, start + 2s);
  ASSERT_TRUE(rates);
  EXPECT_THAT(*rates, ElementsAre(0, 500, 0, 0, 0));
}

TEST(ProcIoMeter, IsSilentWithinAMillisecondAndWithoutCounters) {
  ProcIoMeter meter;
  const MonoTime start{1h};
  EXPECT_FALSE(meter.measure(parse_proc_io(kIoText), start));
  EXPECT_FALSE(meter.measure(parse_proc_io(kIoText), start + 999us));
  EXPECT_FALSE(meter.measure(ProcIoCounts{}, start + 2s));
  EXPECT_FALSE(meter.measure(parse_proc_io(kIoText), start + 3s));
  EXPECT_TRUE(meter.measure(parse_proc_io(kIoText), start + 4s));
}

}  // namespace
}  // namespace sluice
