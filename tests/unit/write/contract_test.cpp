// Every column of every table against a model that applies the contract one message at a time.

#include <algorithm>
#include <chrono>
#include <deque>
#include <random>

#include <gtest/gtest.h>

#include "naive_model.h"
#include "support/stepped_pipeline.h"
#include "wild_traffic.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

/// Rows of an earlier life: a retired observer, one that is ahead of our clock, nodes that are
/// known or gone.
void make_past(const OtherConnection& database) {
  database.execute(
      "INSERT INTO observers(id, name, iata, last_seen, first_seen, packet_count, model,"
      " last_packet_at, clock_skew_seconds, clock_skew_count_24h, clock_last_naive_at)"
      " VALUES ('old', 'Old', 'OLD', '2099-01-01T00:00:00Z', '2020-01-01T00:00:00Z', 5, 'm0',"
      " '2099-01-01T00:00:00Z', 7, 9, '2025-12-31T23:30:00Z');"
      "INSERT INTO observers(id, last_seen, packet_count, inactive, can_relay, can_relay_seen,"
      " clock_skew_count_24h, clock_last_naive_at)"
      " VALUES ('idle', '2020-01-01T00:00:00Z', 7, 1, 0, 1, 4, '2025-12-30T00:00:00Z')");
  const auto node = [&](const char* table, std::uint8_t which, const char* scope) {
    database.execute(std::string("INSERT INTO ") + table +
                     "(public_key, name, role, lat, last_seen, first_seen, advert_count,"
                     " battery_mv, default_scope, multibyte_sup, multibyte_evidence) VALUES ('" +
                     WildTraffic::node_key(which) +
                     "', 'past', 'x', 1.0, '2099-01-01T00:00:00Z', '2020-01-01T00:00:00Z', 3, 1, " +
                     scope + ", 2, 'e')");
  };
  node("nodes", 0, "'#pnw'");
  node("inactive_nodes", 0, "'#gone'");
  node("inactive_nodes", 1, "NULL");
}

struct Shape {
  std::chrono::milliseconds window;
  std::int64_t max_rows;
  std::int64_t dedup;
};

struct Ending {
  std::vector<std::string> got;
  std::vector<std::string> expected;
};

/// Runs the same messages through Sluice and the model, message by message in the order in which
/// Sluice settles them.
Ending run(std::uint32_t seed, const Shape& shape) {
  WildTraffic traffic(seed);
  const std::size_t sources = 1 + traffic.draw(3);
  SteppedPipeline sluice(
      {.window = shape.window,
       .max_rows = shape.max_rows,
       .sources = sources,
       .dedup_transmissions = shape.dedup,
       .tweak = [](Config& config) {
         config.hash_regions = WildTraffic::regions();
         config.geo_filter = GeoFilterConfig{
             .polygon = {}, .buffer_km = 0, .lat_min = 0, .lat_max = 1, .lon_min = 0, .lon_max = 1};
       }});
  make_past(sluice.other());
  NaiveModel model(sluice.db_path(), WildTraffic::regions());
  std::deque<std::pair<Message, WallTime>> under_way;
  std::uint64_t settled = 0;
  const auto follow = [&] {
    const LedgerTotals totals = sluice.ledger().totals();
    for (const std::uint64_t now = totals.committed + totals.merged + totals.rejected_total();
         settled < now; ++settled) {
      model.add(under_way.front().first, under_way.front().second, sluice.clock().wall());
      under_way.pop_front();
    }
  };
  for (int i = 0; i < 300; ++i) {
    const Message message = traffic.next();
    sluice.advance(
        std::chrono::milliseconds(traffic.draw(5) == 0 ? traffic.draw(90'000) : traffic.draw(400)));
    follow();
    const WallTime received =
        sluice.clock().wall() -
        std::chrono::milliseconds(traffic.draw(4) == 0 ? traffic.draw(3000) : 0);
    under_way.emplace_back(message, received);
    sluice.receive(message, traffic.draw(static_cast<std::uint32_t>(sources)), received);
    sluice.run();
    follow();
    sluice.advance(test::kPastEveryLinger);  // the sources' order is the order of arrival
    follow();
  }
  sluice.finish();
  follow();
  EXPECT_TRUE(under_way.empty());
  return {lines_of(sluice.db_path()), model.lines()};
}

class Contract : public testing::TestWithParam<std::uint32_t> {
 protected:
  static void compare(const Shape& shape) {
    const auto [got, expected] = run(GetParam(), shape);
    for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i)
      ASSERT_EQ(got[i], expected[i]) << "row " << i;
    ASSERT_EQ(got.size(), expected.size());
  }
};

TEST_P(Contract, HoldsMessageByMessage) { compare({0ms, 1000, 1024}); }

TEST_P(Contract, HoldsAfterOneWindow) { compare({1h * 24, 1'000'000, 1024}); }

TEST_P(Contract, HoldsAfterWindowsOfAnyLength) {
  std::mt19937 random(GetParam() * 7919U);
  for (int round = 0; round < 2; ++round) {
    // Memories so short that transmissions are forgotten within a window, too.
    const Shape shape{std::chrono::milliseconds(1000 + random() % 30'000),
                      1 + static_cast<std::int64_t>(random() % 40),
                      round == 0 ? 1 + static_cast<std::int64_t>(random() % 6) : 1024};
    SCOPED_TRACE(testing::Message() << "window " << shape.window.count() << " ms, cap "
                                    << shape.max_rows << ", dedup " << shape.dedup);
    compare(shape);
    if (HasFatalFailure()) return;
  }
}

TEST(WildTraffic, BringsAboutWhatItIsThereFor) {
  std::string all;
  for (std::uint32_t seed = 1; seed < 7; ++seed)
    for (const std::string& line : run(seed, {1h, 1'000'000, 1024}).got) all += line + '\n';
  for (const char* cell : {"default_scope='#",
                           "\"temperature_c\":21.5",
                           "\"temperature_c\":-3",
                           "foreign_advert=1",
                           "\"lat\":0.5",
                           "scope_name=''",
                           "scope_name='#",
                           "clock_skew_seconds=-",
                           "can_relay=0",
                           "inactive=0",
                           "channel_hash='enc_",
                           "channel_hash='ch",
                           "direction=''",
                           "observer_idx=NULL",
                           "observer_idx='companion'",
                           "reason='invalid signature'",
                           "recv_errors=3",
                           "battery_mv=3700",
                           "score=-3",
                           "first_seen=NULL",
                           "\"error\":\"too short for advert\"",
                           "role='type-7'",
                           "payload_version=1"}) {
    EXPECT_NE(all.find(cell), std::string::npos) << "nowhere " << cell;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Contract, testing::Range(1U, 25U));

}  // namespace
}  // namespace sluice::test
