#include "config/load_threads.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/config_fixture.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LoadThreads : public ConfigFixture {
 protected:
  ThreadsConfig threads(const std::string& json) {
    return load(R"({"sluice": {"threads": )" + json + "}}").sluice.threads;
  }
  /// What is refused of the role `write`.
  std::string refusal_of(const std::string& json) {
    return error_of(R"({"sluice": {"threads": {"write": )" + json + "}}}");
  }
  [[nodiscard]] Setting row(const std::string& role) const {
    for (const Setting& setting : report_.settings)
      if (setting.key == "sluice.threads." + role) return setting;
    ADD_FAILURE() << role << " is not in the report";
    return {};
  }
};

TEST_F(LoadThreads, AreLeftAsTheyAreByDefault) {
  for (const char* json : {"null", "{}", R"({"write": null, "feed": {}})",
                           R"({"write": {"cpus": [], "nice": null, "policy": null}})",
                           R"({"write": {"cpus": "", "policy": "", "priority": null}})"}) {
    EXPECT_EQ(threads(json), ThreadsConfig{}) << json;
    EXPECT_EQ(row("write").value, "") << json;
    EXPECT_EQ(row("write").origin, Origin::kDefault) << json;
  }
}

TEST_F(LoadThreads, TakeCpusAsAListOrAsText) {
  EXPECT_THAT(threads(R"({"receive": {"cpus": [3, 0, null, 3]}})").receive.cpus, ElementsAre(0, 3));
  EXPECT_THAT(threads(R"({"decode": {"cpus": "0-2,6"}})").decode.cpus, ElementsAre(0, 1, 2, 6));
  EXPECT_THAT(threads(R"({"decode": {"cpus": "0-2,6"}})").receive.cpus, IsEmpty());
}

TEST_F(LoadThreads, TakeEveryPolicy) {
  EXPECT_EQ(threads(R"({"feed": {"policy": "other", "nice": -20}})").feed,
            (ThreadConfig{.nice = -20, .policy = SchedulingPolicy::kOther}));
  EXPECT_EQ(threads(R"({"journal": {"policy": "batch", "nice": 19}})").journal,
            (ThreadConfig{.nice = 19, .policy = SchedulingPolicy::kBatch}));
  EXPECT_EQ(threads(R"({"dedup": {"policy": "fifo", "priority": 1}})").dedup,
            (ThreadConfig{.policy = SchedulingPolicy::kFifo, .priority = 1}));
  EXPECT_EQ(threads(R"({"write": {"policy": "rr", "priority": 99}})").write,
            (ThreadConfig{.policy = SchedulingPolicy::kRoundRobin, .priority = 99}));
}

TEST_F(LoadThreads, RefuseWhatIsWrongOnEveryMachine) {
  struct Case {
    const char* json;
    const char* message;
  };
  for (const Case& one : {
           Case{R"({"cpus": "3-1"})",
                ".cpus\": expected CPU numbers from 0 to 1023, such as 0-3,6, found \"3-1\""},
           Case{R"({"cpus": [0, -1]})", ".cpus\": expected CPU numbers from 0 to 1023"},
           Case{R"({"cpus": [1024]})", "found \"1024\""},
           Case{R"({"cpus": [0, "1"]})", ".cpus[1]\": expected an integer, found a string"},
           Case{R"({"nice": -21})", ".nice\": expected -20 to 19, found -21"},
           Case{R"({"nice": 20})", ".nice\": expected -20 to 19, found 20"},
           Case{R"({"policy": "realtime"})",
                ".policy\": expected other, batch, fifo or rr, found \"realtime\""},
           Case{R"({"policy": "fifo", "priority": 0})", ".priority\": expected 1 to 99, found 0"},
           Case{R"({"policy": "rr", "priority": 100})", ".priority\": expected 1 to 99"},
           Case{R"({"policy": "fifo"})", ".policy\": fifo and rr need a priority"},
           Case{R"({"policy": "batch", "priority": 5})", ".priority\": only the policies fifo"},
           Case{R"({"priority": 5})", ".priority\": only the policies fifo and rr"},
           Case{R"({"policy": "rr", "priority": 5, "nice": 1})", ".nice\": the policies fifo"},
       }) {
    EXPECT_THAT(refusal_of(one.json), HasSubstr("key \"sluice.threads.write")) << one.json;
    EXPECT_THAT(refusal_of(one.json), HasSubstr(one.message)) << one.json;
  }
}

TEST_F(LoadThreads, RemarkOnRolesAndKeysThatThereAreNot) {
  (void)threads(R"({"writer": {}, "write": {"priorty": 1}})");
  EXPECT_THAT(report_.notes, testing::IsSupersetOf({HasSubstr("sluice.threads.writer:"),
                                                    HasSubstr("sluice.threads.write.priorty:")}));
  ASSERT_EQ(report_.unknown_keys.size(), 2U);
  EXPECT_EQ(report_.unknown_keys[0].meant, "sluice.threads.write");
  EXPECT_EQ(report_.unknown_keys[1].meant, "sluice.threads.write.priority");
}

TEST_F(LoadThreads, AreARowEachInTheReport) {
  (void)threads(R"({"write": {"cpus": [2, 3, 5], "policy": "fifo", "priority": 10},
                    "feed": {"cpus": "1", "nice": 0}, "decode": {"policy": "batch"}})");
  EXPECT_EQ(row("write").value, "CPUs 2-3,5; fifo 10");
  EXPECT_EQ(row("write").origin, Origin::kFile);
  EXPECT_EQ(row("feed").value, "CPUs 1; nice 0");
  EXPECT_EQ(row("decode").value, "batch");
  EXPECT_EQ(row("dedup").value, "");
  for (const Setting& setting : report_.settings)
    EXPECT_THAT(setting.key, testing::Not(testing::EndsWith(".cpus")));
}

}  // namespace
}  // namespace sluice
