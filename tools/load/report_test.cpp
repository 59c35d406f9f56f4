#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "command_text.h"
#include "load_report.h"
#include "number_text.h"
#include "stats_file.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

StepResult step_at(double rate, StepVerdict verdict) {
  StepResult step;
  step.wanted_rate = step.published_rate = rate;
  step.published = 1000;
  step.latency = {0.5, 1.5, 2};
  step.verdict = verdict;
  if (verdict != StepVerdict::kHeld) step.reason = "too much <is> too much";
  return step;
}

LoadReport searched_report() {
  LoadReport report;
  report.searched = true;
  report.network_rate = 250;
  report.highest_held = 20'000;
  report.lowest_failed = 22'000;
  report.steps = {step_at(20'000, StepVerdict::kHeld), step_at(22'000, StepVerdict::kBehind)};
  return report;
}

TEST(VerdictText, SaysWhatTheMachineCarries) {
  EXPECT_EQ(verdict_text(searched_report()),
            "This machine carries 20,000 messages a second without loss. Your network at 250 a "
            "second uses 1.2 % of it. At 22,000 a second too much <is> too much.");
}

TEST(VerdictText, IsCarefulIfThePublisherWasTheLimit) {
  LoadReport report = searched_report();
  report.steps.back().verdict = StepVerdict::kPublisherLimit;
  EXPECT_THAT(verdict_text(report), StartsWith("This machine carries at least 20,000"));
  EXPECT_THAT(verdict_text(report), HasSubstr("is more, and not known"));
}

TEST(VerdictText, IsCarefulIfNothingFailed) {
  LoadReport report = searched_report();
  report.lowest_failed.reset();
  EXPECT_THAT(verdict_text(report), HasSubstr("at least 20,000"));
}

TEST(VerdictText, SaysThatNothingHeld) {
  LoadReport report = searched_report();
  report.highest_held.reset();
  EXPECT_THAT(verdict_text(report), StartsWith("No rate held, not even 22,000"));
  EXPECT_FALSE(report.good());
}

TEST(VerdictText, OfOneRate) {
  LoadReport report;
  report.steps = {step_at(100, StepVerdict::kHeld)};
  EXPECT_EQ(verdict_text(report),
            "100 messages a second hold: all 1,000 published messages are accounted for, visible "
            "after 500 ms (half of them) to 1.5 s (99 %).");
  EXPECT_TRUE(report.good());
  report.vanished_rows = 3;
  EXPECT_FALSE(report.good());
  EXPECT_THAT(verdict_text(report), HasSubstr("3 rows that were there are gone"));
}

/// What comes from outside, at its worst.
LoadReport hostile_report() {
  LoadReport report = searched_report();
  const std::string evil = "<script src=\"//x\">&'\x01\xff";
  report.command_line = report.machine.cpu = report.ingestor = report.fault = evil;
  StepResult& step = report.steps.front();
  step.missing_by_region[evil] = 1;
  step.missing_examples = {evil};
  step.ingestor = IngestorDelta{};
  step.ingestor->has_own = true;
  step.ingestor->rejected[evil] = 1;
  TimelinePoint point;
  point.queues = {{evil, 3}};
  point.lock_hold.p99 = 4.5;
  report.timeline = {point, point};
  report.latencies = {{0, {0.1, 0.2, 0.3}}};
  return report;
}

TEST(ReportHtml, EscapesEverything) {
  const std::string html = report_html(hostile_report());
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("&lt;script"));
  EXPECT_THAT(html, Not(HasSubstr("http")));
}

TEST(ReportHtml, ExistsWithoutAnything) {
  const std::string html = report_html({});
  EXPECT_THAT(html, HasSubstr("Nothing was measured."));
  EXPECT_THAT(html, HasSubstr("</html>"));
}

TEST(ReportJson, IsJsonWhateverHappened) {
  for (const LoadReport& report : {hostile_report(), searched_report(), LoadReport{}}) {
    simdjson::dom::parser parser;
    simdjson::dom::object json;
    ASSERT_EQ(parser.parse(report_json(report)).get(json), simdjson::SUCCESS);
    bool good = true;
    ASSERT_EQ(json["good"].get(good), simdjson::SUCCESS);
    EXPECT_EQ(good, report.good());
  }
}

std::string command_of(const std::vector<const char*>& arguments) {
  return command_text(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandText, HidesPasswords) {
  for (const auto& arguments :
       std::vector<std::vector<const char*>>{{"load", "-P", "secret"},
                                             {"load", "-Psecret"},
                                             {"load", "--password", "secret"},
                                             {"load", "--password=secret"},
                                             {"load", "-b", "mqtt://me:secret@host:1"},
                                             {"load", "--broker=mqtt://me:sec@secret@host"},
                                             {"load", "-bme:secret@host"}}) {
    EXPECT_THAT(command_of(arguments), Not(HasSubstr("secret"))) << arguments[1];
    EXPECT_THAT(command_of(arguments), HasSubstr("***"));
  }
}

TEST(CommandText, CanBeTypedAgain) {
  EXPECT_EQ(command_of({"load", "my file", "it's", ""}), "load 'my file' 'it'\\''s' ''");
}

TEST(NumberText, IsForPeople) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1,000");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
  EXPECT_EQ(rate_text(0.5), "0.5");
  EXPECT_EQ(rate_text(12'345.6), "12,346");
  EXPECT_EQ(rate_text(kUnknown), "-");
  EXPECT_EQ(duration_text(0.0424), "42 ms");
  EXPECT_EQ(duration_text(2.25), "2.2 s");
  EXPECT_EQ(number_text(kUnknown), "-");
}

TEST(StatsFile, ReadsSluicesNumbers) {
  const auto sample = StatsFile::parse(R"({"sampledAt":"2026-01-01T00:00:00Z","obs_inserted":5,
    "walCommits":7,"sluice":{"version":"1","sources":[
      {"name":"a","received":10,"committed":4,"merged":3,"rejected":{"x":1},"dropped":{},"inFlight":2},
      {"name":"b","received":1,"rejected":{"x":2,"y":5},"dropped":{"z":1}}],
    "windows":{"transactions":9},"latencyMs":{"writeLock":{"p50":1.5,"p95":2,"p99":3,"max":4}},
    "queues":[{"name":"q","batches":6}],"disk":{"walSyncs":1,"databaseSyncs":2,"otherSyncs":3}}})");
  ASSERT_TRUE(sample.has_value());
  EXPECT_TRUE(sample->has_own);
  EXPECT_EQ(sample->received, 11U);
  EXPECT_EQ(sample->in_flight, 2U);
  EXPECT_EQ(sample->rejected_total(), 8U);
  EXPECT_EQ(sample->dropped_total(), 1U);
  EXPECT_EQ(sample->transactions, 9U);
  EXPECT_EQ(sample->syncs, 6U);
  EXPECT_EQ(sample->lock_hold.p99, 3);
  ASSERT_EQ(sample->queues.size(), 1U);
  EXPECT_EQ(sample->queues[0].second, 6);
}

TEST(StatsFile, ReadsWhatEveryIngestorHas) {
  const auto sample = StatsFile::parse(
      R"({"obs_inserted":5,"writer_perf":{"mqtt_handler":{"hold_ms_p50":1,"hold_ms_p99":8.5}}})");
  ASSERT_TRUE(sample.has_value());
  EXPECT_FALSE(sample->has_own);
  EXPECT_EQ(sample->observations_inserted, 5U);
  EXPECT_EQ(sample->lock_hold.p99, 8.5);
}

TEST(StatsFile, SurvivesAnyFile) {
  for (const char* text : {"", "[]", "{", "null", R"({"sluice":[]})", R"({"sluice":{"sources":7}})",
                           R"({"sluice":{"sources":[3,{"received":"x","rejected":[]}]}})"}) {
    static_cast<void>(StatsFile::parse(text));
  }
  EXPECT_FALSE(StatsFile::parse("{").has_value());
  EXPECT_FALSE(StatsFile("/nowhere/at/all").read().has_value());
}

}  // namespace
}  // namespace sluice
