#include "app/file_limits.h"

#include <fstream>

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace sluice {
namespace {

LimitsConfig limits_with(const std::string& json) {
  const test::TempDir directory;
  const std::string path = directory.file("config.json");
  std::ofstream(path) << json;
  LoadReport report;
  const auto nothing_set = [](const std::string&) { return std::optional<std::string>(); };
  Config config = load_config(path, nothing_set, &report);
  lift_default_limits(report, config.sluice.limits);
  return config.sluice.limits;
}

constexpr LimitsConfig kNone{.observer_messages_per_minute = 0,
                             .new_observers_per_hour = 0,
                             .new_nodes_per_hour = 0,
                             .dropped_packets_per_hour = 0};

TEST(FileLimits, AreNoneThatNobodyAskedFor) {
  LimitsConfig without_file;
  lift_default_limits({}, without_file);
  EXPECT_EQ(without_file, kNone);
  EXPECT_EQ(limits_with("{}"), kNone);
}

TEST(FileLimits, AreThoseOfTheFile) {
  LimitsConfig one = kNone;
  one.new_observers_per_hour = 10'000;  // the default's own value, but asked for
  EXPECT_EQ(limits_with(R"({"sluice": {"limits": {"newObserversPerHour": 10000}}})"), one);
  EXPECT_EQ(limits_with(R"({"sluice": {"limits": {"observerMessagesPerMinute": 1,
                "newObserversPerHour": 2, "newNodesPerHour": 3, "droppedPacketsPerHour": 4}}})"),
            (LimitsConfig{.observer_messages_per_minute = 1,
                          .new_observers_per_hour = 2,
                          .new_nodes_per_hour = 3,
                          .dropped_packets_per_hour = 4}));
}

}  // namespace
}  // namespace sluice
