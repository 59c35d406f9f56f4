// A companion bridge's text names the observer `companion`, and makes no row for it. Where somebody
// else has made one, what the text finds depends on what came before it: in one window as in many.

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/stepped_pipeline.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kText = R"({"text":"Al: hi"})";

class CompanionLink : public ::testing::TestWithParam<std::chrono::milliseconds> {
 protected:
  void say(const std::string& payload = kText) {
    pipeline_.take_in({"meshcore/message/channel/0", payload});
  }
  void observer_reports(std::uint32_t n) { pipeline_.take_in(text_message(n, "companion")); }

  std::vector<std::string> finish_and_query(const std::string& sql) {
    pipeline_.finish();
    return OtherConnection(pipeline_.db_path()).rows(sql);
  }

  SteppedPipeline pipeline_{{.window = GetParam()}};
};

TEST_P(CompanionLink, MakesNoObserver) {
  say();
  say();
  EXPECT_EQ(finish_and_query(
                "SELECT transmission_id, observer_idx, raw_hex FROM observations ORDER BY id"),
            (std::vector<std::string>{"1|NULL|NULL", "1|NULL|NULL"}));
  EXPECT_EQ(OtherConnection(pipeline_.db_path()).count("observers"), 0);
}

TEST_P(CompanionLink, FindsTheObserverThatWasThereBefore) {
  observer_reports(1);
  say();
  say(R"({"text":"Al: hi","SNR":5})");
  EXPECT_EQ(
      finish_and_query("SELECT transmission_id, observer_idx, snr FROM observations ORDER BY id"),
      (std::vector<std::string>{"1|1|NULL", "2|1|5.0"}));
  EXPECT_EQ(pipeline_.account().write.merged.value(), 1U);
  EXPECT_EQ(OtherConnection(pipeline_.db_path()).value("SELECT packet_count FROM observers"), "1");
}

TEST_P(CompanionLink, DoesNotFindTheObserverThatComesLater) {
  say();
  observer_reports(1);
  say();
  EXPECT_EQ(finish_and_query("SELECT transmission_id, observer_idx FROM observations ORDER BY id"),
            (std::vector<std::string>{"1|NULL", "2|1", "1|1"}));
}

TEST_P(CompanionLink, TouchesAnObserverOfAnEarlierWindow) {
  observer_reports(1);
  pipeline_.advance(10s);
  say(R"({"text":"later"})");
  EXPECT_EQ(finish_and_query("SELECT last_seen = last_packet_at, last_seen > first_seen,"
                             " packet_count, name FROM observers"),
            std::vector<std::string>{"1|1|1|Observer One"});
}

INSTANTIATE_TEST_SUITE_P(Windows, CompanionLink, ::testing::Values(0ms, 1000ms),
                         [](const auto& instance) {
                           return instance.param == 0ms ? "PerRecord" : "OneSecond";
                         });

}  // namespace
}  // namespace sluice::test
