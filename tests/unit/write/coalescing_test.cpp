// Coalescing changes how often a row is written, never what is in it in the end.

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/random_traffic.h"
#include "support/stepped_pipeline.h"
#include "support/table_contents.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

struct Arrival {
  test::Message message;
  std::size_t source;
  std::chrono::milliseconds after;   // the arrival before it
  std::chrono::milliseconds behind;  // how far its receive time lies behind the clock
};

std::vector<Arrival> arrivals(std::uint32_t seed, std::size_t sources) {
  test::RandomTraffic traffic({.seed = seed});
  std::vector<Arrival> all;
  for (int i = 0; i < 400; ++i) {
    Arrival arrival;
    arrival.message = traffic.next();
    arrival.source = traffic.draw(static_cast<std::uint32_t>(sources));
    arrival.after =
        std::chrono::milliseconds(traffic.draw(5) == 0 ? traffic.draw(90'000) : traffic.draw(400));
    arrival.behind = std::chrono::milliseconds(traffic.draw(4) == 0 ? traffic.draw(3000) : 0);
    all.push_back(std::move(arrival));
  }
  return all;
}

struct Ending {
  std::vector<std::string> rows;
  std::vector<std::string> accounts;
  std::uint64_t transactions;
};

/// Whatever makes further rows.
void everything_on(Config& config) {
  config.client_rx_coverage_enabled = true;
  config.geo_filter = GeoFilterConfig{.polygon = {},
                                      .buffer_km = 0,
                                      .lat_min = 0,
                                      .lat_max = 1,
                                      .lon_min = 0,
                                      .lon_max = 1};  // flags adverts that name a place elsewhere
}

Ending run(const test::PipelineSpec& spec, const std::vector<Arrival>& all) {
  test::SteppedPipeline sluice(spec);
  for (const Arrival& arrival : all) {
    sluice.advance(arrival.after);
    sluice.receive(arrival.message, arrival.source, sluice.clock().wall() - arrival.behind);
    sluice.run();
    sluice.advance(test::kPastEveryLinger);  // the sources' order is the order of arrival
  }
  sluice.finish();
  Ending ending;
  ending.rows = table_contents(sluice.other());
  for (const SourceLedger& source : sluice.ledger().sources()) {
    ending.accounts.push_back(to_line(totals_of(source)));
  }
  ending.transactions = sluice.write_metrics().transactions.value();
  return ending;
}

void expect_same(const std::vector<std::string>& got, const std::vector<std::string>& expected) {
  for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
    ASSERT_EQ(got[i], expected[i]) << "row " << i;
  }
  ASSERT_EQ(got.size(), expected.size());
}

class Coalescing : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Coalescing, LeavesWhatTheSequenceOfSingleWritesWouldHave) {
  const std::uint32_t seed = GetParam();
  std::mt19937 random(seed * 7919U);
  const std::size_t sources = 1 + random() % 3;
  const std::vector<Arrival> all = arrivals(seed, sources);
  const auto with = [&](std::chrono::milliseconds window, std::int64_t max_rows,
                        std::int64_t dedup) {
    return test::PipelineSpec{.window = window,
                              .max_rows = max_rows,
                              .sources = sources,
                              .dedup_transmissions = dedup,
                              .tweak = everything_on};
  };
  const Ending single = run(with(0ms, 1000, 1024), all);
  ASSERT_GT(single.rows.size(), 100U);
  for (const char* table : {"transmissions", "observations", "observers", "observer_metrics",
                            "nodes", "dropped_packets", "client_receptions", "client_observers"}) {
    EXPECT_TRUE(std::any_of(
        single.rows.begin(), single.rows.end(),
        [&](const std::string& row) { return row.starts_with(std::string(table) + ": "); }))
        << "nothing in " << table;
  }
  for (int round = 0; round < 4; ++round) {
    // From windows of a few messages to one that holds everything.
    const auto window = std::chrono::milliseconds(1000 + random() % (round == 3 ? 1 << 24 : 20000));
    const std::int64_t max_rows =
        1 + static_cast<std::int64_t>(random() % (1U << (4U * (round + 1U))));
    // Memories so short that transmissions are forgotten within a window, too.
    const std::int64_t dedup = round % 2 == 0 ? 1 + static_cast<std::int64_t>(random() % 6) : 1024;
    SCOPED_TRACE(testing::Message()
                 << "window " << window.count() << " ms, cap " << max_rows << ", dedup " << dedup);
    const Ending grouped = run(with(window, max_rows, dedup), all);
    EXPECT_LE(grouped.transactions, single.transactions);
    EXPECT_EQ(grouped.accounts, single.accounts);
    expect_same(grouped.rows, single.rows);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Coalescing, testing::Range(1U, 13U));

}  // namespace
}  // namespace sluice
