// The golden scenarios, from the message to the tables: whatever the windows, Sluice leaves what
// the Go ingestor leaves, but for the deviations that scenario_deviations.cpp lists one by one.

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <regex>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario_compare.h"
#include "scenario_deviations.h"
#include "scenario_file.h"
#include "scenario_run.h"

namespace sluice::test {

static void PrintTo(const Windows& windows, std::ostream* out) { *out << windows.name; }

namespace {

using namespace std::chrono_literals;

struct Case {
  const char* name;
  bool shared = false;  ///< lies next to the repository, not in it
  /// Has ticks, which are not run: neighbour edges and resolved paths are not compared.
  bool ticks = false;
};

void PrintTo(const Case& scenario, std::ostream* out) { *out << scenario.name; }

const Windows kPerRecord{.name = "PerRecord", .length = 0ms};
const Windows kOneWindow{
    .name = "OneWindow", .length = 1h, .max_packets = 1'000'000, .decode_workers = 3};
const Windows kThreePackets{.name = "ThreePackets", .length = 1h, .max_packets = 3};

class ScenarioTest : public ::testing::TestWithParam<std::tuple<Case, Windows>> {
 protected:
  [[nodiscard]] static const Case& which() { return std::get<0>(GetParam()); }

  [[nodiscard]] static std::filesystem::path file() {
    const std::filesystem::path root(SLUICE_SOURCE_ROOT);
    const std::filesystem::path directory =
        which().shared ? root / "../shared/golden/ingest" : root / "tests/data/ingest";
    return directory / (std::string(which().name) + ".json");
  }

  static void forget_resolved_paths(Scenario& scenario, Outcome& outcome) {
    ExpectedTable& observations = scenario.tables.at("observations");
    const std::size_t column = observations.column("resolved_path");
    for (auto& row : observations.rows) row[column] = {Expected::Kind::kExact, Null{}};
    for (auto& row : outcome.tables.at("observations")) row[column] = Null{};
  }
};

/// The lines that operators search for: those that tell what became of a message (contract 7.5).
std::vector<std::string> of_messages(const std::vector<std::string>& log) {
  static const std::regex kPatterns(
      R"(MQTT \[[^\]]*\] (status: |channel message: |direct message |(client )?decode error: )"
      R"(|(observer|client) .* blacklisted, |skipping corrupted ADVERT: |DROPPED invalid signature: )"
      R"(|foreign advert: |(future|stale|unparseable) timestamp |client: invalid pubkey )[^]*)");
  // Clocks are relative to the time of the run.
  static const std::regex kClock(R"( timestamp "[^"]*")");
  std::vector<std::string> lines;
  for (std::string line : log) {
    if (!std::regex_match(line, kPatterns)) continue;
    if (std::smatch clock; std::regex_search(line, clock, kClock)) {
      const auto begin = line.begin() + clock.position();
      std::replace_if(
          begin, begin + clock.length(), [](char c) { return c >= '0' && c <= '9'; }, '0');
    }
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST_P(ScenarioTest, LeavesTheExpectedTables) {
  if (which().shared && !std::filesystem::exists(file())) GTEST_SKIP() << file() << " is absent";
  Scenario scenario = load_scenario(file());
  apply_deviations(scenario);
  Outcome outcome = run_scenario(scenario, std::get<1>(GetParam()));
  if (which().ticks) forget_resolved_paths(scenario, outcome);

  for (const auto& [name, table] : scenario.tables) {
    if (which().ticks && name == "neighbor_edges") continue;
    const auto found = differences(name, table, scenario.tables, outcome);
    for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 20); ++i) {
      ADD_FAILURE() << found[i];
    }
  }
  EXPECT_EQ(outcome.stats, scenario.stats);
  constexpr std::size_t kMostLinesInAFile = 20;
  const auto log = of_messages(outcome.log);
  const auto expected_log = of_messages(scenario.log);
  if (scenario.log.size() < kMostLinesInAFile) {
    EXPECT_THAT(log, ::testing::ElementsAreArray(expected_log));
  } else {
    EXPECT_TRUE(std::includes(log.begin(), log.end(), expected_log.begin(), expected_log.end()));
  }
  const bool all_in_one = std::get<1>(GetParam()).name == kOneWindow.name && !which().ticks;
  if (all_in_one) {
    EXPECT_EQ(outcome.transactions, 1);
  }
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Case, Windows>>& info) {
  return std::string(std::get<0>(info.param).name) + "_" + std::get<1>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(
    Ingest, ScenarioTest,
    ::testing::Combine(
        // Not run: retention.json, whose point is the operation of that name.
        ::testing::Values(Case{"bad_adverts"}, Case{"blacklist"}, Case{"client_rx"},
                          Case{"companion"}, Case{"duplicates"}, Case{"geo_box"},
                          Case{"geo_polygon_drop"}, Case{"geo_polygon_flag"}, Case{"iata_filter"},
                          Case{"iata_whitelist"}, Case{"malformed_json"}, Case{"nodes"},
                          Case{"observation_upsert"}, Case{"packets_basic"}, Case{"region"},
                          Case{"status_shapes"}, Case{"timestamps"}, Case{"wrong_types"},
                          Case{"neighbors", false, true}, Case{"fixture", true, true},
                          Case{"mix", true, true}),
        ::testing::Values(kPerRecord, kOneWindow, kThreePackets)),
    name_of);

}  // namespace
}  // namespace sluice::test
